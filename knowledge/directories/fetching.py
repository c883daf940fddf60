"""Asking a directory: no redirects, little time, little to read, and JSON alone."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from knowledge.directories.errors import DirectoryAway, DirectoryMisset

if TYPE_CHECKING:
    from ssl import SSLContext

    from httpx import Response

# For one step, and for a whole answer, in seconds.
STEP, WHOLE = 5.0, 10.0
LARGEST = 256 * 1024


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a directory answered: its status, and the object in it (empty where there was none)."""

    status: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to a directory: with a form it is sent, without one it is read."""

    address: str
    form: Mapping[str, str] | None = None
    basic: tuple[str, str] | None = None
    bearer: str | None = None


async def fetch(asked: Asked, *, seconds: float = WHOLE) -> Fetched:
    """Ask a directory. Raises ``DirectoryAway`` and ``DirectoryMisset``."""
    import httpx

    try:
        async with asyncio.timeout(seconds), httpx.AsyncClient(verify=_tls(), timeout=STEP) as client:
            method = "GET" if asked.form is None else "POST"
            headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
            headers |= {"Authorization": f"Bearer {asked.bearer}"} if asked.bearer else {}
            basic = httpx.BasicAuth(*asked.basic) if asked.basic else None
            sent = client.stream(method, asked.address, data=asked.form, headers=headers, auth=basic)
            async with sent as response:
                return await _read(response)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as error:
        raise DirectoryAway(type(error).__name__) from error


async def _read(response: "Response") -> Fetched:
    if response.status_code >= 500 or response.status_code == 429:
        raise DirectoryAway(f"status_{response.status_code}")
    if response.is_redirect or response.headers.get("content-encoding", "identity") != "identity":
        raise DirectoryMisset(f"status_{response.status_code}")
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > LARGEST:
            raise DirectoryMisset("answer_too_large")
    return Fetched(response.status_code, _object(bytes(body)))


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        values = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


@cache
def _tls() -> "SSLContext":
    """Return how certificates are checked, made once because that takes a while; ``SSL_CERT_FILE`` counts."""
    import httpx

    return httpx.create_ssl_context()
