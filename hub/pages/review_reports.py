"""Reports of documents: reading one, and closing it with what was done about it."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from hub.dependencies import MayReview, Reading, Writing
from hub.messages import redirect
from hub.pages.review_parts import QUEUE, reason_name, reviewer_of, typed_in, whole_or_nothing
from hub.rendering import render
from knowledge.access.rights import Visitor
from knowledge.contributions.checking import LONGEST_MESSAGE
from knowledge.kit.errors import AllmendeError
from knowledge.models.contribution import Report, ReportReason
from knowledge.models.document import Document
from knowledge.review.errors import UnknownReport
from knowledge.review.queue import ReviewQueue
from knowledge.review.service import ReviewService

router = APIRouter()
REPORT = f"{QUEUE}/meldung/{{key}}"
REPORTS = f"{QUEUE}?stand=reports"


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A report with its document; ``problem`` says why closing it did not come about, ``typed`` what was typed."""

    report: Report
    document: Document
    longest: int
    problem: str
    typed: str
    reason_name: Callable[[ReportReason], str]


@router.get(REPORT)
async def report(request: Request, key: UUID, visitor: MayReview, session: Reading) -> HTMLResponse:
    """Show a report."""
    return await render(request, "review/report.html", await _page(session, visitor, key))


@router.post(REPORT)
async def close_report(request: Request, key: UUID, visitor: MayReview, unit: Writing) -> Response:
    """Close a report with what was done about it."""
    outcome = typed_in(await request.form()).get("outcome", "")
    try:
        await whole_or_nothing(unit, ReviewService(unit, reviewer_of(visitor)).close_report(key, outcome))
    except AllmendeError as error:
        page = await _page(unit.session, visitor, key, problem=error.message, typed=outcome)
        return await render(request, "review/report.html", page, status=error.status)
    return redirect(REPORTS, said="review.report_closed")


async def _page(
    session: AsyncSession, visitor: Visitor, key: UUID, *, problem: str = "", typed: str = ""
) -> ReportPage:
    found = await ReviewQueue(session, reviewer_of(visitor)).report(key)
    if found is None:
        raise UnknownReport
    return ReportPage(*found, longest=LONGEST_MESSAGE, problem=problem, typed=typed, reason_name=reason_name)
