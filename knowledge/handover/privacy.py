"""What one member has in handovers, shown to them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.handover.repository import DutyRepository
from knowledge.models.handover import HandoverReason, HandoverState


@dataclass(frozen=True, slots=True)
class StoredHandover:
    """A handover; ``own``: of the person's own duties, else they are, or were, asked to take over."""

    own: bool
    state: HandoverState
    reason: HandoverReason
    created_at: datetime
    decided_at: datetime | None


async def stored_of(session: AsyncSession, member_id: UUID) -> tuple[StoredHandover, ...]:
    """Return the handovers that a member has to do with, the oldest first."""
    rows = await DutyRepository(session).of_member(member_id)
    return tuple(
        StoredHandover(row.member_id == member_id, row.state, row.reason, row.created_at, row.decided_at)
        for row in rows
    )
