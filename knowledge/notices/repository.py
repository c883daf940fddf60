"""The statements of notices."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Exists, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.mailing.kinds import CONFIRM, ON_REQUEST, wish_of
from knowledge.models.chat import Chat, ChatIdentity, ChatKind, Circle, Network
from knowledge.models.contribution import Report
from knowledge.models.document import Document
from knowledge.models.mail import MailSubscription
from knowledge.models.notice import Notice


class NoticeRepository:
    """Notices over one session; whoever opened it commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, notice: Notice) -> None:
        """Take in a new notice."""
        self._session.add(notice)
        await self._session.flush()

    async def add_all(self, notices: Sequence[Notice]) -> None:
        """Take in new notices."""
        self._session.add_all(notices)
        await self._session.flush()

    async def waiting(self, notice_id: UUID) -> Notice | None:
        """Return a notice that was not told yet."""
        return await self._session.scalar(select(Notice).where(Notice.id == notice_id, Notice.told_at.is_(None)))

    async def way_to(self, member_id: UUID, kind: str = "") -> UUID | None:
        """Return the identity by which a member is reached: seen last, with a direct chat where there is one.

        Without a direct chat, only one of Matrix, where the bot can begin it; then by e-mail, if they confirmed that
        and want this kind of thing there. E-mail comes first for those who prefer it. The conversation in the browser
        comes last: what is said there waits until they look.
        """
        is_web = ChatIdentity.network == Network.WEB
        is_mail, takes = ChatIdentity.network == Network.MAIL, _takes_mail(kind)
        direct = exists().where(Chat.identity_id == ChatIdentity.id, Chat.kind == ChatKind.DIRECT)
        prefers = is_mail & takes & _prefers_mail()
        reachable = or_(is_mail & takes, ~is_mail & or_(direct, ChatIdentity.network == Network.MATRIX))
        statement = select(ChatIdentity.id).where(ChatIdentity.member_id == member_id, reachable)
        order = (is_web, prefers.desc(), is_mail, direct.desc(), ChatIdentity.seen_at.desc(), ChatIdentity.id)
        return await self._session.scalar(statement.order_by(*order).limit(1))

    async def takes_mail(self, identity_id: UUID, kind: str = "") -> bool:
        """Whether somebody takes a kind of thing at an address of theirs, and mail arrived there so far."""
        statement = select(ChatIdentity.id).where(ChatIdentity.id == identity_id, _takes_mail(kind))
        return await self._session.scalar(statement) is not None

    async def group_of(self, circle_id: UUID) -> tuple[Network, str] | None:
        """Return the network and address of a circle's group, if it has one."""
        statement = select(Chat.network, Chat.address).join(Circle, Circle.chat_id == Chat.id)
        row = (await self._session.execute(statement.where(Circle.id == circle_id))).first()
        return None if row is None else (row[0], row[1])

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


def _takes_mail(kind: str) -> Exists:
    """Whether there is an address to which a kind of thing may go (see ``MailEntry.takes``)."""
    conditions: list[ColumnElement[bool]] = [MailSubscription.identity_id == ChatIdentity.id]
    if kind != CONFIRM:
        conditions += [MailSubscription.confirmed_at.is_not(None), MailSubscription.bounced_at.is_(None)]
    if kind not in ON_REQUEST:
        conditions.append(MailSubscription.unsubscribed_at.is_(None))
    wish = wish_of(kind)
    if wish is not None:
        conditions.append(getattr(MailSubscription, wish.value).is_(True))
    return exists().where(*conditions)


def _prefers_mail() -> Exists:
    return exists().where(MailSubscription.identity_id == ChatIdentity.id, MailSubscription.preferred.is_(True))
