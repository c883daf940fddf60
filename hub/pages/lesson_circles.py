"""A circle takes a path together: set up, paused and ended by whoever looks after the circle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from hub.dependencies import MayManageCircles, Reading, Writing
from hub.messages import redirect
from hub.pages.lesson_parts import PATHS, learner_of
from hub.pages.library_parts import read_number
from hub.pages.review_parts import read_key, typed_in, whole_or_nothing
from hub.rendering import render
from hub.services import services_of
from knowledge.access.rights import Visitor
from knowledge.access.visibility import NETWORK, PUBLIC, Viewer
from knowledge.circles.administration import CircleAdministration
from knowledge.circles.schemas import CircleStatus
from knowledge.digests.schedule import LAST_DAY, LAST_HOUR, DigestTimeInvalid, day_name
from knowledge.kit.errors import Conflict, InvalidInput, NotFound
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.lessons.circles import CirclePathService, CirclePathWish
from knowledge.lessons.errors import UnknownPath
from knowledge.lessons.learning import LearningService
from knowledge.lessons.schemas import CirclePathEntry, PathEntry
from knowledge.models.chat import Network
from knowledge.models.lesson import CirclePathState

router = APIRouter()
PAGE = f"{PATHS}/{{key}}/arbeitskreis"
ITEM = f"{PAGE}/{{circle:uuid}}"
USUAL_DAY, USUAL_HOUR = 1, 9


@dataclass(frozen=True, slots=True)
class CircleLine:
    """A circle and the path that it takes."""

    id: UUID
    name: str
    says: str
    next_at: datetime | None
    paused: bool
    takes_this: bool


@dataclass(frozen=True, slots=True)
class TogetherPage:
    """The circles that take this path or another one, and the form for those that take none."""

    path: PathEntry
    taking: Sequence[CircleLine]
    free: Sequence[tuple[str, str]]
    days: Sequence[tuple[str, str]]
    hours: Sequence[tuple[str, str]]
    values: Mapping[str, str]
    errors: Mapping[str, str]


@router.get(PAGE)
async def together(request: Request, key: str, visitor: MayManageCircles, session: Reading) -> HTMLResponse:
    """Show which circles take the path."""
    return await render(request, "lessons/together.html", await _page(session, key, visitor))


@router.post(PAGE)
async def start(request: Request, key: str, visitor: MayManageCircles, unit: Writing) -> Response:
    """Let a circle take the path."""
    typed = typed_in(await request.form())
    try:
        await whole_or_nothing(unit, _start(request, key, visitor, unit, typed))
    except UnknownPath:
        errors = {
            "circle": _("The group of this circle may not find this path, for instance because nobody vouches for it.")
        }
        page = await _page(unit.session, key, visitor, typed, errors)
        return await render(request, "lessons/together.html", page, status=422)
    except (DigestTimeInvalid, InvalidInput, Conflict, NotFound) as error:
        page = await _page(unit.session, key, visitor, typed, {"circle": error.message})
        return await render(request, "lessons/together.html", page, status=error.status)
    return redirect(f"{PATHS}/{key}/arbeitskreis", said="lessons.circle_started")


@router.post(f"{ITEM}/pausieren")
async def pause(key: str, circle: UUID, visitor: MayManageCircles, unit: Writing) -> Response:
    """Bring no lesson for now."""
    await CirclePathService(unit.session).pause((await _circle(unit.session, visitor, circle)).id)
    return redirect(f"{PATHS}/{key}/arbeitskreis", said="lessons.circle_changed")


@router.post(f"{ITEM}/fortsetzen")
async def go_on(key: str, circle: UUID, visitor: MayManageCircles, unit: Writing) -> Response:
    """Go on after a pause."""
    await CirclePathService(unit.session).go_on((await _circle(unit.session, visitor, circle)).id)
    return redirect(f"{PATHS}/{key}/arbeitskreis", said="lessons.circle_changed")


@router.post(f"{ITEM}/beenden")
async def end(key: str, circle: UUID, visitor: MayManageCircles, unit: Writing) -> Response:
    """Take the path no longer."""
    await CirclePathService(unit.session).end((await _circle(unit.session, visitor, circle)).id)
    return redirect(f"{PATHS}/{key}/arbeitskreis", said="lessons.circle_changed")


async def _circle(session: AsyncSession, visitor: Visitor, circle_id: UUID) -> CircleStatus:
    """Return a circle that the visitor looks after; it does not exist for others."""
    return await CircleAdministration(session, visitor).get(circle_id)


async def _start(
    request: Request, key: str, visitor: Visitor, unit: UnitOfWork, typed: Mapping[str, str]
) -> CirclePathEntry:
    path = (await LearningService(unit).path_with_key(key, learner_of(visitor))).path
    circle_id = read_key(typed.get("circle"))
    if circle_id is None:
        raise InvalidInput(_("Please choose a circle."))
    circle = await _circle(unit.session, visitor, circle_id)
    day, hour = read_number(typed.get("day")), read_number(typed.get("hour"))
    if day is None or hour is None:
        raise DigestTimeInvalid
    abroad = services_of(request).settings.telegram.telegram_visibility
    wish = CirclePathWish(circle.id, path.id, day, hour)
    return await CirclePathService(unit.session).start(wish, _viewer(circle, abroad), visitor.member_id)


def _viewer(circle: CircleStatus, abroad: str) -> Viewer:
    """Return what the group of a circle may find (see knowledge/circles/audience.py)."""
    is_narrow = circle.vouched_at is None or (circle.network is Network.TELEGRAM and abroad != NETWORK)
    return Viewer(frozenset({PUBLIC} if is_narrow else {PUBLIC, NETWORK}))


async def _page(
    session: AsyncSession,
    key: str,
    visitor: Visitor,
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> TogetherPage:
    path = (await LearningService(UnitOfWork(session)).path_with_key(key, learner_of(visitor))).path
    service = CirclePathService(session)
    circles = [circle for circle in await CircleAdministration(session, visitor).list() if circle.linked]
    found = [(circle, await service.find(circle.id)) for circle in circles]
    return TogetherPage(
        path=path,
        taking=[_line(circle, entry, path.id) for circle, entry in found if entry is not None],
        free=[(str(circle.id), circle.name) for circle, entry in found if _is_free(entry)],
        days=[(str(day), day_name(day)) for day in range(LAST_DAY + 1)],
        hours=[(str(hour), f"{hour:02}:00") for hour in range(LAST_HOUR + 1)],
        values=values or {"day": str(USUAL_DAY), "hour": str(USUAL_HOUR)},
        errors=errors or {},
    )


def _is_free(entry: CirclePathEntry | None) -> bool:
    return entry is None or entry.state is CirclePathState.DONE


def _line(circle: CircleStatus, entry: CirclePathEntry, path_id: UUID) -> CircleLine:
    is_done = entry.state is CirclePathState.DONE
    said = _("{title}: {done} of {count} lessons were brought, on {day} at {hour}:00")
    words = said.format(
        title=entry.title, done=entry.done, count=entry.lessons, day=day_name(entry.day), hour=f"{entry.hour:02}"
    )
    return CircleLine(
        id=circle.id,
        name=circle.name,
        says=_("{title}: done").format(title=entry.title) if is_done else words,
        next_at=entry.next_at if entry.state is CirclePathState.RUNNING else None,
        paused=entry.state is CirclePathState.PAUSED,
        takes_this=entry.path_id == path_id and not is_done,
    )
