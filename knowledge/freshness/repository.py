"""The statements that find what is about to grow stale, and who looks after it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.handover.repository import looked_after_by
from knowledge.models.contribution import Contribution, ContributionState
from knowledge.models.document import Document, Status
from knowledge.models.member import Member


@dataclass(frozen=True, slots=True)
class DueDocument:
    """A document whose review date is near, and the member who looks after it."""

    document: UUID
    member: UUID


class FreshnessRepository:
    """Review dates over one session; whoever opened it commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def due(self, day: date, *, not_asked_since: datetime) -> Sequence[DueDocument]:
        """Return the documents that are to be reviewed by a day, the most urgent first, with who looks after them.

        Left out is what somebody was asked about since ``not_asked_since``, and what nobody who is there looks after.
        """
        wrote = and_(
            Contribution.document_id == Document.id,
            Contribution.state == ContributionState.PUBLISHED,
            Contribution.corrects_id.is_(None),
            Document.steward_id.is_(None),
            Document.handover_id.is_(None),
        )
        cares = or_(Member.id == Document.steward_id, Member.id == Contribution.member_id)
        statement = (
            select(Document.id, Member.id)
            .select_from(Document)
            .outerjoin(Contribution, wrote)
            .join(Member, and_(cares, Member.active.is_(True), Member.suspended_at.is_(None)))
            .where(
                Document.status == Status.PUBLISHED,
                Document.review_by <= day,
                or_(Document.review_asked_at.is_(None), Document.review_asked_at < not_asked_since),
            )
            .order_by(Document.review_by, Document.id)
            # Another process may be doing the same at this moment.
            .with_for_update(of=Document, skip_locked=True)
        )
        return [DueDocument(row[0], row[1]) for row in await self._session.execute(statement)]

    async def mark_asked(self, documents: Collection[UUID], moment: datetime) -> None:
        """Note that somebody was asked about documents."""
        await self._session.execute(update(Document).where(Document.id.in_(documents)).values(review_asked_at=moment))

    async def looked_after(self, document: UUID, member: UUID) -> Document | None:
        """Return a published document that a member looks after."""
        statement = select(Document).where(
            Document.id == document, Document.status == Status.PUBLISHED, looked_after_by(member)
        )
        return await self._session.scalar(statement.execution_options(populate_existing=True))

    async def own_contribution(self, document: UUID, member: UUID) -> Contribution | None:
        """Return what a member published as this very document."""
        statement = select(Contribution).where(
            Contribution.document_id == document,
            Contribution.member_id == member,
            Contribution.state == ContributionState.PUBLISHED,
            Contribution.corrects_id.is_(None),
        )
        return await self._session.scalar(statement.order_by(Contribution.created_at.desc()).limit(1))
