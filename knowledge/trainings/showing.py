"""Trainings as their readers may see them."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from knowledge.access.visibility import NETWORK, Viewer
from knowledge.models.training import (
    Registration,
    RegistrationState,
    Training,
    TrainingDate,
    TrainingQuestion,
    TrainingState,
)
from knowledge.topics.tree import TopicEntry, TopicTree, load_tree
from knowledge.trainings.registrations.repository import RegistrationRepository
from knowledge.trainings.repository import Parts, TrainingRepository
from knowledge.trainings.schemas import (
    LIVE,
    DateEntry,
    Publisher,
    QuestionEntry,
    RegistrationEntry,
    RegistrationSums,
    TrainingEntry,
    TrainingReader,
)

_COPIED = (
    "id",
    "title",
    "summary",
    "outcomes",
    "audience",
    "level",
    "trainers",
    "online",
    "region",
    "state_key",
    "district_key",
    "capacity",
    "taken",
    "waiting_list",
    "offer_hours",
    "deadline",
    "costs",
    "accessibility",
    "language",
    "organisation_id",
    "visibility",
    "access",
    "state",
    "cancel_reason",
    "revision",
    "created_by",
    "created_at",
    "published_at",
    "cancelled_at",
    "followed_up_at",
    "cleared_at",
    "starts_at",
    "ends_at",
)


def may_find(viewer: Viewer, training: Training) -> bool:
    """Whether somebody may find a training that was published."""
    return viewer.access is None or training.access in viewer.access


def may_read(reader: TrainingReader, training: Training, registration: Registration | None) -> bool:
    """Whether somebody may read a training; whoever is registered may in all places that are not foreign."""
    if training.state is TrainingState.DRAFT:
        return False
    if may_find(reader.viewer, training):
        return True
    registered = registration is not None and registration.state in LIVE
    return registered and reader.viewer.access is not None and NETWORK in reader.viewer.access


class Showing:
    """Makes entries of rows, within the caller's transaction."""

    def __init__(self, trainings: TrainingRepository, registrations: RegistrationRepository) -> None:
        self._trainings = trainings
        self._registrations = registrations

    async def entries(self, rows: Sequence[Training], member_id: UUID | None) -> list[TrainingEntry]:
        """Return trainings as a reader sees them; nobody known has no registration."""
        mine: Mapping[UUID, Registration] = {}
        if member_id is not None and rows:
            mine = await self._registrations.of_member(member_id, [row.id for row in rows])
        context = await self._context(rows)
        return [await self._entry(row, context, registration=mine.get(row.id)) for row in rows]

    async def managed(self, rows: Sequence[Training], by: Publisher) -> list[TrainingEntry]:
        """Return trainings as whoever manages them sees them."""
        keys = [row.id for row in rows]
        context = await self._context(rows)
        sums, attended = await self._registrations.sums(keys), await self._registrations.attended(keys)
        mine = await self._registrations.of_member(by.member_id, keys) if rows else {}
        return [
            await self._entry(
                row,
                context,
                registration=mine.get(row.id),
                sums=RegistrationSums(
                    registered=sums[row.id].get(RegistrationState.REGISTERED, 0),
                    offered=sums[row.id].get(RegistrationState.OFFERED, 0),
                    waiting=sums[row.id].get(RegistrationState.WAITING, 0),
                    cancelled=sums[row.id].get(RegistrationState.CANCELLED, 0),
                    attended=attended.get(row.id, 0),
                ),
            )
            for row in rows
        ]

    async def _context(self, rows: Sequence[Training]) -> "_Context":
        keys = [row.id for row in rows]
        houses = {row.organisation_id for row in rows if row.organisation_id is not None}
        parts = await self._trainings.parts(keys)
        tree = await load_tree(self._trainings.session) if parts.topics else None
        return _Context(parts, await self._trainings.organisation_names(houses) if houses else {}, tree)

    async def _entry(
        self,
        row: Training,
        context: "_Context",
        *,
        registration: Registration | None,
        sums: RegistrationSums | None = None,
    ) -> TrainingEntry:
        manages = sums is not None
        shows_place = manages or (registration is not None and registration.state is RegistrationState.REGISTERED)
        dates = [date_entry(date) for date in context.parts.dates.get(row.id, ())]
        return TrainingEntry(
            **{name: getattr(row, name) for name in _COPIED},
            place=row.place if shows_place else "",
            link=row.link if shows_place else None,
            shows_place=shows_place,
            organisation_name=context.houses.get(row.organisation_id) if row.organisation_id else None,
            dates=tuple(date for date in dates if date.cancelled_at is None),
            cancelled_dates=tuple(date for date in dates if date.cancelled_at is not None),
            topics=context.topics(row.id),
            questions=tuple(question_entry(question) for question in context.parts.questions.get(row.id, ())),
            registration=None if registration is None else await self.registration(registration),
            sums=sums,
            manages=manages,
        )

    async def registration(self, row: Registration) -> RegistrationEntry:
        """Return somebody's registration, with where they are on the waiting list."""
        waits = row.state is RegistrationState.WAITING
        return registration_entry(row, await self._registrations.position(row) if waits else None)


class _Context:
    """What several trainings are shown with."""

    def __init__(self, parts: Parts, houses: Mapping[UUID, str], tree: TopicTree | None) -> None:
        self.parts = parts
        self.houses = houses
        self._tree = tree

    def topics(self, training: UUID) -> tuple[TopicEntry, ...]:
        if self._tree is None:
            return ()
        wanted: Collection[UUID] = self.parts.topics.get(training, ())
        return tuple(entry for entry in self._tree.entries if entry.id in wanted)


def registration_entry(row: Registration, position: int | None = None) -> RegistrationEntry:
    """Return a registration."""
    return RegistrationEntry(
        id=row.id,
        training_id=row.training_id,
        member_id=row.member_id,
        identity_id=row.identity_id,
        state=row.state,
        number=row.number,
        answers=dict(row.answers),
        offered_until=row.offered_until if row.state is RegistrationState.OFFERED else None,
        attended=row.attended,
        created_at=row.created_at,
        changed_at=row.changed_at,
        position=position,
    )


def date_entry(row: TrainingDate) -> DateEntry:
    """Return a date."""
    return DateEntry(row.id, row.starts_at, row.ends_at, row.sequence, row.cancelled_at, row.changed_at)


def question_entry(row: TrainingQuestion) -> QuestionEntry:
    """Return what is asked at registration."""
    return QuestionEntry(row.id, row.text, row.required)
