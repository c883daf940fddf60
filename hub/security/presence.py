"""Noting that sessions are used: after the answer was sent, so that nobody waits for the database's writer."""

from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp, Receive, Scope, Send

from hub.services import HubServices
from knowledge.access.sessions import Presence, Sessions
from knowledge.kit.logs import get_logger
from knowledge.kit.unit_of_work import unit_of_work


class PresenceNotes:
    """Writes, every few minutes, when a session was used last."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        await self._app(scope, receive, send)
        state = scope.get("state", {})
        presence: Presence | None = state.get("presence")
        if presence is not None and presence.is_stale and not state.get("by_itself"):
            await _note(scope["app"].state.services, presence)


async def _note(services: HubServices, presence: Presence) -> None:
    try:
        async with unit_of_work(services.database) as unit:
            await Sessions(unit.session).mark_seen(presence.session_id)
    except (SQLAlchemyError, OSError) as error:  # the answer is out already; the next request notes it
        get_logger().warning("presence_not_noted", error=type(error).__name__)
