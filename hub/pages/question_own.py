"""One's own open question: other topics, and taking it back."""

from collections.abc import Mapping, Sequence
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
    Place,
    QuestionView,
    TopicGroup,
    read_topics,
    topic_groups,
    view_of,
)
from hub.pages.review_parts import whole_or_nothing
from hub.rendering import render
from knowledge.kit.errors import InvalidInput
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.question import OpenQuestionState
from knowledge.questions.errors import UnknownOpenQuestion

router = APIRouter()


@dataclass(frozen=True, slots=True)
class TopicsPage:
    """One's own question with the topics that it may have."""

    question: QuestionView
    groups: Sequence[TopicGroup]
    chosen: Sequence[str]
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class WithdrawPage:
    """Asking once more before a question is taken back."""

    question: QuestionView


@router.get(f"{ITEM}/themen")
async def topics_form(
    request: Request, key: UUID, visitor: MayUseNetwork, session: Reading, services: Services
) -> HTMLResponse:
    """Show the topics of one's own question."""
    return await _show_topics(Place(request, visitor, UnitOfWork(session), services), key)


@router.post(f"{ITEM}/themen")
async def change_topics(
    request: Request, key: UUID, visitor: MayUseNetwork, unit: Writing, services: Services
) -> Response:
    """Set the topics of one's own question."""
    place = Place(request, visitor, unit, services)
    topics = read_topics(await request.form())
    try:
        await whole_or_nothing(unit, place.questions.change_topics(key, author_of(visitor), topics))
    except InvalidInput as error:
        return await _show_topics(place, key, error)
    return redirect(f"{QUESTIONS}/{key}", said="questions.topics_changed")


@router.get(f"{ITEM}/zurueckziehen")
async def withdraw_form(
    request: Request, key: UUID, visitor: MayUseNetwork, session: Reading, services: Services
) -> HTMLResponse:
    """Ask whether a question is really to be taken back."""
    view = await _own(Place(request, visitor, UnitOfWork(session), services), key)
    return await render(request, "questions/withdraw.html", WithdrawPage(view))


@router.post(f"{ITEM}/zurueckziehen")
async def withdraw(request: Request, key: UUID, visitor: MayUseNetwork, unit: Writing, services: Services) -> Response:
    """Take one's question back."""
    await Place(request, visitor, unit, services).questions.withdraw(key, author_of(visitor))
    return redirect(QUESTIONS, said="questions.withdrawn")


async def _show_topics(place: Place, key: UUID, error: InvalidInput | None = None) -> HTMLResponse:
    view = await _own(place, key)
    chosen = (
        [str(topic) for topic in read_topics(await place.request.form())]
        if error
        else [str(topic.id) for topic in view.entry.topics]
    )
    page = TopicsPage(view, await topic_groups(place.unit.session), chosen, {"": error.message} if error else {})
    return await render(place.request, "questions/topics.html", page, error=error)


async def _own(place: Place, key: UUID) -> QuestionView:
    """Return one's own question that was not taken back. Raises ``UnknownOpenQuestion``."""
    entry = await place.questions.get(key, place.reader)
    if not entry.mine or entry.state is OpenQuestionState.WITHDRAWN:
        raise UnknownOpenQuestion
    return view_of(entry)
