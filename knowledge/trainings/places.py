"""Places of a training: the waiting list moves up by itself, with time to accept, and people are told.

Everything here is for a transaction that holds the training's row (``locked``), so that places stay exact.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from knowledge.kit.logs import get_logger
from knowledge.models.training import RegistrationState, Training, TrainingState
from knowledge.notices.service import tell, tell_each
from knowledge.trainings.registrations.repository import RegistrationRepository
from knowledge.trainings.schemas import HOLDING, LIVE

# A place is offered until so long before the training begins, and only if there is so much time to accept.
ENDS_BEFORE, LEAST_TIME = timedelta(hours=2), timedelta(minutes=30)


def offered_until(training: Training, moment: datetime) -> datetime | None:
    """Return until when a place that is offered now is kept; ``None`` where it is too late for offers."""
    if training.starts_at is None:
        return None
    until = min(moment + timedelta(hours=training.offer_hours), training.starts_at - ENDS_BEFORE)
    return until if until >= moment + LEAST_TIME else None


async def move_up(repository: RegistrationRepository, training: Training, moment: datetime) -> int:
    """Offer free places to those who wait, in the order in which they came; returns how many.

    Shortly before the training nobody could accept in time: then a free place goes to whoever registers first, also
    from the waiting list.
    """
    until = offered_until(training, moment)
    if training.state is not TrainingState.PUBLISHED or until is None:
        return 0
    await repository.session.refresh(training, ["taken", "capacity"])
    free = 10_000 if training.capacity is None else training.capacity - training.taken
    if free <= 0:
        return 0
    first = await repository.first_waiting(training.id, free)
    values = {"state": RegistrationState.OFFERED, "offered_until": until, "changed_at": moment}
    offered = await repository.move(first, (RegistrationState.WAITING,), **values)
    if offered:
        await repository.change_taken(training.id, len(offered))
        await tell_of(repository, "training.offered", offered)
        get_logger().info("places_offered", training=str(training.id), places=len(offered))
    return len(offered)


async def leave(
    repository: RegistrationRepository, training: Training, registrations: Collection[UUID], moment: datetime
) -> None:
    """Cancel registrations of a training, and give their places on."""
    values = {"state": RegistrationState.CANCELLED, "offered_until": None, "changed_at": moment}
    held = await repository.move(registrations, HOLDING, **values)
    await repository.move(registrations, (RegistrationState.WAITING,), **values)
    if held:
        await repository.change_taken(training.id, -len(held))
        await move_up(repository, training, moment)


async def lapse(repository: RegistrationRepository, training: Training, moment: datetime) -> int:
    """Let offers end that were not accepted in time, and give their places on; returns how many ended."""
    late = await repository.lapsed_offers(training.id, moment)
    values = {"state": RegistrationState.LAPSED, "changed_at": moment}
    lapsed = await repository.move(late, (RegistrationState.OFFERED,), **values)
    if lapsed:
        await repository.change_taken(training.id, -len(lapsed))
        await tell_of(repository, "training.lapsed", lapsed)
    await move_up(repository, training, moment)
    return len(lapsed)


async def tell_of(repository: RegistrationRepository, kind: str, registrations: Collection[UUID]) -> None:
    """Have each person told something about their own registration, where they registered."""
    for registration, member, identity in await repository.to_tell(registrations):
        data = {"registration": str(registration)}
        if identity is not None:
            await tell(repository.session, kind, identity_id=identity, data=data)
        else:
            await tell(repository.session, kind, member_id=member, data=data)


async def tell_everybody(
    repository: RegistrationRepository,
    kind: str,
    training: UUID,
    *,
    states: Collection[RegistrationState] = LIVE,
    **data: object,
) -> int:
    """Have everybody who has or hopes for a place told the same thing, each once; returns how many."""
    people = await repository.to_tell(await repository.live(training, states))
    whom = [{"identity_id": identity} if identity else {"member_id": member} for _key, member, identity in people]
    if whom:
        await tell_each(repository.session, kind, whom, {"training": str(training), **data})
    return len(whom)
