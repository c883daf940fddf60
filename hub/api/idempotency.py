"""The same creation sent twice creates once: ``Idempotency-Key``.

The key is taken in the transaction that creates, and the answer is kept in it, so either both are there or neither is.
A second request with the same key waits for the first one and gets its answer.
"""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any

from fastapi import Request, Response
from fastapi.encoders import jsonable_encoder

from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.tokens.requests import KeptAnswer, Requests
from knowledge.tokens.schemas import TokenEntry

LONGEST_KEY = 200
# Headers of an answer that are kept with it.
KEPT_HEADERS = ("location", "etag")


class KeyUsedOtherwise(AllmendeError):
    """A key was used for another request already."""

    status = 422
    code = "api.key_used_otherwise"

    def __init__(self) -> None:
        super().__init__(_("This Idempotency-Key was used for another request already. Please take a new one."))


class AnsweredBefore(Exception):
    """The request was answered before; ``answer`` is what was said."""

    def __init__(self, answer: KeptAnswer) -> None:
        super().__init__(answer.status)
        self.answer = answer


@dataclass(frozen=True, slots=True)
class _Taken:
    requests: Requests
    key: str


# The key that the present request took; set by the transaction, read once the route has answered.
_taken: ContextVar[_Taken | None] = ContextVar("taken_key", default=None)


@asynccontextmanager
async def once(request: Request, unit: UnitOfWork, *, token: TokenEntry | None, key: str | None) -> AsyncIterator[None]:
    """Take a request's key in the transaction in which it acts; without a key, nothing.

    Raises ``AnsweredBefore`` for a request that was answered already, ``KeyUsedOtherwise`` for another one.
    """
    if key is None or token is None:
        yield
        return
    requests, digest = Requests(unit.session), _key_digest(request, token, key)
    sent = await _request_digest(request)
    before = await requests.take(digest, token.id, sent)
    if before is not None:
        if before.request != sent:
            raise KeyUsedOtherwise
        raise AnsweredBefore(before)
    _taken.set(_Taken(requests, digest))
    try:
        yield
    finally:
        _taken.set(None)


Endpoint = Callable[..., Awaitable[Any]]


def keeping_its_answer(endpoint: Endpoint, status: int) -> Endpoint:
    """Return a route's function that also keeps what it answers, in its transaction, under the key that it took."""

    @wraps(endpoint)
    async def answering(**values: Any) -> Any:
        result = await endpoint(**values)
        taken = _taken.get()
        if taken is not None:
            await taken.requests.keep(taken.key, status, headers=_headers_of(values), body=jsonable_encoder(result))
        return result

    return answering


def _headers_of(values: dict[str, Any]) -> dict[str, str]:
    response = next((value for value in values.values() if isinstance(value, Response)), None)
    return {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers} if response else {}


def _key_digest(request: Request, token: TokenEntry, key: str) -> str:
    return hashlib.sha256(f"{token.id} {request.method} {request.url.path} {key}".encode()).hexdigest()


async def _request_digest(request: Request) -> str:
    return hashlib.sha256(request.url.query.encode() + b"\x00" + await request.body()).hexdigest()
