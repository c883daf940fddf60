"""Encryption: the device's keys and those of rooms, kept by matrix-nio in the adapter's folder.

Room keys that arrive are on the disk before the position in the stream moves on, as the server forgets them then.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any
from uuid import uuid4

from bot.matrix.crossing import Device
from bot.matrix.olm import make_client
from bot.matrix.session import Session
from bot.matrix.wire import CLIENT, Json, ServerAway, ServerRefused, Wire, path
from knowledge.kit.logs import get_logger

STORE = "keys.db"
USERS_PER_QUERY = 1000
# Users whose own server did not tell their devices are asked for again after this.
SECONDS_TO_ASK_AGAIN = 60.0
# How long our server may wait for others to hand out one-time keys.
CLAIM_MILLISECONDS = 5000
ALGORITHM = "signed_curve25519"


class Vault:
    """The bot's device, and what it knows of rooms and other devices."""

    def __init__(self, wire: Wire, folder: Path) -> None:
        self._wire = wire
        self._folder = folder
        # matrix-nio's client that does no requests of its own; set by ``open``.
        self.client: Any = None
        self._sharing: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._upkeep = asyncio.Lock()
        self._ask_again: dict[str, float] = {}
        self._wants_fallback_key = False

    def open(self, session: Session) -> None:
        """Load the keys of the session's device."""
        self.close()
        self.client = make_client(session, self._folder, STORE)
        (self._folder / STORE).chmod(0o600)

    def close(self) -> None:
        """Close the store."""
        if self.client is not None and self.client.store is not None:
            self.client.store.database.close()

    @property
    def rooms(self) -> dict[str, Any]:
        """The rooms that the bot is in, as matrix-nio knows them."""
        rooms: dict[str, Any] = self.client.rooms if self.client is not None else {}
        return rooms

    def device(self, session: Session) -> Device:
        """Return the bot's device as it is published, for signing."""
        account = self.client.olm.account
        keys = {
            "algorithms": list(self.client.olm._algorithms),
            "device_id": session.device,
            "user_id": session.user,
            "keys": {f"{kind}:{session.device}": key for kind, key in account.identity_keys.items()},
        }
        return Device(session, keys, account.sign)

    async def publish(self, session: Session) -> bool:
        """See to it that the server has the device's keys; return whether it has others under the device's id."""
        device = self.device(session)
        answer = await self._wire.post(f"{CLIENT}/keys/query", {"device_keys": {session.user: [session.device]}})
        known = _inner(answer, "device_keys", session.user, session.device, "keys")
        if known and known != device.keys["keys"]:
            return True
        if not known:
            self.client.olm.account.shared = False
        if self.client.should_upload_keys:
            await self._upload_keys()
        return False

    # What comes in

    def receive(self, data: Json) -> Any:
        """Take in what a sync brought: keys, members, settings of rooms; return matrix-nio's form of it.

        Raises ``ServerAway`` for what is no answer to a sync.
        """
        from nio import SyncResponse

        try:
            # A copy, as matrix-nio takes apart what it reads.
            response = SyncResponse.from_dict(deepcopy(data))
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
            raise ServerAway("a sync that cannot be read") from error
        if not isinstance(response, SyncResponse):
            raise ServerAway("a sync that cannot be read")
        # All of it or nothing: a kill in between would use up a one-time key and lose what it locked.
        with self.client.store.database.atomic():
            self.client.receive_response(response)
        counts = data.get("device_one_time_keys_count")
        if isinstance(counts, dict):
            self.client.olm.uploaded_key_count = counts.get(ALGORITHM, 0)
        unused = data.get("device_unused_fallback_key_types")
        self._wants_fallback_key = isinstance(unused, list) and ALGORITHM not in unused
        return response

    def unlock(self, room: str, source: Json) -> Json | None:
        """Return an encrypted event in clear; ``None`` while its key is missing."""
        from nio import EncryptionError, Event, MegolmEvent

        event = Event.parse_encrypted_event(deepcopy({**source, "content": self._completed(room, source)}))
        if not isinstance(event, MegolmEvent):
            return None
        event.room_id = room
        try:
            opened = self.client.decrypt_event(event)
        except (EncryptionError, AssertionError):
            return None
        clear = getattr(opened, "source", None) or getattr(opened, "event_dict", None)
        if not isinstance(clear, dict) or not isinstance(clear.get("content"), dict):
            return None
        return {**source, "type": clear.get("type"), "content": clear["content"]}

    def _completed(self, room: str, source: Json) -> Json:
        """Return the content with the two fields that newer clients may leave out, and that matrix-nio needs."""
        content = dict(source["content"]) if isinstance(source.get("content"), dict) else {}
        content.setdefault("device_id", "")
        if not content.get("sender_key"):
            sessions = self.client.olm.inbound_group_store
            keys = (s.sender_key for s in sessions if s.room_id == room and s.id == content.get("session_id"))
            content["sender_key"] = next(keys, "")
        return content

    def ask_for_key(self, room: str, source: Json) -> None:
        """Ask the sender's devices once more for the key of a message; sent with the next upkeep."""
        from nio import Event, MegolmEvent

        event = Event.parse_encrypted_event(deepcopy({**source, "content": self._completed(room, source)}))
        if not isinstance(event, MegolmEvent) or event.session_id in self.client.outgoing_key_requests:
            return
        event.room_id = room
        message = event.as_key_request(event.sender, self.client.device_id)
        waiting = self.client.outgoing_to_device_messages
        if all(getattr(other, "request_id", None) != message.request_id for other in waiting):
            waiting.append(message)

    # What is done between syncs

    async def look_after(self) -> None:
        """Upload, query and claim keys, and send what devices must hear; raises ``ServerAway``, ``ServerRefused``."""
        async with self._upkeep:
            if self.client.should_upload_keys or self._wants_fallback_key:
                await self._upload_keys()
            await self._query_keys()
            if self.client.should_claim_keys:
                await self._claim_keys(self.client.get_users_for_key_claiming())
            await self._tell_devices()

    async def _upload_keys(self) -> None:
        from nio import KeysUploadResponse

        olm = self.client.olm
        body: Json = {}
        if olm.should_upload_keys:
            body = olm.share_keys()
        if self._wants_fallback_key or "device_keys" in body:
            body["fallback_keys"] = self._fallback_keys()
        # Kept before they are out: nobody may use a key that a kill made us forget.
        olm.save_account()
        answer = await self._wire.post(f"{CLIENT}/keys/upload", body)
        counts = answer.setdefault("one_time_key_counts", {})
        # matrix-nio insists on both.
        counts.setdefault("curve25519", 0)
        counts.setdefault(ALGORITHM, 0)
        self._wants_fallback_key = False
        self._take(KeysUploadResponse.from_dict(answer))

    def _fallback_keys(self) -> Json:
        """Return a key for when all one-time keys are used up, say after a long outage."""
        account = self.client.olm.account._account
        account.generate_fallback_key()
        keys: Json = {}
        for name, key in account.fallback_key.items():
            value: Json = {"key": key.to_base64(), "fallback": True}
            signature = self.client.olm.sign_json(value)
            value["signatures"] = {self.client.user_id: {f"ed25519:{self.client.device_id}": signature}}
            keys[f"{ALGORITHM}:{name}"] = value
        return keys

    async def _query_keys(self) -> None:
        from nio import KeysQueryResponse

        due = [user for user, moment in self._ask_again.items() if moment < time.monotonic()]
        for user in due:
            del self._ask_again[user]
        wanted = self.client.users_for_key_query
        wanted.update(due)
        for users in _chunks(sorted(wanted), USERS_PER_QUERY):
            body: Json = {"device_keys": {user: [] for user in users}}
            answer = await self._wire.post(f"{CLIENT}/keys/query", body)
            answer.setdefault("failures", {})
            told = _inner(answer, "device_keys")
            self._take(KeysQueryResponse.from_dict(answer))
            for user in users:
                wanted.discard(user)
                if user not in told:
                    self._ask_again[user] = time.monotonic() + SECONDS_TO_ASK_AGAIN

    async def _claim_keys(self, devices: dict[str, list[str]]) -> None:
        from nio import KeysClaimResponse

        for users in _chunks(sorted(devices), USERS_PER_QUERY):
            wanted = {user: dict.fromkeys(devices[user], ALGORITHM) for user in users}
            body = {"one_time_keys": wanted, "timeout": CLAIM_MILLISECONDS}
            answer = await self._wire.post(f"{CLIENT}/keys/claim", body)
            answer.setdefault("failures", {})
            self._take(KeysClaimResponse.from_dict(answer))

    async def _tell_devices(self) -> None:
        from nio import ToDeviceResponse

        for message in list(self.client.outgoing_to_device_messages):
            await self._wire.put(path("sendToDevice", message.type, uuid4().hex), message.as_dict())
            self._take(ToDeviceResponse(message))

    def _take(self, response: Any) -> None:
        from nio import ErrorResponse

        if isinstance(response, ErrorResponse):
            raise ServerAway("an answer about keys that cannot be read")
        try:
            with self.client.store.database.atomic():
                self.client.receive_response(response)
        except (AttributeError, KeyError, TypeError) as error:
            raise ServerAway("an answer about keys that cannot be read") from error

    # What goes out

    async def lock(self, room: str, kind: str, content: Json) -> tuple[str, Json]:
        """Encrypt an event for all devices of all members; raises ``ServerAway`` or ``ServerRefused``.

        Devices that nobody verified get the key, too: the bot answers whom the room lets in, and cannot compare
        emojis with anybody.
        """
        async with self._sharing[room]:
            await self._load_members(room)
            async with self._upkeep:
                await self._query_keys()
            if self.client.olm.should_share_group_session(room):
                await self._share_session(room)
            # Nothing may come in between: a new device would not have the key.
            locked: tuple[str, Json] = self.client.encrypt(room, kind, content)
        return locked

    async def _share_session(self, room: str) -> None:
        missing = self.client.get_missing_sessions(room)
        if missing:
            await self._claim_keys(missing)
        olm = self.client.olm
        users = list(self.rooms[room].users)
        for devices, body in olm.share_group_session_parallel(room, users, ignore_unverified_devices=True):
            await self._wire.put(path("sendToDevice", "m.room.encrypted", uuid4().hex), body)
            olm.outbound_group_sessions[room].users_shared_with.update(devices)
        olm.outbound_group_sessions[room].shared = True

    def forget_members(self, room: str) -> None:
        """Note that members may have come and gone unseen: they are asked for, and the key changed, before sending."""
        if room in self.rooms:
            self.rooms[room].members_synced = False
            self.client.invalidate_outbound_session(room)

    async def _load_members(self, room: str) -> None:
        known = self.rooms[room]
        if known.members_synced:
            return
        answer = await self._wire.get(path("rooms", room, "members"), query={"not_membership": "leave"})
        members = {user: invited for user, invited in _members(answer) if not invited or _shows_invited(known)}
        for user in set(known.users) - set(members):
            known.remove_member(user)
        for user, invited in members.items():
            known.add_member(user, None, None, invited)
        known.members_synced = True
        self.client.olm.update_tracked_users(known)


def _shows_invited(room: Any) -> bool:
    """Whether people may read what is said between their invitation and their joining."""
    return room.history_visibility in ("invited", "shared", "world_readable")


def _members(answer: Json) -> Iterator[tuple[str, bool]]:
    events = answer.get("chunk")
    for event in events if isinstance(events, list) else []:
        content = event.get("content") if isinstance(event, dict) else None
        membership = content.get("membership") if isinstance(content, dict) else None
        if membership in ("join", "invite") and isinstance(event.get("state_key"), str):
            yield event["state_key"], membership == "invite"


def _inner(answer: Json, *names: str) -> Json:
    part: Any = answer
    for name in names:
        part = part.get(name) if isinstance(part, dict) else None
    return part if isinstance(part, dict) else {}


def _chunks(values: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


async def try_to_look_after(vault: Vault) -> None:
    """Look after keys; what fails is tried again after the next sync."""
    try:
        await vault.look_after()
    except (ServerAway, ServerRefused) as error:
        get_logger().warning("matrix_key_upkeep_failed", error=str(error))
