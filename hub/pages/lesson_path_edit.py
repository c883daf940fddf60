"""Paths: lessons chosen and put in an order, without a script."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData

from hub.dependencies import MayManageTrainings, Reading, Writing
from hub.messages import redirect
from hub.pages.lesson_parts import MANAGE, PATHS, language_name, level_name, state_name, visibilities
from hub.pages.library_parts import read_choice, read_number, read_text
from hub.pages.review_parts import read_key, typed_in, whole_or_nothing
from hub.pages.training_parts import publisher_of
from hub.rendering import render
from knowledge.access.rights import Visitor
from knowledge.kit.errors import Conflict, InvalidInput, NotFound
from knowledge.kit.language import current_language
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.lessons.paths import LONGEST_OUTCOMES, LONGEST_SUMMARY, LONGEST_TITLE, PathService
from knowledge.lessons.schemas import LessonEntry, PathDraft, PathEntry
from knowledge.lessons.service import LessonService
from knowledge.models.document import Visibility
from knowledge.models.lesson import LessonState
from knowledge.models.training import Level

router = APIRouter()
NEW = f"{MANAGE}/pfad/neu"
ITEM = f"{MANAGE}/pfad/{{key:uuid}}"
# In which place a lesson comes; empty for those that do not belong to the path.
PLACE = "platz-"


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """A lesson that can belong to the path, and its place."""

    id: UUID
    title: str
    note: str
    place: str


@dataclass(frozen=True, slots=True)
class PathEditPage:
    """The form for a path."""

    path: PathEntry | None
    state: str
    action: str
    address: str
    places: Sequence[PlaceLine]
    levels: Sequence[tuple[str, str]]
    languages: Sequence[tuple[str, str]]
    visibilities: Sequence[tuple[str, str]]
    longest: Mapping[str, int]
    values: Mapping[str, str]
    errors: Mapping[str, str]


@router.get(NEW)
async def new(request: Request, visitor: MayManageTrainings, session: Reading) -> HTMLResponse:
    """Show the form for a new path."""
    return await render(request, "lessons/path_edit.html", await _page(UnitOfWork(session), visitor, None))


@router.post(NEW)
async def add(request: Request, visitor: MayManageTrainings, unit: Writing) -> Response:
    """Keep a new path as a draft."""
    return await _keep(request, unit, visitor, None)


@router.get(ITEM)
async def edit(request: Request, key: UUID, visitor: MayManageTrainings, session: Reading) -> HTMLResponse:
    """Show the form for a path."""
    unit = UnitOfWork(session)
    path = await PathService(unit).draft(key, publisher_of(visitor))
    return await render(request, "lessons/path_edit.html", await _page(unit, visitor, path))


@router.post(ITEM)
async def change(request: Request, key: UUID, visitor: MayManageTrainings, unit: Writing) -> Response:
    """Change a path."""
    return await _keep(request, unit, visitor, await PathService(unit).draft(key, publisher_of(visitor)))


@router.post(f"{ITEM}/veroeffentlichen")
async def publish(request: Request, key: UUID, visitor: MayManageTrainings, unit: Writing) -> Response:
    """Let everybody who may find it take a path."""
    service, by = PathService(unit), publisher_of(visitor)
    path = await service.draft(key, by)
    try:
        await whole_or_nothing(unit, service.publish(key, by))
    except InvalidInput as error:
        page = await _page(unit, visitor, path, errors={"": error.message})
        return await render(request, "lessons/path_edit.html", page, status=error.status)
    return redirect(f"{MANAGE}/pfad/{key}", said="lessons.path_published")


@router.post(f"{ITEM}/zurueckziehen")
async def withdraw(key: UUID, visitor: MayManageTrainings, unit: Writing) -> Response:
    """Take a path back."""
    await PathService(unit).withdraw(key, publisher_of(visitor))
    return redirect(f"{MANAGE}/pfad/{key}", said="lessons.path_withdrawn")


async def _keep(request: Request, unit: UnitOfWork, visitor: Visitor, path: PathEntry | None) -> Response:
    form = await request.form()
    typed, service = typed_in(form), PathService(unit)
    wanted = service.write(
        _draft(typed, form, path),
        publisher_of(visitor),
        path_id=path.id if path else None,
        revision=read_number(typed.get("revision")) if path else None,
    )
    try:
        kept = await whole_or_nothing(unit, wanted)
    except (InvalidInput, Conflict, NotFound) as error:
        page = await _page(unit, visitor, path, typed, {"": error.message})
        return await render(request, "lessons/path_edit.html", page, status=error.status)
    return redirect(f"{MANAGE}/pfad/{kept.id}", said="lessons.path_saved")


def _draft(typed: Mapping[str, str], form: FormData, path: PathEntry | None) -> PathDraft:
    return PathDraft(
        key=path.key if path else read_text(typed, "key", longest=80),
        title=read_text(typed, "title", longest=2 * LONGEST_TITLE),
        lessons=_order(form),
        summary=typed.get("summary", "").strip()[: 2 * LONGEST_SUMMARY],
        outcomes=typed.get("outcomes", "").replace("\r\n", "\n").strip()[: 2 * LONGEST_OUTCOMES],
        level=read_choice(Level, typed.get("level")) or Level.BEGINNER,
        language="en" if typed.get("language") == "en" else "de",
        visibility=read_choice(Visibility, typed.get("visibility")) or Visibility.NETWORK,
    )


def _order(form: FormData) -> tuple[UUID, ...]:
    """Return the lessons that have a place, in the order of their places; of two in one, the upper one first."""
    places = []
    for name, value in form.multi_items():
        key = read_key(name.removeprefix(PLACE)) if name.startswith(PLACE) else None
        number = read_number(value.strip()) if isinstance(value, str) else None
        if key is not None and number:
            places.append((number, key))
    return tuple(dict.fromkeys(key for _number, key in sorted(places, key=lambda place: place[0])))


async def _page(
    unit: UnitOfWork,
    visitor: Visitor,
    path: PathEntry | None,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> PathEditPage:
    return PathEditPage(
        path=path,
        state=state_name(path.state) if path else "",
        action=f"{MANAGE}/pfad/{path.id}" if path else NEW,
        address=f"{PATHS}/{path.key}" if path else "",
        places=await _places(unit, visitor, path, typed),
        levels=[(level.value, level_name(level)) for level in Level],
        languages=[(code, language_name(code)) for code in ("de", "en")],
        visibilities=visibilities(),
        longest={"title": LONGEST_TITLE, "summary": LONGEST_SUMMARY, "outcomes": LONGEST_OUTCOMES},
        values=typed if typed is not None else _values(path),
        errors=errors or {},
    )


def _values(path: PathEntry | None) -> dict[str, str]:
    if path is None:
        return {"language": current_language(), "visibility": Visibility.NETWORK.value}
    return {
        "key": path.key,
        "title": path.title,
        "summary": path.summary,
        "outcomes": path.outcomes,
        "level": path.level.value,
        "language": path.language,
        "visibility": path.visibility.value,
        "revision": str(path.revision),
    }


async def _places(
    unit: UnitOfWork, visitor: Visitor, path: PathEntry | None, typed: Mapping[str, str] | None
) -> list[PlaceLine]:
    """Return the lessons that can belong to a path: those that do, in their order, before all others."""
    lessons = LessonService(unit)
    own, found = await lessons.managed(publisher_of(visitor)), await lessons.found(visitor.viewer)
    chosen = path.lessons if path else ()
    usable = {entry.id: entry for entry in (*chosen, *sorted((*own, *found), key=lambda one: one.title.casefold()))}
    numbers = {entry.id: str(number) for number, entry in enumerate(chosen, start=1)}
    return [
        PlaceLine(
            entry.id,
            entry.title,
            _note(entry),
            numbers.get(entry.id, "") if typed is None else typed.get(f"{PLACE}{entry.id}", ""),
        )
        for entry in usable.values()
    ]


def _note(entry: LessonEntry) -> str:
    said = [entry.language, "" if entry.state is LessonState.PUBLISHED else state_name(entry.state)]
    return ", ".join(part for part in said if part)
