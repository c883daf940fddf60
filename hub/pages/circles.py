"""Circles: their settings, what their groups find, and the codes that link groups to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from hub.dependencies import MayManageCircles, Reading, Services, Writing
from hub.messages import redirect
from hub.pages.administration_parts import CodePage, taken_back
from hub.pages.library_parts import read_number
from hub.rendering import render
from knowledge.access.rights import Visitor
from knowledge.circles.administration import (
    CircleAdministration,
    CircleChange,
    CircleDocument,
    circle_revision,
    what_it_finds,
)
from knowledge.circles.schemas import CircleStatus
from knowledge.digests.schedule import LAST_DAY, LAST_HOUR, day_name
from knowledge.kit.errors import Conflict, InvalidInput
from knowledge.kit.language import _
from knowledge.members.schemas import IssuedCode
from knowledge.models.chat import Network

router = APIRouter(prefix="/kreise")
LIST = "/kreise"
NETWORKS = {Network.MATRIX: "Matrix", Network.TELEGRAM: "Telegram", Network.TERMINAL: "Terminal"}
LANGUAGES = (("de", "Deutsch"), ("en", "English"))


@dataclass(frozen=True, slots=True)
class CircleListPage:
    """The circles that the visitor looks after, and the form for a new one."""

    circles: Sequence[CircleStatus]
    networks: Mapping[Network, str]
    in_scope_only: bool
    values: Mapping[str, object]
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CirclePage:
    """One circle; ``values`` is what the form shows, ``errors`` what is wrong with it."""

    circle: CircleStatus
    network: str
    finds: Sequence[str]
    documents: Sequence[CircleDocument]
    revision: str
    languages: Sequence[tuple[str, str]]
    days: Sequence[tuple[str, str]]
    hours: Sequence[tuple[str, str]]
    unknown_topics: Sequence[str]
    values: Mapping[str, object]
    errors: Mapping[str, str]


class NewCircleForm(BaseModel):
    """A circle to be."""

    name: str = ""
    topics: str = ""


class CircleForm(BaseModel):
    """How a circle is to be."""

    language: str = ""
    topics: str = ""
    recognises: bool = False
    paused: bool = False
    digest_day: str = ""
    digest_hour: str = "8"
    revision: str = ""


@router.get("")
async def list_circles(request: Request, visitor: MayManageCircles, session: Reading) -> HTMLResponse:
    """Show the circles."""
    return await render(request, "circles/list.html", await _list_page(CircleAdministration(session, visitor), visitor))


@router.post("")
async def add_circle(
    request: Request, visitor: MayManageCircles, unit: Writing, form: Annotated[NewCircleForm, Form()]
) -> HTMLResponse:
    """Add a circle, and show the code that links a group to it."""
    service = CircleAdministration(unit.session, visitor)
    try:
        async with taken_back(unit):
            circle, issued = await service.add(form.name, form.topics)
    except (InvalidInput, Conflict) as error:
        page = await _list_page(service, visitor, form.model_dump(), {"": error.message})
        return await render(request, "circles/list.html", page, status=error.status)
    return await render(request, "members/code.html", _code_page(circle, issued))


@router.get("/{circle_id}")
async def show_circle(
    request: Request, visitor: MayManageCircles, session: Reading, services: Services, circle_id: UUID
) -> HTMLResponse:
    """Show one circle."""
    service = CircleAdministration(session, visitor)
    circle = await service.get(circle_id)
    page = await _circle_page(service, circle, services, _values(circle), {})
    return await render(request, "circles/circle.html", page)


@router.post("/{circle_id}")
async def change_circle(  # noqa: PLR0913, PLR0917 - each is asked for by type
    request: Request,
    visitor: MayManageCircles,
    unit: Writing,
    services: Services,
    circle_id: UUID,
    form: Annotated[CircleForm, Form()],
) -> Response:
    """Set how a circle is."""
    service = CircleAdministration(unit.session, visitor)
    try:
        async with taken_back(unit):
            changed = await service.change(circle_id, _change(form), revision=form.revision)
    except (InvalidInput, Conflict) as error:
        page = await _circle_page(
            service, await service.get(circle_id), services, form.model_dump(), {"": error.message}
        )
        return await render(request, "circles/circle.html", page, status=error.status)
    where = f"{LIST}/{circle_id}" if service.covers(changed.topics) else LIST
    return redirect(where, said="circles.changed")


@router.post("/{circle_id}/code")
async def make_code(request: Request, visitor: MayManageCircles, unit: Writing, circle_id: UUID) -> HTMLResponse:
    """Make a code that links a group, and show it once."""
    circle, issued = await CircleAdministration(unit.session, visitor).code(circle_id)
    return await render(request, "members/code.html", _code_page(circle, issued))


@router.post("/{circle_id}/buergen")
async def vouch(visitor: MayManageCircles, unit: Writing, circle_id: UUID) -> Response:
    """Vouch for a circle's group."""
    await CircleAdministration(unit.session, visitor).vouch(circle_id, on=True)
    return redirect(f"{LIST}/{circle_id}", said="circles.vouched")


@router.post("/{circle_id}/nicht-buergen")
async def unvouch(visitor: MayManageCircles, unit: Writing, circle_id: UUID) -> Response:
    """Vouch for a circle's group no longer."""
    await CircleAdministration(unit.session, visitor).vouch(circle_id, on=False)
    return redirect(f"{LIST}/{circle_id}", said="circles.not_vouched")


async def _list_page(
    service: CircleAdministration,
    visitor: Visitor,
    values: Mapping[str, object] | None = None,
    errors: Mapping[str, str] | None = None,
) -> CircleListPage:
    circles = await service.list()
    return CircleListPage(circles, NETWORKS, not visitor.scope.is_everything, values or {}, errors or {})


async def _circle_page(
    service: CircleAdministration,
    circle: CircleStatus,
    services: Services,
    values: Mapping[str, object],
    errors: Mapping[str, str],
) -> CirclePage:
    return CirclePage(
        circle=circle,
        network=NETWORKS[circle.network] if circle.network else "",
        finds=what_it_finds(circle, services.settings.telegram.telegram_visibility),
        documents=await service.documents(circle.id),
        revision=circle_revision(circle),
        languages=LANGUAGES,
        days=[(str(day), day_name(day)) for day in range(LAST_DAY + 1)],
        hours=[(str(hour), _("{hour} o’clock").format(hour=hour)) for hour in range(LAST_HOUR + 1)],
        unknown_topics=await service.unknown_topics(circle),
        values=values,
        errors=errors,
    )


def _change(form: CircleForm) -> CircleChange:
    day, hour = read_number(form.digest_day), read_number(form.digest_hour)
    return CircleChange(
        language=form.language,
        topics=form.topics,
        recognises=form.recognises,
        paused=form.paused,
        digest_day=day,
        digest_hour=-1 if hour is None else hour,
    )


def _values(circle: CircleStatus) -> dict[str, object]:
    return {
        "language": circle.language or "",
        "topics": ", ".join(circle.topics),
        "recognises": circle.recognises_since is not None,
        "paused": circle.paused,
        "digest_day": "" if circle.digest_day is None else str(circle.digest_day),
        "digest_hour": str(circle.digest_hour),
    }


def _code_page(circle: CircleStatus, issued: IssuedCode) -> CodePage:
    words = [
        _("Please write in the group, where the bot is: /verbinden {code}").format(code=issued.code),
        _("The group then belongs to the circle “{name}”.").format(name=circle.name),
    ]
    heading = _("The code for the group")
    return CodePage(heading, issued.code, words, [], issued.expires_at, f"{LIST}/{circle.id}")
