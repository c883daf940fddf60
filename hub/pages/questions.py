"""„Fragen": where one's own questions are, and what others in the network would like to know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from hub.dependencies import MayUseNetwork, Reading, Services
from hub.pages.library_parts import read_id, read_text
from hub.pages.question_parts import QUESTIONS, QuestionView, TopicGroup, questions_in, reader_of, topic_groups, view_of
from hub.rendering import render
from hub.services import HubServices
from knowledge.access.rights import Right, Visitor
from knowledge.kit.errors import InvalidInput
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.questions.preparing import prepare_question

router = APIRouter()
PER_PAGE = 25
OPEN, ANSWERS, REPORTS = f"{QUESTIONS}/offen", f"{QUESTIONS}/antworten", f"{QUESTIONS}/meldungen"
Tabs = Sequence[tuple[str, str, int | None]]


@dataclass(frozen=True, slots=True)
class OwnPage:
    """What the visitor asked and joined, the newest first."""

    tabs: Tabs
    address: str
    mine: Sequence[QuestionView]
    joined: Sequence[QuestionView]


@dataclass(frozen=True, slots=True)
class OpenPage:
    """Open questions of others. ``asked_me`` were brought to the visitor alone.

    ``older`` is the address of the next part, empty at the end. ``words`` and ``topic`` are what was looked for.
    """

    tabs: Tabs
    address: str
    asked_me: Sequence[QuestionView]
    questions: Sequence[QuestionView]
    groups: Sequence[TopicGroup]
    topic: str
    words: str
    older: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """An answer of the visitor's, with its question."""

    path: str
    question: str
    text: str
    helped: bool | None
    contributed: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AnswersPage:
    """What the visitor answered, the newest first."""

    tabs: Tabs
    address: str
    answers: Sequence[AnswerLine]


@router.get(QUESTIONS)
async def own_questions(request: Request, visitor: MayUseNetwork, session: Reading, services: Services) -> HTMLResponse:
    """Show where one's own questions are."""
    entries = await questions_in(UnitOfWork(session), services).of_member(visitor.known.id, viewer=visitor.viewer)
    views = [view_of(entry) for entry in entries]
    page = OwnPage(
        tabs=tabs_for(visitor),
        address=QUESTIONS,
        mine=[view for view in views if view.entry.mine],
        joined=[view for view in views if not view.entry.mine],
    )
    return await render(request, "questions/own.html", page)


@router.get(ANSWERS)
async def own_answers(request: Request, visitor: MayUseNetwork, session: Reading, services: Services) -> HTMLResponse:
    """Show what one answered."""
    found = await questions_in(UnitOfWork(session), services).answers_of(visitor.known.id)
    lines = [
        AnswerLine(
            path=f"{QUESTIONS}/{one.question_id}#antwort-{one.id}",
            question=one.question_text,
            text=one.text,
            helped=one.helped,
            contributed=one.contributed,
            created_at=one.created_at,
        )
        for one in found
    ]
    return await render(request, "questions/answers.html", AnswersPage(tabs_for(visitor), ANSWERS, lines))


@router.get(OPEN)
async def open_questions(request: Request, visitor: MayUseNetwork, services: Services) -> HTMLResponse:
    """Show what others would like to know: all, on a topic, or like some words."""
    words, topic = read_text(request.query_params, "q"), read_id(request.query_params.get("thema"))
    before = _moment(request.query_params.get("vor"))
    problem, alike = "", None
    if words:
        try:
            prepared = await prepare_question(
                services.answers, services.database, words, visitor.viewer, member_id=visitor.known.id
            )
            alike = [view_of(entry) for entry in prepared.similar]
        except InvalidInput as error:
            problem, alike = error.message, []
    async with unit_of_work(services.database, writes=False) as unit:
        page = await _open_page(unit.session, services, visitor, topic, before)
    if alike is not None:
        page = OpenPage(page.tabs, OPEN, (), alike, page.groups, "", words, "", problem)
    return await render(request, "questions/open.html", page, status=422 if problem else 200)


async def _open_page(
    session: AsyncSession, services: HubServices, visitor: Visitor, topic: UUID | None, before: datetime | None
) -> OpenPage:
    service, reader = questions_in(UnitOfWork(session), services), reader_of(visitor)
    found = await service.open_for(reader, {topic} if topic else None, PER_PAGE + 1, before)
    shown = [entry for entry in found[:PER_PAGE] if not entry.mine]
    values = {"thema": str(topic)} if topic else {}
    last = found[PER_PAGE - 1].created_at.isoformat() if found[PER_PAGE:] else ""
    older = f"{OPEN}?{urlencode(values | {'vor': last})}" if last else ""
    return OpenPage(
        tabs=tabs_for(visitor),
        address=OPEN,
        asked_me=[view_of(entry) for entry in await service.asked_of(reader)] if before is None else (),
        questions=[view_of(entry) for entry in sorted(shown, key=lambda entry: entry.answers > 0)],
        groups=await topic_groups(session),
        topic=str(topic or ""),
        words="",
        older=older,
    )


def tabs_for(visitor: Visitor) -> Tabs:
    """Return the ways to look at questions."""
    tabs = [
        (_("My questions"), QUESTIONS, None),
        (_("What others ask"), OPEN, None),
        (_("My answers"), ANSWERS, None),
    ]
    return [*tabs, (_("Reported"), REPORTS, None)] if visitor.may(Right.REVIEW_DECIDE) else tabs


def _moment(text: str | None) -> datetime | None:
    """Return a moment that an address names; ``None`` for anything else."""
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None and 2000 < moment.year < 9000 else None
