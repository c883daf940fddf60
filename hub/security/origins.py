"""A form of another site cannot act here, even where its visitor is signed in."""

import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from hub.errors import HttpProblem, error_response
from hub.security.programs import is_api
from knowledge.kit.logs import get_logger

SAFE = ("GET", "HEAD", "OPTIONS")
# "none": the person did it themselves, such as by sending a form again after a restart of the browser.
OWN_SITES = ("same-origin", "none")

# Mail programmes unsubscribe somebody from wherever they run (RFC 8058). What is in the address suffices for that; no
# cookie is looked at, so it gains another site nothing.
ONE_CLICK = re.compile(r"/abmelden/[\w-]+")


class Origins:
    """Refuses what changes something unless it comes from a page of ours.

    Browsers say where a request comes from in ``Sec-Fetch-Site`` or ``Origin``; where neither is there, it is no
    browser's, and has no cookie that its person did not put there.

    Args:
        app: what handles the request.
        own: the address by which people reach the hub, where it is known.
    """

    def __init__(self, app: ASGIApp, *, own: str | None) -> None:
        self._app = app
        self._own = urlsplit(own).netloc.lower() if own else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] == "http" and not self._may_pass(scope):
            get_logger().info("foreign_origin")
            response = await error_response(Request(scope, receive), HttpProblem(403))
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _may_pass(self, scope: Scope) -> bool:
        # The API knows no cookies, so there is nothing that another site could use.
        is_free = scope["method"] in SAFE or is_api(scope) or ONE_CLICK.fullmatch(scope["path"]) is not None
        return is_free or self._is_ours(Headers(scope=scope))

    def _is_ours(self, headers: Headers) -> bool:
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in OWN_SITES
        origin = headers.get("origin")
        if origin is None:
            return True
        host = urlsplit(origin).netloc.lower()
        return host != "" and host in (headers.get("host", "").lower(), self._own)
