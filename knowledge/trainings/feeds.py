"""Calendars of trainings: of one training, of what somebody registered for, and of all that is public."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from knowledge.access.secrets import LONGEST_TOKEN, make_token, token_digest
from knowledge.access.visibility import Viewer, network_member
from knowledge.kit.clock import now
from knowledge.kit.errors import NotFound
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.training import CalendarFeed, Registration, RegistrationState, TrainingDate, TrainingState
from knowledge.trainings.calendar import CalendarDate, CalendarEntry
from knowledge.trainings.calendars.repository import CalendarRepository, Published

# How long what is over, and what was cancelled, stands in a feed.
SHOWN_AFTER = timedelta(days=30)
# The most trainings in one feed.
MOST = 500


class UnknownCalendar(NotFound):
    """No calendar is at this address (any more), or it is not for this person to know."""

    code = "trainings.calendar_unknown"

    def __init__(self) -> None:
        super().__init__(_("There is no calendar at this address (any more)."))


class FeedService:
    """Calendars, within one unit of work."""

    def __init__(self, unit: UnitOfWork) -> None:
        self._repository = CalendarRepository(unit.session)

    async def open(self, member_id: UUID) -> str:
        """Return a fresh secret address (its last part) of a member's calendar; an older one stops working."""
        token = make_token()
        await self._repository.close_feed(member_id)
        await self._repository.add_feed(CalendarFeed(member_id=member_id, token_digest=token_digest(token)))
        return token

    async def opened_at(self, member_id: UUID) -> datetime | None:
        """Return since when a member has a secret address; ``None`` where they have none."""
        row = await self._repository.feed_of(member_id)
        return row.created_at if row is not None else None

    async def revoke(self, member_id: UUID) -> bool:
        """Let a member's address stop working; returns whether there was one."""
        return await self._repository.close_feed(member_id)

    async def of_token(self, token: str, moment: datetime | None = None) -> Sequence[CalendarEntry]:
        """Return what stands in the calendar at a secret address. Raises ``UnknownCalendar``.

        That is what its member has a place in, with the place, and what they wait for, without it.
        """
        member = await self._repository.reader_by_digest(token_digest(token)) if _may_be_one(token) else None
        if member is None:
            raise UnknownCalendar
        since = (moment or now()) - SHOWN_AFTER
        found = await self._repository.of_member(member.id, since, MOST)
        entries = await self._entries(found, member.id, since)
        viewer = network_member(member.organisation_id)
        access = {training.id: training.access for training, _publisher in found}
        return [entry for entry in entries if entry.registered or _finds(viewer, access[entry.id])]

    async def public(self, moment: datetime | None = None) -> Sequence[CalendarEntry]:
        """Return the public trainings that are coming, and what was cancelled or over not long ago."""
        since = (moment or now()) - SHOWN_AFTER
        return await self._entries(await self._repository.public(since, MOST), None, since)

    async def training(self, training_id: UUID, viewer: Viewer, member_id: UUID | None = None) -> CalendarEntry:
        """Return one training as its reader may see it; ``registered`` says whether they are.

        Raises ``UnknownCalendar`` for a draft, and for what the reader may not find and is not registered for.
        """
        found = await self._repository.training(training_id)
        if found is None:
            raise UnknownCalendar
        entry = (await self._entries([found], member_id, None))[0]
        if not entry.registered and not _finds(viewer, found[0].access):
            raise UnknownCalendar
        return entry

    async def _entries(
        self, found: Sequence[Published], member_id: UUID | None, since: datetime | None
    ) -> list[CalendarEntry]:
        keys = [training.id for training, _publisher in found]
        dates = await self._repository.dates(keys)
        theirs = await self._repository.registrations(keys, member_id) if member_id is not None else ()
        by_training = {row.training_id: row for row in theirs}
        return [
            _entry(row, [date for date in dates if date.training_id == row[0].id], by_training.get(row[0].id), since)
            for row in found
        ]


def _entry(
    published: Published, dates: Sequence[TrainingDate], registration: Registration | None, since: datetime | None
) -> CalendarEntry:
    training, publisher = published
    state = registration.state if registration is not None else None
    return CalendarEntry(
        id=training.id,
        title=training.title,
        summary=training.summary,
        outcomes=training.outcomes,
        publisher=publisher or "",
        online=training.online,
        place=training.place,
        link=training.link,
        region=training.region,
        cancelled=training.state is TrainingState.CANCELLED,
        cancel_reason=training.cancel_reason,
        registered=state is RegistrationState.REGISTERED,
        tentative=state in (RegistrationState.WAITING, RegistrationState.OFFERED),
        since=registration.changed_at if registration is not None else None,
        created_at=training.created_at,
        dates=tuple(_date(date) for date in dates if since is None or _is_shown(date, since)),
    )


def _date(row: TrainingDate) -> CalendarDate:
    taken_out = row.cancelled_at is not None
    return CalendarDate(row.id, row.starts_at, row.ends_at, row.sequence, taken_out, row.changed_at)


def _is_shown(row: TrainingDate, since: datetime) -> bool:
    """Whether a date stands in a feed still; what was taken out does for a while, so that calendars learn of it."""
    return row.ends_at > since or (row.cancelled_at is not None and row.cancelled_at > since)


def _finds(viewer: Viewer, access: str) -> bool:
    return viewer.access is None or access in viewer.access


def _may_be_one(token: str) -> bool:
    return 0 < len(token) <= LONGEST_TOKEN
