"""The trace of one answer for people to read, years later, and without the person who asked.

Who may read it: whoever asked, as long as the link between the two lives (in the chat the exchange, in the hub the
session); and moderators, where the answer was given to a group. For all others it does not exist. The words of the
question are for whoever asked alone. Of documents, only what the reader may find at this moment is named, and only what
a document still says is quoted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.rights import Right, Visitor
from knowledge.access.visibility import Viewer
from knowledge.kit.clock import now
from knowledge.library.answers.repository import AnswerRepository
from knowledge.library.answers.traces import UnknownAnswer
from knowledge.models.answer import Answer
from knowledge.models.document import Document


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A passage that was looked at; without a title it is of a document that the reader does not find (any more)."""

    document: UUID | None
    title: str | None
    version: int
    score: float
    words: float | None
    cosine: float | None


@dataclass(frozen=True, slots=True)
class ShownLine:
    """What was shown of a document; ``quote`` is empty where only a link was shown.

    Without a title, the reader does not find the document (any more). ``changed``: it says something else by now, and
    what it said then is not shown again.
    """

    document: UUID | None
    title: str | None
    locator: str | None
    quote: str | None
    changed: bool


@dataclass(frozen=True, slots=True)
class AnswerView:
    """The trace of one answer; ``question`` is empty for all but its asker, and once its words are erased."""

    id: UUID
    at: datetime
    answered: bool
    confidence: float
    line: float
    question: str | None
    is_asker: bool
    shared: bool
    follows: bool
    model: str | None
    index_version: str
    vectors_state: str
    expansions: Mapping[str, list[str]]
    shown: tuple[ShownLine, ...]
    passages: tuple[SourceLine, ...]


async def read_answer(
    session: AsyncSession, answer_id: UUID, visitor: Visitor, *, asked_here: bool = False
) -> AnswerView:
    """Return the trace of an answer as a visitor may read it; ``asked_here``: they asked in this session of the hub.

    Raises ``UnknownAnswer``.
    """
    repository = AnswerRepository(session)
    answer = await repository.get(answer_id)
    member = visitor.member_id
    if answer is None or member is None:
        raise UnknownAnswer
    is_asker = asked_here or await repository.is_asker(answer.id, member, now())
    if not (is_asker or (answer.shared and visitor.may(Right.ANSWERS_READ))):
        raise UnknownAnswer
    question = await repository.question(answer.question_id) if is_asker else None
    found = await _findable(repository, answer.trace, visitor.viewer)
    return _view(answer, found, is_asker=is_asker, question=question.text if question else None)


async def _findable(repository: AnswerRepository, trace: Mapping[str, Any], viewer: Viewer) -> dict[str, Document]:
    named = {item["document"] for part in ("passages", "shown") for item in trace.get(part, ()) if "document" in item}
    rows = await repository.documents([UUID(key) for key in named])
    return {str(row.id): row for row in rows if viewer.may_find(row)}


def _view(answer: Answer, found: Mapping[str, Document], *, is_asker: bool, question: str | None) -> AnswerView:
    trace = answer.trace
    passages = trace.get("passages", ())
    versions = {item["document"]: item["version"] for item in passages}
    return AnswerView(
        id=answer.id,
        at=answer.created_at,
        answered=answer.answered,
        confidence=answer.confidence,
        line=trace.get("line", 0.0),
        question=question,
        is_asker=is_asker,
        shared=answer.shared,
        follows=bool(trace.get("follows")),
        model=trace.get("model"),
        index_version=str(trace.get("index_version", "")),
        vectors_state=str(trace.get("vectors_state", "")),
        # They begin with words of the question.
        expansions=trace.get("expansions", {}) if is_asker else {},
        shown=tuple(_shown(item, found, versions) for item in trace.get("shown", ())),
        passages=tuple(_source(item, found) for item in passages),
    )


def _source(item: Mapping[str, Any], found: Mapping[str, Document]) -> SourceLine:
    document = found.get(item["document"])
    return SourceLine(
        document=document.id if document else None,
        title=document.title if document else None,
        version=item["version"],
        score=item["score"],
        words=item.get("words"),
        cosine=item.get("cosine"),
    )


def _shown(item: Mapping[str, Any], found: Mapping[str, Document], versions: Mapping[str, int]) -> ShownLine:
    document = found.get(str(item.get("document")))
    if document is None:
        return ShownLine(None, None, None, None, changed=False)
    changed = versions.get(str(document.id)) != document.version
    if changed:
        return ShownLine(document.id, document.title, None, None, changed=True)
    return ShownLine(document.id, document.title, item.get("locator"), item.get("quote"), changed=False)
