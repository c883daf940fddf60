"""From forming to open to closed and back: who is counted, and who sees that a gap exists."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.gaps.repository import GapRepository
from knowledge.gaps.schemas import FEWEST
from knowledge.kit.clock import now
from knowledge.kit.ids import new_id
from knowledge.kit.logs import get_logger
from knowledge.models.gap import Gap, GapQuestion, GapState

ALIVE = (GapState.FORMING, GapState.OPEN)
# A publication may be seen so much later than it says it was made.
OVERLAP = timedelta(minutes=2)


def asker_digest(salt: str, subject: UUID) -> str:
    """Return what stands for somebody (the member, else the chat identity) in one gap and nowhere else."""
    return hmac.new(salt.encode(), subject.bytes, hashlib.sha256).hexdigest()


class GapStates:
    """Changes of gaps within one transaction of the caller's."""

    def __init__(self, session: AsyncSession) -> None:
        self.repository = GapRepository(session)
        self._log = get_logger()

    async def take_in(self, question: GapQuestion, subject: UUID | None, *, asked_at: datetime) -> None:
        """Put a question into its gap, which is made where it is not there (any more), and note who asked.

        Args:
            question: a new row with the gap it belongs to.
            subject: who asked, as long as that is known; a digest of it is kept.
            asked_at: when; somebody who asked before the gap was closed is no news.
        """
        gap = await self.repository.locked(question.gap_id)
        moment = now()
        if gap is None:
            gap = Gap(id=question.gap_id, state=GapState.FORMING, created_at=asked_at)
            await self.repository.add(gap)
        counts = gap.state in ALIVE or (gap.state is GapState.CLOSED and gap.closed_at and asked_at > gap.closed_at)
        if subject is not None and counts:
            gap.salt = gap.salt or secrets.token_hex(32)
            question.asker = asker_digest(gap.salt, subject)
        question.id, question.created_at, gap.updated_at = new_id(), moment, moment
        gap.created_at = min(gap.created_at, asked_at)
        await self.repository.add(question)

    async def settle(self, key: UUID) -> GapState | None:
        """Count who asked, and open a gap or hide it again; ``None`` where it is gone.

        A closed one is opened again when so many others have asked since, or something was released.
        """
        gap = await self.repository.locked(key)
        if gap is None or gap.state is GapState.DISMISSED:
            return gap.state if gap else None
        digests = await self.repository.digests(key)
        known = {digest for digest in digests if digest}
        if gap.state is GapState.CLOSED:
            if len(known) < FEWEST and not await self.repository.released_since(key, gap.closed_at):
                return gap.state
            self._reopen(gap)
        known |= await self._followers(gap)
        gap.asked_before = min(gap.asked_before, sum(digest is None for digest in digests))
        gap.askers = gap.asked_before + len(known)
        ready = gap.askers >= FEWEST or await self.repository.released_since(key, None)
        self._show(gap, ready=ready)
        await self.repository.flush()
        return gap.state

    async def close(self, key: UUID, document: UUID) -> bool:
        """Close a gap that something published answers, and forget who asked; returns whether it was open till now."""
        gap = await self.repository.locked(key)
        if gap is None or gap.state not in ALIVE:
            return False
        gap.state, gap.document_id = GapState.CLOSED, document
        await self._forget(gap)
        self._log.info("gap_closed", gap=str(key), document=str(document))
        return True

    async def reopen(self, key: UUID) -> None:
        """Open a gap again whose document nobody finds any more, or let it form anew."""
        gap = await self.repository.locked(key)
        if gap is not None and gap.state is GapState.CLOSED:
            self._reopen(gap)
            await self.repository.flush()
            await self.settle(key)

    async def dismiss(self, gap: Gap, by: UUID | None) -> None:
        """Note that a gap is none, and forget who asked; questions like these go into it unseen from now on."""
        gap.state, gap.decided_by = GapState.DISMISSED, by
        await self._forget(gap)

    async def restore(self, gap: Gap) -> None:
        """Take a dismissal back, or a closing: only what is published from now on closes it again."""
        self._reopen(gap)
        gap.decided_by, gap.looked_at = None, now() + OVERLAP
        await self.repository.flush()
        await self.settle(gap.id)

    def _reopen(self, gap: Gap) -> None:
        gap.state, gap.document_id, gap.closed_at = GapState.FORMING, None, None
        gap.updated_at = now()
        self._log.info("gap_reopened", gap=str(gap.id))

    def _show(self, gap: Gap, *, ready: bool) -> None:
        if ready and gap.state is GapState.FORMING:
            gap.state, gap.opened_at = GapState.OPEN, now()
            self._log.info("gap_opened", gap=str(gap.id))
        elif not ready and gap.state is GapState.OPEN:
            gap.state, gap.opened_at = GapState.FORMING, None

    async def _forget(self, gap: Gap) -> None:
        moment = now()
        gap.asked_before, gap.salt = gap.askers, None
        gap.closed_at = gap.updated_at = moment
        await self.repository.forget_askers(gap.id)
        await self.repository.flush()

    async def _followers(self, gap: Gap) -> set[str]:
        """Return digests of those who joined what was released; the table of followers is where they are kept."""
        members = await self.repository.followers(gap.id)
        if not members:
            return set()
        gap.salt = gap.salt or secrets.token_hex(32)
        return {asker_digest(gap.salt, member) for member in members}
