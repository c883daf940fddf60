"""„Freigaben": what the own house contributes and wants to look at first."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from hub.dependencies import MayRelease, Reading, Writing
from hub.messages import redirect
from hub.pages.contribution_parts import ContributionView, view_of
from hub.pages.contributions import circle_names
from hub.pages.review_parts import typed_in
from hub.rendering import render
from knowledge.access.rights import Visitor
from knowledge.contributions.checking import LONGEST_MESSAGE
from knowledge.contributions.errors import FieldInvalid, NotReleasing
from knowledge.contributions.service import ContributionService
from knowledge.kit.unit_of_work import UnitOfWork

router = APIRouter()
RELEASES = "/freigaben"
ITEM = f"{RELEASES}/{{key}}"


@dataclass(frozen=True, slots=True)
class ReleasesPage:
    """What waits for the house's release, the oldest first; ``own`` are the visitor's own ones."""

    contributions: Sequence[ContributionView]
    own: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class ReleasePage:
    """One contribution to release; ``is_own``: somebody else of the house may have to."""

    contribution: ContributionView
    is_own: bool
    longest: int
    reason: str = ""
    error: str = ""


@router.get(RELEASES)
async def releases(request: Request, visitor: MayRelease, session: Reading) -> HTMLResponse:
    """List what waits."""
    views = await _waiting(session, visitor)
    own = [view.id for view in views if view.entry.member_id == visitor.known.id]
    return await render(request, "contributions/releases.html", ReleasesPage(views, own))


@router.get(ITEM)
async def release_form(request: Request, key: UUID, visitor: MayRelease, session: Reading) -> HTMLResponse:
    """Show one of them, whole."""
    view = await _one(session, visitor, key)
    page = ReleasePage(view, view.entry.member_id == visitor.known.id, LONGEST_MESSAGE)
    return await render(request, "contributions/release.html", page)


@router.post(f"{ITEM}/freigeben")
async def release(key: UUID, visitor: MayRelease, unit: Writing) -> Response:
    """Let it go to the network's moderators."""
    await ContributionService(unit).release(key, visitor.known)
    return redirect(RELEASES, said="releases.released")


@router.post(f"{ITEM}/zurueckgeben")
async def give_back(request: Request, key: UUID, visitor: MayRelease, unit: Writing) -> Response:
    """Give it back to its author with a reason."""
    reason = typed_in(await request.form()).get("reason", "")
    try:
        await ContributionService(unit).give_back(key, visitor.known, reason)
    except FieldInvalid as error:
        view = await _one(unit.session, visitor, key)
        own = view.entry.member_id == visitor.known.id
        page = ReleasePage(view, own, LONGEST_MESSAGE, reason, error.message)
        return await render(request, "contributions/release.html", page, status=error.status)
    return redirect(RELEASES, said="releases.given_back")


async def _waiting(session: AsyncSession, visitor: Visitor) -> list[ContributionView]:
    organisation = visitor.known.organisation_id
    if organisation is None:
        return []
    entries = await ContributionService(UnitOfWork(session)).to_release(organisation)
    names = await circle_names(session, entries)
    return [view_of(entry, names) for entry in entries]


async def _one(session: AsyncSession, visitor: Visitor, key: UUID) -> ContributionView:
    """Return one that waits. Raises ``NotReleasing``."""
    for view in await _waiting(session, visitor):
        if view.id == key:
            return view
    raise NotReleasing
