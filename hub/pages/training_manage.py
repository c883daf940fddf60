"""„Schulungen verwalten": drafts, what is coming, over and cancelled, each training with what can be done about it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from hub.dependencies import MayManageTrainings, Reading, Writing
from hub.messages import redirect
from hub.pages.administration_parts import page_number
from hub.pages.library_parts import read_choice
from hub.pages.review_parts import typed_in, whole_or_nothing
from hub.pages.training_parts import MANAGE, MANAGED, Tab, TrainingView, managed_tabs, publisher_of, view_of
from hub.rendering import render
from knowledge.access.rights import Right, Visitor
from knowledge.kit.errors import AllmendeError, Conflict, InvalidInput
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.lessons.gaps import TrainingGap, training_gaps
from knowledge.models.training import TrainingState
from knowledge.trainings.checking import LONGEST_REASON
from knowledge.trainings.schemas import QuestionEntry, Standing, TrainingEntry
from knowledge.trainings.service import TrainingService
from knowledge.trainings.times import read_day

router = APIRouter()
REASON, FIRST = "grund", "erster"
PER_PAGE, MOST_GAPS = 25, 5


class Part(StrEnum):
    """Which of the trainings are shown."""

    COMING = "kommend"
    DRAFTS = "entwuerfe"
    PAST = "vergangen"
    CANCELLED = "abgesagt"


_STANDINGS = {
    Part.COMING: Standing.COMING,
    Part.DRAFTS: Standing.DRAFT,
    Part.PAST: Standing.PAST,
    Part.CANCELLED: Standing.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class GapView:
    """What many look for and do not find."""

    id: UUID
    heading: str
    meta: str


@dataclass(frozen=True, slots=True)
class ManagePage:
    """One's trainings in one state, and gaps that call for another one; ``onward`` is the address up to the page."""

    tabs: Sequence[Tab]
    address: str
    trainings: Sequence[TrainingView]
    gaps: Sequence[GapView]
    page: int
    pages: int
    onward: str


@dataclass(frozen=True, slots=True)
class ManagedPage:
    """One training, with what can be done about it; ``problem`` is why something did not work."""

    training: TrainingView
    tabs: Sequence[Tab]
    address: str
    numbers: Sequence[tuple[int, str]]
    questions: Sequence[QuestionEntry]
    place: str
    link: str
    is_draft: bool
    can_change: bool
    can_cancel: bool
    first: str
    problem: str
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CancelPage:
    """Asking once more, and for the reason; ``told`` counts who gets it."""

    training: TrainingView
    told: int
    typed: str
    errors: Mapping[str, str]
    longest: int = LONGEST_REASON


@router.get(MANAGE)
async def manage(request: Request, visitor: MayManageTrainings, session: Reading) -> HTMLResponse:
    """Show the trainings that somebody runs."""
    unit, part = UnitOfWork(session), read_choice(Part, request.query_params.get("stand")) or Part.COMING
    service, by, standing = TrainingService(unit), publisher_of(visitor), _STANDINGS[part]
    counts = await service.standings(by)
    pages = max(1, math.ceil(counts[standing] / PER_PAGE))
    number = min(page_number(request.query_params.get("seite", "")) or 1, pages)
    entries = await service.standing(by, standing, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
    page = ManagePage(
        tabs=[(_part_name(one), _part_address(one), counts[_STANDINGS[one]]) for one in Part],
        address=_part_address(part),
        trainings=[view_of(entry, manages=True) for entry in entries],
        gaps=await _gaps(session, visitor) if part is Part.COMING and number == 1 else (),
        page=number,
        pages=pages,
        onward=f"{MANAGE}?stand={part.value}&seite=",
    )
    return await render(request, "trainings/manage.html", page)


def _part_name(part: Part) -> str:
    names = {
        Part.COMING: _("Coming"),
        Part.DRAFTS: _("Drafts"),
        Part.PAST: _("Past"),
        Part.CANCELLED: _("Cancelled"),
    }
    return names[part]


def _part_address(part: Part) -> str:
    return MANAGE if part is Part.COMING else f"{MANAGE}?stand={part.value}"


async def _gaps(session: AsyncSession, visitor: Visitor) -> list[GapView]:
    """Return what several people asked in vain, and neither a lesson nor a training to come is about."""
    if not visitor.may(Right.GAPS_READ):
        return []
    return [_gap(one) for one in await training_gaps(session, limit=MOST_GAPS)]


def _gap(one: TrainingGap) -> GapView:
    meta = filter(None, [one.askers, ", ".join(topic.name for topic in one.topics)])
    return GapView(one.gap_id, one.heading, " · ".join(meta))


# One training


@router.get(MANAGED)
async def managed(request: Request, visitor: MayManageTrainings, session: Reading, key: UUID) -> HTMLResponse:
    """Show one training as others read it, with what can be done about it."""
    return await _show(request, UnitOfWork(session), visitor, key)


@router.post(f"{MANAGED}/veroeffentlichen")
async def publish(request: Request, visitor: MayManageTrainings, unit: Writing, key: UUID) -> Response:
    """Publish a draft."""
    try:
        await whole_or_nothing(unit, TrainingService(unit).publish(key, publisher_of(visitor)))
    except (InvalidInput, Conflict) as error:
        return await _show(request, unit, visitor, key, (error, ""))
    return redirect(f"{MANAGE}/{key}", said="trainings.published")


@router.post(f"{MANAGED}/kopieren")
async def copy(request: Request, visitor: MayManageTrainings, unit: Writing, key: UUID) -> Response:
    """Begin a new draft with what a training says."""
    typed = typed_in(await request.form()).get(FIRST, "").strip()
    try:
        first: date | None = read_day(typed) if typed else None
        copying = TrainingService(unit).copy(key, publisher_of(visitor), first=first)
        made = await whole_or_nothing(unit, copying)
    except InvalidInput as error:
        return await _show(request, unit, visitor, key, (error, typed))
    return redirect(f"{MANAGE}/{made.id}/bearbeiten", said="trainings.copied")


@router.post(f"{MANAGED}/verwerfen")
async def discard(request: Request, visitor: MayManageTrainings, unit: Writing, key: UUID) -> Response:
    """Delete a draft."""
    try:
        await whole_or_nothing(unit, TrainingService(unit).discard(key, publisher_of(visitor)))
    except Conflict as error:
        return await _show(request, unit, visitor, key, (error, ""))
    return redirect(_part_address(Part.DRAFTS), said="trainings.discarded")


async def _show(
    request: Request,
    unit: UnitOfWork,
    visitor: Visitor,
    key: UUID,
    refused: tuple[AllmendeError, str] | None = None,
) -> HTMLResponse:
    """Show a training; where something did not work, why, and the day that was typed for a copy."""
    entry = await TrainingService(unit).get_managed(key, publisher_of(visitor))
    is_draft, is_on = entry.state is TrainingState.DRAFT, entry.state is TrainingState.PUBLISHED and not entry.is_over
    view = view_of(entry, manages=True)
    page = ManagedPage(
        training=view,
        tabs=managed_tabs(entry),
        address=view.manage_path,
        numbers=[] if is_draft else _numbers(entry),
        questions=entry.questions,
        place=entry.place,
        link=entry.link or "",
        is_draft=is_draft,
        can_change=is_draft or is_on,
        can_cancel=is_on,
        first=refused[1] if refused else "",
        problem=refused[0].message if refused else "",
    )
    return await render(request, "trainings/managed.html", page, status=refused[0].status if refused else 200)


def _numbers(entry: TrainingEntry) -> list[tuple[int, str]]:
    """Return how many there are, which whoever runs it needs to know."""
    sums = entry.sums
    if sums is None:
        return []
    free = [] if entry.free is None else [(entry.free, _("free"))]
    counted = [
        (sums.offered, _("offered")),
        (sums.waiting, _("on the waiting list")),
        (sums.cancelled, _("have cancelled")),
    ]
    return [(sums.registered, _("registered")), *free, *((count, name) for count, name in counted if count)]


# Cancelling


@router.get(f"{MANAGED}/absagen")
async def ask_to_cancel(request: Request, visitor: MayManageTrainings, session: Reading, key: UUID) -> Response:
    """Ask whether a training is really to be cancelled, and why."""
    return await _show_cancel(request, UnitOfWork(session), visitor, key)


@router.post(f"{MANAGED}/absagen")
async def cancel(request: Request, visitor: MayManageTrainings, unit: Writing, key: UUID) -> Response:
    """Cancel a training."""
    reason = typed_in(await request.form()).get(REASON, "")
    try:
        await whole_or_nothing(unit, TrainingService(unit).cancel(key, publisher_of(visitor), reason))
    except InvalidInput as error:
        return await _show_cancel(request, unit, visitor, key, (reason, error))
    except Conflict as error:
        return await _show(request, unit, visitor, key, (error, ""))
    return redirect(f"{MANAGE}/{key}", said="trainings.cancelled")


async def _show_cancel(
    request: Request,
    unit: UnitOfWork,
    visitor: Visitor,
    key: UUID,
    refused: tuple[str, AllmendeError] | None = None,
) -> Response:
    entry = await TrainingService(unit).get_managed(key, publisher_of(visitor))
    if entry.state is not TrainingState.PUBLISHED or entry.is_over:
        return redirect(f"{MANAGE}/{key}")
    page = CancelPage(
        training=view_of(entry, manages=True),
        told=people_of(entry),
        typed=refused[0] if refused else "",
        errors={REASON: refused[1].message} if refused else {},
    )
    return await render(request, "trainings/cancel.html", page, status=refused[1].status if refused else 200)


def people_of(entry: TrainingEntry) -> int:
    """Return how many people have or hope for a place, and so are told what becomes of it."""
    sums = entry.sums
    return sums.registered + sums.offered + sums.waiting if sums else 0
