"""The statements of handovers, and of who looks after what."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from knowledge.models.access import HubSession
from knowledge.models.chat import ChatIdentity
from knowledge.models.contribution import Contribution, ContributionState
from knowledge.models.document import Document, Status
from knowledge.models.handover import Handover, HandoverState
from knowledge.models.member import Member, Role
from knowledge.models.notice import Notice
from knowledge.models.organisation import Organisation

Successor = aliased(Member)
# A handover with the names of the one who goes, the house, and the one who takes over.
HandoverRow = tuple[Handover, str | None, str | None, str | None]
UNDECIDED = (HandoverState.OFFERED, HandoverState.OPEN)


def looked_after_by(member: UUID) -> ColumnElement[bool]:
    """Whether a member looks after a document: named for it, or its author as long as it was never handed over."""
    wrote = exists().where(
        Contribution.document_id == Document.id,
        Contribution.state == ContributionState.PUBLISHED,
        Contribution.corrects_id.is_(None),
        Contribution.member_id == member,
    )
    author = and_(Document.steward_id.is_(None), Document.handover_id.is_(None), wrote)
    return or_(Document.steward_id == member, author)


class DutyRepository:
    """Duties and handovers over one session; whoever opened it commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def member(self, member: UUID) -> Member | None:
        """Return a member as the database has them now."""
        statement = select(Member).where(Member.id == member)
        return await self._session.scalar(statement.execution_options(populate_existing=True))

    async def documents(self, member: UUID) -> Sequence[Document]:
        """Return the published documents that a member looks after, by title."""
        mine = (Document.status == Status.PUBLISHED, looked_after_by(member))
        return (await self._session.scalars(select(Document).where(*mine).order_by(Document.title, Document.id))).all()

    async def handed_over(self, handovers: Collection[UUID]) -> Sequence[Document]:
        """Return the published documents of handovers, by title."""
        theirs = (Document.status == Status.PUBLISHED, Document.handover_id.in_(handovers))
        statement = select(Document).where(*theirs).order_by(Document.title, Document.id)
        return (await self._session.scalars(statement)).all()

    async def put(self, handover: Handover, documents: Collection[UUID], steward: UUID | None) -> None:
        """Take in a handover of these documents, which somebody (or nobody) looks after meanwhile."""
        self._session.add(handover)
        await self._session.flush()
        mine = update(Document).where(Document.id.in_(documents))
        await self._session.execute(mine.values(handover_id=handover.id, steward_id=steward))

    async def forget_undecided(self, member: UUID, *, but: UUID) -> None:
        """Forget what a member began to hand over before; its documents belong to the new handover."""
        mine = (Handover.member_id == member, Handover.state.in_(UNDECIDED), Handover.id != but)
        await self._session.execute(delete(Handover).where(*mine))

    async def give(self, handover: UUID, steward: UUID | None) -> None:
        """Let somebody look after the documents of a handover; nobody where there is nobody."""
        await self._session.execute(update(Document).where(Document.handover_id == handover).values(steward_id=steward))

    async def locked(self, handover: UUID) -> Handover | None:
        """Return a handover that nobody else decides meanwhile."""
        statement = select(Handover).where(Handover.id == handover).with_for_update()
        return await self._session.scalar(statement.execution_options(populate_existing=True))

    async def row(self, handover: UUID) -> HandoverRow | None:
        """Return a handover with its names."""
        return next(iter(await self._rows(Handover.id == handover)), None)

    async def of_member(self, member: UUID) -> Sequence[Handover]:
        """Return the handovers of a member, and those that they were asked about; the oldest first."""
        mine = or_(Handover.member_id == member, Handover.successor_id == member)
        statement = select(Handover).where(mine).order_by(Handover.created_at, Handover.id)
        return (await self._session.scalars(statement)).all()

    async def told_often(self, members: Collection[UUID], *, since: datetime, most: int) -> set[UUID]:
        """Return those of the members who were told so much about handovers since a moment."""
        theirs = (Notice.member_id.in_(members), Notice.kind.startswith("handover."), Notice.created_at > since)
        counted = select(Notice.member_id).where(*theirs).group_by(Notice.member_id).having(func.count() >= most)
        return {member for member in await self._session.scalars(counted) if member is not None}

    async def offered_to(self, member: UUID) -> Sequence[Handover]:
        """Return what a member was asked to take over and did not decide, so that nobody decides it meanwhile."""
        theirs = (Handover.successor_id == member, Handover.state == HandoverState.OFFERED)
        statement = select(Handover).where(*theirs).order_by(Handover.id).with_for_update()
        return (await self._session.scalars(statement.execution_options(populate_existing=True))).all()

    async def undecided(self, organisation: UUID | None) -> Sequence[HandoverRow]:
        """Return what is to be handed over in a house, or in all of them; the oldest first."""
        conditions: list[ColumnElement[bool]] = [Handover.state.in_(UNDECIDED)]
        if organisation is not None:
            conditions.append(Handover.organisation_id == organisation)
        return await self._rows(*conditions)

    async def _rows(self, *conditions: ColumnElement[bool]) -> Sequence[HandoverRow]:
        statement = (
            select(Handover, Member.name, Organisation.name, Successor.name)
            .outerjoin(Member, Member.id == Handover.member_id)
            .outerjoin(Organisation, Organisation.id == Handover.organisation_id)
            .outerjoin(Successor, Successor.id == Handover.successor_id)
            .where(*conditions)
            .order_by(Handover.created_at, Handover.id)
        )
        result = await self._session.execute(statement.execution_options(populate_existing=True))
        return [(row[0], row[1], row[2], row[3]) for row in result]

    async def colleagues(self, organisation: UUID, *, but: UUID | None, limit: int, name: str = "") -> Sequence[Member]:
        """Return members of a house who can act, those who release first; ``name``: folded, a part of theirs."""
        statement = select(Member).where(*_able(), Member.organisation_id == organisation, Member.id != but)
        if name:
            statement = statement.where(Member.search_name.contains(name, autoescape=True))
        ordered = statement.order_by(Member.releases.desc(), Member.search_name, Member.id)
        return (await self._session.scalars(ordered.limit(limit))).all()

    async def administrators(self) -> Sequence[UUID]:
        """Return the administrators who can act."""
        statement = select(Member.id).where(*_able(), Member.role == Role.ADMINISTRATOR)
        return (await self._session.scalars(statement.order_by(Member.id))).all()

    async def silent_since(self, moment: datetime, *, limit: int) -> Sequence[Member]:
        """Return members who can act, were seen nowhere since a moment, and were not asked yet."""
        statement = select(Member).where(*_able(), Member.asked_unused_at.is_(None), _unseen(moment))
        ordered = statement.order_by(Member.created_at, Member.id).limit(limit)
        # Another process may be doing the same at this moment.
        return (await self._session.scalars(ordered.with_for_update(of=Member, skip_locked=True))).all()

    async def asked_before(self, moment: datetime) -> Sequence[UUID]:
        """Return members who can act and were asked before a moment whether they still take part."""
        statement = select(Member.id).where(*_able(), Member.asked_unused_at < moment)
        return (await self._session.scalars(statement.order_by(Member.asked_unused_at, Member.id))).all()

    async def locked_member(self, member: UUID) -> Member | None:
        """Return a member as the database has them now, whom nobody else changes meanwhile."""
        statement = select(Member).where(Member.id == member).with_for_update()
        return await self._session.scalar(statement.execution_options(populate_existing=True))

    async def is_seen_since(self, member: UUID, moment: datetime) -> bool:
        """Whether a member wrote anywhere, or used the hub, since a moment."""
        return not await self._session.scalar(select(_unseen(moment)).where(Member.id == member))

    async def was_handed_over(self, member: UUID, *, since: datetime) -> bool:
        """Whether the duties of a member were handed over since a moment."""
        done = exists().where(Handover.member_id == member, Handover.created_at >= since)
        return bool(await self._session.scalar(select(done)))


def _able() -> tuple[ColumnElement[bool], ...]:
    return Member.active.is_(True), Member.suspended_at.is_(None)


def _unseen(moment: datetime) -> ColumnElement[bool]:
    """Whether somebody is known for longer, and was seen nowhere since."""
    chatted = exists().where(ChatIdentity.member_id == Member.id, ChatIdentity.seen_at >= moment)
    visited = exists().where(HubSession.member_id == Member.id, HubSession.seen_at >= moment)
    return and_(Member.created_at < moment, ~chatted, ~visited)
