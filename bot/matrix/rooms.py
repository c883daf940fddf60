"""The rooms that the bot is in: which are direct chats, who may invite it, and where upgraded ones have gone."""

import asyncio
from collections import Counter
from collections.abc import Collection
from functools import partial
from typing import Any

from bot.core.messages import Place
from bot.matrix.keeping import Joining, Notes
from bot.matrix.vault import Vault
from bot.matrix.wire import CLIENT, Json, ServerAway, ServerRefused, Wire, path
from knowledge.kit.clock import now
from knowledge.kit.logs import get_logger
from knowledge.models.chat import ChatKind, Network

# Joining a large room on another server may take this long.
SECONDS_TO_JOIN = 180.0
# An invitation that could not be taken for so long is given up.
DAYS_TO_JOIN = 2
LONGEST_PAUSE = 600.0
EVERYBODY = "*"


def server_of(user: str) -> str:
    """Return the server of an address."""
    return user.partition(":")[2]


def allowed_servers(setting: str | None, account: str) -> frozenset[str]:
    """Return the servers whose people may invite the bot."""
    named = {part.strip().lower() for part in (setting or "").split(",")} - {""}
    return frozenset(named or {server_of(account).lower()})


class Rooms:
    """What the bot knows of its rooms besides their messages, and its coming and going."""

    def __init__(self, wire: Wire, vault: Vault, notes: Notes) -> None:
        self._wire = wire
        self._vault = vault
        self._notes = notes
        self.account = ""
        self.allowed: Collection[str] = ()
        # Rooms of each person's direct chats, as the account data say.
        self._direct: dict[str, list[str]] = {}
        # Rooms that the bot made itself, all of them encrypted.
        self._made_encrypted: set[str] = set()
        self._knocking: dict[str, asyncio.Task[None]] = {}
        self._refusals: Counter[str] = Counter()

    async def load(self) -> None:
        """Fetch which rooms are direct chats."""
        try:
            self.note_direct(await self._wire.get(path("user", self.account, "account_data", "m.direct")))
        except ServerRefused:
            self.note_direct({})

    def note_direct(self, content: Json) -> None:
        """Take in which rooms are direct chats."""
        self._direct = {
            user: [room for room in rooms if isinstance(room, str)]
            for user, rooms in content.items()
            if isinstance(rooms, list)
        }

    def people(self, room: str) -> int | None:
        """Return how many are in a room, the bot among them."""
        known = self._vault.rooms.get(room)
        return None if known is None else known.joined_count

    def kind(self, room: str) -> ChatKind:
        """Return whether one person alone reads along: a direct chat to which others were invited is a group."""
        known = self._vault.rooms.get(room)
        if known is None or known.joined_count + known.invited_count > 2:
            return ChatKind.GROUP
        marked = any(room in rooms for rooms in self._direct.values())
        return ChatKind.DIRECT if marked or not known.is_named else ChatKind.GROUP

    def place(self, room: str, thread: str | None = None) -> Place:
        """Return a room as a place."""
        return Place(Network.MATRIX, room, self.kind(room), thread)

    def is_known(self, room: str) -> bool:
        """Whether it is known what a room is like.

        A sync may bring a room that was just made before its encryption; what is said there must not leave in clear.
        """
        known = self._vault.rooms.get(room)
        return known is not None and (known.encrypted or room not in self._made_encrypted)

    def is_alone(self, room: str) -> bool:
        """Whether everybody else has left a room."""
        known = self._vault.rooms.get(room)
        return known is not None and known.joined_count + known.invited_count <= 1

    # Direct chats

    async def direct_chat(self, person: str) -> str | None:
        """Return the direct chat with a person, made if need be; ``None`` where the server refuses."""
        for room in self._direct.get(person, []):
            known = self._vault.rooms.get(room)
            if known is not None and self.kind(room) is ChatKind.DIRECT and not self.is_alone(room):
                return room
        encryption = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
        wish = {"preset": "trusted_private_chat", "is_direct": True, "invite": [person], "initial_state": [encryption]}
        try:
            room = str((await self._wire.post(f"{CLIENT}/createRoom", wish))["room_id"])
            self._made_encrypted.add(room)
            await self.mark_direct(person, room)
        except (ServerRefused, KeyError) as error:
            get_logger().warning("matrix_direct_chat_refused", error=str(error))
            return None
        return room

    async def mark_direct(self, person: str, room: str) -> None:
        """Note in the account data that a room is the direct chat with a person."""
        if room in self._direct.get(person, []):
            return
        self._direct.setdefault(person, []).append(room)
        await self._wire.put(path("user", self.account, "account_data", "m.direct"), self._direct)

    # Coming and going

    async def handle_invite(self, room: str, events: list[Any]) -> None:
        """Take an invitation from an allowed server, turn down any other."""
        inviter, direct = _invitation(events, self.account)
        if inviter is None:
            return
        if EVERYBODY in self.allowed or server_of(inviter).lower() in self.allowed:
            knocking = self._knocking.get(room)
            if knocking is not None:
                # It was refused before, and now is not.
                knocking.cancel()
                await asyncio.wait({knocking})
            if not self._notes.joining(room):
                self._notes.keep_joining(Joining(room, inviter, direct, None, server_of(inviter), now()))
            return
        get_logger().info("matrix_invite_rejected")
        await self.leave(room)

    def follow(self, room: str, successor: str, sender: str | None) -> None:
        """Note that a room goes on in another one, which ``sender``'s server knows."""
        via = server_of(sender) if sender else server_of(successor) or None
        self._notes.keep_joining(Joining(successor, None, False, room, via, now()))

    async def predecessor(self, room: str) -> str | None:
        """Return the room that a room says to follow: others must not pass for the successor of a room."""
        try:
            content = await self._wire.get(path("rooms", room, "state", "m.room.create"))
        except ServerRefused as error:
            if error.is_passing:
                raise
            return None
        before = content.get("predecessor")
        return before.get("room_id") if isinstance(before, dict) else None

    def find_upgrades(self) -> None:
        """Note the successors of rooms that were upgraded while the bot was away."""
        for room, known in list(self._vault.rooms.items()):
            successor = known.replacement_room
            if successor and successor not in self._vault.rooms and not self._notes.joining(successor):
                self.follow(room, successor, None)

    def go_on_joining(self) -> None:
        """Join in the background what is to be joined."""
        for joining in self._notes.joining():
            if joining.room in self._vault.rooms or joining.room in self._knocking:
                continue
            task = asyncio.create_task(self._join(joining))
            self._knocking[joining.room] = task
            task.add_done_callback(partial(self._done_knocking, joining.room))

    def _done_knocking(self, room: str, _task: "asyncio.Task[None]") -> None:
        self._knocking.pop(room, None)

    async def _join(self, joining: Joining) -> None:
        via = f"?server_name={joining.via}" if joining.via else ""
        try:
            await self._wire.post(path("join", joining.room) + via, {}, seconds=SECONDS_TO_JOIN)
            if joining.direct and joining.inviter:
                await self.mark_direct(joining.inviter, joining.room)
        except ServerAway as error:
            get_logger().warning("matrix_join_postponed", error=str(error))
            await asyncio.sleep(5)
        except ServerRefused as error:
            get_logger().warning("matrix_join_refused", error=str(error))
            self._refusals[joining.room] += 1
            await asyncio.sleep(error.seconds or min(5 * 2 ** self._refusals[joining.room], LONGEST_PAUSE))
            if not error.is_passing and (now() - joining.since).days >= DAYS_TO_JOIN:
                self._notes.drop_joining(joining.room)

    async def leave(self, room: str) -> None:
        """Leave a room, or turn down its invitation; not being there any more is as good."""
        try:
            await self._wire.post(path("rooms", room, "leave"), {})
        except ServerRefused as error:
            if error.is_passing:
                raise

    async def close(self) -> None:
        """Stop joining; it goes on after the next start."""
        tasks = list(self._knocking.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _invitation(events: list[Any], account: str) -> tuple[str | None, bool]:
    """Return who invites the bot, and whether to a direct chat."""
    for event in events:
        content = event.get("content") if isinstance(event, dict) else None
        if not isinstance(content, dict) or event.get("type") != "m.room.member" or event.get("state_key") != account:
            continue
        if content.get("membership") == "invite" and isinstance(event.get("sender"), str):
            return event["sender"], content.get("is_direct") is True
    return None, False
