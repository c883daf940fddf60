"""„Inhalt melden": whoever may read a document, also somebody unknown, can say what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from hub.dependencies import Anybody, Reading, Services, Writing
from hub.messages import redirect
from hub.pages.library_parts import read_choice
from hub.pages.review_parts import reason_name, typed_in
from hub.rendering import render
from knowledge.kit.errors import InvalidInput
from knowledge.kit.language import _
from knowledge.library.addresses import document_path
from knowledge.library.reading import Reading as DocumentReading
from knowledge.library.reporting import LONGEST_REPORT, count_report, report_document
from knowledge.models.contribution import ReportReason
from knowledge.models.document import Document

router = APIRouter()


@dataclass(frozen=True, slots=True)
class ReportForm:
    """The form for a report, with what was typed and what is wrong with it."""

    key: UUID
    title: str
    reasons: Sequence[tuple[str, str]]
    longest: int
    reason: str = ""
    text: str = ""
    errors: Mapping[str, str] | None = None


@router.get("/dokument/{key}/melden")
async def report_form(request: Request, key: UUID, visitor: Anybody, session: Reading) -> HTMLResponse:
    """Show the form."""
    found = await DocumentReading(session, visitor.viewer).findable(key)
    return await render(request, "documents/report.html", _form(found))


@router.post("/dokument/{key}/melden")
async def report(request: Request, key: UUID, visitor: Anybody, unit: Writing, services: Services) -> Response:
    """Take a report."""
    found = await DocumentReading(unit.session, visitor.viewer).findable(key)
    typed = typed_in(await request.form())
    reason, text = read_choice(ReportReason, typed.get("reason")), typed.get("text", "")
    if reason is None:
        errors = {"reason": _("Please choose what is wrong.")}
        return await _again(request, found, typed, errors)
    address = request.client.host if request.client else ""
    await count_report(unit.session, services.access_key, str(visitor.member_id or address))
    try:
        await report_document(unit.session, found, reason, text, member_id=visitor.member_id)
    except InvalidInput as error:
        return await _again(request, found, typed, {"text": error.message})
    return redirect(document_path(key), said="library.reported")


async def _again(
    request: Request, found: Document, typed: Mapping[str, str], errors: Mapping[str, str]
) -> HTMLResponse:
    page = _form(found, typed, errors)
    return await render(request, "documents/report.html", page, status=422)


def _form(
    found: Document, typed: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None
) -> ReportForm:
    typed = typed or {}
    return ReportForm(
        key=found.id,
        title=" ".join(found.title.split()),
        reasons=[(reason.value, reason_name(reason)) for reason in ReportReason],
        longest=LONGEST_REPORT,
        reason=typed.get("reason", ""),
        text=typed.get("text", ""),
        errors=errors or {},
    )
