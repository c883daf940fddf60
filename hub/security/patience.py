"""Whoever waits for a page hears after a while that it does not come, instead of nothing at all."""

import asyncio

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.auth.visiting import forget_presence
from hub.errors import DatabaseAway, error_response
from knowledge.kit.logs import get_logger

# So long may reading something take, in seconds: longer than a busy server needs, shorter than browsers and proxies
# wait. What goes longer is mostly a database that took the connection and says nothing.
PATIENCE = 12.0
READING = ("GET", "HEAD")


class Patience:
    """Answers for what does not answer in time. Only what changes nothing is given up.

    Args:
        app: what handles the request.
        seconds: how long it may take until it begins to answer.
    """

    def __init__(self, app: ASGIApp, *, seconds: float = PATIENCE) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http" or scope["method"] not in READING:
            await self._app(scope, receive, send)
            return
        answer = _Answer(send)
        answering = asyncio.ensure_future(self._app(scope, receive, answer.send))
        try:
            await asyncio.wait((answering,), timeout=self._seconds)
            if answering.done() or answer.has_begun:
                await answering
                return
        except asyncio.CancelledError:
            answering.cancel()
            raise
        # It cannot be ended: a statement that nobody answers holds up its own cancellation. It ends once the database
        # is back, and nobody hears it.
        answer.is_given_up = True
        answering.add_done_callback(_pass_over)
        get_logger().warning("request_given_up", seconds=self._seconds)
        request = Request(scope, receive)
        forget_presence(request)
        response = await error_response(request, DatabaseAway())
        await response(scope, receive, send)


class _Answer:
    """What is sent, unless it was given up."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.has_begun = self.is_given_up = False

    async def send(self, message: Message) -> None:
        """Send a part of the answer."""
        if self.is_given_up:
            return
        self.has_begun = True
        await self._send(message)


def _pass_over(answering: "asyncio.Future[None]") -> None:
    """Look at how it ended, so that nothing complains that nobody did."""
    if not answering.cancelled():
        answering.exception()
