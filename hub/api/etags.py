"""Conditions: ``If-None-Match`` saves sending what the caller has, ``If-Match`` keeps them from changing what they
have not seen.

Reading::

    async def thing(id: UUID, caller: MayRead, session: Reading, seen: IfNoneMatch) -> Thing:
        found = await Things(session).get(id)
        return seen.answer(thing_of(found), etag_of(found.id, found.revision))   # raises NotModified -> 304

Changing (the ETag is the one of the thing when read)::

    async def change(id: UUID, body: …, caller: MayChange, unit: Writing, expected: IfMatch) -> Thing:
        expected.hold(etag_of(found.id, found.revision))         # 428 without If-Match is answered before, else 412
        …
        expected.changed(etag_of(found.id, new_revision))        # the new ETag goes into the answer
"""

from typing import Annotated, TypeVar

from fastapi import Depends, Header, Response

from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import _
from knowledge.kit.revisions import revision_of

LONGEST = 500

Body = TypeVar("Body")


class NotModified(Exception):
    """The caller has the present state already."""

    def __init__(self, etag: str) -> None:
        super().__init__(etag)
        self.etag = etag


class ChangedMeanwhile(AllmendeError):
    """``If-Match`` names a state that is not the present one."""

    status = 412
    code = "api.changed_meanwhile"

    def __init__(self) -> None:
        super().__init__(_("Somebody changed this in the meantime. Please read it again and decide anew."))


class IfMatchNeeded(AllmendeError):
    """A change does not say what state it is about."""

    status = 428
    code = "api.if_match_needed"

    def __init__(self) -> None:
        super().__init__(_("Please send the ETag of what you read in the header If-Match."))


def etag_of(*values: object) -> str:
    """Return a strong ETag of something that consists of these values, with the quotation marks."""
    return f'"{revision_of(*values)}"'


def matches(header: str, etag: str, *, weakly: bool) -> bool:
    """Whether a list of ETags, or ``*``, names an ETag (RFC 9110: only strong ones for a change)."""
    if header.strip() == "*":
        return True
    named = [part.strip() for part in header.split(",")]
    return etag in ([part.removeprefix("W/") for part in named] if weakly else named)


class Seen:
    """What the caller has already.

    Args:
        header: what ``If-None-Match`` says.
        response: gets the ETag.
    """

    def __init__(self, header: str | None, response: Response) -> None:
        self._header = header
        self._response = response

    def check(self, etag: str) -> None:
        """Put the ETag into the answer. Raises ``NotModified`` where the caller has this state."""
        if self._header is not None and matches(self._header, etag, weakly=True):
            raise NotModified(etag)
        self._response.headers["ETag"] = etag

    def answer(self, body: Body, etag: str) -> Body:
        """Return the body with its ETag. Raises ``NotModified`` where the caller has this state."""
        self.check(etag)
        return body


class Expected:
    """The state that a change is about.

    Args:
        header: what ``If-Match`` says.
        response: gets the new ETag.
    """

    def __init__(self, header: str, response: Response) -> None:
        self.header = header
        self._response = response

    @property
    def is_any(self) -> bool:
        """Whether any state will do."""
        return self.header.strip() == "*"

    def hold(self, etag: str) -> None:
        """Raise ``ChangedMeanwhile`` unless the change is about this state."""
        if not matches(self.header, etag, weakly=False):
            raise ChangedMeanwhile

    def changed(self, etag: str) -> None:
        """Put the ETag of the new state into the answer."""
        self._response.headers["ETag"] = etag


async def seen(
    response: Response,
    if_none_match: Annotated[
        str | None,
        Header(
            alias="If-None-Match",
            max_length=LONGEST,
            description="The ETag of what you have; 304 where nothing changed.",
        ),
    ] = None,
) -> Seen:
    """Return what the caller has already."""
    return Seen(if_none_match, response)


async def expected(
    response: Response,
    if_match: Annotated[
        str | None,
        Header(
            alias="If-Match",
            max_length=LONGEST,
            description="The ETag of what you read; 428 without it, 412 where it changed.",
        ),
    ] = None,
) -> Expected:
    """Return the state that a change is about. Raises ``IfMatchNeeded``."""
    if if_match is None:
        raise IfMatchNeeded
    return Expected(if_match, response)


IfNoneMatch = Annotated[Seen, Depends(seen)]
IfMatch = Annotated[Expected, Depends(expected)]
