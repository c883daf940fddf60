"""HEAD is answered like GET without its content, OPTIONS with what an address can be used for."""

from collections.abc import Sequence

from starlette.routing import BaseRoute, Match, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send


def route_of(scope: Scope) -> BaseRoute | None:
    """Return the route that a request will reach."""
    return next((route for route in scope["app"].routes if route.matches(scope)[0] is Match.FULL), None)


def allowed_methods(scope: Scope) -> list[str]:
    """Return what the address of a request can be used for; nothing where there is no such address."""
    found = _methods(scope["app"].routes, scope)
    if "GET" in found:
        found.add("HEAD")
    return sorted(found | {"OPTIONS"}) if found else []


def _methods(routes: Sequence[BaseRoute], scope: Scope) -> set[str]:
    found: set[str] = set()
    for route in routes:
        match, inside = route.matches(scope)
        if match is Match.NONE:
            continue
        # What is mounted answers for its own addresses.
        mounted = route.routes if isinstance(route, Mount) else ()
        found |= _methods(mounted, {**scope, **inside}) if mounted else set(getattr(route, "methods", None) or {"GET"})
    return found


class Methods:
    """Answers HEAD and OPTIONS for all routes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        method = scope.get("method")
        if method == "HEAD":
            await self._app({**scope, "method": "GET"}, receive, _without_body(send))
        elif method == "OPTIONS" and (allowed := allowed_methods(scope)):
            headers = [(b"allow", ", ".join(allowed).encode())]
            await send({"type": "http.response.start", "status": 204, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
        else:
            await self._app(scope, receive, send)


def _without_body(send: Send) -> Send:
    async def sending(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return sending
