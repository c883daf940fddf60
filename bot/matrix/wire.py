"""Requests to the homeserver, and what can go wrong with them."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from bot.core.adapter import SendPostponed, SendRefused

CLIENT = "/_matrix/client/v3"
SECONDS_TO_ANSWER = 30.0
# What the server says when it cannot find the room any more, or the bot is not in it.
GONE = {"M_FORBIDDEN", "M_NOT_FOUND", "M_UNKNOWN_ROOM", "M_GUEST_ACCESS_FORBIDDEN"}
# Answers that mean "not now", whatever their status.
LATER = {"M_LIMIT_EXCEEDED", "M_UNKNOWN_TOKEN", "M_RESOURCE_LIMIT_EXCEEDED"}

Json = dict[str, Any]
Query = Mapping[str, str | int | None]


class ServerAway(Exception):
    """The homeserver cannot be reached, answers too late, with an error of its own, or with nonsense."""


class ServerRefused(Exception):
    """The homeserver understood the request and will not do it.

    ``code`` is Matrix's own (``M_FORBIDDEN``), ``seconds`` how long it asks us to wait, ``answer`` all that it said.
    """

    def __init__(self, status: int, answer: Json) -> None:
        code = answer.get("errcode")
        self.status = status
        self.answer = answer
        self.code = code if isinstance(code, str) else ""
        super().__init__(f"{status} {self.code}")

    @property
    def is_passing(self) -> bool:
        """Whether the same request may be granted later on."""
        return self.code in LATER or self.status in (401, 429)

    @property
    def seconds(self) -> float | None:
        """How long to wait before the next try, where the server says so."""
        wait = self.answer.get("retry_after_ms")
        return wait / 1000 if isinstance(wait, int | float) and 0 <= wait < 86_400_000 else None


def path(*parts: str) -> str:
    """Return the address of a part of the client API."""
    return "/".join([CLIENT, *(quote(part, safe="") for part in parts)])


def as_send_error(error: ServerAway | ServerRefused) -> SendPostponed | SendRefused:
    """Return what a failed request means to somebody who wanted to send something."""
    if isinstance(error, ServerAway):
        return SendPostponed("The Matrix homeserver is away.", detail=str(error))
    if error.is_passing:
        return SendPostponed("The Matrix homeserver asks to wait.", detail=str(error), seconds=error.seconds)
    return SendRefused("The Matrix homeserver refuses the message.", detail=str(error), gone=error.code in GONE)


class Wire:
    """The connection to one homeserver; ``token`` is sent with each request once it is known."""

    def __init__(self, homeserver: str) -> None:
        self.homeserver = homeserver.rstrip("/")
        self.token: str | None = None
        # Without pooling limits: a long poll must not keep others waiting.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
        self._http = httpx.AsyncClient(base_url=self.homeserver, limits=limits)

    async def close(self) -> None:
        """Give back connections."""
        await self._http.aclose()

    async def get(self, address: str, *, query: Query | None = None, seconds: float = SECONDS_TO_ANSWER) -> Json:
        """Ask for something; raises ``ServerAway`` or ``ServerRefused``."""
        known = {name: value for name, value in (query or {}).items() if value is not None}
        return await self._call("GET", address, seconds=seconds, params=known)

    async def put(self, address: str, body: Mapping[str, Any]) -> Json:
        """Put something; raises ``ServerAway`` or ``ServerRefused``."""
        return await self._call("PUT", address, json=body)

    async def post(self, address: str, body: Mapping[str, Any], *, seconds: float = SECONDS_TO_ANSWER) -> Json:
        """Have something done; raises ``ServerAway`` or ``ServerRefused``."""
        return await self._call("POST", address, seconds=seconds, json=body)

    async def upload(self, content: bytes, media_type: str, name: str | None) -> str:
        """Upload a file and return its address; raises ``ServerAway`` or ``ServerRefused``."""
        answer = await self._call(
            "POST",
            "/_matrix/media/v3/upload",
            content=content,
            params={"filename": name} if name else {},
            headers={"Content-Type": media_type},
        )
        return text_of(answer, "content_uri")

    async def download(self, media: str, *, most: int) -> bytes | None:
        """Return what lies at a ``mxc://`` address; ``None`` where it is larger than ``most`` bytes.

        Raises ``ServerAway`` or ``ServerRefused``. Servers that do not know the address with a token are asked without.
        """
        server, _slash, name = media.removeprefix("mxc://").partition("/")
        place = f"download/{quote(server, safe='')}/{quote(name, safe='')}"
        try:
            return await self._fetch(f"/_matrix/client/v1/media/{place}", most)
        except ServerRefused as error:
            if error.code != "M_UNRECOGNIZED":
                raise
        return await self._fetch(f"/_matrix/media/v3/{place}", most)

    async def _fetch(self, address: str, most: int) -> bytes | None:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        content = bytearray()
        try:
            async with self._http.stream("GET", address, headers=headers, timeout=SECONDS_TO_ANSWER) as response:
                async for part in response.aiter_bytes():
                    content += part
                    if response.is_success and len(content) > most:
                        return None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ServerAway(type(error).__name__) from error
        if not response.is_success:
            _refuse(response.status_code, bytes(content))
        return bytes(content)

    async def _call(self, method: str, address: str, *, seconds: float = SECONDS_TO_ANSWER, **more: Any) -> Json:
        headers = {**({"Authorization": f"Bearer {self.token}"} if self.token else {}), **more.pop("headers", {})}
        try:
            response = await self._http.request(method, address, headers=headers, timeout=seconds, **more)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ServerAway(type(error).__name__) from error
        return _answer(response)


def _answer(response: httpx.Response) -> Json:
    try:
        answer = json.loads(response.content)
    except (ValueError, RecursionError) as error:
        raise ServerAway(f"{response.status_code} without JSON") from error
    if not isinstance(answer, dict):
        raise ServerAway(f"{response.status_code} with something else than an object")
    if response.is_success:
        return answer
    is_matrix = "errcode" in answer or "flows" in answer
    if response.status_code >= 500 or not is_matrix:
        raise ServerAway(f"{response.status_code} {answer.get('errcode', '')}".rstrip())
    raise ServerRefused(response.status_code, answer)


def _refuse(status: int, content: bytes) -> None:
    """Raise what a refused download means."""
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        answer = None
    if status >= 500 or not isinstance(answer, dict) or "errcode" not in answer:
        raise ServerAway(f"{status} for a file")
    raise ServerRefused(status, answer)


def text_of(answer: Mapping[str, Any], name: str) -> str:
    """Return a text that an answer must have; raises ``ServerAway`` where it is missing."""
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise ServerAway(f"an answer without {name}")
    return value
