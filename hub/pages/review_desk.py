"""What a decision about one contribution works with: who decides, in which transaction, and what they typed."""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse

from hub.dependencies import MayReview, Services, Writing
from hub.pages.review_parts import (
    filter_address,
    read_filter,
    read_number,
    reviewer_of,
    typed_in,
    whole_or_nothing,
)
from hub.rendering import render
from hub.services import HubServices
from knowledge.access.rights import Visitor
from knowledge.kit.errors import AllmendeError
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.review.queue import ReviewQueue
from knowledge.review.repository import ReviewRepository
from knowledge.review.schemas import QueueFilter
from knowledge.review.service import ReviewService

# The fields of forms that hold words of a person, which must not be lost.
WORDS = ("question", "reason", "outcome")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a decision did not come about, what was typed, and for which revision."""

    error: AllmendeError
    typed: Mapping[str, str]
    revision: int


@dataclass(frozen=True, slots=True)
class GonePage:
    """A contribution that is not there, or not any more, and the words that were typed for it."""

    problem: str
    typed: Sequence[str]
    query: str


@dataclass(frozen=True, slots=True)
class Desk:
    """One form about one contribution."""

    request: Request
    key: UUID
    visitor: Visitor
    services: HubServices
    unit: UnitOfWork
    typed: Mapping[str, str]

    @property
    def service(self) -> ReviewService:
        """The decisions, in this transaction."""
        return ReviewService(self.unit, reviewer_of(self.visitor))

    @property
    def revision(self) -> int:
        """The revision that the form was made for."""
        return read_number(self.typed.get("revision"))

    @property
    def came_from(self) -> QueueFilter:
        """From which part of the queue they came."""
        return read_filter(self.typed)

    @property
    def query(self) -> str:
        """The same, as addresses have it."""
        return filter_address(self.came_from)

    async def attempt(self, act: Awaitable[object]) -> Trouble | None:
        """Do something wholly, or not at all; returns what went wrong."""
        try:
            await whole_or_nothing(self.unit, act)
        except AllmendeError as error:
            return Trouble(error, self.typed, self.revision)
        return None

    async def following(self) -> UUID | None:
        """Return what comes next in the queue; asked before a decision, which takes this one out of it."""
        row = await ReviewRepository(self.unit.session).get(self.key)
        queue = ReviewQueue(self.unit.session, reviewer_of(self.visitor))
        return await queue.next_after(row, self.came_from)


async def desk(request: Request, key: UUID, visitor: MayReview, services: Services, unit: Writing) -> Desk:
    """Return what a form about a contribution works with."""
    return Desk(request, key, visitor, services, unit, typed_in(await request.form()))


AtDesk = Annotated[Desk, Depends(desk)]


async def show_gone(
    request: Request, error: AllmendeError, typed: Mapping[str, str], came_from: QueueFilter
) -> HTMLResponse:
    """Say that a contribution is not there, and give back the words that were typed for it."""
    words = [text for name, text in typed.items() if text.strip() and _is_words(name)]
    page = GonePage(error.message, words, filter_address(came_from))
    return await render(request, "review/gone.html", page, status=error.status)


def _is_words(name: str) -> bool:
    return name in WORDS or name.startswith("field_")
