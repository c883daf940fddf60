"""What the trainings services take and give."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from knowledge.access.visibility import Viewer
from knowledge.kit.clock import now
from knowledge.models.document import Visibility
from knowledge.models.training import Level, RegistrationState, TrainingState
from knowledge.topics.tree import TopicEntry

# States in which somebody has a place, or hopes for one.
LIVE = (RegistrationState.REGISTERED, RegistrationState.OFFERED, RegistrationState.WAITING)
# States that hold a place.
HOLDING = (RegistrationState.REGISTERED, RegistrationState.OFFERED)


class Standing(StrEnum):
    """Where a training stands for whoever manages it."""

    COMING = "coming"
    DRAFT = "draft"
    PAST = "past"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class TrainingReader:
    """Who reads: a member or nobody known, and what they may find where they read it."""

    member_id: UUID | None
    viewer: Viewer
    organisation_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Publisher:
    """A member with the right to manage trainings; of their own organisation and their own, or all of them."""

    member_id: UUID
    organisation_id: UUID | None = None
    administrator: bool = False

    def manages(self, organisation_id: UUID | None, created_by: UUID | None) -> bool:
        """Whether they manage something that this organisation publishes and this member made."""
        if self.administrator or created_by == self.member_id:
            return True
        return organisation_id is not None and organisation_id == self.organisation_id


@dataclass(frozen=True, slots=True)
class DateDraft:
    """One date as it is entered; ``id`` is that of the date that it changes, where there is one."""

    starts_at: datetime
    ends_at: datetime
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class QuestionDraft:
    """What is to be asked at registration; ``id`` is that of the question that it changes, where there is one."""

    text: str
    required: bool = False
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class TrainingDraft:
    """A training as its publisher enters it; moments are in UTC (see ``times.py``).

    ``capacity``: ``None`` for as many as want to. ``deadline``: ``None`` for until it begins. ``district_key`` brings
    its Land with it. ``organisation_id`` counts for administrators only; all others publish for their own.
    """

    title: str
    summary: str = ""
    outcomes: str = ""
    audience: str = ""
    level: Level = Level.BEGINNER
    trainers: str = ""
    online: bool = False
    place: str = ""
    link: str | None = None
    region: str = ""
    state_key: str | None = None
    district_key: str | None = None
    capacity: int | None = None
    waiting_list: bool = True
    offer_hours: int = 24
    deadline: datetime | None = None
    costs: str = ""
    accessibility: str = ""
    language: str = "de"
    visibility: Visibility = Visibility.NETWORK
    organisation_id: UUID | None = None
    dates: tuple[DateDraft, ...] = ()
    topics: tuple[UUID, ...] = ()
    questions: tuple[QuestionDraft, ...] = ()


@dataclass(frozen=True, slots=True)
class DateEntry:
    """One date; its id is the UID in calendars. ``cancelled_at``: taken out, which only calendars need to know."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    sequence: int
    cancelled_at: datetime | None
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class QuestionEntry:
    """What is asked at registration."""

    id: UUID
    text: str
    required: bool


@dataclass(frozen=True, slots=True)
class RegistrationEntry:
    """Somebody's registration. ``answers`` is by the question's id; ``position``: on the waiting list, from 1."""

    id: UUID
    training_id: UUID
    member_id: UUID | None
    identity_id: UUID | None
    state: RegistrationState
    number: int
    answers: Mapping[str, str]
    offered_until: datetime | None
    attended: bool | None
    created_at: datetime
    changed_at: datetime
    position: int | None = None

    @property
    def is_live(self) -> bool:
        """Whether they have a place, or hope for one."""
        return self.state in LIVE


@dataclass(frozen=True, slots=True)
class RegistrationSums:
    """How many there are of each kind, for whoever runs the training; ``attended`` of those who were noted."""

    registered: int = 0
    offered: int = 0
    waiting: int = 0
    cancelled: int = 0
    attended: int = 0


@dataclass(frozen=True, slots=True)
class TrainingEntry:
    """A training as its reader may see it.

    ``place`` and ``link`` are empty for whoever has no place in it and does not manage it (``shows_place`` says which).
    ``dates`` holds what takes place, in order; ``cancelled_dates`` what was taken out. ``registration`` is the
    reader's own. ``sums`` is there for whoever manages it. ``revision`` is for changing it.
    """

    id: UUID
    title: str
    summary: str
    outcomes: str
    audience: str
    level: Level
    trainers: str
    online: bool
    place: str
    link: str | None
    shows_place: bool
    region: str
    state_key: str | None
    district_key: str | None
    capacity: int | None
    taken: int
    waiting_list: bool
    offer_hours: int
    deadline: datetime | None
    costs: str
    accessibility: str
    language: str
    organisation_id: UUID | None
    organisation_name: str | None
    visibility: Visibility
    access: str
    state: TrainingState
    cancel_reason: str
    revision: int
    created_by: UUID | None
    created_at: datetime
    published_at: datetime | None
    cancelled_at: datetime | None
    followed_up_at: datetime | None
    cleared_at: datetime | None
    starts_at: datetime | None
    ends_at: datetime | None
    dates: tuple[DateEntry, ...] = ()
    cancelled_dates: tuple[DateEntry, ...] = ()
    topics: tuple[TopicEntry, ...] = ()
    questions: tuple[QuestionEntry, ...] = ()
    registration: RegistrationEntry | None = None
    sums: RegistrationSums | None = None
    manages: bool = False

    @property
    def free(self) -> int | None:
        """How many places are free; ``None`` where there is no limit."""
        return None if self.capacity is None else max(0, self.capacity - self.taken)

    @property
    def is_full(self) -> bool:
        """Whether no place is free."""
        return self.free == 0

    @property
    def closes_at(self) -> datetime | None:
        """Until when one may register."""
        moments = [moment for moment in (self.deadline, self.starts_at) if moment is not None]
        return min(moments, default=None)

    @property
    def is_over(self) -> bool:
        """Whether its last date ended."""
        return self.ends_at is not None and self.ends_at <= now()

    @property
    def has_started(self) -> bool:
        """Whether its first date began."""
        return self.starts_at is not None and self.starts_at <= now()

    @property
    def is_open(self) -> bool:
        """Whether one may register now, for a place or the waiting list."""
        closes = self.closes_at
        in_time = self.state is TrainingState.PUBLISHED and closes is not None and closes > now()
        return in_time and (not self.is_full or self.waiting_list)

    @property
    def cursor(self) -> tuple[datetime, UUID] | None:
        """Where a list goes on after this one."""
        return None if self.starts_at is None else (self.starts_at, self.id)


@dataclass(frozen=True, slots=True)
class ParticipantEntry:
    """Somebody who registered, as whoever runs the training sees them; without a name once that was cleared.

    ``answers`` holds them by the question's id, in order.
    """

    registration_id: UUID
    member_id: UUID | None
    name: str | None
    organisation_name: str | None
    state: RegistrationState
    number: int
    answers: Mapping[UUID, str]
    offered_until: datetime | None
    attended: bool | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class TrainingWishes:
    """What somebody looks for; ``None`` and nothing mean no matter.

    ``topics`` count with those below them. ``state_key`` and ``district_key`` find what takes place there, and what is
    online, too, because one can take part from there; ``online`` says online only, or not online only.
    """

    topics: frozenset[UUID] = field(default_factory=frozenset)
    state_key: str | None = None
    district_key: str | None = None
    online: bool | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class InquiryEntry:
    """A question that somebody asked whoever runs a training, and the answer, where there is one yet."""

    id: UUID
    training_id: UUID
    training_title: str
    member_id: UUID
    member_name: str | None
    text: str
    answer: str | None
    created_at: datetime
    answered_at: datetime | None
