"""Lists come in pages: ``limit`` (at most 100), an opaque ``cursor``, ``next`` in the body and a ``Link`` header.

A route takes ``paging: Paged`` and answers with ``paging.page(items)``::

    @router.get("/things", response_model=Page[Thing], …)
    async def things(caller: MayRead, session: Reading, paging: Paged) -> Page[Thing]:
        found = await Things(session).list_all(limit=paging.limit + 1, offset=paging.offset)
        return paging.page([thing_of(one) for one in found])

``page`` takes up to ``limit + 1`` items (one more than asked for tells that there is another page).
A service that only knows everything at once: ``paging.page(paging.slice(everything))``.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, Field

from hub.api.problems import Fault, RequestInvalid
from knowledge.kit.language import _

MOST, USUAL = 100, 20
LONGEST_CURSOR = 200
# No list is walked further than this; who needs everything takes the export.
FURTHEST = 100_000


Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """One page of a list."""

    items: list[Item] = Field(description="What is on this page.")
    next: str | None = Field(
        None,
        description="The address of the next page; `null` on the last one. Also in the header `Link`.",
        examples=["/api/v1/documents?limit=20&cursor=WzIwXQ"],
    )


class CursorInvalid(RequestInvalid):
    """A cursor that was not given out by this operation."""

    code = "api.cursor_invalid"

    def __init__(self) -> None:
        detail = _("This cursor did not come from here. Please start with the first page.")
        super().__init__([Fault(place="query.cursor", kind="cursor_invalid", detail=detail)])


class Paging:
    """Where a page begins, and how long it is.

    Args:
        request: that asked for it.
        response: gets the ``Link`` header.
        limit: how many at most.
        offset: how many come before it.
    """

    def __init__(self, request: Request, response: Response, *, limit: int, offset: int) -> None:
        self._request = request
        self._response = response
        self.limit = limit
        self.offset = offset

    @property
    def fetch(self) -> int:
        """How many to ask a service for: one more than shown tells whether there is a next page."""
        return self.limit + 1

    def slice(self, everything: Sequence[Item]) -> Sequence[Item]:
        """Return what to give to ``page`` of a list that is there as a whole."""
        return everything[self.offset : self.offset + self.fetch]

    def page(self, items: Sequence[Item], *, more: bool | None = None) -> Page[Item]:
        """Return a page of up to ``limit`` items.

        Args:
            items: what was found from ``offset`` on, one more than ``limit`` where there is more.
            more: whether there is another page, where the items do not tell it.
        """
        has_more = len(items) > self.limit if more is None else more
        following = self._next() if has_more else None
        if following is not None:
            self._response.headers["Link"] = f'<{following}>; rel="next"'
        return Page(items=list(items[: self.limit]), next=following)

    def _next(self) -> str | None:
        offset = self.offset + self.limit
        if offset >= FURTHEST:
            return None
        url = self._request.url.include_query_params(limit=self.limit, cursor=write_cursor(offset))
        return f"{url.path}?{url.query}"


def write_cursor(offset: int) -> str:
    """Return the cursor of a place in a list."""
    return base64.urlsafe_b64encode(json.dumps([offset]).encode()).decode().rstrip("=")


def read_cursor(text: str) -> int:
    """Return the place in a list that a cursor names. Raises ``CursorInvalid``."""
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        raise CursorInvalid from None
    match values:
        case [int(offset)] if not isinstance(offset, bool) and 0 < offset < FURTHEST and write_cursor(offset) == text:
            return offset
    raise CursorInvalid


async def paging(
    request: Request,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=MOST, description="How many on a page.", examples=[20])] = USUAL,
    cursor: Annotated[
        str | None,
        Query(
            max_length=LONGEST_CURSOR,
            description="From `next` of the page before; opaque. The other parameters must stay the same.",
            examples=["WzIwXQ"],
        ),
    ] = None,
) -> Paging:
    """Return where the page that a request asks for begins. Raises ``CursorInvalid``."""
    return Paging(request, response, limit=limit, offset=read_cursor(cursor) if cursor else 0)


Paged = Annotated[Paging, Depends(paging)]
