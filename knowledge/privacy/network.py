"""What one person has in the network: their profile and contacts, open questions, handovers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.handover import privacy as handovers
from knowledge.handover.privacy import StoredHandover
from knowledge.handover.service import HandoverService
from knowledge.models.handover import HandoverReason
from knowledge.models.member import Member
from knowledge.peers import privacy as peers
from knowledge.privacy.trainings import forget_learning
from knowledge.questions import privacy as questions
from knowledge.questions.privacy import StoredQuestions


@dataclass(frozen=True, slots=True)
class StoredNetwork:
    """What a member asked, answered, declared and handed over; ``peers`` holds profile and contacts by name."""

    questions: StoredQuestions
    peers: Mapping[str, Any]
    handovers: tuple[StoredHandover, ...]


async def network_of(session: AsyncSession, member: Member) -> StoredNetwork:
    """Return what a member has in the network."""
    return StoredNetwork(
        await questions.stored_of(session, member.id),
        await peers.stored_of(session, member.id),
        await handovers.stored_of(session, member.id),
    )


async def forget_in_network(session: AsyncSession, member: Member) -> None:
    """Take a member out of the network: what they looked after is open, what helped others stays without them."""
    await HandoverService(session).let_go(member, HandoverReason.REMOVED)
    await questions.erase_of(session, member.id)
    await peers.erase_of(session, member.id)
    await forget_learning(session, member.id)
