"""The queue of what moderators look at, and deciding on several contributions at once."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData

from hub.dependencies import MayReview, Reading, Writing
from hub.pages.review_parts import (
    QUEUE,
    filter_address,
    filter_fields,
    kind_name,
    read_day,
    read_filter,
    read_key,
    read_number,
    reason_name,
    reviewer_of,
    tabs_of_review,
    typed_in,
    visibility_name,
    whole_or_nothing,
)
from hub.rendering import render
from knowledge.kit.errors import AllmendeError
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.contribution import ContributionKind, ReportReason
from knowledge.models.document import Visibility
from knowledge.review.looking import ContributionReader
from knowledge.review.queue import ReviewQueue, correction_title
from knowledge.review.schemas import PAGE_SIZE, ItemResult, QueueView, Reviewer, Tab
from knowledge.review.service import ReviewService

router = APIRouter()
# The tabs that hold contributions, which can be filtered and decided on.
CONTRIBUTIONS = (Tab.WAITING, Tab.ASKED, Tab.POSTPONED)
ACTIONS = ("publish", "reject", "postpone")


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One part of the queue; ``address`` is its own, without the page's number."""

    queue: QueueView
    tabs: Sequence[tuple[str, str, int]]
    tab_address: str
    address: str
    came_from: Sequence[tuple[str, str]]
    has_contributions: bool
    kinds: Sequence[tuple[str, str]]
    visibilities: Sequence[tuple[str, str]]
    kind_name: Callable[[ContributionKind], str]
    visibility_name: Callable[[Visibility], str]
    reason_name: Callable[[ReportReason], str]


@dataclass(frozen=True, slots=True)
class SeveralPage:
    """What became of each of several contributions; ``reason`` is what was typed, where something failed."""

    done: Sequence[ItemResult]
    failed: Sequence[ItemResult]
    reason: str
    back: str


@router.get(QUEUE)
async def queue(request: Request, visitor: MayReview, session: Reading) -> HTMLResponse:
    """Show one part of the queue."""
    wanted = read_filter(request.query_params)
    view = await ReviewQueue(session, reviewer_of(visitor)).view(wanted)
    page = QueuePage(
        queue=view,
        tabs=await tabs_of_review(session, visitor, view.counts),
        tab_address=f"{QUEUE}?stand={wanted.tab.value}",
        address=filter_address(wanted),
        came_from=filter_fields(wanted),
        has_contributions=wanted.tab in CONTRIBUTIONS,
        kinds=[(kind.value, kind_name(kind)) for kind in ContributionKind],
        visibilities=[(one.value, visibility_name(one)) for one in Visibility],
        kind_name=kind_name,
        visibility_name=visibility_name,
        reason_name=reason_name,
    )
    return await render(request, "review/queue.html", page)


@router.post(f"{QUEUE}/mehrere")
async def decide_several(request: Request, visitor: MayReview, unit: Writing) -> Response:
    """Decide on all that was ticked; each has its own result, and none stops the others."""
    form = await request.form()
    reviewer = reviewer_of(visitor)
    # In one order for everybody, so that two of these never wait for each other.
    chosen = sorted({str(value) for value in form.getlist("ids")})[: 2 * PAGE_SIZE]
    wanted = chosen if form.get("action") in ACTIONS else []
    results = [await _decide(unit, reviewer, one, form) for one in wanted]
    failed = [result for result in results if result.problem]
    page = SeveralPage(
        done=[result for result in results if not result.problem],
        failed=failed,
        reason=str(form.get("reason", "")) if failed else "",
        back=f"{QUEUE}?{filter_address(read_filter(typed_in(form)))}",
    )
    return await render(request, "review/several.html", page)


async def _decide(unit: UnitOfWork, reviewer: Reviewer, chosen: str, form: FormData) -> ItemResult:
    """Decide on one, written as its identifier and revision."""
    identifier, _colon, revision = chosen.partition(":")
    key = read_key(identifier) or UUID(int=0)
    title = await _title(unit, reviewer, key)
    try:
        act = _act(ReviewService(unit, reviewer), key, read_number(revision), form)
        await whole_or_nothing(unit, act)
    except AllmendeError as error:
        return ItemResult(key, title, error.message)
    return ItemResult(key, title)


def _act(service: ReviewService, key: UUID, revision: int, form: FormData) -> Awaitable[None]:
    match form.get("action"):
        case "publish":
            return service.publish(key, revision)
        case "reject":
            return service.reject(key, revision, str(form.get("reason", "")))
        case _:
            return service.postpone(key, revision, read_day(str(form.get("until", ""))))


async def _title(unit: UnitOfWork, reviewer: Reviewer, key: UUID) -> str:
    try:
        found = await ContributionReader(unit.session, reviewer).look(key)
    except AllmendeError:
        return ""
    title = str(found.row.fields.get("title") or "")
    return title or correction_title(found.row.kind, found.corrected, reviewer)
