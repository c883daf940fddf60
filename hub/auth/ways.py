"""Where somebody goes after signing in: never to another site, and first to what they had typed."""

from contextlib import suppress
from uuid import UUID

from fastapi import Request, Response

from hub.auth.directory_sessions import forget_directory, keep_directory
from hub.auth.visiting import drop_cookie, presence_of, sign_in_cookie
from hub.forms import KEPT_COOKIE, KEPT_PATH, kept_token
from hub.messages import redirect
from hub.services import services_of
from knowledge.access.forms import Forms
from knowledge.access.sessions import SessionNotFound, Sessions
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work

LONGEST_WAY = 2000


def own_way(path: str) -> str:
    """Return a path of ours; the first page in place of anything else."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_ours and len(path) <= LONGEST_WAY and "\\" not in path else "/"


async def welcome(
    request: Request, member_id: UUID, token: str, way: str, *, directory: UUID | None = None
) -> Response:
    """Lead somebody who signed in to what they had typed, or else to where they were going.

    Args:
        request: by which they signed in.
        member_id: who they are.
        token: their session's secret.
        way: where they were going.
        directory: with which directory they signed in, if they did.
    """
    async with unit_of_work(services_of(request).database, writes=False) as unit:
        kept = await Forms(unit.session).kept(kept_token(request), member_id)
    response = redirect(KEPT_PATH if kept else own_way(way), said="account.signed_in")
    sign_in_cookie(request, response, token)
    if directory is None:
        forget_directory(request, response)
    else:
        keep_directory(request, response, directory)
    return response


async def end_former(request: Request, unit: UnitOfWork) -> None:
    """End the session that a new one replaces in the same browser."""
    presence = await presence_of(request)
    if presence is not None and presence.visitor is not None:
        with suppress(SessionNotFound):  # over in this moment
            await Sessions(unit.session).end(presence.member_id, presence.session_id)


async def drop_kept(request: Request, response: Response, unit: UnitOfWork) -> None:
    """Forget a kept form, here and in the browser."""
    await Forms(unit.session).forget_kept(kept_token(request))
    drop_cookie(request, response, KEPT_COOKIE)
