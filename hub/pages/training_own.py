"""„Meine Schulungen": what somebody registered for, and the secret address of their own calendar."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from hub.dependencies import MayUseNetwork, Reading, Services, Writing
from hub.messages import redirect
from hub.pages.training_parts import OWN, Tab, TrainingView, tabs_for, view_of
from hub.rendering import render
from knowledge.access.rights import Visitor
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.training import TrainingState
from knowledge.trainings.feeds import FeedService
from knowledge.trainings.registering import RegistrationService
from knowledge.trainings.schemas import TrainingEntry

router = APIRouter()
FEED = f"{OWN}/kalender"


@dataclass(frozen=True, slots=True)
class OwnPage:
    """One's own registrations. ``feed`` is the calendar's address, only when it was made just now."""

    tabs: Sequence[Tab]
    address: str
    coming: Sequence[TrainingView]
    past: Sequence[TrainingView]
    feed: str
    has_feed: bool
    feed_since: datetime | None


@router.get(OWN)
async def own(request: Request, visitor: MayUseNetwork, session: Reading) -> HTMLResponse:
    """Show what somebody registered for."""
    return await _show(request, UnitOfWork(session), visitor)


@router.post(FEED)
async def open_feed(request: Request, visitor: MayUseNetwork, unit: Writing, services: Services) -> HTMLResponse:
    """Make a secret address, which is shown this once."""
    token = await FeedService(unit).open(visitor.known.id)
    hub = services.settings.hub.hub_url or str(request.base_url)
    return await _show(request, unit, visitor, feed=f"{hub.rstrip('/')}/kalender/{token}.ics")


@router.post(f"{FEED}/beenden")
async def end_feed(visitor: MayUseNetwork, unit: Writing) -> Response:
    """Let the secret address stop working."""
    await FeedService(unit).revoke(visitor.known.id)
    return redirect(OWN, said="trainings.feed_ended")


async def _show(request: Request, unit: UnitOfWork, visitor: Visitor, *, feed: str = "") -> HTMLResponse:
    entries = await RegistrationService(unit).of_member(visitor.known.id)
    coming = [entry for entry in entries if _is_coming(entry)]
    since = await FeedService(unit).opened_at(visitor.known.id)
    page = OwnPage(
        tabs=tabs_for(visitor),
        address=OWN,
        coming=[view_of(entry) for entry in coming],
        past=[view_of(entry) for entry in entries if entry not in coming],
        feed=feed,
        has_feed=since is not None,
        feed_since=since,
    )
    return await render(request, "trainings/own.html", page)


def _is_coming(entry: TrainingEntry) -> bool:
    registration = entry.registration
    is_on = entry.state is TrainingState.PUBLISHED and not entry.is_over
    return is_on and registration is not None and registration.is_live
