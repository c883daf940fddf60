"""Searching: the answer first, as the bot gives it, then the passages that were found."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from hub.dependencies import Anybody, Services
from hub.pages.library_parts import kind_name, read_choice, read_number, read_page, read_text
from hub.rendering import render
from hub.traces import trace_address
from knowledge.access.rights import Visitor
from knowledge.kit.errors import InvalidInput
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.addresses import document_path
from knowledge.library.answers.citations import may_show, notes, passage_locator
from knowledge.library.answers.retrieval import RankedPassage
from knowledge.library.answers.schemas import Reply
from knowledge.library.answers.traces import keep_answer
from knowledge.library.experiences import facts
from knowledge.models.document import Kind

router = APIRouter()
PER_PAGE = 10
LONGEST_QUERY = 1000
# Characters of a passage in the list.
LONGEST_SHOWN = 700


@dataclass(frozen=True, slots=True)
class Filters:
    """What the passages are narrowed to; an answer is made without any."""

    kind: Kind | None
    year: int | None
    by: str
    page: int

    @property
    def are_set(self) -> bool:
        """Whether anything is left out."""
        return bool(self.kind or self.year or self.by)

    def fit(self, found: RankedPassage) -> bool:
        """Whether a passage is left."""
        document = found.found.document
        return (
            (self.kind is None or document.kind is self.kind)
            and (self.year is None or document.year == self.year)
            and (not self.by or _by(found) == self.by)
        )


@dataclass(frozen=True, slots=True)
class FoundText:
    """A passage in the list, as much of it as its rights allow."""

    path: str
    title: str
    kind: Kind
    by: str | None
    year: int | None
    locator: str | None
    text: str
    remarks: Sequence[str]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """What was asked, the answer to it, and the passages on this page.

    ``found`` counts all passages that fit, ``unfiltered`` those before the filters. ``problem`` says why there is
    nothing.
    """

    query: str
    problem: str = ""
    reply: Reply | None = None
    # Where its trace is, for whoever is signed in.
    trace: str = ""
    passages: Sequence[FoundText] = ()
    found: int = 0
    unfiltered: int = 0
    filters: Filters | None = None
    kinds: Sequence[Kind] = ()
    years: Sequence[int] = ()
    bodies: Sequence[str] = ()
    page: int = 1
    pages: int = 1
    address: str = ""
    kind_name: Callable[[Kind], str] = kind_name


@router.get("/suche")
async def search(request: Request, visitor: Anybody, services: Services) -> HTMLResponse:
    """Search, or show the empty form."""
    values = request.query_params
    query = values.get("q", "")[: LONGEST_QUERY + 1].strip()
    if not query:
        return await render(request, "search/search.html", SearchPage(""))
    filters = Filters(
        kind=read_choice(Kind, values.get("art")),
        year=read_number(values.get("jahr")),
        by=read_text(values, "von"),
        page=read_page(values),
    )
    try:
        page = await _found(services, visitor, query, filters)
    except InvalidInput as error:
        page = SearchPage(query, problem=error.message)
        return await render(request, "search/search.html", page, status=error.status)
    if page.reply is not None:
        page = replace(page, trace=trace_address(request, page.reply.answer_id))
    return await render(request, "search/search.html", page)


async def _found(services: Services, visitor: Visitor, query: str, filters: Filters) -> SearchPage:
    prepared, passages = await services.answers.look_up(query, visitor.viewer)
    answers = filters.page == 1 and not filters.are_set
    if answers:
        async with unit_of_work(services.database) as unit:
            await keep_answer(unit.session, prepared)
    fitting = [item for item in passages if filters.fit(item)]
    pages = max(1, math.ceil(len(fitting) / PER_PAGE))
    page = min(filters.page, pages)
    shown = fitting[(page - 1) * PER_PAGE : page * PER_PAGE]
    documents = [item.found.document for item in passages]
    return SearchPage(
        query=query,
        reply=prepared.reply if answers else None,
        passages=[_text(item, visitor) for item in shown],
        found=len(fitting),
        unfiltered=len(passages),
        filters=filters,
        kinds=sorted({document.kind for document in documents}),
        years=sorted({document.year for document in documents if document.year}, reverse=True),
        bodies=sorted({by for item in passages if (by := _by(item))}, key=str.casefold),
        page=page,
        pages=pages,
        address=_address(query, filters),
    )


def _address(query: str, filters: Filters) -> str:
    values = {"q": query, "art": filters.kind or "", "jahr": filters.year or "", "von": filters.by}
    return f"/suche?{urlencode({name: value for name, value in values.items() if value})}&seite="


def _by(item: RankedPassage) -> str:
    found = item.found
    by = found.organisation.name if found.organisation else found.document.publisher
    return " ".join((by or "").split())


def _text(item: RankedPassage, visitor: Visitor) -> FoundText:
    passage, document = item.found.passage, item.found.document
    return FoundText(
        path=document_path(document.id, document.version, passage.position),
        title=" ".join(document.title.split()),
        kind=document.kind,
        by=_by(item) or None,
        year=document.year,
        locator=passage_locator(passage),
        text=_cut(passage.text) if may_show(document, passage) else "",
        remarks=[*facts(document, item.found.organisation), *notes(document, visitor.viewer)],
    )


def _cut(text: str) -> str:
    line = " ".join(text.split())
    if len(line) <= LONGEST_SHOWN:
        return line
    return line[: line.rfind(" ", 0, LONGEST_SHOWN) if " " in line[:LONGEST_SHOWN] else LONGEST_SHOWN] + " …"
