"""Who talks in the tests: people with clients of their own, and the bot with a core that only keeps what it gets."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import nio
from nio.store import SqliteMemoryStore
from pydantic import SecretStr

from bot.core.messages import EventKind, Incoming, Outgoing, Place
from bot.core.text import RichText, rich
from bot.matrix.adapter import MatrixAdapter
from knowledge.kit.settings import MatrixSettings
from knowledge.models.chat import ChatKind, Network
from tests.synapse import PASSWORD, Synapse

DEADLINE = 30.0
ENCRYPTED = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}


async def until(fits: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(DEADLINE):
        while True:
            if fits():
                return
            await asyncio.sleep(0.02)


class Person:
    """Somebody with an ordinary client on the homeserver."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.events: list[dict[str, Any]] = []
        self.locked: list[Any] = []
        self.asked_for_keys: list[Any] = []
        client.add_event_callback(self._on_event, nio.Event)

    @property
    def user(self) -> str:
        return str(self.client.user_id)

    async def _on_event(self, room: Any, event: Any) -> None:
        if isinstance(event, nio.MegolmEvent):
            self.locked.append(event)
        self.events.append({**event.source, "room_id": room.room_id, "decrypted": event.decrypted})

    async def make_room(self, *invited: str, encrypted: bool = False, direct: bool = False, **more: Any) -> str:
        name = None if direct else "Arbeitskreis"
        state = [ENCRYPTED] if encrypted else []
        answer = await self.client.room_create(name=name, invite=invited, is_direct=direct, initial_state=state, **more)
        await self.sync()
        return str(answer.room_id)

    async def send(self, room: str, content: dict[str, Any], *, kind: str = "m.room.message") -> str:
        await self.sync()
        answer = await self.client.room_send(room, kind, content, ignore_unverified_devices=True)
        assert isinstance(answer, nio.RoomSendResponse), answer
        return str(answer.event_id)

    async def say(self, room: str, text: str, **more: Any) -> str:
        return await self.send(room, {"msgtype": "m.text", "body": text, **more})

    async def react(self, room: str, event: str, emoji: str) -> str:
        relation = {"rel_type": "m.annotation", "event_id": event, "key": emoji}
        return await self.send(room, {"m.relates_to": relation}, kind="m.reaction")

    async def sync(self, *, wait: int = 0) -> None:
        answer = await self.client.sync(timeout=wait)
        assert isinstance(answer, nio.SyncResponse), answer
        self.asked_for_keys += [event for event in answer.to_device_events if isinstance(event, nio.RoomKeyRequest)]
        if self.client.should_upload_keys:
            await self.client.keys_upload()
        if self.client.should_query_keys:
            await self.client.keys_query()
        if self.client.should_claim_keys:
            await self.client.keys_claim(self.client.get_users_for_key_claiming())
        await self.client.send_to_device_messages()

    async def wait_for(self, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Return the first event that fits."""
        async with asyncio.timeout(DEADLINE):
            while True:
                for event in self.events:
                    if fits(event):
                        return event
                await self.sync(wait=500)

    async def wait_for_text(self, part: str, *, room: str | None = None) -> dict[str, Any]:
        return await self.wait_for(
            lambda event: part in str(event["content"].get("body", "")) and room in (None, event["room_id"])
        )

    async def wait_until_in(self, room: str, user: str) -> None:
        """Wait until somebody has joined."""
        async with asyncio.timeout(DEADLINE):
            while True:
                members = (await self.client.joined_members(room)).members
                if user in [member.user_id for member in members]:
                    break
                await asyncio.sleep(0.05)
        await self.sync()


@asynccontextmanager
async def person_on(synapse: Synapse, name: str = "anna", *, url: str | None = None) -> AsyncIterator[Person]:
    user = synapse.register(name)
    config = nio.AsyncClientConfig(store=SqliteMemoryStore, max_limit_exceeded=0, max_timeouts=0)
    client = nio.AsyncClient(url or synapse.url, user, store_path="unused", config=config)
    try:
        answer = await client.login(PASSWORD)
        assert isinstance(answer, nio.LoginResponse), answer
        person = Person(client)
        await person.sync()
        yield person
    finally:
        await client.close()


@dataclass(slots=True)
class Core:
    """Keeps what the adapter hands over, as the database would: each event once, and the cursor with it."""

    cursor: str | None = None
    incomings: list[Incoming] = field(default_factory=list)
    takes: int = 0

    async def take(self, incomings: Sequence[Incoming], cursor: str | None) -> None:
        known = {incoming.event for incoming in self.incomings}
        self.incomings += [incoming for incoming in incomings if incoming.event not in known]
        self.cursor = cursor or self.cursor
        self.takes += 1

    async def wait_for(self, fits: Callable[[Incoming], bool]) -> Incoming:
        async with asyncio.timeout(DEADLINE):
            while True:
                for incoming in self.incomings:
                    if fits(incoming):
                        return incoming
                await asyncio.sleep(0.02)

    async def wait_for_text(self, text: str) -> Incoming:
        return await self.wait_for(lambda incoming: incoming.text == text)

    async def wait_for_kind(self, kind: EventKind) -> Incoming:
        return await self.wait_for(lambda incoming: incoming.kind is kind)

    def texts(self) -> list[str]:
        return [incoming.text for incoming in self.incomings if incoming.kind is EventKind.MESSAGE]


@dataclass(slots=True)
class Bot:
    """The adapter as it runs, until it is stopped or dropped."""

    adapter: MatrixAdapter
    core: Core
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    task: "asyncio.Task[None] | None" = None

    @property
    def user(self) -> str:
        return self.adapter.account

    async def run(self) -> None:
        before = self.core.takes
        await self.adapter.start(self.core.cursor)
        self.task = asyncio.create_task(self.adapter.receive(self.core.take, self.stop))
        task = self.task
        await until(lambda: self.core.takes > before or task.done())

    async def end(self) -> None:
        self.stop.set()
        if self.task is not None:
            await asyncio.wait_for(self.task, DEADLINE)
            self.task = None
        await self.adapter.close()

    async def say(self, place: Place, text: str | RichText, *, key: str, **more: Any) -> list[str]:
        said = rich(text) if isinstance(text, str) else text
        return list(await self.adapter.send(Outgoing(place, said, **more), key))


@dataclass(frozen=True, slots=True)
class Account:
    """The bot's account: what is in its settings and its folder."""

    settings: MatrixSettings
    folder: Path
    core: Core = field(default_factory=Core)

    def bot(self, *, patience: float = 60.0) -> Bot:
        adapter = MatrixAdapter(self.settings, self.folder, key_patience=timedelta(seconds=patience))
        return Bot(adapter, self.core)

    @asynccontextmanager
    async def running(self, *, patience: float = 60.0) -> AsyncIterator[Bot]:
        bot = self.bot(patience=patience)
        try:
            await bot.run()
            yield bot
        finally:
            await bot.end()


def account_on(synapse: Synapse, folder: Path, *, url: str | None = None, **more: Any) -> Account:
    user = synapse.register("allmende")
    values = {
        "matrix_homeserver": url or synapse.url,
        "matrix_user": user,
        "matrix_password": SecretStr(PASSWORD),
        **more,
    }
    return Account(MatrixSettings(**values), folder / "matrix")


def place(room: str, thread: str | None = None, *, kind: ChatKind = ChatKind.GROUP) -> Place:
    return Place(Network.MATRIX, room, kind, thread)
