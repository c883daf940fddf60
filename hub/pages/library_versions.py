"""Comparing two versions of a document, and merging a document into another one."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from hub.dependencies import MayManageLibrary, Reading, Writing
from hub.messages import redirect
from hub.pages.library_parts import LIBRARY, read_id, read_number
from hub.pages.review_parts import typed_in, whole_or_nothing
from hub.rendering import render
from knowledge.access.rights import Visitor
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.library.browsing.repository import BrowsingRepository
from knowledge.library.browsing.schemas import Caretaker
from knowledge.library.comparing import Comparison, compare_texts
from knowledge.library.editing import DocumentEditor, DocumentNotFound
from knowledge.library.listing import near_duplicates_of
from knowledge.library.merging import merge_documents
from knowledge.library.reading import version_lines
from knowledge.models.document import Document, Status

router = APIRouter()
ITEM = f"{LIBRARY}/{{key:uuid}}"
_KEY = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True)
class ComparePage:
    """Two versions of a document and what is different."""

    key: UUID
    title: str
    before: int
    after: int
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class MergePage:
    """A document, and the one that it is to be merged into, once one is chosen; ``near`` are offered for it."""

    key: UUID
    title: str
    near: Sequence[Document]
    target: Document | None
    typed: str
    problem: str


@router.get(f"{ITEM}/vergleich")
async def compare(request: Request, key: UUID, visitor: MayManageLibrary, session: Reading) -> HTMLResponse:
    """Show what is different between two versions."""
    document = await _found(session, visitor, key)
    numbers = [read_number(request.query_params.get(name)) or 0 for name in ("a", "b")]
    older, newer = [await version_lines(BrowsingRepository(session), key, number) for number in sorted(numbers)]
    comparison = await asyncio.to_thread(compare_texts, older, newer)
    page = ComparePage(key, " ".join(document.title.split()), min(numbers), max(numbers), comparison)
    return await render(request, "library/compare.html", page)


@router.get(f"{ITEM}/zusammenfuehren")
async def merge_form(request: Request, key: UUID, visitor: MayManageLibrary, session: Reading) -> HTMLResponse:
    """Find the document that is to stay; with one chosen, ask once more."""
    page = await _merge_page(session, visitor, key, request.query_params.get("ziel", "")[:500])
    return await render(request, "library/merge.html", page)


@router.post(f"{ITEM}/zusammenfuehren")
async def merge(request: Request, key: UUID, visitor: MayManageLibrary, unit: Writing) -> Response:
    """Merge a document into another one."""
    target = read_id(typed_in(await request.form()).get("target")) or UUID(int=0)
    try:
        await whole_or_nothing(unit, _merge(unit, visitor, key, target))
    except AllmendeError as error:
        page = await _merge_page(unit.session, visitor, key, str(target), problem=error.message)
        return await render(request, "library/merge.html", page, status=error.status)
    return redirect(f"{LIBRARY}/{target}", said="library.merged")


async def _merge(unit: UnitOfWork, visitor: Visitor, key: UUID, target: UUID) -> None:
    editor = DocumentEditor(unit, Caretaker.of(visitor), by=visitor.member_id)
    # Always in the same order, so that two who merge at once never wait for each other.
    found = {one: await editor.find(one) for one in sorted({key, target})}
    await merge_documents(unit, found[key], found[target], by=visitor.member_id)


async def _found(session: AsyncSession, visitor: Visitor, key: UUID) -> Document:
    document = await BrowsingRepository(session).get(key)
    if document is None or not Caretaker.of(visitor).covers(document):
        raise DocumentNotFound
    return document


async def _merge_page(
    session: AsyncSession, visitor: Visitor, key: UUID, typed: str, *, problem: str = ""
) -> MergePage:
    document = await _found(session, visitor, key)
    meant = _KEY.search(typed)
    target: Document | None = None
    if meant is not None and (wanted := UUID(meant[0])) != key:
        try:
            target = await _found(session, visitor, wanted)
        except DocumentNotFound as error:
            problem = problem or error.message
    elif typed:
        problem = problem or _("Please give the address of another document.")
    if target is not None and target.status is not Status.PUBLISHED:
        target, problem = None, problem or _("That document is withdrawn. Please restore it first.")
    near = [other for other in await near_duplicates_of(session, document) if Caretaker.of(visitor).covers(other)]
    return MergePage(key, " ".join(document.title.split()), near, target, typed, problem)
