"""The trace of one answer: for whoever asked, and for moderators where a group was answered."""

from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from hub.dependencies import Member, Reading
from hub.rendering import render
from hub.traces import asked_here
from knowledge.kit.language import _
from knowledge.library.answers.reading import AnswerView, read_answer

router = APIRouter()


@dataclass(frozen=True, slots=True)
class AnswerPage:
    """The trace, with its numbers in words."""

    answer: AnswerView
    outcome: str
    certainty: str
    model: str
    search: str


@router.get("/antwort/{answer_id}")
async def show_answer(
    request: Request, visitor: Member, session: Reading, answer_id: UUID, eigene: str = ""
) -> HTMLResponse:
    """Show everything behind one answer; ``eigene`` shows that it was asked for in this session."""
    asked = asked_here(request, str(answer_id), eigene)
    answer = await read_answer(session, answer_id, visitor, asked_here=asked)
    return await render(request, "answers/answer.html", _page(answer))


def _page(answer: AnswerView) -> AnswerPage:
    certainty = _("{confidence} of 100; an answer is given from {line} on.").format(
        confidence=round(answer.confidence * 100), line=round(answer.line * 100)
    )
    outcome = (
        _("It was answered with quotations.")
        if answer.answered
        else _("It was not answered: nothing was certain enough.")
    )
    states = {
        "away": _("by words alone, because the vector index was away"),
        "other_model": _("by words alone, because the vector index was built with another model"),
        "off": _("by words alone"),
    }
    search = states.get(answer.vectors_state, _("by words and by meaning"))
    return AnswerPage(answer, outcome, certainty, answer.model or _("none (words alone)"), search)
