"""Reporting what somebody wrote in the network, wanting nothing more from them, and what moderators do about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from hub.dependencies import MayReview, MayUseNetwork, Reading, Services, Writing
from hub.errors import PageNotFound
from hub.messages import redirect
from hub.pages.library_parts import read_choice
from hub.pages.question_parts import QUESTIONS, Place
from hub.pages.questions import REPORTS, Tabs, tabs_for
from hub.pages.review_parts import reason_name, typed_in, whole_or_nothing
from hub.rendering import render
from knowledge.kit.cleaning import clean_text
from knowledge.kit.errors import AllmendeError, InvalidInput, NotFound
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.contribution import ReportReason
from knowledge.peers.contacts import ContactService
from knowledge.questions.reporting import LONGEST_REPORT
from knowledge.questions.schemas import NetworkReportEntry, ReportedKind

router = APIRouter()
CONTACTS = "/kontakte"
REPORT = f"{QUESTIONS}/melden/{{kind}}/{{key:uuid}}"
# What is wrong with a document does not all fit what people write to each other.
REASONS = (ReportReason.OFFENSIVE, ReportReason.PERSONAL_DATA, ReportReason.WRONG, ReportReason.OTHER)
KINDS = {
    "frage": ReportedKind.QUESTION,
    "antwort": ReportedKind.ANSWER,
    "nachricht": ReportedKind.MESSAGE,
    "anfrage": ReportedKind.CONTACT,
}


@dataclass(frozen=True, slots=True)
class ReportPage:
    """The form for a report about ``words``; ``back`` is where they are."""

    action: str
    words: str
    back: str
    reasons: Sequence[tuple[str, str]]
    reason: str
    text: str
    errors: Mapping[str, str]
    can_block: bool
    longest: int = LONGEST_REPORT


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A report: what was reported, its words, and what the reporter says; ``path`` is where the question is."""

    id: UUID
    kind: str
    words: str
    reason: str
    text: str
    created_at: datetime
    path: str


@dataclass(frozen=True, slots=True)
class ReportsPage:
    """What was reported and not looked at yet, the oldest first."""

    tabs: Tabs
    address: str
    reports: Sequence[ReportLine]


@dataclass(frozen=True, slots=True)
class _About:
    """What is reported, as its reader sees it."""

    kind: ReportedKind
    key: UUID
    words: str
    back: str
    is_own: bool


@router.get(REPORT)
async def report_form(  # noqa: PLR0913, PLR0917 - each is asked for by type
    request: Request, kind: str, key: UUID, visitor: MayUseNetwork, session: Reading, services: Services
) -> HTMLResponse:
    """Show the form."""
    about = await _about(Place(request, visitor, UnitOfWork(session), services), kind, key)
    return await _show(request, kind, about)


@router.post(REPORT)
async def report(  # noqa: PLR0913, PLR0917 - each is asked for by type
    request: Request, kind: str, key: UUID, visitor: MayUseNetwork, unit: Writing, services: Services
) -> Response:
    """Take a report, and block the writer where that is wanted, too."""
    place = Place(request, visitor, unit, services)
    about, typed = await _about(place, kind, key), typed_in(await request.form())
    reason, text = read_choice(ReportReason, typed.get("reason")), clean_text(typed.get("text", ""))
    if reason is None:
        return await _show(request, kind, about, typed, ("reason", InvalidInput(_("Please choose what is wrong."))))
    try:
        await whole_or_nothing(unit, place.questions.report(place.reader, about.kind, key, reason, text))
    except NotFound:
        raise
    except AllmendeError as error:
        return await _show(request, kind, about, typed, ("text", error))
    if "sperren" in typed and not about.is_own:
        await place.questions.block_author(place.reader, about.kind, key)
    return redirect(about.back, said="questions.reported")


@router.get(REPORTS)
async def reports(request: Request, visitor: MayReview, session: Reading, services: Services) -> HTMLResponse:
    """Show moderators what was reported."""
    found = await Place(request, visitor, UnitOfWork(session), services).questions.open_reports()
    page = ReportsPage(tabs_for(visitor), REPORTS, [_line(entry) for entry in found])
    return await render(request, "questions/reports.html", page)


@router.post(f"{REPORTS}/{{key:uuid}}")
async def close_report(request: Request, key: UUID, visitor: MayReview, unit: Writing, services: Services) -> Response:
    """Close a report; what was reported is taken out, or stays."""
    removes = "entfernen" in await request.form()
    place = Place(request, visitor, unit, services)
    await place.questions.close_report(key, visitor.known.id, remove=removes)
    return redirect(REPORTS, said="questions.removed" if removes else "questions.left_in")


async def _about(place: Place, kind: str, key: UUID) -> _About:
    """Return what is to be reported. Raises ``PageNotFound``, ``UnknownOpenQuestion`` and its kin."""
    service, reader = place.questions, place.reader
    match KINDS.get(kind):
        case ReportedKind.QUESTION:
            question = await service.get(key, reader)
            return _About(ReportedKind.QUESTION, key, question.text, f"{QUESTIONS}/{key}", question.mine)
        case ReportedKind.ANSWER:
            answer = await service.find_answer(key, reader)
            return _About(ReportedKind.ANSWER, key, answer.text, f"{QUESTIONS}/{answer.question_id}", answer.mine)
        case ReportedKind.MESSAGE:
            message, answer = await service.find_message(key, reader)
            return _About(ReportedKind.MESSAGE, key, message.text, f"{QUESTIONS}/{answer.question_id}", message.mine)
        case ReportedKind.CONTACT:
            asked = await ContactService(place.unit).get(key, reader.member_id)
            return _About(ReportedKind.CONTACT, key, asked.text, CONTACTS, asked.is_mine)
        case _:
            raise PageNotFound


async def _show(
    request: Request,
    kind: str,
    about: _About,
    typed: Mapping[str, str] | None = None,
    error: tuple[str, AllmendeError] | None = None,
) -> HTMLResponse:
    typed = typed or {}
    page = ReportPage(
        action=f"{QUESTIONS}/melden/{kind}/{about.key}",
        words=about.words,
        back=about.back,
        reasons=[(reason.value, reason_name(reason)) for reason in REASONS],
        reason=typed.get("reason", ""),
        text=typed.get("text", ""),
        errors={error[0]: error[1].message} if error else {},
        can_block=not about.is_own,
    )
    return await render(request, "questions/report.html", page, error=error[1] if error else None)


def _line(entry: NetworkReportEntry) -> ReportLine:
    reason = read_choice(ReportReason, entry.reason)
    return ReportLine(
        id=entry.id,
        kind=kind_name(entry.kind),
        words=entry.words,
        reason=reason_name(reason) if reason else entry.reason,
        text=entry.text,
        created_at=entry.created_at,
        path=f"{QUESTIONS}/{entry.question_id}" if entry.question_id else "",
    )


def kind_name(kind: ReportedKind) -> str:
    """Return what was reported."""
    names = {
        ReportedKind.QUESTION: _("a question"),
        ReportedKind.ANSWER: _("an answer"),
        ReportedKind.MESSAGE: _("a message"),
        ReportedKind.CONTACT: _("a contact request"),
    }
    return names[kind]
