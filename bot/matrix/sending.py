"""From our own messages to events, each sent exactly once: the transaction id is made from the message's key."""

import asyncio
from collections.abc import Sequence
from hashlib import sha256

from bot.core.adapter import SendPostponed, SendRefused
from bot.core.html import without_controls
from bot.core.messages import Attachment, Choice, Outgoing
from bot.core.text import RichText, rich
from bot.matrix.known import EventNote, KnownEvents
from bot.matrix.relations import AUTOMATIC_MARK, BOT_MARK, replacement, reply_relation, thread_relation
from bot.matrix.rendering import message_content, parts_of, with_legend
from bot.matrix.rooms import Rooms
from bot.matrix.vault import Vault
from bot.matrix.wire import CLIENT, Json, ServerAway, ServerRefused, Wire, as_send_error, path, text_of
from knowledge.models.chat import ChatKind

# How long a message waits for the first sync, or for a room that was just made to appear in one.
SECONDS_TO_APPEAR = 20.0
VERSION = 1


class Sender:
    """Sends what the core says."""

    def __init__(self, wire: Wire, vault: Vault, rooms: Rooms, known: KnownEvents) -> None:
        self._wire = wire
        self._vault = vault
        self._rooms = rooms
        self._known = known
        # Set with each sync: rooms may have appeared.
        self.synced = asyncio.Condition()
        self.is_ready = False

    async def send(self, message: Outgoing, key: str) -> list[str]:
        """Send a message, return its events; raises ``SendRefused`` or ``SendPostponed``."""
        try:
            await self._wait_for_room(message.place.chat)
            return await self._send(message, _Transaction(key))
        except (ServerAway, ServerRefused) as error:
            raise as_send_error(error) from error

    async def _send(self, message: Outgoing, transaction: "_Transaction") -> list[str]:
        if message.leaves:
            await self._rooms.leave(message.place.chat)
            return []
        for event in message.deletes:
            await self._redact(message.place.chat, event, transaction.next("d"))
        attachment, sent = message.attachment, list[str]()
        # A picture stands above its text, so that what can be chosen is below both; a file comes behind.
        if attachment is not None and attachment.is_picture:
            sent.append(await self._attach(message, attachment, transaction))
        if message.text is not None:
            sent += await self._say(message, transaction, before=sent)
        if attachment is not None and not attachment.is_picture:
            sent.append(await self._attach(message, attachment, transaction))
        if sent and message.choices:
            await self._offer(message.place.chat, sent[-1], message.choices, transaction)
        if message.edits:
            await self._take_back_offers(message, sent, transaction)
        return sent

    async def _wait_for_room(self, room: str) -> None:
        """Wait until it is known whether the room is encrypted: nothing may leave in clear by mistake."""

        async def appeared() -> None:
            async with self.synced:
                await self.synced.wait_for(lambda: self.is_ready and self._rooms.is_known(room))

        try:
            if not (self.is_ready and self._rooms.is_known(room)):
                await asyncio.wait_for(appeared(), SECONDS_TO_APPEAR)
        except TimeoutError as error:
            if not self.is_ready:
                raise SendPostponed("The Matrix homeserver is away.") from error
            joined = (await self._wire.get(f"{CLIENT}/joined_rooms")).get("joined_rooms")
            if isinstance(joined, list) and room in joined:
                raise SendPostponed("The room has not appeared yet.") from error
            raise SendRefused("The bot is not in this room.", gone=True) from error

    async def _say(self, message: Outgoing, transaction: "_Transaction", *, before: Sequence[str]) -> list[str]:
        parts = parts_of(with_legend(message.text or rich(), message.choices))
        room = message.place.chat
        sent: list[str] = []
        for number, part in enumerate(parts):
            content = self._content(message, part)
            if number < len(message.edits):
                event = message.edits[number]
                await self._put(room, "m.room.message", replacement(content, event), transaction.next("e"))
            else:
                self._relate(content, message, [*before, *sent])
                event = await self._put(room, "m.room.message", content, transaction.next("m"))
            self._known.remember(event, EventNote(self._known.account, message.place.thread))
            sent.append(event)
        for event in message.edits[len(parts) :]:
            await self._redact(room, event, transaction.next("s"))
        return sent

    def _content(self, message: Outgoing, text: RichText) -> Json:
        """In groups the bot writes notices, which no bot answers, so that two bots never talk without end.

        In direct chats it writes plain messages: notices make no sound, and there „Bescheid geben" must be heard.
        """
        is_group = self._rooms.kind(message.place.chat) is ChatKind.GROUP
        content = message_content(text, kind="m.notice" if is_group else "m.text")
        # Nobody is called by what a quotation happens to hold.
        return {**content, "m.mentions": {}, **_marks(message)}

    def _relate(self, content: Json, message: Outgoing, sent: Sequence[str]) -> None:
        thread = message.place.thread
        if thread:
            content["m.relates_to"] = thread_relation(thread, sent[-1] if sent else message.reply_to)
        elif message.reply_to and not sent:
            content["m.relates_to"] = reply_relation(message.reply_to)

    async def _attach(self, message: Outgoing, attachment: Attachment, transaction: "_Transaction") -> str:
        content: Json = {**_file_content(attachment), "m.mentions": {}, **_marks(message)}
        if self._vault.rooms[message.place.chat].encrypted:
            from nio.crypto import encrypt_attachment

            locked, keys = encrypt_attachment(attachment.content)
            address = await self._wire.upload(locked, "application/octet-stream", None)
            content["file"] = {**keys, "url": address}
        else:
            content["url"] = await self._wire.upload(attachment.content, attachment.media_type, attachment.name)
        self._relate(content, message, ())
        event = await self._put(message.place.chat, "m.room.message", content, transaction.next("f"))
        self._known.remember(event, EventNote(self._known.account, message.place.thread))
        return event

    async def _offer(self, room: str, event: str, choices: Sequence[Choice], transaction: "_Transaction") -> None:
        """React with what can be chosen, so that people only have to touch it."""
        for emoji in [choice.emoji for choice in choices if choice.emoji and not choice.address]:
            relation = {"rel_type": "m.annotation", "event_id": event, "key": emoji}
            try:
                await self._put(room, "m.reaction", {"m.relates_to": relation}, transaction.next("r"))
            except ServerRefused as error:
                # It is there already, or the room lets nobody react: the legend's words are left.
                if error.is_passing:
                    raise

    async def _take_back_offers(self, message: Outgoing, sent: Sequence[str], transaction: "_Transaction") -> None:
        """Take back the bot's own reactions that mean nothing after an edit."""
        offered = {choice.emoji for choice in message.choices if not choice.address}
        for event in message.edits:
            wanted = offered if sent and event == sent[-1] else set()
            for reaction, emoji in await self._own_reactions(message.place.chat, event):
                if emoji not in wanted:
                    await self._redact(message.place.chat, reaction, transaction.named("t", reaction))

    async def _own_reactions(self, room: str, event: str) -> list[tuple[str, str]]:
        address = path("rooms", room, "relations", event, "m.annotation", "m.reaction").replace("/v3/", "/v1/", 1)
        try:
            answer = await self._wire.get(address, query={"limit": 100})
        except ServerRefused as error:
            if error.is_passing:
                raise
            return []
        found = []
        for raw in answer.get("chunk") or []:
            if isinstance(raw, dict) and raw.get("sender") == self._known.account:
                relation = raw.get("content", {}).get("m.relates_to", {})
                found.append((str(raw.get("event_id")), str(relation.get("key"))))
        return found

    async def _put(self, room: str, kind: str, content: Json, transaction: str) -> str:
        if self._vault.rooms[room].encrypted and kind != "m.reaction":
            kind, content = await self._vault.lock(room, kind, content)
        answer = await self._wire.put(path("rooms", room, "send", kind, transaction), content)
        return text_of(answer, "event_id")

    async def _redact(self, room: str, event: str, transaction: str) -> None:
        """Take an event away; one that is not there needs nothing done."""
        try:
            await self._wire.put(path("rooms", room, "redact", event, transaction), {})
        except ServerRefused as error:
            if error.code != "M_NOT_FOUND":
                raise


class _Transaction:
    """Transaction ids that are the same at each try of a message."""

    def __init__(self, key: str) -> None:
        # Keys may be long; transaction ids should not be.
        self._key = sha256(key.encode()).hexdigest()[:32]
        self._count = 0

    def next(self, kind: str) -> str:
        """Return the id of the next event."""
        self._count += 1
        return self.named(kind, str(self._count))

    def named(self, kind: str, name: str) -> str:
        """Return the id of an event that has a name of its own."""
        return f"allmende-{self._key}-{kind}{name.strip('$')[:40]}"


def _file_content(attachment: Attachment) -> Json:
    """Return what is told of a file; of a picture, the words for those who do not see it are its body."""
    info: Json = {"mimetype": attachment.media_type, "size": len(attachment.content)}
    if not attachment.is_picture:
        return {"msgtype": "m.file", "body": attachment.name, "filename": attachment.name, "info": info}
    if attachment.width and attachment.height:
        info |= {"w": attachment.width, "h": attachment.height}
    body = without_controls(attachment.alt) or attachment.name
    return {"msgtype": "m.image", "body": body, "filename": attachment.name, "info": info}


def _marks(message: Outgoing) -> Json:
    """A machine wrote this; and if so, put it together from the library."""
    return {BOT_MARK: VERSION, **({AUTOMATIC_MARK: True} if message.automatic else {})}
