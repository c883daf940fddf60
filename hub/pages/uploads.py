"""Uploading files into the library: many at once, each with a result of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, File, Request, Response, UploadFile
from fastapi.responses import HTMLResponse, JSONResponse
from sqlalchemy.ext.asyncio import AsyncSession

from hub.dependencies import MayManageLibrary, Reading, Services
from hub.errors import prefers_json
from hub.forms import FormWrong
from hub.pages.library_forms import Choices, choices_for, read_description
from hub.pages.library_parts import LIBRARY, read_id
from hub.pages.review_parts import typed_in
from hub.rendering import render
from knowledge.access.rights import Right, Visitor
from knowledge.gaps.service import GapService
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.library.browsing.schemas import Caretaker
from knowledge.library.schemas import ImportOutcome, ImportResult
from knowledge.library.uploading import Uploader, Uploads
from knowledge.models.document import Kind, Rights, Visibility

router = APIRouter()
UPLOAD = f"{LIBRARY}/hochladen"
BAD = (ImportResult.FAILED, ImportResult.SKIPPED)


@dataclass(frozen=True, slots=True)
class UploadPage:
    """The form, with what was typed and what is wrong with it."""

    choices: Choices
    values: Mapping[str, str]
    errors: Mapping[str, str]
    largest_file: int
    largest: int


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one file, in words."""

    name: str
    message: str
    href: str | None
    is_good: bool


@dataclass(frozen=True, slots=True)
class UploadedPage:
    """What became of all files."""

    results: Sequence[Result]
    good: int
    bad: int


@router.get(UPLOAD)
async def upload_form(
    request: Request, visitor: MayManageLibrary, session: Reading, services: Services
) -> HTMLResponse:
    """Show the form."""
    values = {"kind": Kind.LITERATURE.value, "rights": Rights.FULL.value, "visibility": Visibility.NETWORK.value}
    if (gap := read_id(request.query_params.get("luecke"))) is not None and visitor.may(Right.GAPS_READ):
        values["topics"] = ", ".join((await GapService(UnitOfWork(session), visitor).start_document(gap)).topics)
    page = await _form(session, visitor, services, {**values, "language": "de"}, {})
    return await render(request, "library/upload.html", page)


@router.post(UPLOAD)
async def upload(
    request: Request, visitor: MayManageLibrary, services: Services, files: Annotated[list[UploadFile], File()]
) -> Response:
    """Take in files: each is read outside of any transaction, and then kept in one of its own."""
    typed = typed_in(await request.form())
    async with unit_of_work(services.database, writes=False) as unit:
        try:
            given = await read_description(unit.session, visitor, typed)
        except FormWrong as error:
            if prefers_json(request):
                raise
            page = await _form(unit.session, visitor, services, typed, error.errors)
            return await render(request, "library/upload.html", page, status=error.status)
    house = visitor.known.organisation_id
    async with Uploads.opened(services.settings.imports, services.reader) as uploads:
        uploader = Uploader(services.database, uploads, Caretaker.of(visitor), by=visitor.member_id, house=house)
        results = [_result(await uploader.take(file.filename or "", file.file, given)) for file in files]
    return await _answer(request, results)


async def _answer(request: Request, results: Sequence[Result]) -> Response:
    good = sum(result.is_good for result in results)
    if prefers_json(request):
        values: dict[str, Any] = {"results": [_json(result) for result in results]}
        if len(results) == 1:
            values |= _json(results[0])
        return JSONResponse(values, 200 if good == len(results) else 422)
    page = UploadedPage(results, good, len(results) - good)
    return await render(request, "library/uploaded.html", page)


def _json(result: Result) -> dict[str, Any]:
    return {"name": result.name, "message": result.message, "href": result.href}


def _result(outcome: ImportOutcome) -> Result:
    words = {
        ImportResult.ADDED: _("new"),
        ImportResult.NEW_VERSION: _("new version"),
        ImportResult.UNCHANGED: _("unchanged"),
        ImportResult.SKIPPED: _("skipped"),
        ImportResult.FAILED: _("not taken"),
    }
    parts = [words[outcome.result]]
    if outcome.message and outcome.result is not ImportResult.UNCHANGED:
        parts.append(outcome.message)
    if outcome.similar_to:
        parts.append(_("nearly the same text as {sources}").format(sources=", ".join(outcome.similar_to)))
    href = f"{LIBRARY}/{outcome.document}" if outcome.document else None
    return Result(outcome.source, " – ".join(parts), href, outcome.result not in BAD)


async def _form(
    session: AsyncSession, visitor: Visitor, services: Services, values: Mapping[str, str], errors: Mapping[str, str]
) -> UploadPage:
    return UploadPage(
        choices=await choices_for(session, visitor),
        values=values,
        errors=errors,
        largest_file=services.settings.imports.import_max_mb,
        largest=services.settings.hub.hub_upload_mb,
    )
