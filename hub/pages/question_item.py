"""One open question: its words, its answers as far as they are for whoever looks, and what can be done with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from hub.dependencies import MayUseNetwork, Reading, Services, Writing
from hub.messages import redirect
from hub.pages.contribution_parts import author_of
from hub.pages.question_parts import (
    ITEM,
    QUESTIONS,
    Masks,
    Place,
    QuestionView,
    mask_of,
    masks_of,
    view_of,
)
from hub.pages.question_texts import TypedText, read_typed, undecided
from hub.pages.review_parts import whole_or_nothing
from hub.rendering import render
from knowledge.kit.errors import AllmendeError, NotFound
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.library.addresses import document_path
from knowledge.models.question import OpenQuestionState, ReleasedAs
from knowledge.questions.base import LONGEST_ANSWER, LONGEST_MESSAGE
from knowledge.questions.schemas import OpenAnswerEntry, OpenQuestionEntry

router = APIRouter()
NOTHING = TypedText()


@dataclass(frozen=True, slots=True)
class Unsent:
    """A text that was typed and is not sent yet; ``about`` is the answer that it is about, none for a new answer."""

    typed: TypedText = NOTHING
    about: UUID | None = None
    mask: ReleasedAs | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """One open question with what the visitor may read of its answers.

    ``document`` is the address of what answers it. ``unsent`` is a text to be looked at once more.
    """

    question: QuestionView
    answers: Sequence[OpenAnswerEntry]
    document: str
    masks: Masks
    unsent: Unsent
    can_answer: bool
    can_join: bool
    longest: int = LONGEST_ANSWER
    longest_message: int = LONGEST_MESSAGE


@dataclass(frozen=True, slots=True)
class GonePage:
    """Why something that was written went to nobody, and the words, so that they are not lost."""

    problem: str
    text: str


@router.get(ITEM)
async def question(
    request: Request, key: UUID, visitor: MayUseNetwork, session: Reading, services: Services
) -> HTMLResponse:
    """Show one open question."""
    return await show_question(Place(request, visitor, UnitOfWork(session), services), key)


@router.post(f"{ITEM}/antworten")
async def answer(request: Request, key: UUID, visitor: MayUseNetwork, unit: Writing, services: Services) -> Response:
    """Answer it."""
    form = await request.form()
    place, typed, mask = Place(request, visitor, unit, services), read_typed(form), mask_of(form, visitor)
    if typed.unseen:
        return await show_question(place, key, Unsent(typed, mask=mask, problem=undecided()))
    act = place.questions.answer(key, author_of(visitor), typed.text, answered_as=mask, knows_findings=True)
    try:
        made = await whole_or_nothing(unit, act)
    except AllmendeError as error:
        return await show_refused(place, key, Unsent(typed, mask=mask, problem=error.message), error)
    return redirect(f"{QUESTIONS}/{key}#antwort-{made.id}", said="questions.answered")


@router.post(f"{ITEM}/betrifft-uns")
async def join(request: Request, key: UUID, visitor: MayUseNetwork, unit: Writing, services: Services) -> Response:
    """Note that the visitor has the same question."""
    await Place(request, visitor, unit, services).questions.join(key, author_of(visitor), viewer=visitor.viewer)
    return redirect(f"{QUESTIONS}/{key}", said="questions.joined")


@router.post(f"{ITEM}/doch-nicht")
async def leave(request: Request, key: UUID, visitor: MayUseNetwork, unit: Writing, services: Services) -> Response:
    """Note that the visitor has it no more."""
    await Place(request, visitor, unit, services).questions.leave(key, visitor.known.id)
    return redirect(QUESTIONS, said="questions.left")


@router.post(f"{ITEM}/kann-ich-nicht")
async def decline(request: Request, key: UUID, visitor: MayUseNetwork, unit: Writing, services: Services) -> Response:
    """Note that the visitor, who was asked, cannot help with this one."""
    place = Place(request, visitor, unit, services)
    await place.questions.get(key, place.reader)
    await place.questions.decline(key, visitor.known.id)
    return redirect(f"{QUESTIONS}/offen", said="questions.declined")


@router.post(f"{ITEM}/nicht-beantwortet")
async def not_it(request: Request, key: UUID, visitor: MayUseNetwork, unit: Writing, services: Services) -> Response:
    """Open one's question again that something published seemed to answer."""
    await Place(request, visitor, unit, services).questions.not_it(key, author_of(visitor))
    return redirect(f"{QUESTIONS}/{key}", said="questions.open_again")


async def show_question(
    place: Place, key: UUID, unsent: Unsent | None = None, *, error: AllmendeError | None = None
) -> HTMLResponse:
    """Show a question; with a text that was not sent, in the form that it was typed into."""
    entry, unsent = await place.questions.get(key, place.reader), unsent or Unsent()
    page = QuestionPage(
        question=view_of(entry),
        answers=await _answers(place, entry),
        document=document_path(entry.document_id) if entry.document_id else "",
        masks=await masks_of(place.unit, place.visitor, unsent.mask),
        unsent=unsent,
        can_answer=entry.takes_answers and not entry.mine,
        can_join=entry.takes_answers and not entry.mine and not entry.joined,
    )
    return await render(place.request, "questions/question.html", page, error=error)


async def _answers(place: Place, entry: OpenQuestionEntry) -> Sequence[OpenAnswerEntry]:
    if entry.state is OpenQuestionState.WITHDRAWN:
        return []
    return await place.questions.answers(entry.id, place.reader)


async def show_refused(place: Place, key: UUID, unsent: Unsent, error: AllmendeError) -> HTMLResponse:
    """Show why a text was not sent: at its question, or alone where that is gone; the text is kept either way."""
    try:
        return await show_question(place, key, unsent, error=error)
    except NotFound:
        return await show_gone(place, unsent, error)


async def show_gone(place: Place, unsent: Unsent, error: AllmendeError) -> HTMLResponse:
    """Show a text that nobody can get any more, to whoever wrote it."""
    page = GonePage(error.message, unsent.typed.text)
    return await render(place.request, "questions/gone.html", page, error=error)
