"""People and chats, as the rest of the system knows them; what nobody spoke in is not stored."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.chats.repository import ChatRepository, IdentityRow
from knowledge.chats.schemas import ChatEntry, CircleEntry, IdentityEntry
from knowledge.circles.audiences import audiences_with
from knowledge.kit.clock import now
from knowledge.kit.ids import new_id
from knowledge.models.chat import Chat, ChatKind, Circle, Network

# How exact the note is when somebody last spoke; it is for forgetting, not for watching.
SEEN_EVERY = timedelta(days=1)


class ChatService:
    """Everything about identities and chats, within the caller's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self.repository = ChatRepository(session)

    async def look_up_person(self, network: Network, address: str) -> IdentityEntry:
        """Return who has this address; somebody new is not stored by that."""
        row = await self.repository.identity(network, address)
        return _identity(row) if row else IdentityEntry(new_id(), network, address, is_new=True)

    async def look_up_chat(self, network: Network, address: str, kind: ChatKind) -> ChatEntry:
        """Return the chat of this address; a new one is not stored by that.

        The kind is always what the network says now: a direct chat that somebody joins is a group from then on.
        """
        row = await self.repository.chat(network, address)
        return await self._chat(*row, kind) if row else ChatEntry(new_id(), network, address, kind, is_new=True)

    async def person(self, identity_id: UUID) -> IdentityEntry | None:
        """Return a stored identity."""
        row = await self.repository.identity_by_id(identity_id)
        return _identity(row) if row else None

    async def chat(self, chat_id: UUID) -> ChatEntry | None:
        """Return a stored chat."""
        row = await self.repository.chat_by_id(chat_id)
        return await self._chat(*row, row[0].kind) if row else None

    async def keep_person(self, entry: IdentityEntry) -> IdentityEntry:
        """See that somebody who speaks to the bot is stored; returns what is known of them now."""
        row = await self.repository.identity(entry.network, entry.address)
        if row is None:
            key = entry.id if entry.is_new else new_id()
            await self.repository.add_identity(key, entry.network, entry.address)
            return await self.look_up_person(entry.network, entry.address)
        moment = now()
        if row[0].seen_at < moment - SEEN_EVERY:
            await self.repository.change_identity(row[0].id, seen_at=moment)
        return _identity(row)

    async def keep_chat(self, entry: ChatEntry, *, of: UUID | None) -> ChatEntry:
        """See that a chat in which the bot is spoken to is stored; returns what is known of it now.

        Args:
            entry: as it was looked up.
            of: whose direct chat it is; ``None`` for groups.
        """
        whose = of if entry.kind is ChatKind.DIRECT else None
        row = await self.repository.chat(entry.network, entry.address)
        if row is None:
            key = entry.id if entry.is_new else new_id()
            await self.repository.add_chat(key, entry.network, entry.address, kind=entry.kind, identity_id=whose)
            return await self.look_up_chat(entry.network, entry.address, entry.kind)
        stored = row[0]
        if stored.kind is not entry.kind or (whose is not None and stored.identity_id is None):
            await self.repository.change_chat(stored.id, kind=entry.kind, identity_id=whose)
        return await self._chat(*row, entry.kind)

    async def direct_chat(self, identity_id: UUID) -> str | None:
        """Return the address of somebody's direct chat, where there is one."""
        return await self.repository.direct_chat(identity_id)

    async def change_person(self, identity_id: UUID, **values: Any) -> None:
        """Set what is known of somebody: ``language``, ``introduced_at``, ``warned_at``, ``organisation_id`` …."""
        await self.repository.change_identity(identity_id, **values)

    async def change_chat(self, chat_id: UUID, **values: Any) -> None:
        """Set what is known of a chat: ``paused``, ``introduced_at``, ``address`` …."""
        await self.repository.change_chat(chat_id, **values)

    async def forget_chat(self, network: Network, address: str) -> bool:
        """Forget a chat with all that hangs on it; returns whether it was known."""
        return await self.repository.delete_chat(network, address)

    async def _chat(self, chat: Chat, circle: Circle | None, kind: ChatKind) -> ChatEntry:
        of_group = circle if kind is ChatKind.GROUP else None
        audiences = await audiences_with(self.repository.session, of_group.id) if of_group else ()
        return _chat(chat, _circle(of_group, audiences) if of_group else None, kind)


def _identity(row: IdentityRow) -> IdentityEntry:
    identity, member, organisation_id, state_key = row
    return IdentityEntry(
        id=identity.id,
        network=identity.network,
        address=identity.address,
        language=identity.language,
        member_id=member.id if member else None,
        role=member.role if member else None,
        organisation_id=organisation_id,
        state_key=state_key,
        introduced_at=identity.introduced_at,
        warned_at=identity.warned_at,
    )


def _chat(chat: Chat, circle: CircleEntry | None, kind: ChatKind) -> ChatEntry:
    return ChatEntry(
        id=chat.id,
        network=chat.network,
        address=chat.address,
        kind=kind,
        circle=circle,
        paused=chat.paused,
        introduced_at=chat.introduced_at,
    )


def _circle(circle: Circle, audiences: tuple[UUID, ...]) -> CircleEntry:
    return CircleEntry(
        id=circle.id,
        name=circle.name,
        language=circle.language,
        topics=tuple(circle.topics),
        vouched=circle.vouched_at is not None,
        recognises=circle.recognises_since is not None,
        audiences=audiences,
    )
