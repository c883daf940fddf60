"""Leaving all trainings at once: whoever is suspended, has left or is erased frees their places."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.clock import now
from knowledge.trainings.places import leave
from knowledge.trainings.registrations.repository import RegistrationRepository
from knowledge.trainings.repository import TrainingRepository


async def leave_all(session: AsyncSession, member_id: UUID) -> int:
    """Cancel a member's registrations for all that is not over, in this transaction; returns how many.

    Their places go to those who wait, as if they had cancelled themselves.
    """
    trainings, registrations = TrainingRepository(session), RegistrationRepository(session)
    moment = now()
    mine = await registrations.live_of_member(member_id, moment)
    # One after the other in a fixed order, so that nobody waits for somebody who waits for them.
    for training_id, registration_id in mine:
        training = await trainings.locked(training_id)
        if training is not None:
            await leave(registrations, training, [registration_id], moment)
    return len(mine)


async def forget_member(session: AsyncSession, member_id: UUID) -> None:
    """Let a member leave everything, and be named in no registration any more, past ones included."""
    await leave_all(session, member_id)
    await RegistrationRepository(session).clear_member(member_id)
