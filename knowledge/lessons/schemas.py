"""What the services of lessons take and give."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from knowledge.access.visibility import Viewer
from knowledge.lessons.markdown import LessonReference, LessonSource
from knowledge.lessons.pictures import SmallPicture
from knowledge.lessons.steps import LessonChoice, QuestionStep, Step
from knowledge.models.document import Visibility
from knowledge.models.lesson import CirclePathState, LessonState
from knowledge.models.training import Level


@dataclass(frozen=True, slots=True)
class Learner:
    """Who learns: a member, else a chat identity; and what they may find where they are now.

    Somebody of whom neither is known may read what is public, and nothing is kept of it.
    """

    member_id: UUID | None
    identity_id: UUID | None
    viewer: Viewer

    @property
    def is_known(self) -> bool:
        """Whether there is somebody whose progress can be kept."""
        return self.member_id is not None or self.identity_id is not None


@dataclass(frozen=True, slots=True)
class LessonDraft:
    """A lesson as its publisher enters it, read and with its pictures made small (``prepare_lesson``).

    ``organisation_id`` counts for administrators only; all others publish for their own.
    """

    source: LessonSource
    pictures: Mapping[str, SmallPicture] = field(default_factory=dict)
    organisation_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class PathDraft:
    """A path as its publisher enters it; ``lessons`` in their order."""

    key: str
    title: str
    lessons: tuple[UUID, ...]
    summary: str = ""
    outcomes: str = ""
    level: Level = Level.BEGINNER
    language: str = "de"
    visibility: Visibility = Visibility.NETWORK
    organisation_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class LessonEntry:
    """A lesson in one of its versions: for learners the published one, for publishers the newest one.

    ``number`` is that version; ``needs`` are keys of what one should have done before; ``topics`` are identifiers.
    ``revision`` is for changing it.
    """

    id: UUID
    key: str
    title: str
    summary: str
    level: Level
    minutes: int
    language: str
    needs: tuple[str, ...]
    topics: tuple[UUID, ...]
    number: int
    steps: int
    version: int
    published_version: int
    state: LessonState
    visibility: Visibility
    access: str
    organisation_id: UUID | None
    publisher: str | None
    document_id: UUID | None
    shipped: bool
    revision: int
    created_by: UUID | None
    created_at: datetime
    updated_at: datetime

    @property
    def has_draft(self) -> bool:
        """Whether there is a version that was not published."""
        return self.version > self.published_version


@dataclass(frozen=True, slots=True)
class LessonText:
    """A version as it can be read: its steps, the text that they were made of, and where its facts are from."""

    entry: LessonEntry
    steps: tuple[Step, ...]
    source: str
    references: tuple[LessonReference, ...]


@dataclass(frozen=True, slots=True)
class VersionEntry:
    """A version of a lesson; ``learners``: how many are in the middle of it, ``None`` for fewer than three."""

    number: int
    title: str
    created_at: datetime
    created_by: UUID | None
    published: bool
    learners: int | None


@dataclass(frozen=True, slots=True)
class PathEntry:
    """A path. ``lessons`` are those that its reader may find, in their order; publishers see all."""

    id: UUID
    key: str
    title: str
    summary: str
    outcomes: str
    level: Level
    language: str
    visibility: Visibility
    access: str
    state: LessonState
    organisation_id: UUID | None
    publisher: str | None
    shipped: bool
    revision: int
    created_by: UUID | None
    lessons: tuple[LessonEntry, ...]

    @property
    def minutes(self) -> int:
        """How long all of it takes."""
        return sum(lesson.minutes for lesson in self.lessons)


@dataclass(frozen=True, slots=True)
class LessonOffered:
    """A lesson as somebody may take it. ``step``: how far they are; ``missing``: titles of what should come before."""

    lesson: LessonEntry
    run_id: UUID | None = None
    step: int = 0
    active: bool = False
    done_at: datetime | None = None
    missing: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        """Whether they finished it once."""
        return self.done_at is not None


@dataclass(frozen=True, slots=True)
class PathOffered:
    """A path as somebody may take it: what of it they have done."""

    path: PathEntry
    lessons: tuple[LessonOffered, ...]

    @property
    def done(self) -> int:
        """How many of its lessons they finished."""
        return sum(lesson.done for lesson in self.lessons)

    @property
    def completed(self) -> bool:
        """Whether they finished all of it."""
        return bool(self.lessons) and self.done == len(self.lessons)

    @property
    def next(self) -> LessonOffered | None:
        """The first lesson that they have not finished."""
        return next((lesson for lesson in self.lessons if not lesson.done), None)


@dataclass(frozen=True, slots=True)
class RunState:
    """How far somebody is in a lesson, on the version that they began with.

    ``at`` is the step that they are at, from 0; as many as there are steps once they are through. ``moved`` says
    whether what was asked for changed anything: it does not where a button was pressed twice, or an old one.
    ``path`` is the path that they take it as a part of; ``missing`` are titles of what should have come before.
    """

    run_id: UUID
    lesson: LessonEntry
    steps: tuple[Step, ...]
    at: int
    active: bool
    done_at: datetime | None
    helpful: bool | None
    references: tuple[LessonReference, ...] = ()
    missing: tuple[str, ...] = ()
    path: PathOffered | None = None
    moved: bool = True
    answered: bool = False

    @property
    def current(self) -> Step | None:
        """The step that they are at; ``None`` once they are through."""
        return self.steps[self.at] if self.at < len(self.steps) else None

    @property
    def finished(self) -> bool:
        """Whether they are through."""
        return self.at >= len(self.steps)

    @property
    def next_lesson(self) -> LessonOffered | None:
        """What comes next in their path."""
        return self.path.next if self.path is not None else None


@dataclass(frozen=True, slots=True)
class AnswerState:
    """What somebody chose at a question. ``counts``: it was the first time, which publishers see in their sums."""

    state: RunState
    step: int
    question: QuestionStep
    choice: int
    counts: bool

    @property
    def chosen(self) -> LessonChoice:
        """The answer that they chose."""
        return self.question.choices[self.choice]

    @property
    def correct(self) -> bool:
        """Whether it is right."""
        return self.chosen.correct

    @property
    def right(self) -> LessonChoice:
        """The first answer that is right."""
        return self.question.right


@dataclass(frozen=True, slots=True)
class LearnedEntry:
    """A lesson that somebody began: how far they are, and when they finished it for the first time."""

    run_id: UUID
    lesson_id: UUID
    key: str
    title: str
    path_id: UUID | None
    step: int
    steps: int
    active: bool
    started_at: datetime
    updated_at: datetime
    done_at: datetime | None
    helpful: bool | None


@dataclass(frozen=True, slots=True)
class LessonOffer:
    """A lesson for „In 5 Minuten lernen: …" below an answer."""

    lesson_id: UUID
    key: str
    title: str
    minutes: int


@dataclass(frozen=True, slots=True)
class CirclePathEntry:
    """A path that a circle takes: on which day (0 is Monday) and at which hour, and what was brought so far."""

    id: UUID
    circle_id: UUID
    path_id: UUID
    title: str
    day: int
    hour: int
    state: CirclePathState
    next_at: datetime
    started_by: UUID | None
    done: int
    lessons: int


@dataclass(frozen=True, slots=True)
class CircleLessonEntry:
    """A lesson that was brought to a circle: the how-manieth of how many it is in the path."""

    id: UUID
    circle_id: UUID
    path_id: UUID
    path_title: str
    lesson_id: UUID
    number: int
    count: int
    day: int
    hour: int
