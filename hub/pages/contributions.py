"""„Meine Beiträge": where they stand, the moderators' questions answered right there, changing and withdrawing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from hub.dependencies import MayContribute, Reading, Writing
from hub.messages import redirect
from hub.pages.contribution_parts import OWN, ContributionView, author_of, view_of
from hub.pages.review_parts import typed_in
from hub.rendering import render
from knowledge.circles.repository import CircleRepository
from knowledge.contributions.checking import LONGEST_MESSAGE
from knowledge.contributions.errors import FieldInvalid
from knowledge.contributions.schemas import ContributionEntry
from knowledge.contributions.service import ContributionService
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.contribution import ContributionState

router = APIRouter()
ITEM = f"{OWN}/{{key}}"


@dataclass(frozen=True, slots=True)
class ContributionsPage:
    """All of one's own contributions, the newest first."""

    contributions: Sequence[ContributionView]
    longest: int


@dataclass(frozen=True, slots=True)
class ContributionPage:
    """One contribution, whole."""

    contribution: ContributionView
    longest: int
    typed: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class WithdrawPage:
    """Asking once more before something is withdrawn; ``is_published``: others found it until now."""

    contribution: ContributionView
    is_published: bool


@router.get(OWN)
async def contributions(request: Request, visitor: MayContribute, session: Reading) -> HTMLResponse:
    """List one's own contributions."""
    views = await _views(session, visitor.known.id)
    return await render(request, "contributions/list.html", ContributionsPage(views, LONGEST_MESSAGE))


@router.get(ITEM)
async def contribution(request: Request, key: UUID, visitor: MayContribute, session: Reading) -> HTMLResponse:
    """Show one contribution."""
    view = await _view(session, key, visitor.known.id)
    return await render(request, "contributions/view.html", ContributionPage(view, LONGEST_MESSAGE))


@router.post(f"{ITEM}/antworten")
async def answer(request: Request, key: UUID, visitor: MayContribute, unit: Writing) -> Response:
    """Answer a moderator's question."""
    text = typed_in(await request.form()).get("text", "")
    try:
        await ContributionService(unit).answer(key, author_of(visitor), text)
    except FieldInvalid as error:
        view = await _view(unit.session, key, visitor.known.id)
        page = ContributionPage(view, LONGEST_MESSAGE, text, error.message)
        return await render(request, "contributions/view.html", page, error=error)
    return redirect(OWN, said="contributions.answered")


@router.post(f"{ITEM}/oeffnen")
async def reopen(key: UUID, visitor: MayContribute, unit: Writing) -> Response:
    """Take something back to work on it."""
    await ContributionService(unit).reopen(key, author_of(visitor))
    return redirect(f"{OWN}/{key}/bearbeiten", said="contributions.reopened")


@router.get(f"{ITEM}/zurueckziehen")
async def ask_to_withdraw(request: Request, key: UUID, visitor: MayContribute, session: Reading) -> HTMLResponse:
    """Ask whether something is really to be withdrawn."""
    view = await _view(session, key, visitor.known.id)
    page = WithdrawPage(view, view.entry.state is ContributionState.PUBLISHED)
    return await render(request, "contributions/withdraw.html", page)


@router.post(f"{ITEM}/zurueckziehen")
async def withdraw(key: UUID, visitor: MayContribute, unit: Writing) -> Response:
    """Withdraw something, whatever became of it."""
    await ContributionService(unit).withdraw(key, author_of(visitor))
    return redirect(OWN, said="contributions.withdrawn")


async def _views(session: AsyncSession, member: UUID) -> list[ContributionView]:
    entries = await ContributionService(UnitOfWork(session)).of_author(member)
    names = await circle_names(session, entries)
    return [view_of(entry, names) for entry in entries]


async def _view(session: AsyncSession, key: UUID, member: UUID) -> ContributionView:
    entry = await ContributionService(UnitOfWork(session)).get(key, member_id=member)
    return view_of(entry, await circle_names(session, [entry]))


async def circle_names(session: AsyncSession, entries: Sequence[ContributionEntry]) -> Mapping[UUID, str]:
    """Return the names of circles, where any contribution is for some."""
    if not any(entry.circles for entry in entries):
        return {}
    return await CircleRepository(session).names()
