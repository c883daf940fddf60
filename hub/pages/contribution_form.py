"""Writing a contribution: the form for a new one, for a draft, and for what is to be different in a document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from hub.dependencies import MayContribute, Reading, Writing
from hub.messages import redirect
from hub.pages.contribution_parts import OWN, FormField, author_of, form_fields, typed_fields
from hub.rendering import render
from knowledge.contributions.checking import SUGGESTION, label_of
from knowledge.contributions.errors import FieldInvalid
from knowledge.contributions.fields import NEEDED
from knowledge.contributions.schemas import ContributionEntry
from knowledge.contributions.service import ContributionService
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.contribution import ContributionState

router = APIRouter()
NEW = f"{OWN}/neu"
EDIT = f"{OWN}/{{key}}/bearbeiten"
CORRECT = f"{OWN}/korrektur/{{document}}"
# The button that keeps a draft for later instead of going on.
LATER = "spaeter"
MISSING = "fehlt"


@dataclass(frozen=True, slots=True)
class FormPage:
    """The form; ``action`` is where it goes, ``corrects`` the title of the document that is to be different.

    ``begins_copy``: it is one's own experience, whose fields come once the correction is begun.
    """

    heading: str
    action: str
    needed: Sequence[FormField]
    more: Sequence[FormField]
    errors: Mapping[str, str]
    corrects: str = ""
    begins_copy: bool = False


@router.get(NEW)
async def new_form(request: Request, visitor: MayContribute) -> HTMLResponse:  # noqa: ARG001 - the right counts
    """Show the empty form."""
    return await _show(request, _page(_("Tell what you learned"), NEW, {}))


@router.post(NEW)
async def new(request: Request, visitor: MayContribute, unit: Writing) -> Response:
    """Keep a new draft."""
    form = await request.form()
    typed = typed_fields(form)
    try:
        entry = await ContributionService(unit).start(author_of(visitor), fields=typed)
    except FieldInvalid as error:
        return await _show(request, _page(_("Tell what you learned"), NEW, typed, {error.field: error.message}), error)
    return _next(entry, later=LATER in form)


@router.get(CORRECT)
async def correction_form(request: Request, document: UUID, visitor: MayContribute, session: Reading) -> HTMLResponse:
    """Show the form for a suggestion, or for one's own experience the way to its fields."""
    service = ContributionService(UnitOfWork(session))
    title, own = await service.original_of(document, author_of(visitor), visitor.viewer)
    return await _show(request, _correction_page(document, title, {}, begins_copy=own))


@router.post(CORRECT)
async def correct(request: Request, document: UUID, visitor: MayContribute, unit: Writing) -> Response:
    """Begin a correction."""
    form = await request.form()
    service, author = ContributionService(unit), author_of(visitor)
    title, own = await service.original_of(document, author, visitor.viewer)
    typed = {} if own else typed_fields(form)
    try:
        entry = await service.start(author, corrects=document, fields=typed, viewer=visitor.viewer)
    except FieldInvalid as error:
        return await _show(request, _correction_page(document, title, typed, {error.field: error.message}), error)
    return RedirectResponse(f"{OWN}/{entry.id}/bearbeiten", 303) if own else _next(entry, later=LATER in form)


@router.get(EDIT)
async def edit_form(request: Request, key: UUID, visitor: MayContribute, session: Reading) -> Response:
    """Show the form for a draft; what is no draft is shown instead."""
    entry = await ContributionService(UnitOfWork(session)).get(key, member_id=visitor.known.id)
    if entry.state is not ContributionState.DRAFT:
        return RedirectResponse(f"{OWN}/{key}", 303)
    missing = {name: _missing(name) for name in _lacking(entry)} if MISSING in request.query_params else {}
    return await _show(request, _page(_("Your draft"), EDIT.format(key=key), entry.fields, missing))


@router.post(EDIT)
async def edit(request: Request, key: UUID, visitor: MayContribute, unit: Writing) -> Response:
    """Keep a draft."""
    form = await request.form()
    typed, service = typed_fields(form), ContributionService(unit)
    try:
        entry = await service.change(key, author_of(visitor), fields=typed)
    except FieldInvalid as error:
        kept = (await service.get(key, member_id=visitor.known.id)).fields
        page = _page(_("Your draft"), EDIT.format(key=key), {**kept, **typed}, {error.field: error.message})
        return await _show(request, page, error)
    return _next(entry, later=LATER in form)


def _next(entry: ContributionEntry, *, later: bool) -> Response:
    """Lead on: to the list, to what is missing, or to looking for personal data."""
    if later:
        return redirect(OWN, said="contributions.saved")
    if _lacking(entry):
        return RedirectResponse(f"{OWN}/{entry.id}/bearbeiten?{MISSING}=1", 303)
    return RedirectResponse(f"{OWN}/{entry.id}/pruefen", 303)


def _lacking(entry: ContributionEntry) -> list[str]:
    needed = (SUGGESTION,) if entry.is_suggestion else NEEDED
    return [name for name in needed if not entry.fields.get(name)]


def _missing(name: str) -> str:
    return _("“{field}” is needed.").format(field=label_of(name))


def _page(heading: str, action: str, values: Mapping[str, object], errors: Mapping[str, str] | None = None) -> FormPage:
    fields = form_fields(values)
    first = [field for field in fields if field.is_needed or SUGGESTION in values]
    return FormPage(heading, action, first, [field for field in fields if field not in first], errors or {})


def _correction_page(
    document: UUID,
    title: str,
    values: Mapping[str, object],
    errors: Mapping[str, str] | None = None,
    *,
    begins_copy: bool = False,
) -> FormPage:
    fields = form_fields({SUGGESTION: "", **values})
    heading, action = _("Suggest a correction"), CORRECT.format(document=document)
    return FormPage(heading, action, fields, (), errors or {}, corrects=title, begins_copy=begins_copy)


async def _show(request: Request, page: FormPage, error: FieldInvalid | None = None) -> HTMLResponse:
    return await render(request, "contributions/form.html", page, status=error.status if error else 200)
