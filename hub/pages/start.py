"""The first page: search, and what is new."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from hub.dependencies import Anybody, Reading
from hub.pages.library_parts import kind_name
from hub.rendering import render
from knowledge.library.browsing.service import newest_documents
from knowledge.library.overview import DocumentLine
from knowledge.models.document import Kind

router = APIRouter()
NEWEST, OWN = 10, 5


@dataclass(frozen=True, slots=True)
class StartPage:
    """The newest documents that the visitor may find, and those of their own organisation."""

    newest: Sequence[DocumentLine]
    own: Sequence[DocumentLine]
    house: str
    kind_name: Callable[[Kind], str]


@router.get("/")
async def start(request: Request, visitor: Anybody, session: Reading) -> HTMLResponse:
    """Show search and the newest documents."""
    newest = await newest_documents(session, visitor.viewer, limit=NEWEST)
    house = visitor.member.organisation_id if visitor.member else None
    own = await newest_documents(session, visitor.viewer, limit=OWN, organisation_id=house) if house is not None else []
    name = (visitor.member.organisation_name if visitor.member else None) or ""
    return await render(request, "start.html", StartPage(newest, own, name, kind_name))
