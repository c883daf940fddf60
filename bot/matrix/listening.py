"""One sync after the other; the position moves on only together with the events, so a kill loses nothing."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.core.messages import EventKind, Incoming, Person, Place
from bot.matrix.events import Translator, sent_at
from bot.matrix.keeping import Locked, Notes
from bot.matrix.relations import content_of
from bot.matrix.rooms import Rooms
from bot.matrix.vault import Vault
from bot.matrix.wire import CLIENT, Json, ServerRefused, Wire, path
from knowledge.kit.clock import now
from knowledge.kit.logs import get_logger
from knowledge.models.chat import ChatKind, Network

# How many missing messages of a room are fetched after an outage, in pages of so many.
PAGES, PER_PAGE = 20, 100
# How often a group hears, at most, that something could not be read.
EXPLAIN_EVERY = timedelta(hours=1)
STATE_TYPES = ("create", "encryption", "name", "canonical_alias", "member", "tombstone", "history_visibility")
TALK_TYPES = ("m.room.message", "m.room.encrypted", "m.reaction", "m.room.redaction")
_STATE = [f"m.room.{name}" for name in STATE_TYPES]
_NOTHING = {"not_types": ["*"]}
FILTER: Json = {
    "presence": _NOTHING,
    "account_data": {"types": ["m.direct"]},
    "room": {
        "timeline": {"limit": 50, "types": [*TALK_TYPES, *_STATE], "lazy_load_members": True},
        # Without this a room of 20,000 would tell of each of them.
        "state": {"types": _STATE, "lazy_load_members": True},
        "ephemeral": _NOTHING,
        "account_data": _NOTHING,
    },
}


@dataclass(slots=True)
class Batch:
    """What one sync means: messages for the core, and what is to be done once they are in custody."""

    incomings: list[Incoming] = field(default_factory=list)
    # Locked messages that were read or given up.
    settled: list[str] = field(default_factory=list)
    # The last event of each room that was handed over.
    read: dict[str, str] = field(default_factory=dict)
    # Rooms that were joined, left, or in which nobody else is any more.
    joined: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)

    def add(self, incoming: Incoming | None) -> None:
        """Add a message for the core."""
        if incoming is not None:
            self.incomings.append(incoming)
            if incoming.kind in (EventKind.MESSAGE, EventKind.EDIT, EventKind.UNREADABLE):
                self.read[incoming.place.chat] = incoming.event


class Listener:
    """Makes sense of syncs."""

    def __init__(self, wire: Wire, vault: Vault, rooms: Rooms, translator: Translator, *, notes: Notes) -> None:
        self._wire = wire
        self._vault = vault
        self._rooms = rooms
        self._translator = translator
        self._notes = notes
        # When a group was last told that something could not be read.
        self._explained: dict[str, datetime] = {}

    async def digest(self, data: Json, since: str | None, *, patience: timedelta) -> Batch:
        """Return what a sync means, as far as it is not history; locked messages wait ``patience`` for their key.

        May be called again with the same data. Raises ``ServerAway`` or ``ServerRefused``.
        """
        batch = Batch()
        for event in _list(data, "account_data", "events"):
            if event.get("type") == "m.direct":
                self._rooms.note_direct(content_of(event))
        for room, news in _dict(data, "rooms", "invite").items():
            await self._rooms.handle_invite(room, _list(news, "invite_state", "events"))
        for room, news in _dict(data, "rooms", "leave").items():
            self._handle_left(batch, room, _list(news, "timeline", "events"))
        for room, news in _dict(data, "rooms", "join").items():
            await self._handle_room(batch, room, news, since=since)
        if since is not None:
            await self._unlock(batch, patience)
        return batch

    def _handle_left(self, batch: Batch, room: str, events: list[Json]) -> None:
        batch.left.append(room)
        for event in events:
            if not self._is_own_membership(event) or content_of(event).get("membership") not in ("leave", "ban"):
                continue
            if _previous(event).get("membership") == "invite" or not isinstance(event.get("sender"), str):
                continue
            sender = Person(Network.MATRIX, event["sender"])
            place = self._rooms.place(room)
            batch.add(Incoming(event["event_id"], EventKind.BOT_REMOVED, place, sender, sent_at(event)))

    def _is_own_membership(self, event: Json) -> bool:
        return event.get("type") == "m.room.member" and event.get("state_key") == self._rooms.account

    async def _handle_room(self, batch: Batch, room: str, news: Json, *, since: str | None) -> None:
        events = _list(news, "timeline", "events")
        if since is None:
            return
        if _dict(news, "timeline").get("limited") is True and not any(map(self._is_coming, events)):
            self._vault.forget_members(room)
            before = _dict(news, "timeline").get("prev_batch")
            if isinstance(before, str):
                events = [*[event async for event in self._missing(room, before, since)][::-1], *events]
        coming = _last(events, self._is_coming)
        if coming is not None:
            await self._handle_own_coming(batch, room, events[coming])
            batch.joined.append(room)
        # What was written before the bot was invited is history.
        start = _last(events[:coming], self._is_invited) if coming is not None else None
        first = 0 if coming is None else coming if start is None else start
        for event in events[first:]:
            await self._handle_event(batch, room, event)
        if self._rooms.is_alone(room) and any(map(self._is_others_leaving, events)):
            batch.empty.append(room)

    def _is_others_leaving(self, event: Json) -> bool:
        is_member = event.get("type") == "m.room.member" and event.get("state_key") != self._rooms.account
        return is_member and content_of(event).get("membership") in ("leave", "ban")

    def _is_coming(self, event: Json) -> bool:
        """Whether the bot came into the room with this event."""
        membership = content_of(event).get("membership")
        return self._is_own_membership(event) and membership == "join" and _previous(event).get("membership") != "join"

    def _is_invited(self, event: Json) -> bool:
        return self._is_own_membership(event) and content_of(event).get("membership") == "invite"

    async def _missing(self, room: str, before: str, since: str) -> AsyncIterator[Json]:
        """Give what happened between the last sync and this one, newest first, as far as it is not endless."""
        address = path("rooms", room, "messages")
        for _page in range(PAGES):
            page: dict[str, str | int | None] = {"from": before, "to": since, "dir": "b", "limit": PER_PAGE}
            try:
                answer = await self._wire.get(address, query={**page, "filter": _TALK_FILTER})
            except ServerRefused as error:
                if error.is_passing:
                    raise
                return
            for event in _list(answer, "chunk"):
                yield event
                if self._is_invited(event):
                    return
            end = answer.get("end")
            if not isinstance(end, str) or end in (before, since) or not _list(answer, "chunk"):
                return
            before = end
        get_logger().warning("matrix_gap_too_long", fetched=PAGES * PER_PAGE)

    async def _handle_own_coming(self, batch: Batch, room: str, event: Json) -> None:
        """The bot came into a room: invited, or following another room that goes on here."""
        joining = next(iter(self._notes.joining(room)), None)
        old = joining.old_room if joining is not None else None
        if old is not None and await self._rooms.predecessor(room) == old:
            batch.add(self._moved(old, room, event))
            return
        inviter = joining.inviter if joining is not None and joining.inviter else _inviter(event)
        sender = Person(Network.MATRIX, inviter or event["sender"])
        place, people = self._rooms.place(room), self._rooms.people(room)
        batch.add(Incoming(event["event_id"], EventKind.BOT_ADDED, place, sender, sent_at(event), people=people))

    def _moved(self, old: str, new: str, event: Json) -> Incoming:
        sender = Person(Network.MATRIX, event["sender"])
        return Incoming(
            event["event_id"], EventKind.MOVED, self._rooms.place(old), sender, sent_at(event), moved_to=new
        )

    async def _handle_upgrade(self, batch: Batch, room: str, event: Json) -> None:
        """A room goes on in another one, where the bot may be already."""
        successor = content_of(event).get("replacement_room")
        if not isinstance(successor, str) or not successor:
            return
        if successor not in self._vault.rooms:
            self._rooms.follow(room, successor, str(event.get("sender")))
        elif await self._rooms.predecessor(successor) == room:
            batch.add(self._moved(room, successor, event))

    async def _handle_event(self, batch: Batch, room: str, event: Json) -> None:
        if event.get("type") == "m.room.tombstone":
            await self._handle_upgrade(batch, room, event)
            return
        if event.get("type") == "m.room.encrypted":
            opened = self._open(room, event)
            if opened is None:
                return
            event = opened
        batch.add(await self._translator.translate(room, event))

    def _open(self, room: str, event: Json) -> Json | None:
        """Return an encrypted event in clear; one whose key is missing waits for it, and we ask for the key."""
        if event.get("sender") == self._rooms.account or "ciphertext" not in content_of(event):
            return None
        opened = self._vault.unlock(room, event)
        if opened is None and isinstance(event.get("event_id"), str):
            self._notes.keep_locked(Locked(event["event_id"], room, event, now()))
            self._vault.ask_for_key(room, event)
            get_logger().info("matrix_key_missing")
        return opened

    async def _unlock(self, batch: Batch, patience: timedelta) -> None:
        """Try again to read locked messages; what has waited too long is handed over as unreadable."""
        given_up: dict[tuple[str, Any], Incoming] = {}
        for locked in self._notes.locked():
            opened = self._vault.unlock(locked.room, locked.source)
            if opened is not None:
                batch.settled.append(locked.event)
                batch.add(await self._translator.translate(locked.room, _aged(opened, locked)))
            elif now() - locked.since >= patience:
                batch.settled.append(locked.event)
                # Several of a person in a room are explained once.
                given_up[locked.room, locked.source.get("sender")] = self._translator.unreadable(
                    locked.room, _aged(locked.source, locked)
                )
        for incoming in given_up.values():
            if self._may_explain(incoming.place):
                batch.add(incoming)

    def _may_explain(self, place: Place) -> bool:
        """Tell whether it is time to explain: nobody knows if a group's locked talk was meant for the bot."""
        if place.kind is ChatKind.DIRECT:
            return True
        last = self._explained.get(place.chat)
        if last is not None and now() - last < EXPLAIN_EVERY:
            get_logger().info("matrix_unreadable_unexplained")
            return False
        self._explained[place.chat] = now()
        return True

    async def poll(self, since: str | None, *, seconds: float, full_state: bool) -> Json:
        """Wait for news, at most so long; raises ``ServerAway`` or ``ServerRefused``."""
        return await self._wire.get(
            f"{CLIENT}/sync",
            seconds=seconds + 30,
            query={
                "timeout": int(seconds * 1000),
                "since": since,
                "filter": _FILTER_TEXT,
                "full_state": "true" if full_state else None,
            },
        )


def _json(value: Json) -> str:
    return json.dumps(value, separators=(",", ":"))


_FILTER_TEXT = _json(FILTER)
_TALK_FILTER = _json({"types": [*TALK_TYPES, "m.room.member", "m.room.tombstone"]})


def _dict(value: Any, *names: str) -> Json:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _list(value: Any, *names: str) -> list[Json]:
    found = _dict(value, *names[:-1]).get(names[-1])
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _last(events: list[Json], fits: Any) -> int | None:
    return next((at for at in reversed(range(len(events))) if fits(events[at])), None)


def _aged(event: Json, locked: Locked) -> Json:
    """Return an event with the age that it has by now."""
    age = _dict(event, "unsigned").get("age")
    if not isinstance(age, int | float):
        return event
    waited = (now() - locked.since) / timedelta(milliseconds=1)
    return {**event, "unsigned": {**event["unsigned"], "age": age + waited}}


def _previous(event: Json) -> Json:
    return _dict(event, "unsigned", "prev_content")


def _inviter(event: Json) -> str | None:
    sender = _dict(event, "unsigned").get("prev_sender")
    return sender if isinstance(sender, str) and _previous(event).get("membership") == "invite" else None
