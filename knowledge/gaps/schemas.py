"""What goes into and out of gaps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from knowledge.kit.language import _
from knowledge.models.gap import GapState
from knowledge.topics.tree import TopicEntry

# Fewer people than this are not counted where others can see it.
FEWEST = 3
# Counts are told in steps, so that nobody can see who came when.
STEPS = (50, 20, 10, 5, FEWEST)


@dataclass(frozen=True, slots=True)
class GapFilter:
    """Which gaps are wanted: of a topic (and what lies below it), in a state that people may see."""

    topic: UUID | None = None
    state: GapState = GapState.OPEN


@dataclass(frozen=True, slots=True)
class GapDocument:
    """A document that the reader may find, which closed a gap or came near."""

    id: UUID
    title: str


@dataclass(frozen=True, slots=True)
class GapOpenQuestion:
    """An open question of a gap, as released; ``overdue``: nobody answered for two weeks."""

    id: UUID
    text: str
    overdue: bool


@dataclass(frozen=True, slots=True)
class GapEntry:
    """A gap as readers see it; nothing in it says who asked.

    ``heading`` is the wording that is most like all others, redacted; empty where the gap is not open. ``at_least`` is
    how many people asked, in steps; 0 where too few did for that to be said. ``document`` is what closed it.
    """

    id: UUID
    state: GapState
    heading: str
    at_least: int
    released: bool
    overdue: bool
    since: datetime
    topics: tuple[TopicEntry, ...]
    document: GapDocument | None

    @property
    def askers(self) -> str:
        """How many people asked, in words; empty where that is not said."""
        return _("{count} or more people").format(count=self.at_least) if self.at_least else ""


@dataclass(frozen=True, slots=True)
class GapDetail:
    """A gap with examples of how it was asked (redacted), and documents that came near."""

    entry: GapEntry
    wordings: Sequence[str]
    open_questions: Sequence[GapOpenQuestion]
    near: Sequence[GapDocument]


@dataclass(frozen=True, slots=True)
class GapPage:
    """Some of the gaps, the weightiest first, of ``count`` in all; ``topics`` are those that any of them has."""

    entries: Sequence[GapEntry]
    count: int
    topics: Sequence[TopicEntry]


@dataclass(frozen=True, slots=True)
class GapDraft:
    """What a document on a gap may begin with."""

    title: str
    topics: tuple[str, ...]


def step_of(count: int) -> int:
    """Return the step that a count of people reaches; 0 for too few."""
    return next((step for step in STEPS if count >= step), 0)
