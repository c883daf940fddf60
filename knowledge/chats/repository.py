"""Queries on people and chats, and on messages that come in and go out."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, case, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.clock import now
from knowledge.kit.inserting import insert_into
from knowledge.models.base import Base
from knowledge.models.chat import Chat, ChatIdentity, ChatKind, Circle, Network
from knowledge.models.conversation import Dialogue, Exchange, SentMessage
from knowledge.models.member import Member
from knowledge.models.message import Cursor, IncomingEvent, OutgoingMessage, SendState
from knowledge.models.organisation import Organisation

# Rows in one statement; SQLite counts their values together.
INSERTED_TOGETHER = 500

# Somebody with the membership and organisation that count for them.
IdentityRow = tuple[ChatIdentity, Member | None, UUID | None, str | None]


class _Repository:
    """A session, and inserting what may be there already."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def _insert_missing(self, table: type[Base], values: Mapping[str, Any]) -> None:
        await self.session.execute(insert_into(self.session, table).values(**values).on_conflict_do_nothing())


class ChatRepository(_Repository):
    """All statements on the tables of identities and chats."""

    async def identity(self, network: Network, address: str) -> IdentityRow | None:
        """Return who has this address."""
        return await self._identity(ChatIdentity.network == network, ChatIdentity.address == address)

    async def identity_by_id(self, identity_id: UUID) -> IdentityRow | None:
        """Return who has this identifier."""
        return await self._identity(ChatIdentity.id == identity_id)

    async def _identity(self, *conditions: Any) -> IdentityRow | None:
        # What somebody said of themselves never stands in for a member's organisation: it decides what may be found.
        organisation_id = case((Member.id.is_not(None), Member.organisation_id), else_=ChatIdentity.organisation_id)
        # Whoever left or is suspended finds what everybody finds.
        counts = Member.active.is_(True), Member.suspended_at.is_(None)
        statement = (
            select(ChatIdentity, Member, Organisation.id, Organisation.state_key)
            .outerjoin(Member, and_(Member.id == ChatIdentity.member_id, *counts))
            .outerjoin(Organisation, Organisation.id == organisation_id)
            .where(*conditions)
        )
        row = (await self.session.execute(statement)).one_or_none()
        return None if row is None else (row[0], row[1], row[2], row[3])

    async def add_identity(self, identity_id: UUID, network: Network, address: str) -> None:
        """Keep somebody; does nothing where the address is known."""
        moment = now()
        values = {"id": identity_id, "network": network, "address": address, "created_at": moment, "seen_at": moment}
        await self._insert_missing(ChatIdentity, values)

    async def change_identity(self, identity_id: UUID, **values: Any) -> None:
        """Set columns of an identity."""
        await self.session.execute(update(ChatIdentity).where(ChatIdentity.id == identity_id).values(**values))

    async def chat(self, network: Network, address: str) -> tuple[Chat, Circle | None] | None:
        """Return the chat of this address and the circle that is linked to it."""
        return await self._chat(Chat.network == network, Chat.address == address)

    async def chat_by_id(self, chat_id: UUID) -> tuple[Chat, Circle | None] | None:
        """Return the chat of this identifier and the circle that is linked to it."""
        return await self._chat(Chat.id == chat_id)

    async def _chat(self, *conditions: Any) -> tuple[Chat, Circle | None] | None:
        statement = select(Chat, Circle).outerjoin(Circle, Circle.chat_id == Chat.id).where(*conditions)
        row = (await self.session.execute(statement)).one_or_none()
        return None if row is None else (row[0], row[1])

    async def add_chat(self, chat_id: UUID, network: Network, address: str, **values: Any) -> None:
        """Keep a chat; does nothing where the address is known."""
        known = {"id": chat_id, "network": network, "address": address, "paused": False, "created_at": now()}
        await self._insert_missing(Chat, {**known, **values})

    async def change_chat(self, chat_id: UUID, **values: Any) -> None:
        """Set columns of a chat."""
        await self.session.execute(update(Chat).where(Chat.id == chat_id).values(**values))

    async def note_outage(self, chat_id: UUID, *, moment: datetime, unless_after: datetime) -> bool:
        """Note that a chat is told of an outage; ``False`` where that was done not long ago."""
        untold = or_(Chat.outage_told_at.is_(None), Chat.outage_told_at < unless_after)
        statement = update(Chat).where(Chat.id == chat_id, untold).values(outage_told_at=moment)
        return (await self.session.execute(statement.returning(Chat.id))).one_or_none() is not None

    async def delete_chat(self, network: Network, address: str) -> bool:
        """Delete a chat with all that hangs on it; returns whether it was there."""
        found = await self.session.scalar(select(Chat.id).where(Chat.network == network, Chat.address == address))
        if found is not None:
            await self.session.execute(delete(Chat).where(Chat.id == found))
        return found is not None

    async def direct_chat(self, identity_id: UUID) -> str | None:
        """Return the address of the newest direct chat with somebody."""
        direct = select(Chat.address).where(Chat.identity_id == identity_id, Chat.kind == ChatKind.DIRECT)
        return await self.session.scalar(direct.order_by(Chat.created_at.desc(), Chat.id).limit(1))

    async def overheard(self, network: Network) -> Sequence[str]:
        """Return the chats whose circles have questions recognised."""
        wanted = (Chat.network == network) & Circle.recognises_since.is_not(None) & Chat.paused.is_(False)
        statement = select(Chat.address).join(Circle, Circle.chat_id == Chat.id).where(wanted)
        return (await self.session.scalars(statement)).all()

    async def is_question(self, network: Network, chat: str, event: str) -> bool:
        """Whether an event asked something that is still remembered."""
        asked = (
            select(Exchange.id)
            .join(Chat, Chat.id == Exchange.chat_id)
            .where(Chat.network == network, Chat.address == chat, Exchange.question_event == event)
        )
        return (await self.session.scalar(asked.limit(1))) is not None


class DialogueRepository(_Repository):
    """All statements on the table of dialogues."""

    async def active(self, identity_id: UUID, chat_id: UUID) -> Dialogue | None:
        """Return the dialogue that somebody is in."""
        own = select(Dialogue).where(Dialogue.identity_id == identity_id, Dialogue.chat_id == chat_id)
        current = own.where(Dialogue.active.is_(True), Dialogue.expires_at > now())
        return await self._first(current)

    async def named(self, identity_id: UUID, chat_id: UUID, name: str) -> Dialogue | None:
        """Return somebody's dialogue of this name, whether left or not."""
        own = select(Dialogue).where(Dialogue.identity_id == identity_id, Dialogue.chat_id == chat_id)
        return await self._first(own.where(Dialogue.name == name, Dialogue.expires_at > now()))

    async def newest(self, identity_id: UUID, chat_id: UUID) -> Dialogue | None:
        """Return the dialogue that somebody was in last, whether left or not."""
        own = select(Dialogue).where(Dialogue.identity_id == identity_id, Dialogue.chat_id == chat_id)
        return await self._first(own.where(Dialogue.expires_at > now()))

    async def _first(self, dialogues: Select[Dialogue]) -> Dialogue | None:
        newest = dialogues.order_by(Dialogue.updated_at.desc()).limit(1)
        # What ``keep`` wrote went past the session's objects.
        found: Dialogue | None = await self.session.scalar(newest.execution_options(populate_existing=True))
        return found

    async def leave(self, identity_id: UUID, chat_id: UUID) -> None:
        """Leave the dialogues that somebody is in; the drafts stay."""
        own = (Dialogue.identity_id == identity_id) & (Dialogue.chat_id == chat_id)
        await self.session.execute(update(Dialogue).where(own).values(active=False))

    async def keep(self, values: Mapping[str, Any]) -> None:
        """Keep where a dialogue stands."""
        statement = insert_into(self.session, Dialogue).values(**values)
        changed = {name: value for name, value in values.items() if name != "id"}
        key = ["identity_id", "chat_id", "name"]
        await self.session.execute(statement.on_conflict_do_update(index_elements=key, set_=changed))

    async def delete(self, identity_id: UUID, chat_id: UUID, name: str) -> None:
        """Forget a dialogue with its draft."""
        own = (Dialogue.identity_id == identity_id) & (Dialogue.chat_id == chat_id) & (Dialogue.name == name)
        await self.session.execute(delete(Dialogue).where(own))


class InboxRepository(_Repository):
    """All statements on the tables of incoming events and cursors."""

    async def add(self, rows: Sequence[Mapping[str, Any]]) -> list[tuple[int, str]]:
        """Keep events that are not there yet; returns the keys and network identifiers of those, oldest first."""
        added: list[tuple[int, str]] = []
        for start in range(0, len(rows), INSERTED_TOGETHER):
            statement = insert_into(self.session, IncomingEvent).values(rows[start : start + INSERTED_TOGETHER])
            fresh = statement.on_conflict_do_nothing().returning(IncomingEvent.id, IncomingEvent.event)
            added += [(key, event) for key, event in await self.session.execute(fresh)]
        return sorted(added)

    async def newest_cursor(self, beginning: str) -> tuple[str, str] | None:
        """Return the account that begins so and whose events were taken last, and how far."""
        own = select(Cursor.account, Cursor.value).where(Cursor.account.startswith(beginning, autoescape=True))
        row = (await self.session.execute(own.order_by(Cursor.updated_at.desc()).limit(1))).one_or_none()
        return None if row is None else (row[0], row[1])

    async def set_cursor(self, account: str, value: str) -> None:
        """Note how far an account's events were taken."""
        values = {"value": value, "updated_at": now()}
        statement = insert_into(self.session, Cursor).values(account=account, **values)
        await self.session.execute(statement.on_conflict_do_update(index_elements=["account"], set_=values))

    async def unhandled(self, network: Network) -> Sequence[IncomingEvent]:
        """Return a network's events that nobody has handled, oldest first."""
        waiting = select(IncomingEvent).where(IncomingEvent.handled_at.is_(None), IncomingEvent.network == network)
        return (await self.session.scalars(waiting.order_by(IncomingEvent.id))).all()

    async def left(self, network: Network, events: Sequence[str], before: datetime) -> Sequence[IncomingEvent]:
        """Return those of a network's events that nobody has handled although they came before a moment."""
        mine = (IncomingEvent.network == network) & IncomingEvent.event.in_(list(events))
        waiting = select(IncomingEvent).where(mine, IncomingEvent.handled_at.is_(None))
        late = waiting.where(IncomingEvent.received_at < before)
        return (await self.session.scalars(late.order_by(IncomingEvent.id))).all()

    async def finish(self, key: int) -> bool:
        """Note an event as handled and erase its content; ``False`` where that was done before."""
        open_one = (IncomingEvent.id == key) & IncomingEvent.handled_at.is_(None)
        statement = update(IncomingEvent).where(open_one).values(handled_at=now(), payload=None)
        done = await self.session.execute(statement.returning(IncomingEvent.id))
        return done.one_or_none() is not None

    async def count_attempt(self, key: int) -> None:
        """Count that an event is tried."""
        mine = update(IncomingEvent).where(IncomingEvent.id == key)
        await self.session.execute(mine.values(attempts=IncomingEvent.attempts + 1))

    async def delete_handled(self, before: datetime) -> None:
        """Forget events that were handled long ago."""
        await self.session.execute(delete(IncomingEvent).where(IncomingEvent.handled_at < before))


class OutboxRepository(_Repository):
    """All statements on the tables of outgoing and sent messages."""

    def add(self, message: OutgoingMessage) -> None:
        """Keep a message that is to be sent."""
        self.session.add(message)

    async def waiting_chats(self, network: Network) -> Sequence[str]:
        """Return the chats that messages wait for."""
        waiting = select(OutgoingMessage.chat).where(
            OutgoingMessage.state == SendState.WAITING, OutgoingMessage.network == network
        )
        return (await self.session.scalars(waiting.distinct())).all()

    async def next(self, network: Network, chat: str) -> Sequence[OutgoingMessage]:
        """Return the oldest message that waits for a chat, and the one behind it."""
        waiting = select(OutgoingMessage).where(
            OutgoingMessage.state == SendState.WAITING, OutgoingMessage.network == network, OutgoingMessage.chat == chat
        )
        return (await self.session.scalars(waiting.order_by(OutgoingMessage.id).limit(2))).all()

    async def note_sent(self, key: int) -> UUID | None:
        """Note a message as sent and erase its content; returns the exchange it belongs to, if that is still there."""
        values = {"state": SendState.SENT, "payload": None, "sent_at": now(), "error": None}
        statement = update(OutgoingMessage).where(OutgoingMessage.id == key).values(**values)
        return await self.session.scalar(statement.returning(OutgoingMessage.exchange_id))

    async def change(self, key: int, **values: Any) -> None:
        """Set columns of a message."""
        await self.session.execute(update(OutgoingMessage).where(OutgoingMessage.id == key).values(**values))

    async def redirect(self, network: Network, chat: str, *, to: str) -> None:
        """Send what waits for a chat to another address."""
        waiting = (OutgoingMessage.network == network) & (OutgoingMessage.chat == chat)
        moved = update(OutgoingMessage).where(waiting, OutgoingMessage.state == SendState.WAITING)
        await self.session.execute(moved.values(chat=to))

    async def fail_all(self, network: Network, chat: str, *, error: str) -> None:
        """Give up all that waits for a chat."""
        waiting = (OutgoingMessage.network == network) & (OutgoingMessage.chat == chat)
        failed = update(OutgoingMessage).where(waiting, OutgoingMessage.state == SendState.WAITING)
        await self.session.execute(failed.values(state=SendState.FAILED, error=error, payload=None, sent_at=now()))

    async def keep_sent(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Note what was sent, so that somebody can come back to it; what was changed in place is noted anew."""
        for row in rows:
            statement = insert_into(self.session, SentMessage).values(**row)
            changed = {name: row[name] for name in ("exchange_id", "position", "choices", "expires_at")}
            await self.session.execute(
                statement.on_conflict_do_update(index_elements=["network", "event"], set_=changed)
            )

    async def forget_sent(self, network: Network, events: Collection[str]) -> None:
        """Forget messages that are gone."""
        gone = SentMessage.event.in_(list(events))
        await self.session.execute(delete(SentMessage).where(SentMessage.network == network, gone))

    async def sent(self, network: Network, event: str) -> SentMessage | None:
        """Return what is remembered of a message of the bot."""
        own = select(SentMessage).where(SentMessage.network == network, SentMessage.event == event)
        return await self.session.scalar(own.where(SentMessage.expires_at > now()))

    async def sent_for(self, exchange_id: UUID) -> Sequence[SentMessage]:
        """Return the messages that show an exchange, in order."""
        own = select(SentMessage).where(SentMessage.exchange_id == exchange_id)
        return (await self.session.scalars(own.order_by(SentMessage.created_at, SentMessage.position))).all()

    async def recent(self, chat_id: UUID, limit: int = 20) -> Sequence[SentMessage]:
        """Return the newest messages of a chat, newest first."""
        own = select(SentMessage).where(SentMessage.chat_id == chat_id, SentMessage.expires_at > now())
        newest = own.order_by(SentMessage.created_at.desc(), SentMessage.position.desc())
        return (await self.session.scalars(newest.limit(limit))).all()

    async def delete_old(self, before: datetime, moment: datetime) -> None:
        """Forget what was sent or given up long ago, and what nobody can come back to any more."""
        done = OutgoingMessage.state != SendState.WAITING
        moment_of = or_(OutgoingMessage.sent_at < before, OutgoingMessage.created_at < before)
        await self.session.execute(delete(OutgoingMessage).where(done, moment_of))
        await self.session.execute(delete(SentMessage).where(SentMessage.expires_at < moment))
        await self.session.execute(delete(Dialogue).where(Dialogue.expires_at < moment))
