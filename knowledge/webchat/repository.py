"""The statements of conversations in the browser."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, cast, delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.inserting import insert_into
from knowledge.models.chat import Chat, ChatIdentity, Network
from knowledge.models.message import IncomingEvent, OutgoingMessage, SendState
from knowledge.models.webchat import Direction, WebConversation, WebFile, WebMessage


class WebChatRepository:
    """Conversations over one session; whoever opened it commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def chat(self, address: str) -> tuple[UUID, UUID | None] | None:
        """Return a conversation's chat and the identity whose it is."""
        mine = select(Chat.id, Chat.identity_id).where(Chat.network == Network.WEB, Chat.address == address)
        row = (await self._session.execute(mine)).one_or_none()
        return None if row is None else (row[0], row[1])

    async def belong(self, identity_id: UUID, member_id: UUID) -> None:
        """See that an identity is the member's."""
        mine = update(ChatIdentity).where(ChatIdentity.id == identity_id, ChatIdentity.member_id.is_(None))
        await self._session.execute(mine.values(member_id=member_id))

    async def speak(self, chat_id: UUID, *, visitor: bool, moment: datetime) -> None:
        """Note that something is said in a conversation, which begins with that."""
        values = {"chat_id": chat_id, "visitor": visitor, "spoken_at": moment}
        statement = insert_into(self._session, WebConversation).values(**values)
        changed = {"spoken_at": moment}
        await self._session.execute(statement.on_conflict_do_update(index_elements=["chat_id"], set_=changed))

    async def add(self, values: Mapping[str, Any]) -> int | None:
        """Keep a message and return its number; does nothing, and returns ``None``, where its key is known."""
        statement = (
            insert_into(self._session, WebMessage).values(**values).on_conflict_do_nothing().returning(WebMessage.id)
        )
        return (await self._session.execute(statement)).scalar_one_or_none()

    async def add_file(self, message: int, content: bytes, *, picture: bool) -> None:
        """Keep what is in the file of a message."""
        self._session.add(WebFile(message_id=message, content=content, picture=picture))
        await self._session.flush()

    async def change(self, chat_id: UUID, key: str, **values: Any) -> bool:
        """Set columns of a message; returns whether it is there."""
        mine = update(WebMessage).where(WebMessage.chat_id == chat_id, WebMessage.key == key).values(**values)
        return (await self._session.execute(mine.returning(WebMessage.id))).one_or_none() is not None

    async def remove(self, chat_id: UUID, keys: Sequence[str]) -> None:
        """Delete messages."""
        await self._session.execute(
            delete(WebMessage).where(WebMessage.chat_id == chat_id, WebMessage.key.in_(list(keys)))
        )

    async def messages(self, address: str, *, before: int | None, limit: int) -> Sequence[tuple[WebMessage, bool]]:
        """Return the newest messages of a conversation, newest first, each with whether its file is still there."""
        mine = (
            select(WebMessage, exists().where(WebFile.message_id == WebMessage.id))
            .join(Chat, Chat.id == WebMessage.chat_id)
            .where(Chat.network == Network.WEB, Chat.address == address)
        )
        if before is not None:
            mine = mine.where(WebMessage.id < before)
        rows = await self._session.execute(mine.order_by(WebMessage.id.desc()).limit(limit))
        return [(row[0], row[1]) for row in rows]

    async def of_identities(self, identities: Sequence[UUID]) -> Sequence[tuple[WebMessage, WebConversation]]:
        """Return all messages of the conversations of somebody, oldest first, each with its conversation."""
        mine = (
            select(WebMessage, WebConversation)
            .join(WebConversation, WebConversation.chat_id == WebMessage.chat_id)
            .join(Chat, Chat.id == WebMessage.chat_id)
            .where(Chat.identity_id.in_(list(identities)))
        )
        return [(row[0], row[1]) for row in await self._session.execute(mine.order_by(WebMessage.id))]

    async def content(self, address: str, message: int) -> tuple[Mapping[str, Any], bytes] | None:
        """Return a file of a conversation, as long as it is there."""
        mine = (
            select(WebMessage.file, WebFile.content)
            .join(WebFile, WebFile.message_id == WebMessage.id)
            .join(Chat, Chat.id == WebMessage.chat_id)
            .where(Chat.network == Network.WEB, Chat.address == address, WebMessage.id == message)
        )
        return await self._file(mine)

    async def content_of(self, key: str) -> tuple[Mapping[str, Any], bytes] | None:
        """Return the file that somebody sent with a message of this key, as long as it is there."""
        files = select(WebMessage.file, WebFile.content).join(WebFile, WebFile.message_id == WebMessage.id)
        return await self._file(files.where(WebMessage.key == key, WebMessage.direction == Direction.IN))

    async def _file(self, statement: Any) -> tuple[Mapping[str, Any], bytes] | None:
        row = (await self._session.execute(statement)).one_or_none()
        return None if row is None else (row[0], row[1])

    async def traces(self, address: str, limit: int) -> Sequence[tuple[Any, ...]]:
        """Return by what it is seen that the newest messages of a conversation changed, newest first.

        Of each: its number, key and direction, what was pressed, and how long its text and its choices are.
        """
        lengths = [func.length(cast(column, Text)) for column in (WebMessage.blocks, WebMessage.choices)]
        newest = (
            select(WebMessage.id, WebMessage.key, WebMessage.direction, WebMessage.pressed, *lengths)
            .join(Chat, Chat.id == WebMessage.chat_id)
            .where(Chat.network == Network.WEB, Chat.address == address)
        )
        rows = await self._session.execute(newest.order_by(WebMessage.id.desc()).limit(limit))
        return [tuple(row) for row in rows]

    async def is_open(self, address: str, keys: Sequence[str]) -> bool:
        """Whether one of some events is not handled yet, or what was said is on its way."""
        waits = exists().where(
            IncomingEvent.network == Network.WEB,
            IncomingEvent.event.in_(list(keys)),
            IncomingEvent.handled_at.is_(None),
        )
        comes = exists().where(
            OutgoingMessage.state == SendState.WAITING,
            OutgoingMessage.network == Network.WEB,
            OutgoingMessage.chat == address,
        )
        return bool(await self._session.scalar(select(waits | comes)))
