"""The record of privileged acts: who, what, when. For administrators."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from hub.dependencies import MayReadAudit, Reading
from hub.pages.administration_parts import typed_filter
from hub.rendering import render
from knowledge.audit.reading import AuditReader, action_texts, details_text, object_texts
from knowledge.audit.schemas import AuditFilter, AuditPage

router = APIRouter(prefix="/protokoll")
LONGEST_NUMBER = 18
# Things that have a page of their own.
PAGES = {
    "circle": "/kreise/",
    "contribution": "/pruefung/",
    "document": "/bibliothek/",
    "member": "/mitglieder/",
    "organisation": "/organisationen/",
}


@dataclass(frozen=True, slots=True)
class AuditLogPage:
    """Some acts; the addresses lead on, where there is more."""

    acts: AuditPage
    filters: Mapping[str, str]
    actions: Sequence[tuple[str, str]]
    kinds: Sequence[tuple[str, str]]
    action_names: Mapping[str, str]
    kind_names: Mapping[str, str]
    details_text: Callable[[dict[str, Any]], str]
    pages: Mapping[str, str]
    older_address: str
    newer_address: str
    export_address: str


class LogQuery(BaseModel):
    """Which acts; what cannot be read counts for nothing."""

    was: str = ""
    wer: str = ""
    art: str = ""
    kennung: str = ""
    von: str = ""
    bis: str = ""
    vor: str = ""
    nach: str = ""

    @property
    def chosen(self) -> dict[str, str]:
        """The filters, as they go into addresses."""
        names = ("was", "wer", "art", "kennung", "von", "bis")
        return {name: typed_filter(getattr(self, name)) for name in names}


@router.get("")
async def show_log(
    request: Request,
    visitor: MayReadAudit,  # noqa: ARG001 - names the right
    session: Reading,
    query: Annotated[LogQuery, Query()],
) -> HTMLResponse:
    """Show some acts, the newest first."""
    chosen = query.chosen
    acts = await AuditReader(session).page(_filter(chosen), before=_number(query.vor), after=_number(query.nach))
    actions, kinds = action_texts(), object_texts()
    page = AuditLogPage(
        acts=acts,
        filters=chosen,
        actions=sorted(actions.items(), key=lambda item: item[1]),
        kinds=sorted(kinds.items(), key=lambda item: item[1]),
        action_names=actions,
        kind_names=kinds,
        details_text=details_text,
        pages=PAGES,
        older_address=_address(chosen, vor=acts.older) if acts.older is not None else "",
        newer_address=_address(chosen, nach=acts.newer) if acts.newer is not None else "",
        export_address=_address(chosen, path="/protokoll/tabelle"),
    )
    return await render(request, "audit/log.html", page)


@router.get("/tabelle")
async def export(
    visitor: MayReadAudit,  # noqa: ARG001 - names the right
    session: Reading,
    query: Annotated[LogQuery, Query()],
) -> Response:
    """Give the acts as a file of comma-separated values."""
    table = await AuditReader(session).table(_filter(query.chosen))
    headers = {"Content-Disposition": 'attachment; filename="protokoll.csv"', "Cache-Control": "private, no-store"}
    return Response(table.encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


def _filter(chosen: Mapping[str, str]) -> AuditFilter:
    return AuditFilter(
        action=chosen["was"],
        actor=chosen["wer"],
        object_kind=chosen["art"],
        object_id=chosen["kennung"],
        first_day=_day(chosen["von"]),
        last_day=_day(chosen["bis"]),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if date.fromisoformat(text).year in range(1970, 9000) else None
    except ValueError:
        return None


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and text.isascii() and len(text) <= LONGEST_NUMBER else None


def _address(chosen: Mapping[str, str], *, path: str = "/protokoll", **position: int) -> str:
    values = {name: value for name, value in chosen.items() if value} | {k: str(v) for k, v in position.items()}
    return f"{path}?{urlencode(values)}" if values else path
