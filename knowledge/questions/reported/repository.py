"""The statements about what members reported of what was written to the network."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.models.member import Member, Role
from knowledge.models.peer import Block, ContactRequest
from knowledge.models.question import NetworkReport, OpenAnswer, OpenAnswerMessage, OpenQuestion

# A report with what it is about, as far as that is still there.
ReportRow = tuple[
    NetworkReport, OpenQuestion | None, OpenAnswer | None, OpenAnswerMessage | None, ContactRequest | None
]


class ReportedRepository:
    """Reports over one session; whoever opened it commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, row: NetworkReport | Block) -> None:
        """Take in a new row."""
        self._session.add(row)
        await self._session.flush()

    async def reported_since(self, since: datetime, *, member: UUID) -> Sequence[datetime]:
        """Return when a member reported something since a moment."""
        mine = (NetworkReport.member_id == member, NetworkReport.created_at > since)
        return (await self._session.scalars(select(NetworkReport.created_at).where(*mine))).all()

    async def same(self, member: UUID, about: UUID) -> NetworkReport | None:
        """Return what a member reported about the same thing and nobody has looked at."""
        columns = (
            NetworkReport.open_question_id,
            NetworkReport.open_answer_id,
            NetworkReport.message_id,
            NetworkReport.contact_request_id,
        )
        is_about = [column == about for column in columns]
        condition = is_about[0] | is_about[1] | is_about[2] | is_about[3]
        statement = select(NetworkReport).where(
            NetworkReport.member_id == member, NetworkReport.closed_at.is_(None), condition
        )
        return await self._session.scalar(statement.limit(1))

    async def waiting(self) -> Sequence[ReportRow]:
        """Return what nobody has looked at, the oldest first."""
        statement = (
            select(NetworkReport, OpenQuestion, OpenAnswer, OpenAnswerMessage, ContactRequest)
            .outerjoin(OpenQuestion, OpenQuestion.id == NetworkReport.open_question_id)
            .outerjoin(OpenAnswer, OpenAnswer.id == NetworkReport.open_answer_id)
            .outerjoin(OpenAnswerMessage, OpenAnswerMessage.id == NetworkReport.message_id)
            .outerjoin(ContactRequest, ContactRequest.id == NetworkReport.contact_request_id)
            .where(NetworkReport.closed_at.is_(None))
            .order_by(NetworkReport.created_at, NetworkReport.id)
        )
        rows = await self._session.execute(statement.execution_options(populate_existing=True))
        return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]

    async def locked(self, report: UUID) -> NetworkReport | None:
        """Return a report that nobody has closed, locked."""
        statement = select(NetworkReport).where(NetworkReport.id == report, NetworkReport.closed_at.is_(None))
        return await self._session.scalar(statement.with_for_update().execution_options(populate_existing=True))

    async def answer_of(self, message: UUID) -> OpenAnswer | None:
        """Return the answer that a message is about."""
        statement = select(OpenAnswer).join(OpenAnswerMessage, OpenAnswerMessage.open_answer_id == OpenAnswer.id)
        return await self._session.scalar(statement.where(OpenAnswerMessage.id == message))

    async def message(self, message: UUID) -> OpenAnswerMessage | None:
        """Return a message."""
        return await self._session.get(OpenAnswerMessage, message)

    async def contact(self, request: UUID) -> ContactRequest | None:
        """Return a contact request."""
        return await self._session.get(ContactRequest, request)

    async def delete_message(self, message: UUID) -> None:
        """Delete a message; what was reported about it goes with it."""
        await self._session.execute(delete(NetworkReport).where(NetworkReport.message_id == message))
        await self._session.execute(delete(OpenAnswerMessage).where(OpenAnswerMessage.id == message))

    async def is_blocked(self, member: UUID, other: UUID) -> bool:
        """Whether a member wants nothing from another one."""
        there = exists().where(Block.member_id == member, Block.blocked_id == other)
        return bool(await self._session.scalar(select(there)))

    async def able(self, role: Role) -> Sequence[UUID]:
        """Return the members of a role who can act."""
        there = (Member.active.is_(True), Member.suspended_at.is_(None))
        statement = select(Member.id).where(Member.role == role, *there).order_by(Member.id)
        return (await self._session.scalars(statement)).all()
