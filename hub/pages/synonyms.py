"""Synonyms: words that the search takes for the same, kept by those who look after the library."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from hub.dependencies import MayManageLibrary, Reading, Writing
from hub.messages import redirect
from hub.pages.library_parts import LIBRARY, read_id, read_page, read_text
from hub.pages.review_parts import typed_in, whole_or_nothing
from hub.rendering import render
from knowledge.access.rights import Visitor
from knowledge.audit.service import record
from knowledge.kit.errors import InvalidInput
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.synonyms.schemas import Outcome, SynonymEntry
from knowledge.synonyms.service import SynonymService
from knowledge.synonyms.terms import fold_term, split_line

router = APIRouter()
SYNONYMS = f"{LIBRARY}/synonyme"
PER_PAGE = 50
LONGEST_LINE = 2000


@dataclass(frozen=True, slots=True)
class SynonymsPage:
    """The groups that hold a word, all without one, and a form to add one."""

    groups: Sequence[SynonymEntry]
    count: int
    word: str
    page: int
    pages: int
    address: str
    typed: str = ""
    errors: Mapping[str, str] | None = None


@router.get(SYNONYMS)
async def synonyms(request: Request, visitor: MayManageLibrary, session: Reading) -> HTMLResponse:  # noqa: ARG001
    """Show the groups."""
    return await render(request, "synonyms/synonyms.html", await _page(request, session))


@router.post(SYNONYMS)
async def add(request: Request, visitor: MayManageLibrary, unit: Writing) -> Response:
    """Add a group of words that mean the same."""
    typed = read_text(typed_in(await request.form()), "terms", longest=LONGEST_LINE)
    try:
        outcome = await whole_or_nothing(unit, _add(unit, visitor, typed))
    except InvalidInput as error:
        page = await _page(request, unit.session, typed=typed, errors={"terms": error.message})
        return await render(request, "synonyms/synonyms.html", page, status=error.status)
    return redirect(SYNONYMS, said="synonyms.known" if outcome is Outcome.KNOWN else "synonyms.added")


async def _add(unit: UnitOfWork, visitor: Visitor, typed: str) -> Outcome:
    added = await SynonymService(unit.session).add(*split_line(typed))
    if added.outcome is not Outcome.KNOWN:
        await record(unit.session, "synonyms:add", ("synonyms", added.group.id), by=visitor.member_id)
    return added.outcome


@router.post(f"{SYNONYMS}/entfernen")
async def remove(request: Request, visitor: MayManageLibrary, unit: Writing) -> Response:
    """Take a word out of a group."""
    typed = typed_in(await request.form())
    group = read_id(typed.get("group")) or UUID(int=0)
    await SynonymService(unit.session).take_out(group, read_text(typed, "term", longest=LONGEST_LINE))
    await record(unit.session, "synonyms:remove", ("synonyms", group), by=visitor.member_id)
    return redirect(SYNONYMS, said="synonyms.removed")


async def _page(
    request: Request, session: AsyncSession, *, typed: str = "", errors: Mapping[str, str] | None = None
) -> SynonymsPage:
    word = read_text(request.query_params, "wort")
    groups = await SynonymService(session).list()
    if word:
        groups = [group for group in groups if any(fold_term(word) in fold_term(term) for term in group.terms)]
    pages = max(1, math.ceil(len(groups) / PER_PAGE))
    page = min(read_page(request.query_params), pages)
    return SynonymsPage(
        groups=groups[(page - 1) * PER_PAGE : page * PER_PAGE],
        count=len(groups),
        word=word,
        page=page,
        pages=pages,
        address=f"{SYNONYMS}?{urlencode({'wort': word})}&seite=",
        typed=typed,
        errors=errors or {},
    )
