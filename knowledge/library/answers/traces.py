"""Everything behind one answer: kept without the person, readable long after."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.clock import now
from knowledge.kit.errors import Conflict, NotFound
from knowledge.kit.language import _, current_language
from knowledge.library.answers.repository import AnswerRepository
from knowledge.library.answers.schemas import Citation, PreparedAnswer
from knowledge.models.answer import Answer, Question


class UnknownAnswer(NotFound):
    """No answer has this key."""

    code = "answers.unknown"

    def __init__(self) -> None:
        super().__init__(_("There is no answer with this id. It stands below each answer."))


class AmbiguousAnswer(Conflict):
    """Several answers begin like this."""

    code = "answers.ambiguous"

    def __init__(self) -> None:
        super().__init__(_("Several answers begin like this; please give more of the id."))


async def keep_answer(session: AsyncSession, prepared: PreparedAnswer, *, shared: bool = False) -> None:
    """Keep the trace of an answer and, apart from it, the words of its question.

    ``shared`` says that it is given where others read along.
    """
    moment = now()
    asked = Question(id=prepared.question_id, text=prepared.question, language=current_language(), created_at=moment)
    answer = Answer(
        id=prepared.answer_id,
        question_id=asked.id,
        answered=prepared.reply.answered,
        confidence=prepared.reply.confidence,
        trace=prepared.trace,
        shared=shared,
        created_at=moment,
    )
    answers = AnswerRepository(session)
    await answers.add(asked, answer)
    if prepared.reply.citations:
        await answers.note_cited(answer.id, {UUID(citation.document) for citation in prepared.reply.citations})


async def find_trace(session: AsyncSession, reference: str) -> dict[str, Any]:
    """Return the trace of the answer that ``reference`` means: its key or the beginning of it.

    Raises ``UnknownAnswer`` or ``AmbiguousAnswer``.
    """
    answers = AnswerRepository(session)
    found = await answers.by_prefix(reference)
    if not found:
        raise UnknownAnswer
    if len(found) > 1:
        raise AmbiguousAnswer
    question = await answers.question(found[0].question_id)
    return {
        "answer_id": str(found[0].id),
        "query": question.text if question else None,
        "created_at": found[0].created_at.isoformat(),
        "answered": found[0].answered,
        "confidence": found[0].confidence,
        **found[0].trace,
    }


def shown_citation(citation: Citation) -> dict[str, Any]:
    """Return what was shown of a source, for the trace."""
    values = asdict(citation)
    return {name: values[name] for name in ("document", "source", "title", "locator", "quote", "score", "notes")}
