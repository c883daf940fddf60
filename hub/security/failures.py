"""The last edge: what nobody foresaw becomes a page with a number, and a trace in the log without anybody's words."""

import traceback

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.auth.visiting import forget_presence
from hub.errors import as_error, error_response, request_id_of
from knowledge.kit.logs import get_logger

# Steps of a trace that are logged, the innermost ones.
MOST_STEPS = 25


class Failures:
    """Answers where everything else failed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:  # noqa: BLE001 - the edge
            get_logger().error("request_failed", error=type(error).__name__, steps=steps_of(error))
            if started:  # the connection ends in the middle, which the browser notices
                return
            response = await _answer(Request(scope, receive), error)
            await response(scope, receive, send)


def steps_of(error: BaseException) -> list[str]:
    """Return where an error came from: places in the program alone, because messages may hold what people wrote."""
    frames = traceback.extract_tb(error.__traceback__)[-MOST_STEPS:]
    steps = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}:{frame.name}" for frame in frames]
    return steps if error.__cause__ is None else [*steps, type(error.__cause__).__name__, *steps_of(error.__cause__)]


async def _answer(request: Request, error: Exception) -> Response:
    forget_presence(request)
    try:
        return await error_response(request, as_error(error))
    except Exception as second:  # noqa: BLE001 - the page itself cannot be made; a plain line always can
        get_logger().error("error_page_failed", error=type(second).__name__, steps=steps_of(second))
        return PlainTextResponse(f"Allmende: {request_id_of(request)}\n", 500)
