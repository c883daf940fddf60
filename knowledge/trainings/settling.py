"""What happens to trainings by itself: offers lapse, the list moves up, people are asked how it was, names go."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.logs import get_logger
from knowledge.kit.repeating import repeat
from knowledge.kit.settings import Settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.training import RegistrationState, Training
from knowledge.trainings.places import ENDS_BEFORE, LEAST_TIME, lapse, move_up, tell_of
from knowledge.trainings.registrations.repository import RegistrationRepository
from knowledge.trainings.repository import TrainingRepository
from knowledge.trainings.times import NAMES_KEPT

EVERY = timedelta(minutes=1)
# Trainings that are looked up at once; each is settled in a transaction of its own.
TOGETHER = 50
# After an outage, nobody is asked any more how something was that is so long ago.
ASKED_WITHIN = timedelta(days=14)

Find = Callable[[TrainingRepository, RegistrationRepository, int], Awaitable[Sequence[UUID]]]
Settle = Callable[[TrainingRepository, RegistrationRepository, Training], Awaitable[int]]


async def settle_trainings(database: Database, moment: datetime | None = None) -> int:
    """Do what is due, training by training, in short transactions that may be repeated; returns how much was done."""
    moment = moment or now()
    done = 0
    for find, settle in _duties(moment):
        done += await _settle_each(database, find, settle)
    if done:
        get_logger().info("trainings_settled", done=done)
    return done


def _duties(moment: datetime) -> Sequence[tuple[Find, Settle]]:
    """Return what is to be looked for, and what is done with each training that is found."""
    return (
        (lambda _t, r, limit: r.with_list_at_start(moment, limit), lambda _t, r, row: _close_list(r, row, moment)),
        (lambda _t, r, limit: r.with_lapsed_offers(moment, limit), lambda _t, r, row: lapse(r, row, moment)),
        (
            lambda _t, r, limit: r.with_room(moment + ENDS_BEFORE + LEAST_TIME, limit),
            lambda _t, r, row: move_up(r, row, moment),
        ),
        (lambda t, _r, limit: t.to_follow_up(moment, limit), lambda t, r, row: _follow_up(t, r, row, moment)),
        (lambda t, _r, limit: t.to_clear(moment - NAMES_KEPT, limit), lambda t, r, row: _clear(t, r, row, moment)),
    )


async def _settle_each(database: Database, find: Find, settle: Settle) -> int:
    """Settle each training that is found once; what is found again after that waits for the next time."""
    seen: set[UUID] = set()
    done = 0
    while True:
        async with unit_of_work(database, writes=False) as unit:
            found = await find(TrainingRepository(unit.session), RegistrationRepository(unit.session), TOGETHER)
        fresh = [key for key in found if key not in seen]
        if not fresh:
            return done
        for key in fresh:
            seen.add(key)
            async with unit_of_work(database) as unit:
                trainings, registrations = TrainingRepository(unit.session), RegistrationRepository(unit.session)
                row = await trainings.locked(key)
                done += await settle(trainings, registrations, row) if row is not None else 0


async def _close_list(registrations: RegistrationRepository, row: Training, moment: datetime) -> int:
    """End the waiting list of a training that begins, and offers that nobody accepted."""
    if row.starts_at is None or row.starts_at > moment:
        return 0
    values = {"state": RegistrationState.LAPSED, "changed_at": moment}
    offered = await registrations.live(row.id, (RegistrationState.OFFERED,))
    held = await registrations.move(offered, (RegistrationState.OFFERED,), **values)
    if held:
        await registrations.change_taken(row.id, -len(held))
    waiting = await registrations.live(row.id, (RegistrationState.WAITING,))
    moved = await registrations.move(waiting, (RegistrationState.WAITING,), **values)
    return len(held) + len(moved)


async def _follow_up(
    trainings: TrainingRepository, registrations: RegistrationRepository, row: Training, moment: datetime
) -> int:
    """Ask those who took part how it was, and show them the materials; who was noted as absent is left alone."""
    if row.ends_at is None or row.ends_at > moment or not await trainings.mark_followed_up(row.id, moment):
        return 0
    if row.ends_at > moment - ASKED_WITHIN:
        await tell_of(registrations, "training.followed_up", await registrations.took_part(row.id))
    return 1


async def _clear(
    trainings: TrainingRepository, registrations: RegistrationRepository, row: Training, moment: datetime
) -> int:
    """Let nobody be named any more; how many registered and were there stays."""
    done = min(filter(None, (row.ends_at, row.cancelled_at)), default=None)
    if row.cleared_at is not None or done is None or done > moment - NAMES_KEPT:
        return 0
    await registrations.clear(row.id)
    await trainings.delete_inquiries(row.id)
    await trainings.mark_cleared(row.id, moment)
    return 1


async def keep_trainings(database: Database, settings: Settings, stop: asyncio.Event) -> None:  # noqa: ARG001
    """Look now and every minute until ``stop`` is set."""
    await repeat(lambda: settle_trainings(database), stop, every=EVERY, name="trainings")
