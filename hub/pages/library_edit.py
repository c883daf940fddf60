"""Looking after one document: its description, its text, its versions, withdrawing and restoring."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, File, Request, Response, UploadFile
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from hub.dependencies import MayManageLibrary, Reading, Services, Writing
from hub.forms import FormWrong
from hub.messages import redirect
from hub.pages.library import withdraw_reasons
from hub.pages.library_forms import Choices, choices_for, filled_with, read_description
from hub.pages.library_parts import LIBRARY, read_choice, read_text, status_name
from hub.pages.review_parts import typed_in, whole_or_nothing
from hub.rendering import render
from knowledge.access.rights import Visitor
from knowledge.kit.errors import AllmendeError, InvalidInput
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.library.browsing.repository import BrowsingRepository
from knowledge.library.browsing.schemas import Caretaker
from knowledge.library.editing import (
    DocumentChanged,
    DocumentEditor,
    DocumentNotFound,
    Section,
    WithdrawReason,
    revision_of,
)
from knowledge.library.experiences import Again, Progress, value_label
from knowledge.library.repository import DocumentRepository
from knowledge.library.uploading import Uploads
from knowledge.models.document import DocumentVersion, Kind, Status

router = APIRouter()
ITEM = f"{LIBRARY}/{{key:uuid}}"
# Sections of an experience that a form takes; fields have their place in its name.
MOST_SECTIONS, LONGEST_SECTION = 200, 100_000
DETAILS = ("status", "would_do_again", "period")


@dataclass(frozen=True, slots=True)
class EditPage:
    """A document with the forms to look after it.

    ``values`` is what the description's form shows, ``current`` what stands in the document now where somebody else
    changed that meanwhile. ``sections`` is an experience's text.
    """

    key: UUID
    title: str
    revision: str
    is_published: bool
    status: str
    source: str
    values: Mapping[str, str]
    choices: Choices
    several: bool
    circle_before: str
    sections: Sequence[Section]
    is_experience: bool
    progress: Sequence[tuple[str, str]]
    again: Sequence[tuple[str, str]]
    versions: Sequence[DocumentVersion]
    shown_from: int
    merged_into: UUID | None
    reasons: Sequence[tuple[str, str]]
    errors: Mapping[str, str]
    problem: str = ""
    current: Mapping[str, str] | None = None


@router.get(ITEM)
async def edit_form(request: Request, key: UUID, visitor: MayManageLibrary, session: Reading) -> HTMLResponse:
    """Show the forms."""
    return await render(request, "library/edit.html", await _page(session, visitor, key))


@router.post(ITEM)
async def edit(request: Request, key: UUID, visitor: MayManageLibrary, unit: Writing) -> Response:
    """Save the description."""
    typed = typed_in(await request.form())
    try:
        await whole_or_nothing(unit, _describe(unit, visitor, key, typed))
    except (InvalidInput, DocumentChanged) as error:
        return await _again(request, await _page(unit.session, visitor, key), error, typed=typed)
    return redirect(f"{LIBRARY}/{key}", said="library.edited")


async def _describe(unit: UnitOfWork, visitor: Visitor, key: UUID, typed: Mapping[str, str]) -> None:
    editor = _editor(unit, visitor)
    before = await editor.find(key)
    several = {"several": "1"} if before.audience_id else {}
    row = await BrowsingRepository(unit.session).with_organisation(key)
    own_circle = (row[2] if row else None) or ""
    said = await read_description(unit.session, visitor, {**typed, **several, "circle_before": own_circle})
    revision, hide = typed.get("revision", ""), bool(typed.get("hide_earlier"))
    document = await editor.describe(key, said, revision=revision, hide_earlier=hide)
    if document.kind is Kind.EXPERIENCE:
        await editor.set_details(document, _details(typed))


def _details(typed: Mapping[str, str]) -> dict[str, Any]:
    progress, again = read_choice(Progress, typed.get("status")), read_choice(Again, typed.get("would_do_again"))
    return {
        "status": progress.value if progress else None,
        "would_do_again": again.value if again else None,
        "period": read_text(typed, "period") or None,
    }


@router.post(f"{ITEM}/text")
async def rewrite(request: Request, key: UUID, visitor: MayManageLibrary, unit: Writing) -> Response:
    """Save an experience's text as a new version."""
    typed = typed_in(await request.form())
    sections = _typed_sections(typed)
    editor = _editor(unit, visitor)
    try:
        outcome = await whole_or_nothing(unit, editor.rewrite(key, sections, revision=typed.get("revision", "")))
    except (DocumentChanged, InvalidInput) as error:
        page = replace(await _page(unit.session, visitor, key), sections=sections)
        return await _again(request, page, error)
    said = "library.new_version" if outcome else "library.nothing_changed"
    return redirect(f"{LIBRARY}/{key}", said=said)


def _typed_sections(typed: Mapping[str, str]) -> list[Section]:
    sections = []
    for place in range(MOST_SECTIONS):
        if (text := typed.get(f"text-{place}")) is None:
            break
        level = int(typed.get(f"level-{place}", "0")) if typed.get(f"level-{place}", "") in set("0123456") else 0
        heading = read_text(typed, f"heading-{place}", longest=500)
        sections.append(Section(heading, level, text[:LONGEST_SECTION].replace("\r\n", "\n").replace("\x00", "")))
    return sections


@router.post(f"{ITEM}/fassung")
async def new_version(
    request: Request, key: UUID, visitor: MayManageLibrary, services: Services, file: Annotated[UploadFile, File()]
) -> Response:
    """Take in a file as a new version of a document."""
    caretaker = Caretaker.of(visitor)
    async with unit_of_work(services.database, writes=False) as unit:
        await DocumentEditor(unit, caretaker, by=visitor.member_id).find(key, lock=False)
    try:
        async with Uploads.opened(services.settings.imports, services.reader) as uploads:
            incoming = await uploads.read(file.filename or "", file.file)
        async with unit_of_work(services.database) as unit:
            editor = DocumentEditor(unit, caretaker, by=visitor.member_id)
            document = await editor.find(key)
            changed = await editor.replace_by_file(document, incoming)
    except InvalidInput as error:
        async with unit_of_work(services.database, writes=False) as unit:
            page = await _page(unit.session, visitor, key)
        return await _again(request, page, FormWrong({"file": error.message}))
    said = "library.new_version" if changed else "library.nothing_changed"
    return redirect(f"{LIBRARY}/{key}", said=said)


@router.post(f"{ITEM}/stand")
async def set_status(request: Request, key: UUID, visitor: MayManageLibrary, unit: Writing) -> Response:
    """Withdraw or restore a document."""
    typed = typed_in(await request.form())
    editor = _editor(unit, visitor)
    if typed.get("act") == "restore":
        return redirect(f"{LIBRARY}/{key}", said="library.restored", count=await editor.restore([key]))
    reason = read_choice(WithdrawReason, typed.get("reason"))
    if reason is None:
        error = FormWrong({"reason": _("Please choose a reason.")})
        return await _again(request, await _page(unit.session, visitor, key), error)
    return redirect(f"{LIBRARY}/{key}", said="library.withdrawn", count=await editor.withdraw([key], reason))


def _editor(unit: UnitOfWork, visitor: Visitor) -> DocumentEditor:
    return DocumentEditor(unit, Caretaker.of(visitor), by=visitor.member_id)


async def _again(
    request: Request, page: EditPage, error: AllmendeError, *, typed: Mapping[str, str] | None = None
) -> HTMLResponse:
    """Show the forms once more, with what was typed and what is wrong with it."""
    current = page.values if isinstance(error, DocumentChanged) and typed is not None else None
    errors = error.errors if isinstance(error, FormWrong) else {}
    problem = "" if errors else error.message
    page = replace(page, errors=errors, problem=problem, values={**page.values, **(typed or {})}, current=current)
    return await render(request, "library/edit.html", page, status=error.status)


async def _page(session: AsyncSession, visitor: Visitor, key: UUID) -> EditPage:
    row = await BrowsingRepository(session).with_organisation(key)
    if row is None or not Caretaker.of(visitor).covers(row[0]):
        raise DocumentNotFound
    document, organisation, circle = row
    is_experience = document.kind is Kind.EXPERIENCE
    details = {name: str(document.details.get(name) or "") for name in DETAILS}
    editor = _editor(UnitOfWork(session), visitor)
    return EditPage(
        key=key,
        title=" ".join(document.title.split()),
        revision=revision_of(document),
        is_published=document.status is Status.PUBLISHED,
        status=status_name(document.status),
        source=document.source,
        values={**filled_with(document, organisation, circle), **details},
        choices=await choices_for(session, visitor, document),
        several=document.audience_id is not None,
        circle_before=circle or "",
        sections=(await editor.sections(document))[:MOST_SECTIONS] if is_experience else (),
        is_experience=is_experience,
        progress=[(one.value, value_label(one)) for one in Progress],
        again=[(one.value, value_label(one)) for one in Again],
        versions=list(reversed(await DocumentRepository(session).versions(key))),
        shown_from=document.shown_from,
        merged_into=document.merged_into_id,
        reasons=withdraw_reasons(),
        errors={},
    )
