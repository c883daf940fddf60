"""What digests are made of."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from knowledge.access.visibility import Viewer

# As many of each stand in one message; of the rest it says how many there are.
MOST_DOCUMENTS, MOST_TRAININGS, MOST_COMING, MOST_QUESTIONS = 5, 3, 3, 3


@dataclass(frozen=True, slots=True)
class DigestWish:
    """That a circle or a member wants a digest, and when."""

    owner: UUID
    is_circle: bool
    day: int
    hour: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestScope:
    """What a digest may tell.

    ``viewer``: what may be shown where it is read. ``since`` and ``until``: what came after the one, up to the other.
    ``topics``: only what is about one of them or below; ``None`` for everything. ``answers``: the topics on which
    questions can be answered there; ``None`` for all. Either ``circle_id`` or ``member_id`` says whose it is.
    """

    viewer: Viewer
    since: datetime
    until: datetime
    topics: frozenset[UUID] | None
    answers: frozenset[UUID] | None
    circle_id: UUID | None = None
    member_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class DigestDocument:
    """A document that is new."""

    id: UUID
    title: str


@dataclass(frozen=True, slots=True)
class DigestQuestion:
    """An open question that could be answered there."""

    id: UUID
    text: str


@dataclass(frozen=True, slots=True)
class DigestTraining:
    """A training that one can register for; ``is_new``: it was published since the last digest."""

    id: UUID
    title: str
    starts_at: datetime
    online: bool
    is_new: bool


@dataclass(frozen=True, slots=True)
class DigestContent:
    """What there is to tell; ``all_documents`` and so on count those that are not listed, too.

    ``trainings`` are documents from trainings, ``coming`` the trainings themselves. Those that were told of before are
    shown again as long as one can register, but are no reason for a digest.
    """

    since: datetime
    documents: tuple[DigestDocument, ...]
    all_documents: int
    trainings: tuple[DigestDocument, ...]
    all_trainings: int
    coming: tuple[DigestTraining, ...]
    all_coming: int
    questions: tuple[DigestQuestion, ...]

    def __bool__(self) -> bool:
        new = any(training.is_new for training in self.coming)
        return bool(self.documents or self.trainings or self.questions or new)
