"""The statements on questions to the authors of messages."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.models.contribution import KeepRequest


class KeepRepository:
    """Questions to authors, over one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, request: KeepRequest) -> None:
        """Take in a new question."""
        self._session.add(request)
        await self._session.flush()

    async def about(self, chat_id: UUID, event: str) -> KeepRequest | None:
        """Return the question about a message."""
        own = select(KeepRequest).where(KeepRequest.chat_id == chat_id, KeepRequest.event == event)
        return await self._session.scalar(own)

    async def get(self, key: UUID, moment: datetime) -> KeepRequest | None:
        """Return a question that is still open."""
        return await self._session.scalar(
            select(KeepRequest).where(KeepRequest.id == key, KeepRequest.expires_at > moment)
        )

    async def delete(self, key: UUID) -> bool:
        """Forget a question; ``False`` where somebody else did."""
        result = await self._session.execute(delete(KeepRequest).where(KeepRequest.id == key).returning(KeepRequest.id))
        return result.first() is not None
