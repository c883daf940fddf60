"""Where a request comes in: who really calls, over which scheme, and the number by which it is found in the logs."""

import re
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from knowledge.kit.ids import new_id

REQUEST_ID = "X-Request-ID"
_FIT_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

Networks = Sequence[IPv4Network | IPv6Network]


def read_networks(text: str) -> Networks:
    """Return the addresses and networks that a setting names, parted by commas."""
    return [ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip()]


class Entrance:
    """Believes proxies that are trusted, and nobody else, about whom they speak for.

    Args:
        app: what handles the request.
        trusted: the proxies.
    """

    def __init__(self, app: ASGIApp, *, trusted: Networks) -> None:
        self._app = app
        self._trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = new_id().hex
        if scope["client"] and self._is_trusted(scope["client"][0]):
            given = headers.get(REQUEST_ID, "")
            request_id = given if _FIT_ID.fullmatch(given) else request_id
            self._believe(scope, headers)
        scope.setdefault("state", {})["request_id"] = request_id

        async def numbered(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request=request_id):
            await self._app(scope, receive, numbered)

    def _believe(self, scope: Scope, headers: Headers) -> None:
        scheme = headers.get("x-forwarded-proto", "").rpartition(",")[2].strip().lower()
        if scheme in ("http", "https"):
            scope["scheme"] = scheme
        # Each proxy adds whom it heard from at the end; what stands before the first foreign one may be invented.
        for address in reversed([part.strip() for part in ",".join(headers.getlist("x-forwarded-for")).split(",")]):
            if not _is_address(address):
                return
            scope["client"] = (address, 0)
            if not self._is_trusted(address):
                return

    def _is_trusted(self, address: str) -> bool:
        return _is_address(address) and any(ip_address(address) in network for network in self._trusted)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
