"""What the open questions service takes and gives."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from knowledge.access.visibility import Viewer
from knowledge.models.document import Visibility
from knowledge.models.question import OpenQuestionState, ReleasedAs
from knowledge.personal_data.schemas import Finding
from knowledge.topics.tree import TopicEntry

# Below this, a number of people is not told.
FEWEST_TOLD = 3


@dataclass(frozen=True, slots=True)
class Reader:
    """A verified member who reads along, and what they may find where they read.

    Where ``viewer`` may not find the network's (a foreign house), only questions that are public are there for them.
    """

    member_id: UUID
    viewer: Viewer

    def may_read(self, visibility: Visibility) -> bool:
        """Whether a question of this visibility may be shown."""
        return self.viewer.access is None or visibility.value in self.viewer.access


class Stage(StrEnum):
    """How far an open question came, as its asker sees it."""

    # Nobody could be asked yet: it stands in the hub and the digests.
    WAITING = "waiting"
    # It was brought to circles or people.
    BROUGHT = "brought"
    # There are answers, and the asker did not say yet whether one helped.
    HAS_ANSWERS = "has_answers"
    # The competence centre was reminded.
    REMINDED = "reminded"
    # Two weeks without an answer: it stands among the gaps.
    OVERDUE = "overdue"
    ANSWERED = "answered"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class QuestionStatus:
    """Where an open question is.

    ``circles`` counts those that got it in their chat or get it with their digest. ``asked_people`` says whether
    anybody was asked alone; ``people`` how many, or ``None`` below three. ``answers`` counts answers that are there.
    """

    stage: Stage
    circles: int
    asked_people: bool
    people: int | None
    answers: int


@dataclass(frozen=True, slots=True)
class OpenQuestionEntry:
    """An open question as one reader sees it.

    ``asked_by`` says whose it is, as it was released: „Kim Beispiel, Gemeinde Musterau", the organisation, a coarse
    description, or ``None`` where nothing may be said. ``followers`` counts those who joined, ``None`` below three.
    ``mine``: the reader asked it; ``joined``: they have it, too; ``asked_me``: it was brought to them and they did not
    say that they cannot help; ``my_answers``: their own answers to it. ``document_id`` is what answers it, where the
    reader may find that, with its title. ``status`` is there for those whose question it is.
    """

    id: UUID
    text: str
    language: str
    state: OpenQuestionState
    released_as: ReleasedAs
    asked_by: str | None
    visibility: Visibility
    topics: tuple[TopicEntry, ...]
    followers: int | None
    answers: int
    created_at: datetime
    closed_at: datetime | None = None
    document_id: UUID | None = None
    document_title: str | None = None
    mine: bool = False
    joined: bool = False
    asked_me: bool = False
    my_answers: tuple[UUID, ...] = ()
    status: QuestionStatus | None = None

    @property
    def takes_answers(self) -> bool:
        """Whether one may answer it."""
        return self.state in (OpenQuestionState.OPEN, OpenQuestionState.ANSWERED)


@dataclass(frozen=True, slots=True)
class OpenMessageEntry:
    """What asker or answerer wrote to the other about an answer; ``mine``: the reader wrote it."""

    id: UUID
    answer_id: UUID
    from_asker: bool
    text: str
    created_at: datetime
    mine: bool


@dataclass(frozen=True, slots=True)
class OpenAnswerEntry:
    """An answer as one reader sees it.

    ``answered_by`` says whose it is, as its author wants it; ``messages`` are there for asker and answerer alone.
    ``mine``: the reader wrote it. ``asked_by_me``: the reader asked the question. ``contributed``: its author made a
    contribution of it, which is ``contribution_id`` for the author alone.
    """

    id: UUID
    question_id: UUID
    question_text: str
    text: str
    answered_as: ReleasedAs
    answered_by: str | None
    helped: bool | None
    created_at: datetime
    mine: bool
    asked_by_me: bool
    contributed: bool
    contribution_id: UUID | None = None
    messages: tuple[OpenMessageEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class PreparedQuestion:
    """A question before its release: what is to be decided about it, and what there is already.

    ``findings`` look like personal data in ``text``. ``topics`` are suggested. ``similar`` are open questions that the
    asker may join instead, the nearest first. ``vector`` and ``model``: its embedding, where there is a model.
    """

    text: str
    language: str
    findings: tuple[Finding, ...] = ()
    topics: tuple[TopicEntry, ...] = ()
    similar: tuple[OpenQuestionEntry, ...] = ()
    vector: bytes | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True)
class ReleaseWishes:
    """How a question is to be released.

    ``topics``: as chosen by the asker; ``None`` takes what was suggested. ``question_id``: the question that was asked
    and had no good answer. ``visibility``: „public" for what is released on a foreign network such as Telegram, else
    „network". ``knows_findings``: the asker saw what looks like personal data, and wants it to stay.
    """

    released_as: ReleasedAs = ReleasedAs.ORGANISATION
    visibility: Visibility = Visibility.NETWORK
    topics: tuple[UUID, ...] | None = None
    question_id: UUID | None = None
    knows_findings: bool = False


@dataclass(frozen=True, slots=True)
class Routed:
    """Whom a question was brought to just now: circles in their chat, circles with their digest, and people."""

    circles: tuple[UUID, ...] = ()
    by_digest: tuple[UUID, ...] = ()
    members: tuple[UUID, ...] = ()


class ReportedKind(StrEnum):
    """What somebody reports."""

    QUESTION = "question"
    ANSWER = "answer"
    MESSAGE = "message"
    CONTACT = "contact"


@dataclass(frozen=True, slots=True)
class NetworkReportEntry:
    """A report for moderators: what was reported, its words as they are now, and what the reporter says."""

    id: UUID
    kind: ReportedKind
    about_id: UUID
    question_id: UUID | None
    words: str
    reason: str
    text: str
    created_at: datetime
