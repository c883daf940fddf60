"""Bodies of requests: JSON without what no text has and no database takes."""

import json
import math
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from hub.api.problems import Fault, RequestInvalid
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import _

JSON = "application/json"
# What every program reads as the same number (RFC 7493).
LARGEST = 2**53 - 1
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class JsonNeeded(AllmendeError):
    """A body is not JSON, or does not say so."""

    status = 415
    code = "api.json_needed"

    def __init__(self) -> None:
        super().__init__(_("Please send this as application/json."))


class SoundRoute(APIRoute):
    """A route that looks at a body before anything else does."""

    def get_route_handler(self) -> Handler:
        """Return what handles a request."""
        handle = super().get_route_handler()
        takes_body = self.body_field is not None

        async def handling(request: Request) -> Response:
            if takes_body:
                await check_body(request)
            return await handle(request)

        return handling


async def check_body(request: Request) -> None:
    """Raise ``JsonNeeded`` or ``RequestInvalid`` for a body that cannot be read."""
    if not await request.body():
        return
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise JsonNeeded
    try:
        sent = await request.json()
    except (ValueError, RecursionError):
        raise RequestInvalid([Fault(place="body", kind="json_invalid", detail=_("This is not JSON."))]) from None
    faults = [Fault(place=place, kind=kind, detail=_("This cannot be taken.")) for place, kind in unsound(sent)]
    if faults:
        raise RequestInvalid(faults)


def unsound(value: Any, place: str = "body") -> Iterator[tuple[str, str]]:
    """Yield where something is that cannot be kept: NUL, half characters, numbers beyond all bounds."""
    match value:
        case dict():
            for name, inner in value.items():
                yield from unsound(name, place)
                yield from unsound(inner, f"{place}.{_printable(name)}")
        case list():
            for number, inner in enumerate(value):
                yield from unsound(inner, f"{place}.{number}")
        case str() if "\x00" in value or not _is_unicode(value):
            yield place, "text_invalid"
        case bool():
            return
        case int() | float() if not math.isfinite(value) or abs(value) > LARGEST:
            yield place, "number_too_large"


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _printable(name: str) -> str:
    return json.dumps(name)[1:-1][:100]
