"""What asking and searching give back."""

from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Citation:
    """A place in a document, with what a person needs to judge it.

    ``quote`` is ``None`` where the document's rights allow a link only. ``notes`` says in words what to mind: past its
    review date, no longer valid, made for another Land. ``facts`` says in words what to know of an experience: size of
    the municipality, how far it came, whether they would do it again. ``path`` is where the hub shows it, below the
    hub's own address.
    """

    document: str
    title: str
    source: str
    url: str | None
    locator: str | None
    quote: str | None
    score: float
    kind: str
    publisher: str | None
    organisation: str | None
    year: int | None
    licence: str | None
    visibility: str
    notes: list[str]
    facts: list[str] = field(default_factory=list)
    path: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a question, or the abstention with what may help.

    ``confidence`` is from 0 to 1. ``hints`` says what went differently than usual, such as vectors that are away.
    ``lead`` says, before all else, what the sources say together, where that was counted; or why there is no answer.
    """

    answered: bool
    confidence: float
    text: str
    citations: list[Citation]
    suggestions: list[Citation]
    answer_id: str
    took_ms: float
    hints: list[str]
    lead: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return what ``allmende ask --json`` promises."""
        values = asdict(self)
        del values["hints"], values["lead"]
        return values


@dataclass(frozen=True, slots=True)
class PreparedAnswer:
    """An answer that is not kept yet, with the keys under which its trace and its question's words will be.

    ``follows`` says that the question was understood from what was asked before.
    """

    question: str
    reply: Reply
    trace: dict[str, Any]
    answer_id: UUID
    question_id: UUID
    follows: bool = False


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A passage that was found; ``locator`` is ``None`` where a document has no places."""

    document: str
    source: str
    title: str
    locator: str | None
    passage: str
    score: float


@dataclass(frozen=True, slots=True)
class SearchReply:
    """The passages for one query, best first, and the confidence that they answer it."""

    query: str
    confidence: float
    results: list[SearchResult]

    def as_json(self) -> dict[str, Any]:
        """Return what ``allmende search`` promises."""
        return asdict(self)
