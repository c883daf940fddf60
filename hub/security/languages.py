"""The language of a request: chosen with ``?sprache=``, remembered, or what the browser prefers."""

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.security.programs import is_api
from knowledge.kit.language import LANGUAGES, choose_language, current_language

COOKIE, PARAMETER = "allmende_sprache", "sprache"
# Files, which are the same in every language.
SAME_IN_ALL = "/static/"
YEAR = 365 * 24 * 3600


class Languages:
    """Chooses the language in which a request is answered.

    Args:
        app: what handles the request.
        default: where nothing else is said.
    """

    def __init__(self, app: ASGIApp, *, default: str) -> None:
        self._app = app
        self._default = default

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http" or scope["path"].startswith(SAME_IN_ALL):
            await self._app(scope, receive, send)
            return
        request, api = Request(scope), is_api(scope)
        asked = "" if api else request.query_params.get(PARAMETER, "")
        remembered = "" if api else request.cookies.get(COOKIE, "")
        wanted = next((name for name in (asked, remembered) if name in LANGUAGES), None)

        async def remembering(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.add_vary_header("Accept-Language, Authorization" if api else "Accept-Language, Cookie")
                if asked in LANGUAGES:
                    headers.append("Set-Cookie", _cookie(asked, secure=scope["scheme"] == "https"))
            await send(message)

        before = current_language()
        choose_language(wanted or preferred(request.headers.get("accept-language", "")) or self._default)
        try:
            await self._app(scope, receive, remembering)
        finally:
            choose_language(before)


def preferred(header: str) -> str | None:
    """Return the one of our languages that a browser prefers, if it prefers any."""
    wanted: list[tuple[float, str]] = []
    for part in header.lower().split(",")[:20]:
        name, _semicolon, quality = part.strip().partition(";")
        language = name.strip().partition("-")[0]
        if language in LANGUAGES:
            wanted.append((_quality(quality), language))
    best = max(wanted, key=lambda one: one[0], default=(0.0, ""))
    return best[1] if best[0] > 0 else None


def _quality(text: str) -> float:
    value = text.strip().removeprefix("q=")
    try:
        return float(value) if value else 1.0
    except ValueError:
        return 0.0


def _cookie(language: str, *, secure: bool) -> str:
    return f"{COOKIE}={language}; Path=/; Max-Age={YEAR}; HttpOnly; SameSite=Lax{'; Secure' if secure else ''}"
