"""What asker and answerer do with one answer: a word more, whether it helped, a contribution, taking it back."""

from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from hub.dependencies import MayUseNetwork, Reading, Services, Writing
from hub.messages import redirect
from hub.pages.contribution_parts import OWN, author_of
from hub.pages.question_item import Unsent, show_gone, show_question, show_refused
from hub.pages.question_parts import ANSWER, QUESTIONS, Place, short
from hub.pages.question_texts import read_typed, undecided
from hub.pages.review_parts import typed_in, whole_or_nothing
from hub.rendering import render
from knowledge.kit.errors import AllmendeError, NotFound
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.questions.errors import UnknownOpenAnswer
from knowledge.questions.schemas import OpenAnswerEntry

router = APIRouter()
HELPED = {"ja": True, "nein": False}


@dataclass(frozen=True, slots=True)
class AnswerPage:
    """One's own answer, before something is done with it; ``question`` is the beginning of what was asked."""

    answer: OpenAnswerEntry
    question: str
    problem: str = ""


@router.post(f"{ANSWER}/schreiben")
async def write(request: Request, key: UUID, visitor: MayUseNetwork, unit: Writing, services: Services) -> Response:
    """Write a word more about an answer."""
    place, typed = Place(request, visitor, unit, services), read_typed(await request.form())
    unsent = Unsent(typed, about=key)
    try:
        found = await place.questions.find_answer(key, place.reader)
    except NotFound as error:
        if not typed.text:
            raise
        return await show_gone(place, unsent, error)
    if typed.unseen:
        return await show_question(place, found.question_id, Unsent(typed, about=key, problem=undecided()))
    try:
        await whole_or_nothing(unit, place.questions.write(key, author_of(visitor), typed.text, knows_findings=True))
    except AllmendeError as error:
        unsent = Unsent(typed, about=key, problem=error.message)
        return await show_refused(place, found.question_id, unsent, error)
    return redirect(path_of(found), said="questions.written")


@router.post(f"{ANSWER}/geholfen")
async def mark(request: Request, key: UUID, visitor: MayUseNetwork, unit: Writing, services: Services) -> Response:
    """Say whether an answer helped, or take that back."""
    helped = HELPED.get(typed_in(await request.form()).get("geholfen", ""))
    marked = await Place(request, visitor, unit, services).questions.mark_helped(key, author_of(visitor), helped)
    return redirect(path_of(marked), said="questions.marked")


@router.get(f"{ANSWER}/beitrag")
async def contribution_form(
    request: Request, key: UUID, visitor: MayUseNetwork, session: Reading, services: Services
) -> Response:
    """Ask whether an answer is to become a contribution."""
    found = await _own(Place(request, visitor, UnitOfWork(session), services), key)
    if found.contribution_id is not None:
        return redirect(f"{OWN}/{found.contribution_id}")
    return await render(request, "questions/contribute.html", AnswerPage(found, short(found.question_text)))


@router.post(f"{ANSWER}/beitrag")
async def contribute(
    request: Request, key: UUID, visitor: MayUseNetwork, unit: Writing, services: Services
) -> Response:
    """Make a contribution of an answer: send it for review, or keep it as a draft to work on."""
    place = Place(request, visitor, unit, services)
    found, submits = await _own(place, key), "senden" in await request.form()
    try:
        act = place.questions.contribute(key, author_of(visitor), submit=submits)
        made = await whole_or_nothing(unit, act)
    except NotFound:
        raise
    except AllmendeError as error:
        page = AnswerPage(found, short(found.question_text), error.message)
        return await render(request, "questions/contribute.html", page, error=error)
    if submits:
        return redirect(OWN, said="contributions.sent")
    return redirect(f"{OWN}/{made.id}/bearbeiten", said="contributions.saved")


@router.get(f"{ANSWER}/zuruecknehmen")
async def withdraw_form(
    request: Request, key: UUID, visitor: MayUseNetwork, session: Reading, services: Services
) -> HTMLResponse:
    """Ask whether an answer is really to be taken back."""
    found = await _own(Place(request, visitor, UnitOfWork(session), services), key)
    return await render(request, "questions/withdraw_answer.html", AnswerPage(found, short(found.question_text)))


@router.post(f"{ANSWER}/zuruecknehmen")
async def withdraw(request: Request, key: UUID, visitor: MayUseNetwork, unit: Writing, services: Services) -> Response:
    """Take one's answer back."""
    await Place(request, visitor, unit, services).questions.withdraw_answer(key, author_of(visitor))
    return redirect(f"{QUESTIONS}/antworten", said="questions.answer_withdrawn")


async def _own(place: Place, key: UUID) -> OpenAnswerEntry:
    """Return one's own answer. Raises ``UnknownOpenAnswer``."""
    found = await place.questions.find_answer(key, place.reader)
    if not found.mine:
        raise UnknownOpenAnswer
    return found


def path_of(found: OpenAnswerEntry) -> str:
    """Return where an answer is shown."""
    return f"{QUESTIONS}/{found.question_id}#antwort-{found.id}"
