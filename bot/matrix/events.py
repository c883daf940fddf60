"""From events of a room to our own messages; what is not for the bot ends here and is kept nowhere."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.core.messages import EventKind, FileNote, Incoming, Person, Place
from bot.matrix.keeping import Notes
from bot.matrix.known import EventNote, KnownEvents
from bot.matrix.relations import BOT_MARK, Relation, content_of, relation_of
from bot.matrix.rooms import Rooms
from bot.matrix.speech import Spoken, understand
from bot.matrix.wire import Json
from knowledge.kit.clock import now
from knowledge.models.chat import ChatKind, Network

TEXTS = ("m.text", "m.emote")
FILES = ("m.file", "m.image", "m.audio", "m.video")
_NUMBER = re.compile(r"\d{1,2}[.)]?")
# Emojis come with and without a colour of skin, and with and without a wish to be shown in colour.
_SHADES = dict.fromkeys([0xFE0F, *range(0x1F3FB, 0x1F400)])


def plain_emoji(emoji: str) -> str:
    """Return an emoji without skin colour and variation."""
    return emoji.translate(_SHADES)


def sent_at(event: Json) -> datetime:
    """Return when an event was sent, by our own clock: servers' clocks go wrong, but the age they tell does not."""
    unsigned = event.get("unsigned")
    age = unsigned.get("age") if isinstance(unsigned, dict) else None
    present = now()
    if isinstance(age, int | float) and 0 <= age < 1e13:
        return present - timedelta(milliseconds=age)
    stamp = event.get("origin_server_ts")
    if not isinstance(stamp, int | float) or not 0 <= stamp < 1e14:
        return present
    return min(datetime.fromtimestamp(stamp / 1000, UTC), present)


def file_note(content: Json) -> FileNote | None:
    """Return the file of a message, if it has one."""
    if content.get("msgtype") not in FILES:
        return None
    info = content.get("info") if isinstance(content.get("info"), dict) else {}
    locked = content.get("file")
    reference = locked.get("url") if isinstance(locked, dict) else content.get("url")
    name = content.get("filename") or content.get("body")
    return FileNote(
        name=name if isinstance(name, str) else "",
        media_type=_or_none(info.get("mimetype"), str) if info else None,
        size=_or_none(info.get("size"), int) if info else None,
        reference=reference if isinstance(reference, str) else "",
    )


def _or_none(value: Any, kind: type) -> Any:
    return value if isinstance(value, kind) else None


def _caption(content: Json) -> Json:
    """A file's body is its name, unless it has a name besides."""
    if content.get("msgtype") in FILES and content.get("filename") in (None, content.get("body")):
        return {**content, "body": ""}
    return content


class Translator:
    """Turns events into messages; ``overhears`` says in which groups also talk that is not for the bot is wanted."""

    def __init__(self, rooms: Rooms, known: KnownEvents, notes: Notes) -> None:
        self._rooms = rooms
        self._known = known
        self._notes = notes
        self.overhears: Callable[[str], bool] = lambda _room: False

    async def translate(self, room: str, event: Json) -> Incoming | None:
        """Return what an event (in clear) means to the core; ``None`` for what does not concern it.

        Raises ``ServerAway`` where another event would have to be looked up.
        """
        if not isinstance(event.get("event_id"), str) or not isinstance(event.get("sender"), str):
            return None
        if event["sender"] == self._known.account:
            return None
        match event.get("type"):
            case "m.room.message":
                found = await self._message(room, event)
            case "m.reaction":
                found = await self._reaction(room, event)
            case "m.room.redaction":
                found = self._redaction(room, event)
            case "m.room.member":
                found = self._member(room, event)
            case _:
                found = None
        return found

    def unreadable(self, room: str, event: Json) -> Incoming:
        """Return that a message could not be read."""
        thread = relation_of(content_of(event)).thread
        place = self._rooms.place(room, thread)
        if place.kind is ChatKind.GROUP and thread is None:
            place = self._rooms.place(room, event["event_id"])
        return self._incoming(event, EventKind.UNREADABLE, place)

    def _incoming(self, event: Json, kind: EventKind, place: Place, **more: Any) -> Incoming:
        person = more.pop("sender", None) or Person(Network.MATRIX, event["sender"])
        return Incoming(
            event["event_id"], kind, place, person, sent_at(event), people=self._rooms.people(place.chat), **more
        )

    async def _message(self, room: str, event: Json) -> Incoming | None:
        content = content_of(event)
        relation = relation_of(content)
        if relation.kind == "m.replace":
            return await self._edit(room, event, relation)
        if not _is_for_people(content):
            return None
        file = file_note(content)
        spoken = understand(_caption(content), self._known.account, self._known.names)
        replied = await self._known.look_up(room, relation.reply_to) if relation.reply_to else EventNote("")
        thread = relation.thread or replied.thread
        speaks = spoken.mentioned or spoken.is_command
        self._known.remember(event["event_id"], EventNote(event["sender"], relation.thread, speaks))
        to_bot = self._known.is_mine(replied) or await self._goes_on(room, thread, spoken)
        is_direct = self._rooms.kind(room) is ChatKind.DIRECT
        # A bare number may answer what the bot has asked; the core knows whether it has.
        wanted = _NUMBER.fullmatch(spoken.text) is not None or (self.overhears(room) and file is None)
        if not (is_direct or speaks or to_bot or wanted):
            return None
        if not spoken.text and file is None and not spoken.mentioned:
            return None
        return self._incoming(
            event,
            EventKind.MESSAGE,
            self._rooms.place(room, thread if is_direct else thread or event["event_id"]),
            text=spoken.text,
            mentioned=spoken.mentioned,
            reply_to=relation.reply_to,
            reply_to_bot=to_bot,
            files=(file,) if file else (),
            reply_author=Person(Network.MATRIX, replied.sender) if spoken.is_command and replied.sender else None,
        )

    async def _goes_on(self, room: str, thread: str | None, spoken: Spoken) -> bool:
        """Whether a message goes on in a thread of the bot's, and is not for somebody else in it."""
        if thread is None or (spoken.others_mentioned and not spoken.mentioned):
            return False
        return await self._known.is_own_thread(room, thread)

    async def _edit(self, room: str, event: Json, relation: Relation) -> Incoming | None:
        content = content_of(event).get("m.new_content")
        if relation.event is None or not isinstance(content, dict) or not _is_for_people(content):
            return None
        original = await self._known.look_up(room, relation.event)
        if original.sender != event["sender"]:
            return None
        spoken = understand(content, self._known.account, self._known.names)
        is_direct = self._rooms.kind(room) is ChatKind.DIRECT
        concerns = is_direct or original.speaks or spoken.mentioned or spoken.is_command
        if not concerns and not await self._goes_on(room, original.thread, spoken):
            return None
        thread = original.thread if is_direct else original.thread or relation.event
        place = self._rooms.place(room, thread)
        return self._incoming(
            event, EventKind.EDIT, place, text=spoken.text, mentioned=spoken.mentioned, about=relation.event
        )

    async def _reaction(self, room: str, event: Json) -> Incoming | None:
        relation = relation_of(content_of(event))
        if relation.kind != "m.annotation" or not relation.event or not relation.key:
            return None
        about = await self._known.look_up(room, relation.event)
        if not self._known.is_mine(about):
            return None
        choice = plain_emoji(relation.key)
        self._notes.keep_reaction(event["event_id"], room, relation.event, choice)
        place = self._rooms.place(room, about.thread)
        return self._incoming(event, EventKind.CHOICE, place, about=relation.event, choice=choice)

    def _redaction(self, room: str, event: Json) -> Incoming | None:
        about = event.get("redacts") or content_of(event).get("redacts")
        if not isinstance(about, str):
            return None
        place = self._rooms.place(room)
        undone = self._notes.reaction(about, room)
        if undone is not None:
            return self._incoming(event, EventKind.CHOICE_UNDONE, place, about=undone[0], choice=undone[1])
        return self._incoming(event, EventKind.REDACTION, place, about=about)

    def _member(self, room: str, event: Json) -> Incoming | None:
        """Somebody came in; changes of name or picture look alike but for what was before."""
        person = event.get("state_key")
        came = content_of(event).get("membership") == "join" and _before(event) != "join"
        if not came or not isinstance(person, str) or self._rooms.kind(room) is ChatKind.DIRECT:
            return None
        sender = Person(Network.MATRIX, person)
        return self._incoming(event, EventKind.JOINED, self._rooms.place(room), sender=sender)


def _before(event: Json) -> str | None:
    unsigned = event.get("unsigned")
    before = unsigned.get("prev_content") if isinstance(unsigned, dict) else None
    membership = before.get("membership") if isinstance(before, dict) else None
    return membership if isinstance(membership, str) else None


def _is_for_people(content: Json) -> bool:
    """Whether a person may have written it: notices are from machines, and other bots like ours mark what they say."""
    return content.get("msgtype") in (*TEXTS, *FILES) and BOT_MARK not in content
