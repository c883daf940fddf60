"""The library for those who look after it: everything in their care, to be filtered, and acts on several at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from hub.dependencies import MayManageLibrary, Reading, Writing
from hub.messages import redirect
from hub.pages.library_parts import (
    LIBRARY,
    concern_name,
    kind_name,
    read_choice,
    read_day,
    read_id,
    read_page,
    read_text,
    sorting_name,
    status_name,
    visibility_name,
    withdraw_reason_name,
)
from hub.pages.review_parts import typed_in
from hub.rendering import render
from knowledge.access.rights import Visitor
from knowledge.kit.errors import InvalidInput
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.library.browsing.schemas import Caretaker, Concern, Listing, Sorting, Wanted
from knowledge.library.browsing.service import Browsing
from knowledge.library.editing import DocumentEditor, WithdrawReason
from knowledge.models.document import Kind, Status, Visibility

router = APIRouter()
# Documents that are acted on at once: a page of the list, and room.
MOST_AT_ONCE = 200
Names = Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class LibraryPage:
    """A page of the list with its filters; ``query`` is what leads back to it."""

    listing: Listing
    wanted: Wanted
    query: str
    address: str
    kinds: Sequence[tuple[str, str]]
    visibilities: Sequence[tuple[str, str]]
    statuses: Sequence[tuple[str, str]]
    concerns: Sequence[tuple[str, str]]
    sortings: Sequence[tuple[str, str]]
    reasons: Sequence[tuple[str, str]]
    kind_name: Names = kind_name
    visibility_name: Names = visibility_name
    status_name: Names = status_name
    concern_name: Names = concern_name


@router.get(LIBRARY)
async def library(request: Request, visitor: MayManageLibrary, session: Reading) -> HTMLResponse:
    """Show the list."""
    wanted = read_wanted(request.query_params)
    listing = await Browsing(session, Caretaker.of(visitor)).listing(wanted)
    page = LibraryPage(
        listing=listing,
        wanted=wanted,
        query=query_of(wanted),
        address=f"{LIBRARY}?{query_of(wanted, page=False)}&seite=",
        kinds=[(kind.value, kind_name(kind)) for kind in Kind],
        visibilities=[(visibility.value, visibility_name(visibility)) for visibility in Visibility],
        statuses=[(status.value, status_name(status)) for status in Status],
        concerns=[(concern.value, concern_name(concern)) for concern in Concern],
        sortings=[(sorting.value, sorting_name(sorting)) for sorting in Sorting],
        reasons=withdraw_reasons(),
    )
    return await render(request, "library/library.html", page)


def withdraw_reasons() -> list[tuple[str, str]]:
    """Return the reasons for withdrawing with their names."""
    return [(reason.value, withdraw_reason_name(reason)) for reason in WithdrawReason]


def read_wanted(values: Mapping[str, str]) -> Wanted:
    """Return which documents an address asks for; what makes no sense in it is left out."""
    return Wanted(
        text=read_text(values, "q"),
        kind=read_choice(Kind, values.get("art")),
        topic=read_text(values, "thema"),
        organisation_id=read_id(values.get("kommune")),
        visibility=read_choice(Visibility, values.get("sichtbarkeit")),
        status=read_choice(Status, values.get("status")),
        concern=read_choice(Concern, values.get("anlass")),
        sorting=read_choice(Sorting, values.get("folge")) or Sorting.CHANGED,
        page=read_page(values),
    )


_NAMES = ("q", "art", "thema", "kommune", "sichtbarkeit", "status", "anlass", "folge", "seite")


def query_of(wanted: Wanted, *, page: bool = True) -> str:
    """Return what asks for the same documents, as an address has it after the question mark."""
    known = [getattr(wanted, field.name) for field in fields(wanted)]
    values = dict(zip(_NAMES, known, strict=True))
    if not page or wanted.page == 1:
        del values["seite"]
    if wanted.sorting is Sorting.CHANGED:
        del values["folge"]
    return urlencode({name: str(value) for name, value in values.items() if value})


@router.post(LIBRARY)
async def act(request: Request, visitor: MayManageLibrary, unit: Writing) -> Response:
    """Withdraw, restore or set a review date of several documents."""
    form = await request.form()
    typed = typed_in(form)
    keys = {key for text in form.getlist("documents") if isinstance(text, str) and (key := read_id(text))}
    # Read and written anew, so that nobody's form leads anywhere else.
    back = query_of(read_wanted(dict(parse_qsl(typed.get("back", "")[:2000]))))
    said, count = await _act(unit, visitor, keys, typed)
    return redirect(f"{LIBRARY}?{back}" if back else LIBRARY, said=said, count=count)


async def _act(unit: UnitOfWork, visitor: Visitor, keys: set[UUID], typed: Mapping[str, str]) -> tuple[str, int]:
    if not 0 < len(keys) <= MOST_AT_ONCE:
        raise InvalidInput(_("Please tick from 1 to {most} documents.").format(most=MOST_AT_ONCE))
    editor = DocumentEditor(unit, Caretaker.of(visitor), by=visitor.member_id)
    act = typed.get("act")
    if act == "withdraw":
        reason = read_choice(WithdrawReason, typed.get("reason"))
        if reason is None:
            raise InvalidInput(_("Please choose a reason."))
        return "library.withdrawn", await editor.withdraw(keys, reason)
    if act == "restore":
        return "library.restored", await editor.restore(keys)
    if act == "review":
        return "library.review_dates", await editor.review_by(keys, read_day(typed.get("day")))
    raise InvalidInput(_("Please choose what is to be done."))
