"""„Wie weit sind wir?": a self-check that ends with lessons, peers and gaps, and stays with the person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from hub.dependencies import Anybody, MayUseNetwork, Reading, Writing
from hub.messages import redirect
from hub.pages.lesson_parts import CHECK, learner_of, lesson_path, minutes_words
from hub.pages.library_parts import read_number
from hub.pages.review_parts import typed_in
from hub.rendering import render
from knowledge.access.rights import Right, Visitor
from knowledge.kit.language import _
from knowledge.lessons.schemas import LessonOffer
from knowledge.lessons.self_check import (
    CheckAnswersInvalid,
    CheckResult,
    Degree,
    DimensionResult,
    SelfCheckService,
)
from knowledge.lessons.self_check_file import SelfCheckSource

router = APIRouter()
RESULT = f"{CHECK}/ergebnis"
# Of the field of each question.
ANSWER = "frage-"


@dataclass(frozen=True, slots=True)
class CheckPage:
    """The questions; ``last`` is when the visitor answered them before."""

    source: SelfCheckSource
    last: datetime | None
    values: Mapping[str, str]
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OfferLine:
    """A lesson that may help."""

    title: str
    address: str
    minutes: str


@dataclass(frozen=True, slots=True)
class DimensionLine:
    """How far one is in a dimension; ``before`` is how far it was at the self-check before."""

    title: str
    degree: str
    percent: int
    before: str
    lessons: Sequence[OfferLine]
    topic: str
    topic_id: UUID | None


@dataclass(frozen=True, slots=True)
class ResultPage:
    """What a self-check says; ``earlier`` are the days of those before."""

    dimensions: Sequence[DimensionLine]
    created_at: datetime
    is_kept: bool
    earlier: Sequence[datetime]
    finds_peers: bool
    finds_gaps: bool


@router.get(CHECK)
async def questions(request: Request, visitor: Anybody, session: Reading) -> HTMLResponse:
    """Show the questions."""
    service = SelfCheckService(session)
    last = await service.last(learner_of(visitor))
    page = CheckPage(service.source, last.created_at if last else None, {}, {})
    return await render(request, "lessons/check.html", page)


@router.post(CHECK)
async def check(request: Request, visitor: Anybody, unit: Writing) -> Response:
    """Say what the answers mean; those of members are kept for them."""
    typed, service, learner = typed_in(await request.form()), SelfCheckService(unit.session), learner_of(visitor)
    keys = [question.key for question in service.source.questions]
    chosen = {key: number for key in keys if (number := read_number(typed.get(f"{ANSWER}{key}"))) is not None}
    try:
        result = await service.keep(learner, chosen)
    except CheckAnswersInvalid:
        missing = {f"{ANSWER}{key}": _("Please choose an answer.") for key in keys if key not in chosen}
        page = CheckPage(service.source, None, typed, missing or {"": CheckAnswersInvalid().message})
        return await render(request, "lessons/check.html", page, status=422)
    if learner.is_known:
        return redirect(RESULT)
    return await render(request, "lessons/check_result.html", _result_page(visitor, result, []))


@router.get(RESULT)
async def result(request: Request, visitor: Anybody, session: Reading) -> Response:
    """Show one's newest self-check."""
    found = await SelfCheckService(session).all_of(learner_of(visitor))
    if not found:
        return redirect(CHECK)
    page = _result_page(visitor, found[0], [one.created_at for one in found[1:]])
    return await render(request, "lessons/check_result.html", page)


@router.post(f"{CHECK}/loeschen")
async def forget(visitor: MayUseNetwork, unit: Writing) -> Response:
    """Forget all of one's self-checks."""
    await SelfCheckService(unit.session).delete(learner_of(visitor))
    return redirect(CHECK, said="lessons.checks_forgotten")


def _result_page(visitor: Visitor, found: CheckResult, earlier: Sequence[datetime]) -> ResultPage:
    return ResultPage(
        dimensions=[_line(dimension) for dimension in found.weakest],
        created_at=found.created_at,
        is_kept=visitor.member is not None,
        earlier=earlier,
        finds_peers=visitor.may(Right.NETWORK_USE),
        finds_gaps=visitor.may(Right.GAPS_READ),
    )


def _line(dimension: DimensionResult) -> DimensionLine:
    topic = dimension.topic
    return DimensionLine(
        title=dimension.title,
        degree=degree_name(dimension.degree),
        percent=round(100 * dimension.share),
        before=degree_name(dimension.before) if dimension.before else "",
        lessons=[_offer(offer) for offer in dimension.lessons],
        topic=topic.name if topic else "",
        topic_id=topic.id if topic else None,
    )


def _offer(offer: LessonOffer) -> OfferLine:
    return OfferLine(offer.title, lesson_path(offer.key), minutes_words(offer.minutes))


def degree_name(degree: Degree) -> str:
    """Return how far somebody is, in words."""
    names = {
        Degree.LOW: _("at the beginning"),
        Degree.MIDDLE: _("on the way"),
        Degree.HIGH: _("well advanced"),
    }
    return names[degree]
