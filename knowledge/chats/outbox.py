"""Messages on their way out: kept with what decided them, sent after the commit, remembered for what may follow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.chats.repository import ChatRepository, InboxRepository, OutboxRepository
from knowledge.kit.clock import now
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.chat import Network
from knowledge.models.message import OutgoingMessage, SendState

# Marks, in the place of a chat's address, that the direct chat of an identity is still to be made.
UNMADE = "identity:"
# How long it is remembered that an event was handled and a message sent.
KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class WaitingMessage:
    """A message that waits to be sent."""

    id: int
    key: UUID
    chat: str
    payload: dict[str, Any]
    exchange_id: UUID | None
    attempts: int
    run_at: datetime

    @property
    def is_orphaned(self) -> bool:
        """Whether the exchange that it belongs to was taken back before it was sent."""
        return bool(self.payload.get("has_exchange")) and self.exchange_id is None

    @property
    def recipient(self) -> UUID | None:
        """Whose direct chat has to be made first."""
        return UUID(self.chat.removeprefix(UNMADE)) if self.chat.startswith(UNMADE) else None


@dataclass(frozen=True, slots=True)
class SentEntry:
    """What is remembered of a message of the bot."""

    event: str
    chat_id: UUID
    exchange_id: UUID | None
    position: int
    choices: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the network made of a message: its identifiers, in order, and until when they are remembered."""

    events: Sequence[str]
    choices: Sequence[tuple[str, str | None]]
    expires_at: datetime
    replaced: Sequence[str] = ()
    deleted: Sequence[str] = ()


class Outbox:
    """Outgoing messages, within the caller's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._messages = OutboxRepository(session)

    async def add(self, network: Network, chat: str, payload: dict[str, Any], *, exchange_id: UUID | None) -> None:
        """Keep a message for a chat."""
        values = {**payload, "has_exchange": exchange_id is not None}
        self._messages.add(OutgoingMessage(network=network, chat=chat, payload=values, exchange_id=exchange_id))
        await self._session.flush()  # messages go out in the order in which they get their keys

    async def add_private(
        self, network: Network, identity_id: UUID, payload: dict[str, Any], *, exchange_id: UUID | None
    ) -> str:
        """Keep a message for somebody's direct chat, which is made first where there is none; returns where it goes."""
        chat = await ChatRepository(self._session).direct_chat(identity_id) or f"{UNMADE}{identity_id.hex}"
        await self.add(network, chat, payload, exchange_id=exchange_id)
        return chat

    async def waiting_chats(self, network: Network) -> Sequence[str]:
        """Return the chats that messages wait for."""
        return await self._messages.waiting_chats(network)

    async def is_sending(self, network: Network, chat: str) -> bool:
        """Whether messages wait for a chat, or are on their way there."""
        return bool(await self._messages.next(network, chat))

    async def next(self, network: Network, chat: str) -> tuple[WaitingMessage, bool] | None:
        """Return the oldest message that waits for a chat, and whether there are more."""
        rows = await self._messages.next(network, chat)
        if not rows:
            return None
        row = rows[0]
        message = WaitingMessage(
            row.id, row.key, row.chat, row.payload or {}, row.exchange_id, row.attempts, row.run_at
        )
        return message, len(rows) > 1

    async def postpone(self, message: WaitingMessage, *, until: datetime, error: str) -> None:
        """Try again later."""
        await self._messages.change(message.id, attempts=message.attempts + 1, run_at=until, error=error)

    async def give_up(self, message: WaitingMessage, *, error: str) -> None:
        """Never try again."""
        await self._messages.change(
            message.id, state=SendState.FAILED, error=error, payload=None, sent_at=now(), attempts=message.attempts + 1
        )

    async def give_up_chat(self, network: Network, chat: str, *, error: str) -> None:
        """Never try again what waits for a chat that is out of reach, and forget the chat."""
        await self._messages.fail_all(network, chat, error=error)
        await ChatRepository(self._session).delete_chat(network, chat)

    async def redirect(self, network: Network, chat: str, *, to: str) -> None:
        """Send what waits for a chat to another address."""
        await self._messages.redirect(network, chat, to=to)

    async def note_sent(self, network: Network, message: WaitingMessage, delivery: Delivery) -> None:
        """Note a message as sent, erase its content, and remember what may be come back to."""
        exchange_id = await self._messages.note_sent(message.id)
        gone = [*delivery.deleted, *(event for event in delivery.replaced if event not in delivery.events)]
        if gone:
            await self._messages.forget_sent(network, gone)
        if exchange_id is None and not delivery.choices:
            if delivery.replaced:
                await self._messages.forget_sent(network, delivery.events)
            return
        found = await ChatRepository(self._session).chat(network, message.chat)
        if found is None:
            return
        common = {
            "network": network,
            "chat_id": found[0].id,
            "exchange_id": exchange_id,
            "choices": [list(choice) for choice in delivery.choices],
            "created_at": now(),
            "expires_at": delivery.expires_at,
        }
        rows = [{**common, "event": event, "position": number} for number, event in enumerate(delivery.events)]
        await self._messages.keep_sent(rows)

    async def sent(self, network: Network, event: str) -> SentEntry | None:
        """Return what is remembered of a message of the bot; ``None`` where it is another's or long ago."""
        row = await self._messages.sent(network, event)
        return None if row is None else _sent(row)

    async def sent_for(self, exchange_id: UUID) -> list[SentEntry]:
        """Return the messages that show an exchange, in order."""
        return [_sent(row) for row in await self._messages.sent_for(exchange_id)]

    async def newest_choices(self, chat_id: UUID) -> SentEntry | None:
        """Return the newest message of a chat below which something could be chosen."""
        return next((_sent(row) for row in await self._messages.recent(chat_id) if row.choices), None)


async def clean_up(unit: UnitOfWork, moment: datetime) -> None:
    """Forget handled events and sent messages after some days, and what nobody can come back to any more."""
    await InboxRepository(unit.session).delete_handled(moment - KEPT)
    await OutboxRepository(unit.session).delete_old(moment - KEPT, moment)


def _sent(row: Any) -> SentEntry:
    choices = tuple((choice[0], choice[1]) for choice in row.choices)
    return SentEntry(row.event, row.chat_id, row.exchange_id, row.position, choices)
