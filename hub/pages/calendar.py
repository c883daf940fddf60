"""Calendars (iCalendar): of one training, of what is public, and of one's own at a secret address."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from hub.dependencies import Anybody, Reading, Services
from hub.made_files import made_file
from hub.pages.sign_in import caller_of
from hub.pages.training_parts import ITEM
from hub.services import HubServices
from knowledge.access.secrets import LONGEST_TOKEN
from knowledge.access.throttle import Throttle
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.trainings.calendar import MEDIA_TYPE, event_calendar, feed
from knowledge.trainings.feeds import FeedService, UnknownCalendar

router = APIRouter()
# How many seconds a calendar may be kept before it is asked for again.
KEPT = 900


@router.get("/kalender/oeffentlich.ics")
async def public_feed(request: Request, visitor: Anybody, session: Reading, services: Services) -> Response:  # noqa: ARG001
    """Give the public trainings."""
    entries = await FeedService(UnitOfWork(session)).public()
    content = feed(entries, name=_("Trainings (Allmende)"), hub=services.settings.hub.hub_url)
    return _answer(request, content, f"public, max-age={KEPT}")


@router.get("/kalender/{token}.ics")
async def own_feed(request: Request, visitor: Anybody, services: Services, token: str) -> Response:  # noqa: ARG001
    """Give what somebody registered for to whoever has their secret address; guessing becomes slow."""
    try:
        async with unit_of_work(services.database, writes=False) as unit:
            entries = await FeedService(unit).of_token(token[:LONGEST_TOKEN])
    except UnknownCalendar:
        await _count_guess(request, services)
        raise
    content = feed(entries, name=_("My trainings (Allmende)"), hub=services.settings.hub.hub_url)
    return _answer(request, content, f"private, max-age={KEPT}")


@router.get(f"{ITEM}/kalender.ics")
async def event(request: Request, visitor: Anybody, session: Reading, services: Services, key: UUID) -> Response:
    """Give one training; place and link are in it for those who are registered."""
    found = await FeedService(UnitOfWork(session)).training(key, visitor.viewer, visitor.member_id)
    content = event_calendar(found, registered=found.registered, hub=services.settings.hub.hub_url)
    response = _answer(request, content, "private, no-cache")
    response.headers["Content-Disposition"] = 'attachment; filename="schulung.ics"'
    return response


async def _count_guess(request: Request, services: HubServices) -> None:
    """Count a guess in vain. Raises ``TooManyAttempts`` where there were too many of them.

    Apart from signing in: a calendar that goes on asking at an address that was ended must not lock its town hall out.
    """
    async with unit_of_work(services.database) as unit:
        await Throttle(unit.session, services.access_key, purpose="calendar ").take(address=caller_of(request))


def _answer(request: Request, content: bytes, keeping: str) -> Response:
    headers = {"Cache-Control": keeping, "Vary": "Accept-Language, Cookie"}
    return made_file(request, content, MEDIA_TYPE, headers)
