"""What the adapter knows of single events: who wrote them, in which thread, and whether they spoke to the bot."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from bot.matrix.relations import content_of, relation_of
from bot.matrix.speech import understand
from bot.matrix.vault import Vault
from bot.matrix.wire import Json, ServerRefused, Wire, path

# Events that are remembered; others are fetched again.
REMEMBERED = 5000


@dataclass(frozen=True, slots=True)
class EventNote:
    """``sender`` is empty for events that do not exist, or that the bot may not see.

    ``speaks`` says that it mentions the bot or is a command, ``joined_in`` that the bot wrote in the thread below it.
    """

    sender: str
    thread: str | None = None
    speaks: bool = False
    joined_in: bool = False


class KnownEvents:
    """Looks events up, by memory or on the server; nothing of it is stored."""

    def __init__(self, wire: Wire, vault: Vault) -> None:
        self._wire = wire
        self._vault = vault
        self.account = ""
        self.names: tuple[str, ...] = ()
        self._notes: OrderedDict[str, EventNote] = OrderedDict()
        self._own_threads: OrderedDict[str, None] = OrderedDict()

    def remember(self, event: str, note: EventNote) -> None:
        """Remember an event that was seen or sent."""
        _put(self._notes, event, note)
        if note.sender == self.account and note.thread:
            _put(self._own_threads, note.thread, None)

    def is_mine(self, note: EventNote) -> bool:
        """Whether the bot wrote an event."""
        return note.sender == self.account

    async def look_up(self, room: str, event: str) -> EventNote:
        """Return what is known of an event; raises ``ServerAway`` or ``ServerRefused``."""
        known = self._notes.get(event)
        if known is not None:
            return known
        try:
            raw = await self._wire.get(path("rooms", room, "event", event))
        except ServerRefused as error:
            if error.is_passing:
                raise
            raw = {}
        note = self.note_of(room, raw)
        self.remember(event, note)
        return note

    def note_of(self, room: str, raw: Json) -> EventNote:
        """Return the note of an event as the server gave it."""
        if not isinstance(raw.get("sender"), str):
            return EventNote("")
        clear = raw
        if raw.get("type") == "m.room.encrypted":
            clear = self._vault.unlock(room, raw) or raw
        content = content_of(clear)
        spoken = understand(content, self.account, self.names)
        thread = relation_of(content_of(raw)).thread or relation_of(content).thread
        return EventNote(raw["sender"], thread, spoken.mentioned or spoken.is_command, _joined_in(raw))

    async def is_own_thread(self, room: str, root: str) -> bool:
        """Whether a thread is the bot's affair: it began it, wrote in it, or was spoken to by its first message."""
        if root in self._own_threads:
            return True
        note = await self.look_up(room, root)
        return self.is_mine(note) or note.speaks or note.joined_in


def _joined_in(raw: Json) -> bool:
    part: Any = raw
    for name in ("unsigned", "m.relations", "m.thread"):
        part = part.get(name) if isinstance(part, dict) else None
    return isinstance(part, dict) and part.get("current_user_participated") is True


def _put(where: OrderedDict[str, Any], key: str, value: Any) -> None:
    where[key] = value
    where.move_to_end(key)
    while len(where) > REMEMBERED:
        where.popitem(last=False)
