"""The statements of addresses and what is wanted there."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.mailing.schemas import MailEntry, Wishes
from knowledge.models.chat import ChatIdentity, Network
from knowledge.models.mail import MailSubscription
from knowledge.models.member import Member
from knowledge.models.message import OutgoingMessage, SendState
from knowledge.models.notice import Notice


class MailingRepository:
    """Addresses and wishes over one session; whoever opened it commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def by_identity(self, identity_id: UUID) -> MailEntry | None:
        """Return an address with what is wanted there."""
        return await self._first(_entries().where(ChatIdentity.id == identity_id))

    async def by_address(self, address: str) -> MailEntry | None:
        """Return it by the address itself."""
        return await self._first(_entries().where(ChatIdentity.address == address))

    async def of_member(self, member_id: UUID) -> list[MailEntry]:
        """Return a member's addresses, confirmed ones first, then the newest."""
        mine = _entries().where(ChatIdentity.member_id == member_id)
        ordered = mine.order_by(MailSubscription.confirmed_at.is_(None), MailSubscription.created_at.desc())
        return [_entry(identity, kept) for identity, kept in (await self._session.execute(ordered)).all()]

    async def _first(self, statement: Select[ChatIdentity, MailSubscription]) -> MailEntry | None:
        row = (await self._session.execute(statement.execution_options(populate_existing=True))).first()
        return None if row is None else _entry(row[0], row[1])

    async def takes_part(self, member_id: UUID | None) -> bool:
        """Whether somebody is a member who neither left nor is suspended."""
        counts = Member.id == member_id, Member.active.is_(True), Member.suspended_at.is_(None)
        return member_id is not None and await self._session.scalar(select(Member.id).where(*counts)) is not None

    async def add(self, identity_id: UUID, wishes: Wishes, moment: datetime) -> None:
        """Keep what is wanted at an address, which nobody has confirmed yet."""
        self._session.add(
            MailSubscription(
                identity_id=identity_id,
                answers=wishes.answers,
                reminders=wishes.reminders,
                digests=wishes.digests,
                preferred=wishes.preferred,
                created_at=moment,
            )
        )
        await self._session.flush()

    async def change(self, identity_id: UUID, **values: Any) -> None:
        """Set what is kept of an address."""
        mine = MailSubscription.identity_id == identity_id
        await self._session.execute(update(MailSubscription).where(mine).values(**values))

    async def change_identity(self, identity_id: UUID, **values: Any) -> None:
        """Set whose address it is, and the like."""
        await self._session.execute(update(ChatIdentity).where(ChatIdentity.id == identity_id).values(**values))

    async def count_notices(self, kind: str, since: datetime, **whom: UUID) -> int:
        """Count what was asked to be sent since a moment, to ``identity_id`` or for ``member_id``."""
        wanted = [getattr(Notice, name) == value for name, value in whom.items()]
        statement = select(func.count()).select_from(Notice).where(Notice.kind == kind, Notice.created_at > since)
        return await self._session.scalar(statement.where(*wanted)) or 0

    async def drop_waiting(self, address: str) -> None:
        """Forget what waits to be sent to an address."""
        waiting = OutgoingMessage.state == SendState.WAITING, OutgoingMessage.network == Network.MAIL
        await self._session.execute(delete(OutgoingMessage).where(*waiting, OutgoingMessage.chat == address))

    async def sent_to(self, key: UUID) -> tuple[UUID | None, datetime] | None:
        """Return to whom a mail went, and since when it was to be sent, by the key of its message."""
        statement = (
            select(ChatIdentity.id, OutgoingMessage.created_at)
            .select_from(OutgoingMessage)
            .outerjoin(
                ChatIdentity, (ChatIdentity.address == OutgoingMessage.chat) & (ChatIdentity.network == Network.MAIL)
            )
            .where(OutgoingMessage.key == key, OutgoingMessage.network == Network.MAIL)
        )
        row = (await self._session.execute(statement)).first()
        return None if row is None else (row[0], row[1])


def _entries() -> Select[ChatIdentity, MailSubscription]:
    joined = select(ChatIdentity, MailSubscription).join(
        MailSubscription, MailSubscription.identity_id == ChatIdentity.id
    )
    return joined.where(ChatIdentity.network == Network.MAIL)


def _entry(identity: ChatIdentity, kept: MailSubscription) -> MailEntry:
    return MailEntry(
        identity_id=identity.id,
        member_id=identity.member_id,
        address=identity.address,
        language=identity.language,
        wishes=Wishes(kept.answers, kept.reminders, kept.digests, kept.preferred),
        confirmed_at=kept.confirmed_at,
        unsubscribed_at=kept.unsubscribed_at,
        bounces=kept.bounces,
        last_bounce_at=kept.last_bounce_at,
        bounced_at=kept.bounced_at,
        created_at=kept.created_at,
    )
