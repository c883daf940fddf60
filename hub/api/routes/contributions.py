"""Contributing as the token's member: drafts, sending, answering what is asked back, taking back."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response

from hub.api.addresses import api_path
from hub.api.dependencies import Caller, Creating, Reading, Requires, Writing
from hub.api.etags import ChangedMeanwhile, IfMatch, IfNoneMatch
from hub.api.paging import Page, Paged
from hub.api.revisions import expected_revision, revision_etag
from hub.api.schemas_contributions import Contribution, ContributionChange, NewContribution, Reply, contribution_of
from knowledge.access.rights import Right
from knowledge.contributions.schemas import Author, ContributionEntry
from knowledge.contributions.service import ContributionService
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.contribution import ContributionState
from knowledge.tokens.scopes import TokenScope

router = APIRouter(tags=["Contributions"])
READ, WRITE = TokenScope.CONTRIBUTIONS_READ, TokenScope.CONTRIBUTIONS_WRITE
MayRead = Annotated[Caller, Depends(Requires(Right.CONTRIBUTIONS_WRITE, READ, member=True))]
MayWrite = Annotated[Caller, Depends(Requires(Right.CONTRIBUTIONS_WRITE, WRITE, member=True))]
Key = Annotated[
    UUID, Path(description="The contribution's identifier.", examples=["7d0c5a2f-1b3e-4c8d-9f60-2a4b6c8d0e1f"])
]
ITEM = "/contributions/{contribution_id}"


@router.post("/contributions", status_code=201, summary="Contribute an experience or a correction")
async def contribute(body: NewContribution, caller: MayWrite, unit: Creating, response: Response) -> Contribution:
    """Begin a draft as the token's member, and with `submit` send it at once.

    It goes the way of every contribution: to the own organisation where that wants to release first, then to the
    moderators. Please look at `personal_data` before sending.
    """
    service, author = ContributionService(unit), _author(caller)
    entry = await service.start(author, fields=body.fields.given(), corrects=body.corrects, viewer=caller.viewer)
    if (wishes := body.wishes()) is not None:
        entry = await service.change(entry.id, author, wishes=wishes)
    if body.submit:
        entry = await service.submit(entry.id, author)
    response.headers["Location"] = api_path(f"/contributions/{entry.id}")
    return _answer(entry, response)


@router.get("/contributions", summary="List one's own contributions")
async def contributions(
    caller: MayRead,
    session: Reading,
    paging: Paged,
    state: Annotated[ContributionState | None, Query(description="Only what stands there.")] = None,
) -> Page[Contribution]:
    """Return what the token's member contributed, the newest first."""
    entries = await ContributionService(UnitOfWork(session)).of_author(caller.member.id)
    wanted = [entry for entry in entries if state in (None, entry.state)]
    return paging.page([contribution_of(entry) for entry in paging.slice(wanted)])


@router.get(ITEM, summary="Read an own contribution")
async def contribution(contribution_id: Key, caller: MayRead, session: Reading, seen: IfNoneMatch) -> Contribution:
    """Return one of the member's own contributions, with what was asked and answered."""
    entry = await ContributionService(UnitOfWork(session)).get(contribution_id, member_id=caller.member.id)
    return seen.answer(contribution_of(entry), revision_etag(entry.revision))


@router.patch(ITEM, summary="Change a draft")
async def change(  # noqa: PLR0913, PLR0917 - each is a part of the request
    contribution_id: Key,
    body: ContributionChange,
    caller: MayWrite,
    unit: Writing,
    expected: IfMatch,
    response: Response,
) -> Contribution:
    """Change a draft, or what a moderator asked about."""
    service, author = ContributionService(unit), _author(caller)
    before = await service.get(contribution_id, member_id=author.member_id)
    if expected_revision(expected, before.revision) != before.revision:
        raise ChangedMeanwhile
    fields = body.fields.given() if body.fields else None
    entry = await service.change(contribution_id, author, fields=fields, wishes=body.wishes())
    if entry.revision != before.revision + 1 and not expected.is_any:  # somebody was faster after the look
        raise ChangedMeanwhile
    return _answer(entry, response)


@router.post(f"{ITEM}/submit", summary="Send a draft")
async def submit(contribution_id: Key, caller: MayWrite, unit: Writing, response: Response) -> Contribution:
    """Send a draft; sending it twice sends it once."""
    return _answer(await ContributionService(unit).submit(contribution_id, _author(caller)), response)


@router.post(f"{ITEM}/reopen", summary="Take back to work on it")
async def reopen(contribution_id: Key, caller: MayWrite, unit: Writing, response: Response) -> Contribution:
    """Make what is not decided a draft again."""
    return _answer(await ContributionService(unit).reopen(contribution_id, _author(caller)), response)


@router.post(f"{ITEM}/answer", summary="Answer what a moderator asked")
async def answer(
    contribution_id: Key, body: Reply, caller: MayWrite, unit: Writing, response: Response
) -> Contribution:
    """Answer a moderator's question; the contribution then waits for them again."""
    return _answer(await ContributionService(unit).answer(contribution_id, _author(caller), body.text), response)


@router.delete(ITEM, status_code=204, summary="Withdraw a contribution")
async def withdraw(contribution_id: Key, caller: MayWrite, unit: Writing) -> None:
    """Take a contribution back, whatever became of it.

    What is not published is deleted; what is published is found nowhere any more.
    """
    await ContributionService(unit).withdraw(contribution_id, _author(caller))


def _author(caller: Caller) -> Author:
    return Author(caller.member.id, caller.member.organisation_id)


def _answer(entry: ContributionEntry, response: Response) -> Contribution:
    response.headers["ETag"] = revision_etag(entry.revision)
    return contribution_of(entry)
