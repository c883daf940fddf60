"""Deciding on contributions, as a moderator; by the same rules as in the hub (office, four eyes, revisions)."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response

from hub.api.dependencies import Caller, Reading, Requires, Services, Writing
from hub.api.etags import ChangedMeanwhile, Expected, IfMatch
from hub.api.paging import Page, Paged
from hub.api.revisions import expected_revision, revision_etag
from hub.api.schemas_contributions import (
    Act,
    AskBack,
    Decision,
    Postponement,
    QueueEntry,
    Rejection,
    ReviewItem,
    messages_of,
    personal_data_of,
)
from knowledge.access.rights import Right
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.contribution import ContributionKind
from knowledge.models.document import Visibility
from knowledge.review.errors import StaleForm
from knowledge.review.item import ItemReader, ItemView
from knowledge.review.looking import ContributionReader
from knowledge.review.queue import ReviewQueue
from knowledge.review.schemas import QueueFilter, QueueLine, Reviewer, Tab
from knowledge.review.service import ReviewService
from knowledge.tokens.scopes import TokenScope

router = APIRouter(tags=["Review"])
MayLook = Annotated[Caller, Depends(Requires(Right.REVIEW_DECIDE, TokenScope.REVIEW_READ, member=True))]
MayDecide = Annotated[Caller, Depends(Requires(Right.REVIEW_DECIDE, TokenScope.REVIEW_WRITE, member=True))]
Key = Annotated[
    UUID, Path(description="The contribution's identifier.", examples=["7d0c5a2f-1b3e-4c8d-9f60-2a4b6c8d0e1f"])
]
ITEM = "/review/{contribution_id}"


@router.get("/review", summary="List what waits for a decision")
async def queue(  # noqa: PLR0913, PLR0917 - each is a part of the request
    caller: MayLook,
    session: Reading,
    paging: Paged,
    state: Annotated[
        Literal["waiting", "asked", "postponed"], Query(description="Which part of the queue.")
    ] = "waiting",
    kind: Annotated[ContributionKind | None, Query(description="Only this kind.")] = None,
    organisation: Annotated[UUID | None, Query(description="Only of this organisation.")] = None,
    topic: Annotated[str, Query(max_length=200, description="Only with this topic.", examples=["Drohnen"])] = "",
    visibility: Annotated[Visibility | None, Query(description="Only what is for these.")] = None,
) -> Page[QueueEntry]:
    """Return the contributions that the moderator looks after, those that wait longest first."""
    wanted = QueueFilter(Tab(state), kind, organisation, topic.strip() or None, visibility)
    lines = await ReviewQueue(session, _reviewer(caller)).lines(wanted, offset=paging.offset, limit=paging.fetch)
    return paging.page([_line(line) for line in lines])


@router.get(ITEM, summary="Read a contribution to decide on")
async def item(
    contribution_id: Key, caller: MayLook, session: Reading, services: Services, response: Response
) -> ReviewItem:
    """Return a contribution with what a moderator needs; its `ETag` goes into `If-Match` of the decision."""
    view = await ItemReader(UnitOfWork(session), services.answers, _reviewer(caller)).view(contribution_id)
    response.headers["ETag"] = revision_etag(view.entry.revision)
    return _item(view)


@dataclass(frozen=True, slots=True)
class _Desk:
    """One decision about one contribution, over what a request for it says."""

    contribution_id: UUID
    service: ReviewService
    reader: ContributionReader
    expected: Expected
    response: Response

    async def revision(self) -> int:
        """Return the revision that the moderator looked at. Raises ``UnknownContribution``, ``ChangedMeanwhile``."""
        found = await self.reader.look(self.contribution_id)
        return expected_revision(self.expected, found.row.revision)

    async def decide(self, act: Awaitable[None]) -> Decision:
        """Decide, and return what became of it. Raises ``ChangedMeanwhile`` where somebody was faster."""
        try:
            await act
        except StaleForm as error:
            raise ChangedMeanwhile from error
        row = (await self.reader.look(self.contribution_id)).row
        self.response.headers["ETag"] = revision_etag(row.revision)
        return Decision(id=row.id, state=row.state, document=row.document_id, revision=row.revision)


async def _desk(contribution_id: Key, caller: MayDecide, unit: Writing, expected: IfMatch, response: Response) -> _Desk:
    reviewer = _reviewer(caller)
    reader = ContributionReader(unit.session, reviewer)
    return _Desk(contribution_id, ReviewService(unit, reviewer), reader, expected, response)


Desk = Annotated[_Desk, Depends(_desk)]


@router.post(f"{ITEM}/publish", summary="Publish a contribution")
async def publish(contribution_id: Key, desk: Desk) -> Decision:
    """Make it a document of the library, or a new version of the one that it corrects."""
    return await desk.decide(desk.service.publish(contribution_id, await desk.revision()))


@router.post(f"{ITEM}/ask", summary="Ask the author something")
async def ask_back(contribution_id: Key, body: AskBack, desk: Desk) -> Decision:
    """Ask the author; their answer brings the contribution back into the queue."""
    return await desk.decide(desk.service.ask(contribution_id, await desk.revision(), body.question))


@router.post(f"{ITEM}/reject", summary="Turn a contribution away")
async def reject(contribution_id: Key, body: Rejection, desk: Desk) -> Decision:
    """Turn it away with a reason, which the author reads."""
    return await desk.decide(desk.service.reject(contribution_id, await desk.revision(), body.reason))


@router.post(f"{ITEM}/postpone", summary="Put a contribution off")
async def postpone(contribution_id: Key, body: Postponement, desk: Desk) -> Decision:
    """Put it off until a day, on which it waits again by itself."""
    return await desk.decide(desk.service.postpone(contribution_id, await desk.revision(), body.until))


def _reviewer(caller: Caller) -> Reviewer:
    return Reviewer(caller.member.id, caller.visitor.scope, caller.viewer)


def _line(line: QueueLine) -> QueueEntry:
    return QueueEntry(
        id=line.id,
        revision=line.revision,
        kind=line.kind,
        title=line.title,
        organisation=line.organisation_name,
        topics=list(line.topics),
        visibility=line.visibility,
        attribution=line.attribution,
        waiting_since=line.waiting_since,
        postponed_until=line.postponed_until,
        is_own=line.is_own,
    )


def _item(view: ItemView) -> ReviewItem:
    entry = view.entry
    return ReviewItem(
        id=entry.id,
        kind=entry.kind,
        state=entry.state,
        title=view.title,
        fields=entry.fields,
        visibility=entry.visibility,
        attribution=entry.attribution,
        organisation=entry.organisation_name,
        corrects=view.corrected.id if view.corrected else None,
        document=entry.document_id,
        revision=entry.revision,
        is_open=view.is_open,
        may_decide=view.may_decide,
        personal_data=personal_data_of(entry) if view.is_open else [],
        names_organisation_in=list(view.names_house_in),
        messages=messages_of(entry),
        acts=[Act(at=act.at, by=act.by, action=act.action) for act in view.acts],
    )
