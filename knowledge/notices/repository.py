"""The statements of notices."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.models.chat import Chat, ChatIdentity, ChatKind, Network
from knowledge.models.contribution import Report
from knowledge.models.document import Document
from knowledge.models.notice import Notice


class NoticeRepository:
    """Notices over one session; whoever opened it commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, notice: Notice) -> None:
        """Take in a new notice."""
        self._session.add(notice)
        await self._session.flush()

    async def waiting(self, notice_id: UUID) -> Notice | None:
        """Return a notice that was not told yet."""
        return await self._session.scalar(select(Notice).where(Notice.id == notice_id, Notice.told_at.is_(None)))

    async def way_to(self, member_id: UUID) -> UUID | None:
        """Return the identity by which a member is reached: seen last, with a direct chat where there is one.

        Without a direct chat, only one of Matrix, where the bot can begin it.
        """
        direct = exists().where(Chat.identity_id == ChatIdentity.id, Chat.kind == ChatKind.DIRECT)
        reachable = or_(direct, ChatIdentity.network == Network.MATRIX)
        statement = select(ChatIdentity.id).where(ChatIdentity.member_id == member_id, reachable)
        ordered = statement.order_by(direct.desc(), ChatIdentity.seen_at.desc(), ChatIdentity.id)
        return await self._session.scalar(ordered.limit(1))

    async def closed_report(self, report_id: UUID) -> tuple[Report, str] | None:
        """Return a report that was closed, with the title of its document."""
        statement = select(Report, Document.title).join(Document, Document.id == Report.document_id)
        row = (
            await self._session.execute(statement.where(Report.id == report_id, Report.closed_at.is_not(None)))
        ).first()
        return None if row is None else (row[0], row[1])

    async def mark_told(self, notice_id: UUID, moment: datetime) -> bool:
        """Note that it is told in this transaction; ``False`` where somebody else did."""
        statement = update(Notice).where(Notice.id == notice_id, Notice.told_at.is_(None)).values(told_at=moment)
        result = await self._session.execute(statement.returning(Notice.id))
        return result.first() is not None
