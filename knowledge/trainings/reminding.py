"""Reminding people of trainings, a day and an hour before: each once, at the right local time."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.visibility import NETWORK, Viewer
from knowledge.kit.clock import HOME, now
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.logs import get_logger
from knowledge.kit.repeating import repeat
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.notice import Notice
from knowledge.models.training import ReminderKind
from knowledge.notices.service import tell_all
from knowledge.trainings.reminders.repository import Coming, ReminderRepository, Waiting

EVERY = timedelta(minutes=1)
# Notice {registration, date, kind: "day" or "hour", late: bool}.
REMINDER = "training.reminder"
# People in one transaction.
TOGETHER = 500
# From when on a reminder says that it comes late.
LATE_AFTER = timedelta(minutes=15)
# The longest that a day can be when the clocks change, and how far back it is noted that it was too late for reminders.
AHEAD, BACK = timedelta(hours=25), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ReminderEntry:
    """What a reminder that is told now says; ``late``: it should have come earlier."""

    registration_id: UUID
    training_id: UUID
    date_id: UUID
    member_id: UUID
    title: str
    kind: ReminderKind
    starts_at: datetime
    ends_at: datetime
    online: bool
    place: str
    link: str | None
    access: str
    late: bool

    def shown_to(self, viewer: Viewer) -> bool:
        """Whether it may be written where this viewer reads; who is registered may read it in no foreign house."""
        return viewer.access is None or not viewer.access.isdisjoint((self.access, NETWORK))


def due_at(starts_at: datetime, kind: ReminderKind) -> datetime:
    """Return when people are reminded of a date: when the clocks show the same time the day before, or an hour before.

    Where the clocks skip that time the day before, it is an hour later on them; where it comes twice, the first counts.
    """
    if kind is ReminderKind.HOUR:
        return starts_at - timedelta(hours=1)
    local = starts_at.astimezone(HOME).replace(tzinfo=None, fold=0) - timedelta(days=1)
    return local.replace(tzinfo=HOME).astimezone(UTC)


async def reminder_to_tell(session: AsyncSession, data: Mapping[str, Any], moment: datetime) -> ReminderEntry | None:
    """Return what a notice ``training.reminder`` says at the moment when it is told.

    ``None`` where it does not hold any more: the registration, the training or the date was cancelled, the date has
    begun or was moved so that it is not time yet, or the reminder of the hour before says the same.
    """
    try:
        kind, keys = ReminderKind(data["kind"]), (UUID(str(data["registration"])), UUID(str(data["date"])))
    except (KeyError, ValueError):
        return None
    found = await ReminderRepository(session).reminded(*keys)
    if found is None:
        return None
    registration, date, training = found
    if registration.member_id is None or _verdict(date.starts_at, kind, moment) is not None:
        return None
    return ReminderEntry(
        registration_id=registration.id,
        training_id=training.id,
        date_id=date.id,
        member_id=registration.member_id,
        title=training.title,
        kind=kind,
        starts_at=date.starts_at,
        ends_at=date.ends_at,
        online=training.online,
        place=training.place,
        link=training.link,
        access=training.access,
        late=_is_late(date.starts_at, kind, moment),
    )


def _verdict(starts_at: datetime, kind: ReminderKind, moment: datetime) -> str | None:
    """Return why nobody is to be reminded now; ``None`` where they are."""
    if due_at(starts_at, kind) > moment:
        return "early"
    if starts_at <= moment:
        return "over"
    if kind is ReminderKind.DAY and due_at(starts_at, ReminderKind.HOUR) <= moment:
        return "replaced"
    return None


def _is_late(starts_at: datetime, kind: ReminderKind, moment: datetime) -> bool:
    return moment - due_at(starts_at, kind) > LATE_AFTER


async def remind(database: Database, moment: datetime) -> int:
    """Have everybody reminded of whom it is time, in small transactions; returns how many notices were written.

    It is noted with each notice, so that nobody is reminded twice. Noted alone is what makes no sense any more: of a
    date that has begun, and what people know who registered, or were told of a change, when it was time already.
    """
    async with unit_of_work(database, writes=False) as unit:
        dates = await ReminderRepository(unit.session).dates(moment - BACK, moment + AHEAD)
    told = noted = 0
    for date in dates:
        for kind in ReminderKind:
            if due_at(date[1], kind) <= moment:
                some = await _remind_of(database, date, kind, moment)
                told, noted = told + some[0], noted + some[1]
    if noted:
        get_logger().info("trainings_reminded", told=told, dropped=noted - told)
    return told


async def _remind_of(database: Database, date: Coming, kind: ReminderKind, moment: datetime) -> tuple[int, int]:
    """Remind people of a date; returns how many were, and for how many that was noted."""
    due, told, noted = due_at(date[1], kind), 0, 0
    while True:
        async with unit_of_work(database, writes=False) as unit:
            waiting = await ReminderRepository(unit.session).waiting(date, kind, due, TOGETHER)
        if not waiting:
            return told, noted
        async with unit_of_work(database) as unit:
            keys = [row[0] for row in waiting]
            repository = ReminderRepository(unit.session)
            taken = await repository.note(keys, date, kind, due=due, moment=moment)
            notices = _reminders([row for row in waiting if row[0] in taken], date, kind, moment)
            await tell_all(unit.session, notices)
        told, noted = told + len(notices), noted + len(taken)


def _reminders(waiting: Sequence[Waiting], date: Coming, kind: ReminderKind, moment: datetime) -> list[Notice]:
    """Return the notices; none for those who registered, or were told of a change, when it was time already."""
    key, starts_at, changed_at = date
    if _verdict(starts_at, kind, moment) is not None:
        return []
    due, late = due_at(starts_at, kind), _is_late(starts_at, kind, moment)
    return [
        _notice(
            member, identity, {"registration": str(registration), "date": str(key), "kind": kind.value, "late": late}
        )
        for registration, since, member, identity in waiting
        if max(since, changed_at) <= due
    ]


def _notice(member: UUID, identity: UUID | None, data: dict[str, Any]) -> Notice:
    """Return a notice to whom it is for: where they registered, or else in one of their chats."""
    whom = {"identity_id": identity} if identity is not None else {"member_id": member}
    return Notice(id=new_id(), kind=REMINDER, data=data, created_at=now(), **whom)


async def keep_training_reminders(database: Database, stop: asyncio.Event) -> None:
    """Look now and every minute until ``stop`` is set."""
    await repeat(lambda: remind(database, now()), stop, every=EVERY, name="training_reminders")
