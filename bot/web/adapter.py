"""The hub's own pages as a chat network: what is typed there comes in, what is said is kept for the pages to show.

Any number of processes may have one over the same database: each takes in what it is asked, and what any of them says
is kept in the database under a key of its own, so sending it twice leaves it once.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from bot.core.adapter import Features, FileRefused, SendRefused, Take
from bot.core.messages import Attachment, EventKind, FileNote, Incoming, Outgoing, Person, Place
from bot.core.text import pack_text, rich
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.errors import NotFound
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.chat import ChatKind, Network
from knowledge.webchat.schemas import SentFile, WebTurn
from knowledge.webchat.service import WebChatService

# A page has room for every text.
LONGEST_TEXT = 1_000_000


class UnknownWebMessage(NotFound):
    """Somebody chose something below a message that is not in their conversation, or no more."""

    code = "webchat.unknown_message"

    def __init__(self) -> None:
        super().__init__(_("This choice is no longer open. Please ask again."))


class WebAdapter:
    """Takes what pages hand over, and keeps what the bot says.

    Args:
        database: where conversations are kept.
    """

    network = Network.WEB
    features = Features(buttons=True, can_write_first=False, tells_deletions=False, longest_text=LONGEST_TEXT)
    account = "allmende"

    def __init__(self, database: Database) -> None:
        self._database = database
        self._take: Take | None = None
        self._receiving = asyncio.Event()

    async def start(self, cursor: str | None) -> None:
        """There is nothing to sign in to."""

    async def receive(self, take: Take, stop: asyncio.Event) -> None:
        """Let pages hand over until ``stop`` is set."""
        self._take = take
        self._receiving.set()
        await stop.wait()

    async def hand_over(self, turn: WebTurn) -> Incoming:
        """Keep what somebody did in their conversation, and take it into custody; returns the event.

        Raises ``UnknownWebMessage`` for a choice that was never offered in their conversation.
        """
        await self._receiving.wait()
        incoming = incoming_of(turn)
        async with unit_of_work(self._database) as unit:
            conversations = WebChatService(unit.session)
            said = turn.text
            if turn.about is not None:
                label = await conversations.press(turn.talker, turn.about, turn.choice or "")
                if label is None:
                    raise UnknownWebMessage
                said = label
            content = turn.file.content if turn.file else None
            await conversations.say(turn.talker, turn.key, _said(said, turn.file), content)
        if self._take is not None:
            await self._take([incoming], None)
        return incoming

    async def send(self, message: Outgoing, key: str) -> Sequence[str]:
        """Keep what is said; what replaces earlier messages stands in the place of the first of them."""
        chat = message.place.chat
        async with unit_of_work(self._database) as unit:
            conversations = WebChatService(unit.session)
            if message.deletes:
                await conversations.take_away(chat, message.deletes)
                return []
            values = _values(message)
            if message.edits and await conversations.replace(chat, message.edits, _changed(message, values)):
                return [message.edits[0]]
            if message.text is None and message.attachment is None:
                return []
            content = message.attachment.content if message.attachment else None
            if not await conversations.hear(chat, key, values, content):
                raise SendRefused("the conversation is over", gone=True)
        return [key]

    async def fetch_file(self, incoming: Incoming, note: FileNote, *, most: int) -> bytes:
        """Return what is in a file that somebody sent. Raises ``FileRefused``."""
        async with unit_of_work(self._database, writes=False) as unit:
            found = await WebChatService(unit.session).sent_file(note.reference)
        if found is None or note.reference != incoming.event:
            raise FileRefused(_("This file is not there (any more)."))
        if len(found.content) > most:
            raise FileRefused(_("This file is too large."))
        return found.content

    async def show_working(self, place: Place, *, on: bool) -> None:
        """The page says so by itself."""

    async def direct_chat(self, person: Person) -> str | None:
        """Return somebody's conversation, which bears their own address."""
        return person.address

    def direct_link(self, word: str) -> str | None:  # noqa: ARG002 - there are no groups to come from
        """Return nothing: this is a direct chat already."""
        return None

    async def close(self) -> None:
        """There is nothing to give back."""


def incoming_of(turn: WebTurn) -> Incoming:
    """Return what somebody did as an event."""
    address = turn.talker.address
    kind = EventKind.MESSAGE if turn.about is None else EventKind.CHOICE
    file = turn.file
    return Incoming(
        event=turn.key,
        kind=kind,
        place=Place(Network.WEB, address, ChatKind.DIRECT),
        sender=Person(Network.WEB, address),
        sent_at=now(),
        text=turn.text,
        about=turn.about,
        choice=turn.choice,
        files=(FileNote(file.name, file.media_type, len(file.content), turn.key),) if file else (),
        language=turn.language,
    )


def _said(text: str, file: SentFile | None) -> dict[str, Any]:
    """Return how what somebody says is kept."""
    values: dict[str, Any] = {"blocks": pack_text(rich(text)) if text else [], "choices": []}
    if file is not None:
        values["file"] = {"name": file.name, "media_type": file.media_type}
    return values


def _values(message: Outgoing) -> dict[str, Any]:
    """Return how what the bot says is kept."""
    return {
        "blocks": pack_text(message.text) if message.text is not None else [],
        "choices": [[choice.key, choice.label, choice.emoji, choice.address] for choice in message.choices],
        "automatic": message.automatic,
        "file": _described(message.attachment) if message.attachment is not None else None,
    }


def _described(attachment: Attachment) -> dict[str, Any]:
    return {name: getattr(attachment, name) for name in ("name", "media_type", "alt", "width", "height")}


def _changed(message: Outgoing, values: dict[str, Any]) -> dict[str, Any]:
    """Return what changes of an earlier message: where there is no text, its choices alone."""
    if message.text is None:
        return {"choices": values["choices"]}
    return {"blocks": values["blocks"], "choices": values["choices"], "pressed": None}
