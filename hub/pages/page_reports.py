"""„Barriere melden" and „Inhalt melden", from any page and without signing in; and the list of who looks after it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from hub.dependencies import Anybody, MayReview, Reading, Services, Writing
from hub.errors import PageNotFound
from hub.messages import redirect
from hub.pages.about import lasting
from hub.pages.review_parts import PAGE_REPORTS, reviewer_of, tabs_of_review, typed_in
from hub.places import plain_place
from hub.rendering import render
from hub.services import HubServices
from knowledge.access.rights import Right, Visitor
from knowledge.access.throttle import neighbourhood
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.library.reporting import LONGEST_REPORT, TooManyReports, count_report
from knowledge.models.page_report import LONGEST_CONTACT, LONGEST_PATH, PageReport, PageReportKind
from knowledge.page_reports.service import (
    DONE_KEPT,
    UNDONE_KEPT,
    NewPageReport,
    PageReports,
    WrongPageReport,
    is_number,
)
from knowledge.review.queue import ReviewQueue

router = APIRouter()
BARRIER, CONTENT = "/barriere-melden", "/inhalt-melden"
# What has a way of its own to be reported.
DOCUMENT = re.compile(r"/dokument/[0-9a-f-]{36}")
QUESTION = re.compile(r"/fragen/([0-9a-f-]{36})")


@dataclass(frozen=True, slots=True)
class PageReportForm:
    """The form, with what was typed and what is wrong with it."""

    kind: PageReportKind
    action: str
    place: str
    text: str = ""
    contact: str = ""
    errors: Mapping[str, str] | None = None
    longest: int = LONGEST_REPORT
    longest_contact: int = LONGEST_CONTACT
    longest_place: int = LONGEST_PATH
    done_kept: str = ""
    undone_kept: str = ""


@dataclass(frozen=True, slots=True)
class ReportedPage:
    """What whoever reported something is told; by the number they can ask after it."""

    number: str


@dataclass(frozen=True, slots=True)
class PageReportsPage:
    """What waits, and what is done."""

    waiting: Sequence[PageReport]
    done: Sequence[PageReport]
    tabs: Sequence[tuple[str, str, int]]
    address: str
    kind_name: Callable[[PageReportKind], str]
    lasting: str


@router.get(BARRIER)
async def barrier_form(request: Request, _visitor: Anybody, seite: str = "") -> HTMLResponse:
    """Show the form for a barrier; ``seite`` is where it is."""
    return await _show(request, PageReportForm(PageReportKind.BARRIER, BARRIER, plain_place(request.app, seite)))


@router.post(BARRIER)
async def report_barrier(request: Request, visitor: Anybody, unit: Writing, services: Services) -> Response:
    """Take a report of a barrier."""
    return await _take(request, visitor, unit, services, PageReportKind.BARRIER)


@router.get(CONTENT)
async def content_form(request: Request, visitor: Anybody, seite: str = "") -> Response:
    """Show the form for content, or lead to the one that documents and open questions have of their own."""
    place = plain_place(request.app, seite)
    if DOCUMENT.fullmatch(place):
        return RedirectResponse(f"{place}/melden", status_code=303)
    question = QUESTION.fullmatch(place)
    if question and visitor.may(Right.NETWORK_USE):
        return RedirectResponse(f"/fragen/melden/frage/{UUID(question[1])}", status_code=303)
    return await _show(request, PageReportForm(PageReportKind.CONTENT, CONTENT, place))


@router.post(CONTENT)
async def report_content(request: Request, visitor: Anybody, unit: Writing, services: Services) -> Response:
    """Take a report of content."""
    return await _take(request, visitor, unit, services, PageReportKind.CONTENT)


@router.get("/gemeldet/{number}")
async def reported(request: Request, _visitor: Anybody, number: str) -> HTMLResponse:
    """Thank for a report. Whether there is such a number is not looked up: nobody learns which ones there are."""
    if not is_number(number):
        raise PageNotFound
    return await render(request, "about/reported.html", ReportedPage(number))


@router.get(PAGE_REPORTS)
async def page_reports(request: Request, visitor: MayReview, session: Reading) -> HTMLResponse:
    """Show what was reported about pages."""
    _must_look_after_everything(visitor)
    reports = PageReports(session)
    counts = await ReviewQueue(session, reviewer_of(visitor)).counts()
    page = PageReportsPage(
        waiting=await reports.waiting(),
        done=await reports.done(),
        tabs=await tabs_of_review(session, visitor, counts),
        address=PAGE_REPORTS,
        kind_name=page_report_name,
        lasting=lasting(DONE_KEPT),
    )
    return await render(request, "about/reports.html", page)


@router.post(f"{PAGE_REPORTS}/{{number}}")
async def settle_page_report(request: Request, number: str, visitor: MayReview, unit: Writing) -> Response:
    """Note that a report was seen, or that it is done."""
    _must_look_after_everything(visitor)
    if "erledigt" in await request.form():
        await PageReports(unit.session).close(number, by=visitor.known.id)
        return redirect(PAGE_REPORTS, said="pages.done")
    await PageReports(unit.session).see(number)
    return redirect(PAGE_REPORTS, said="pages.seen")


def _must_look_after_everything(visitor: Visitor) -> None:
    """Raise ``PageNotFound`` for moderators of some organisations or topics: what is reported may concern others."""
    if not visitor.scope.is_everything:
        raise PageNotFound


def page_report_name(kind: PageReportKind) -> str:
    """Return what a report is about."""
    return {PageReportKind.BARRIER: _("Barrier"), PageReportKind.CONTENT: _("Content")}[kind]


async def _take(
    request: Request, visitor: Visitor, unit: UnitOfWork, services: HubServices, kind: PageReportKind
) -> Response:
    typed = typed_in(await request.form())
    address = neighbourhood(request.client.host) if request.client else ""
    new = NewPageReport(
        kind, plain_place(request.app, typed.get("seite", "")), typed.get("text", ""), typed.get("contact", "")
    )
    try:
        await count_report(unit.session, services.access_key, str(visitor.member_id or address))
        number = await PageReports(unit.session).take(new)
    except WrongPageReport as error:
        return await _again(request, new, error.field, error)
    except TooManyReports as error:
        return await _again(request, new, "", error)
    return RedirectResponse(f"/gemeldet/{number}", status_code=303)


async def _again(request: Request, new: NewPageReport, field: str, error: AllmendeError) -> HTMLResponse:
    action = BARRIER if new.kind is PageReportKind.BARRIER else CONTENT
    form = PageReportForm(new.kind, action, new.path, new.text, new.contact, {field: error.message})
    return await _show(request, form, error)


async def _show(request: Request, form: PageReportForm, error: AllmendeError | None = None) -> HTMLResponse:
    page = replace(form, errors=form.errors or {}, done_kept=lasting(DONE_KEPT), undone_kept=lasting(UNDONE_KEPT))
    return await render(request, "about/report.html", page, error=error)
