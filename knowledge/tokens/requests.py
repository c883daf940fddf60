"""What programs created lately, by their own keys: so that nothing is created twice."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.clock import now
from knowledge.tokens.repository import RequestRepository

# How long the answer to a creation is kept.
ANSWERS_KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """How a request was answered; ``request`` is a digest of what was sent."""

    request: str
    status: int
    headers: dict[str, str]
    body: Any


class Requests:
    """Creations by key, within the caller's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._repository = RequestRepository(session)

    async def take(self, key: str, token_id: UUID, request: str) -> KeptAnswer | None:
        """Use a key up; where it was used already, return how that was answered.

        On PostgreSQL this waits for another request that uses the same key right now.
        """
        moment = now()
        await self._repository.forget_old(key, before=moment - ANSWERS_KEPT)
        if await self._repository.take(key, token_id, request, moment):
            return None
        found = await self._repository.find(key)
        return None if found is None else KeptAnswer(found.request, found.status, found.headers, found.body)

    async def keep(self, key: str, status: int, *, headers: dict[str, str], body: Any) -> None:
        """Keep the answer to a request whose key was taken in this transaction."""
        await self._repository.keep(key, status=status, headers=headers, body=body)
