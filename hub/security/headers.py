"""What every answer tells the browser not to do."""

from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
ALWAYS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    # No address of ours, some of which are secret, goes to other sites; our own forms still say where they come from.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
YEAR = 365 * 24 * 3600
# As they are sent, for every answer has them.
_ALWAYS = [(name.lower().encode(), value.encode()) for name, value in ALWAYS.items()]
_TRANSPORT = (b"strict-transport-security", f"max-age={YEAR}".encode())


class SafeHeaders:
    """Adds the headers of browser safety to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""

        async def safe(message: Message) -> None:
            if message["type"] == "http.response.start":
                wanted = [*_ALWAYS, _TRANSPORT] if scope["scheme"] == "https" else _ALWAYS
                message["headers"] = _with(list(message.get("headers", ())), wanted)
            await send(message)

        await self._app(scope, receive, safe)


def _with(headers: list[tuple[bytes, bytes]], wanted: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return headers with those that they do not have yet; a page's own stand."""
    there = {name.lower() for name, _value in headers}
    return headers + [header for header in wanted if header[0] not in there]
