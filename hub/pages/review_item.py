"""One contribution: all of it, what is near it, how it will be quoted; and every decision about it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from hub.dependencies import MayReview, Reading, Services
from hub.messages import redirect
from hub.pages.review_desk import AtDesk, Desk, Trouble, show_gone
from hub.pages.review_parts import (
    QUEUE,
    act_name,
    filter_address,
    filter_fields,
    kind_name,
    read_day,
    read_filter,
    reviewer_of,
    state_name,
    visibility_name,
)
from hub.rendering import render
from hub.services import HubServices
from knowledge.access.rights import Visitor
from knowledge.contributions.checking import LONGEST_MESSAGE
from knowledge.kit.clock import today
from knowledge.kit.errors import InvalidInput
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.contribution import ContributionKind, ContributionState
from knowledge.models.document import Visibility
from knowledge.review.errors import StaleForm, UnknownContribution
from knowledge.review.findings import Place
from knowledge.review.item import ItemReader, ItemView
from knowledge.review.looking import ContributionReader
from knowledge.review.schemas import Act, QueueFilter

router = APIRouter()
ITEM = f"{QUEUE}/{{key}}"


@dataclass(frozen=True, slots=True)
class ItemPage:
    """A contribution as its moderator looks at it.

    ``query`` says from which part of the queue they came. After a decision that did not come about, ``problem`` says
    why, ``errors`` at which field, ``typed`` what was typed, and ``meanwhile`` what others did since the form was made.
    """

    item: ItemView
    query: str
    came_from: Sequence[tuple[str, str]]
    today: str
    longest: int
    problem: str
    errors: Mapping[str, str]
    typed: Mapping[str, str]
    is_stale: bool
    meanwhile: Sequence[Act]
    act_name: Callable[[str], str]
    kind_name: Callable[[ContributionKind], str]
    state_name: Callable[[ContributionState], str]
    visibility_name: Callable[[Visibility], str]


@router.get(ITEM)
async def item(request: Request, key: UUID, visitor: MayReview, services: Services, session: Reading) -> HTMLResponse:
    """Show a contribution."""
    came_from = read_filter(request.query_params)
    try:
        page = await _Table(UnitOfWork(session), services, visitor, came_from).page(key)
    except UnknownContribution as error:
        return await show_gone(request, error, {}, came_from)
    return await render(request, "review/item.html", page)


@router.post(f"{ITEM}/veroeffentlichen")
async def publish(desk: AtDesk) -> Response:
    """Publish it."""
    return await _decide(desk, desk.service.publish(desk.key, desk.revision), "review.published")


@router.post(f"{ITEM}/rueckfrage")
async def ask(desk: AtDesk) -> Response:
    """Ask its author something."""
    act = desk.service.ask(desk.key, desk.revision, desk.typed.get("question", ""))
    return await _decide(desk, act, "review.asked", field="question")


@router.post(f"{ITEM}/ablehnen")
async def reject(desk: AtDesk) -> Response:
    """Turn it away with a reason."""
    act = desk.service.reject(desk.key, desk.revision, desk.typed.get("reason", ""))
    return await _decide(desk, act, "review.rejected", field="reason")


@router.post(f"{ITEM}/zurueckstellen")
async def postpone(desk: AtDesk) -> Response:
    """Put it off until a day."""
    act = desk.service.postpone(desk.key, desk.revision, read_day(desk.typed.get("until", "")))
    return await _decide(desk, act, "review.postponed", field="until")


@router.post(f"{ITEM}/schwaerzen")
async def redact(desk: AtDesk) -> Response:
    """Put what looks like personal data out of it: at one place, or everywhere."""
    place = Place.read(desk.typed.get("place", ""))
    trouble = await desk.attempt(desk.service.redact(desk.key, desk.revision, [place] if place else None))
    if trouble is not None:
        return await _show_trouble(desk, trouble)
    return redirect(f"{QUEUE}/{desk.key}?{desk.query}#funde", said="review.redacted")


async def _decide(desk: Desk, act: Awaitable[object], said: str, *, field: str = "") -> Response:
    """Decide, and go on to the next one; or show the contribution again with what was typed."""
    following = await desk.following()
    trouble = await desk.attempt(act)
    if trouble is not None:
        return await _show_trouble(desk, trouble, field=field)
    if following is None:
        return redirect(f"{QUEUE}?{desk.query}", said="review.all_done")
    return redirect(f"{QUEUE}/{following}?{desk.query}", said=said)


async def _show_trouble(desk: Desk, trouble: Trouble, *, field: str = "") -> HTMLResponse:
    """Show the contribution as it is now, with what was typed and why nothing came of it."""
    error = trouble.error
    if isinstance(error, UnknownContribution):
        return await show_gone(desk.request, error, desk.typed, desk.came_from)
    try:
        table = _Table(desk.unit, desk.services, desk.visitor, desk.came_from)
        page = await table.page(desk.key, trouble=trouble, field=field)
    except UnknownContribution as gone:
        return await show_gone(desk.request, gone, desk.typed, desk.came_from)
    return await render(desk.request, "review/item.html", page, status=error.status)


@dataclass(frozen=True, slots=True)
class _Table:
    """Where a contribution is laid out for somebody."""

    unit: UnitOfWork
    services: HubServices
    visitor: Visitor
    came_from: QueueFilter

    async def page(self, key: UUID, *, trouble: Trouble | None = None, field: str = "") -> ItemPage:
        """Return the page, after a decision that did not come about. Raises ``UnknownContribution``."""
        reviewer = reviewer_of(self.visitor)
        view = await ItemReader(self.unit, self.services.answers, reviewer).view(key)
        error = trouble.error if trouble else None
        reader = ContributionReader(self.unit.session, reviewer)
        is_stale = trouble is not None and isinstance(error, StaleForm)
        return ItemPage(
            item=view,
            query=filter_address(self.came_from),
            came_from=filter_fields(self.came_from),
            today=today().isoformat(),
            longest=LONGEST_MESSAGE,
            problem=error.message if error else "",
            errors={field: error.message} if field and isinstance(error, InvalidInput) else {},
            typed=trouble.typed if trouble else {},
            is_stale=is_stale,
            meanwhile=await reader.acts_since(key, trouble.revision) if trouble and is_stale else (),
            act_name=act_name,
            kind_name=kind_name,
            state_name=state_name,
            visibility_name=visibility_name,
        )
