"""Who sends a request: looked up once per request, from the session that its cookie names."""

from datetime import timedelta

from fastapi import Request, Response

from hub.services import services_of
from knowledge.access.rights import Visitor, stranger
from knowledge.access.secrets import LONGEST_TOKEN
from knowledge.access.sessions import Lifetime, Presence, Sessions
from knowledge.kit.settings import Settings
from knowledge.kit.unit_of_work import unit_of_work

COOKIE = "allmende_session"
# The cookie outlives the session a little: a form that was typed meanwhile is kept for whose session it was.
OUTLIVES = timedelta(days=2)


def cookie_name(request: Request, name: str = COOKIE) -> str:
    """Return what a cookie is called; with TLS, browsers hold such a name to this very host."""
    return f"__Host-{name}" if request.url.scheme == "https" else name


def set_cookie(request: Request, response: Response, name: str, value: str, *, lasts: timedelta) -> None:
    """Give the browser something to keep that no script reads and no other site can make it send."""
    response.set_cookie(
        cookie_name(request, name),
        value,
        max_age=int(lasts.total_seconds()),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def drop_cookie(request: Request, response: Response, name: str) -> None:
    """Have the browser forget something."""
    set_cookie(request, response, name, "", lasts=timedelta())


def lifetime_of(settings: Settings) -> Lifetime:
    """Return how long sessions last."""
    return Lifetime(timedelta(days=settings.hub.hub_session_days), timedelta(hours=settings.hub.hub_idle_hours))


def sign_in_cookie(request: Request, response: Response, token: str) -> None:
    """Have the browser keep a session's secret."""
    lifetime = lifetime_of(services_of(request).settings)
    set_cookie(request, response, COOKIE, token, lasts=lifetime.longest + OUTLIVES)


async def presence_of(request: Request) -> Presence | None:
    """Return what a request's cookie says, also where the session is over."""
    if not hasattr(request.state, "presence"):
        request.state.presence = await _look_up(request)
    found: Presence | None = request.state.presence
    return found


async def visitor_of(request: Request) -> Visitor:
    """Return who sends a request."""
    presence = await presence_of(request)
    return (presence.visitor if presence else None) or stranger()


def forget_presence(request: Request) -> None:
    """Take whoever sends a request for nobody known, without a look into the database."""
    if not hasattr(request.state, "presence"):
        request.state.presence = None


def leave_unnoted(request: Request) -> None:
    """Do not count a request as a use of its session: a page sent it by itself."""
    request.state.by_itself = True


async def _look_up(request: Request) -> Presence | None:
    token = request.cookies.get(cookie_name(request), "")
    if not 0 < len(token) <= LONGEST_TOKEN:
        return None
    services = services_of(request)
    async with unit_of_work(services.database, writes=False) as unit:
        return await Sessions(unit.session, lifetime_of(services.settings)).find(token)
