"""How much, and what, may be sent: little to most routes, files to those that take files from whoever may."""

from fastapi import params
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.auth.visiting import visitor_of
from hub.dependencies import required
from hub.errors import HttpProblem, error_response
from hub.security.methods import route_of
from hub.security.origins import SAFE
from hub.security.programs import is_api

URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
# Fields of one form.
MOST_FIELDS = 5000
MEGABYTE = 1024 * 1024


class Bodies:
    """Limits what is sent, while it arrives.

    Args:
        app: what handles the request.
        usual_mb: the limit for most.
        upload_mb: the limit where files are taken.
    """

    def __init__(self, app: ASGIApp, *, usual_mb: int, upload_mb: int) -> None:
        self._app = app
        self._usual = usual_mb * MEGABYTE
        self._upload = upload_mb * MEGABYTE

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] == "http" and ("\x00" in scope["path"] or b"%00" in scope["query_string"]):
            response = await error_response(Request(scope, receive), HttpProblem(400))
            await response(scope, receive, send)
            return
        if scope["type"] != "http" or scope["method"] in SAFE:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        # The API says itself what it takes.
        if kind not in (URLENCODED, MULTIPART) and _has_body(headers) and not is_api(scope):
            response = await error_response(Request(scope, receive), HttpProblem(415))
            await response(scope, receive, send)
            return
        limit = await self._limit(scope, kind)
        await self._app(scope, _limited(receive, limit, headers, fields=kind == URLENCODED), send)

    async def _limit(self, scope: Scope, kind: str) -> int:
        """Return how much may be sent: uploads only from people who may do what the route does."""
        route = route_of(scope)
        if kind != MULTIPART or not isinstance(route, APIRoute) or not takes_files(route):
            return self._usual
        need = required(route)
        visitor = await visitor_of(Request(scope))
        return self._upload if need is not None and visitor.may(need.right) else self._usual


def takes_files(route: APIRoute) -> bool:
    """Whether files can be sent to a route."""
    return any(isinstance(field.field_info, params.File) for field in route.dependant.body_params)


def _has_body(headers: Headers) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _limited(receive: Receive, limit: int, headers: Headers, *, fields: bool) -> Receive:
    """Count what arrives; the framework tells HTTPException through to where errors are answered."""
    announced = headers.get("content-length", "0")
    seen, parts = 0, 0

    async def limited() -> Message:
        nonlocal seen, parts
        if announced.isdecimal() and int(announced) > limit:
            raise HTTPException(413)
        message = await receive()
        body = message.get("body", b"")
        seen += len(body)
        parts += body.count(b"&") if fields else 0
        if seen > limit or parts > MOST_FIELDS:
            raise HTTPException(413)
        return message

    return limited
