"""Which directory a browser signed in with: so that whoever signs out here is told where they still are signed in.

The browser alone keeps that, beside its session; nothing of it is in the database. Whoever changes it is led to the
sign-out of another directory, and no further.
"""

from datetime import timedelta
from uuid import UUID

from fastapi import Request, Response

from hub.auth.visiting import OUTLIVES, cookie_name, drop_cookie, lifetime_of, set_cookie
from hub.services import services_of

COOKIE = "allmende_directory_session"
# How long after signing out here one can sign out there.
OFFERED = timedelta(minutes=10)


def keep_directory(request: Request, response: Response, provider_id: UUID) -> None:
    """Have the browser keep which directory it signed in with, for as long as the session may last."""
    longest = lifetime_of(services_of(request).settings).longest
    set_cookie(request, response, COOKIE, provider_id.hex, lasts=longest + OUTLIVES)


def forget_directory_soon(request: Request, response: Response, provider_id: UUID) -> None:
    """Have the browser keep it as long as it takes to sign out there."""
    set_cookie(request, response, COOKIE, provider_id.hex, lasts=OFFERED)


def forget_directory(request: Request, response: Response) -> None:
    """Have the browser forget it, such as after signing in otherwise."""
    if cookie_name(request, COOKIE) in request.cookies:
        drop_cookie(request, response, COOKIE)


def directory_of(request: Request) -> UUID | None:
    """Return which directory a browser signed in with."""
    try:
        return UUID(hex=request.cookies.get(cookie_name(request, COOKIE), ""))
    except ValueError:
        return None
