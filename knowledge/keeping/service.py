"""Asking the author of a group's message whether it may become a draft: who and which message, never its words."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.keeping.repository import KeepRepository
from knowledge.keeping.schemas import KeepEntry
from knowledge.kit.clock import now
from knowledge.kit.ids import new_id
from knowledge.models.contribution import KeepRequest

# How long the author may say yes.
OPEN_FOR = timedelta(days=7)


class KeepService:
    """Questions to authors, within the caller's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._requests = KeepRepository(session)

    async def ask(self, chat_id: UUID, event: str, *, author: str, requested_by: UUID) -> KeepEntry | None:
        """Note that an author is asked; ``None`` where they were asked about this message within a week."""
        moment = now()
        before = await self._requests.about(chat_id, event)
        if before is not None and before.expires_at > moment:
            return None
        if before is not None:
            await self._requests.delete(before.id)
        request = KeepRequest(
            id=new_id(),
            chat_id=chat_id,
            event=event,
            author=author,
            requested_by=requested_by,
            created_at=moment,
            expires_at=moment + OPEN_FOR,
        )
        await self._requests.add(request)
        return _entry(request)

    async def open(self, key: UUID, *, author: str) -> KeepEntry | None:
        """Return a question that waits for this author's yes; ``None`` for everybody else."""
        request = await self._requests.get(key, now())
        return _entry(request) if request is not None and request.author == author else None

    async def close(self, key: UUID) -> bool:
        """Forget a question; ``False`` where that was done before."""
        return await self._requests.delete(key)


def _entry(request: KeepRequest) -> KeepEntry:
    return KeepEntry(request.id, request.chat_id, request.event, request.author)
