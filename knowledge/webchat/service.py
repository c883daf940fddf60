"""Conversations in the browser: who talks, what was said, and its end."""

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.chats.service import ChatService
from knowledge.kit.clock import now
from knowledge.kit.errors import NotFound
from knowledge.kit.language import _
from knowledge.models.chat import ChatKind, Network
from knowledge.models.webchat import Direction, WebMessage
from knowledge.privacy.service import PrivacyService
from knowledge.webchat.repository import WebChatRepository
from knowledge.webchat.schemas import (
    MEMBER,
    PICTURES,
    VISITOR,
    ShownChoice,
    ShownMessage,
    StoredFile,
    Talker,
    TalkState,
    Transcript,
    read_blocks,
    read_file,
)

# Messages shown together.
TOGETHER = 60
# What a visitor's browser keeps: as long as such a secret is.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


class UnknownWebFile(NotFound):
    """There is no such file in the conversation, or no more."""

    code = "webchat.unknown_file"

    def __init__(self) -> None:
        super().__init__(_("This file is not there (any more)."))


def new_token() -> str:
    """Return a secret for the browser of a visitor, by which it comes back to its conversation."""
    return secrets.token_urlsafe(32)


def visiting(token: str) -> Talker | None:
    """Return whose browser keeps a secret; ``None`` for what is none."""
    if _TOKEN.fullmatch(token) is None:
        return None
    return Talker(VISITOR + hashlib.blake2b(token.encode(), digest_size=20).hexdigest())


def talking(member_id: UUID) -> Talker:
    """Return a member, who has the same conversation in every browser."""
    return Talker(MEMBER + member_id.hex, member_id)


class WebChatService:
    """Conversations in the browser, within the caller's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._repository = WebChatRepository(session)

    async def say(self, talker: Talker, key: str, values: Mapping[str, Any], content: bytes | None = None) -> None:
        """Keep what somebody says, who is stored with it; does nothing where it is kept already.

        Args:
            talker: who.
            key: of the message.
            values: what it says, as its columns.
            content: what is in its file.
        """
        chats = ChatService(self._session)
        person = await chats.keep_person(await chats.look_up_person(Network.WEB, talker.address))
        if talker.member_id is not None:
            await self._repository.belong(person.id, talker.member_id)
        entry = await chats.look_up_chat(Network.WEB, talker.address, ChatKind.DIRECT)
        chat = await chats.keep_chat(entry, of=person.id)
        await self._keep(chat.id, talker.address, {**values, "key": key, "direction": Direction.IN}, content)

    async def hear(self, address: str, key: str, values: Mapping[str, Any], content: bytes | None = None) -> bool:
        """Keep what the bot says in a conversation, as ``say`` does; ``False`` where that is over."""
        found = await self._repository.chat(address)
        if found is None:
            return False
        await self._keep(found[0], address, {**values, "key": key, "direction": Direction.OUT}, content)
        return True

    async def _keep(self, chat_id: UUID, address: str, values: Mapping[str, Any], content: bytes | None) -> None:
        moment = now()
        await self._repository.speak(chat_id, visitor=address.startswith(VISITOR), moment=moment)
        row = {"automatic": False, "file": None, **values, "chat_id": chat_id, "created_at": moment}
        added = await self._repository.add(row)
        if added is not None and content is not None:
            shown = values["direction"] is Direction.OUT and row["file"]["media_type"] in PICTURES
            await self._repository.add_file(added, content, picture=shown)

    async def replace(self, address: str, keys: Sequence[str], values: Mapping[str, Any]) -> bool:
        """Put something in the place of what the bot said before; ``False`` where nothing of it is there any more."""
        found = await self._repository.chat(address)
        if found is None or not await self._repository.change(found[0], keys[0], **values):
            return False
        await self._repository.remove(found[0], keys[1:])
        return True

    async def take_away(self, address: str, keys: Sequence[str]) -> None:
        """Delete messages of a conversation."""
        found = await self._repository.chat(address)
        if found is not None:
            await self._repository.remove(found[0], keys)

    async def press(self, talker: Talker, about: str, choice: str) -> str | None:
        """Mark what somebody chose; returns its words, ``None`` for what was never to choose in their conversation."""
        found = await self._repository.chat(talker.address)
        if found is None:
            return None
        rows = await self._repository.messages(talker.address, before=None, limit=1000)
        choices = next((row.choices for row, _there in rows if row.key == about), [])
        label = next((one[1] for one in choices if one[0] == choice), None)
        if label is not None:
            await self._repository.change(found[0], about, pressed=choice)
        return label

    async def transcript(self, talker: Talker, *, before: int | None = None) -> Transcript:
        """Return what was said last in somebody's conversation, or last before a message."""
        # First, so that what comes meanwhile is rather shown twice than never.
        state = await self.state(talker) if before is None else TalkState()
        rows = await self._repository.messages(talker.address, before=before, limit=TOGETHER + 1)
        shown = [_shown(row, there=there) for row, there in reversed(rows[:TOGETHER])]
        is_there = bool(rows) or await self._repository.chat(talker.address) is not None
        return Transcript(shown, is_there, has_earlier=len(rows) > TOGETHER, state=state)

    async def state(self, talker: Talker) -> TalkState:
        """Return how somebody's conversation stands; cheap enough to be asked for again and again."""
        rows = await self._repository.traces(talker.address, TOGETHER)
        mine = [key for _id, key, direction, *_rest in rows if direction is Direction.IN]
        waits = bool(mine) and await self._repository.is_open(talker.address, mine)
        traces = f"{talker.address} {waits} {rows}"
        mark = hashlib.blake2b(traces.encode(), digest_size=12).hexdigest()
        return TalkState(mark, [row[0] for row in rows], mine if waits else ())

    async def file(self, talker: Talker, message: int) -> StoredFile:
        """Return a file of somebody's own conversation. Raises ``UnknownWebFile``."""
        found = await self._repository.content(talker.address, message)
        if found is None:
            raise UnknownWebFile
        return _stored(*found)

    async def sent_file(self, key: str) -> StoredFile | None:
        """Return the file that came with a message, for the bot."""
        found = await self._repository.content_of(key)
        return None if found is None else _stored(*found)

    async def end(self, talker: Talker) -> bool:
        """Delete somebody's conversation; of a visitor, with everything that is kept about them.

        Returns whether there was one.
        """
        found = await self._repository.chat(talker.address)
        if found is None:
            return False
        if talker.member_id is None and found[1] is not None:
            await PrivacyService(self._session).erase(found[1], everywhere=False)
        return await ChatService(self._session).forget_chat(Network.WEB, talker.address) or talker.member_id is None


def _stored(file: Mapping[str, Any], content: bytes) -> StoredFile:
    return StoredFile(file["name"], file["media_type"] or "application/octet-stream", content)


def _shown(row: WebMessage, *, there: bool) -> ShownMessage:
    return ShownMessage(
        id=row.id,
        key=row.key,
        mine=row.direction is Direction.IN,
        blocks=read_blocks(row.blocks),
        choices=[
            ShownChoice(key, label, address, pressed=row.pressed == key) for key, label, _emoji, address in row.choices
        ],
        file=read_file(row.file, there=there),
        automatic=row.automatic,
        moment=row.created_at,
    )
