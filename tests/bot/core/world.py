"""A chat network inside the test: people write, the bot's messages are there to be read."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from typing import Any

from bot.core.adapter import Features, FileRefused, ReadMessage, Take
from bot.core.messages import EventKind, FileNote, Incoming, Outgoing, Person, Place
from bot.core.registry import Registry
from bot.core.running import Bot, Manner
from bot.core.text import rich
from bot.core.turn import Glance, Handler, Services, Turn
from knowledge.access.visibility import Viewer, anybody
from knowledge.chats.schemas import ChatEntry, IdentityEntry
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.settings import Settings
from knowledge.library.answers.service import AnswerService
from knowledge.library.indexes.port import Embedded, IndexHits, IndexQuery
from knowledge.models.chat import ChatKind, Network
from tests.kept_settings import kept_settings

PATIENCE = 20.0
BOT = "@allmende:ort"
ROOM, ROOM_2 = (Place(Network.MATRIX, room, ChatKind.GROUP) for room in ("!room", "!other-room"))
ANNA, BEN = (Person(Network.MATRIX, name) for name in ("@anna:ort", "@ben:ort"))
ONLY_REACTIONS = Features(buttons=False, can_write_first=True, tells_deletions=True, longest_text=4000)


def direct(person: Person) -> Place:
    """Return the direct chat with somebody."""
    return Place(person.network, f"!direct-{person.address}", ChatKind.DIRECT)


@dataclass(eq=False)
class ChatNetwork:
    """The network's own side, which outlives the bot: what is under way to it, and what it has said."""

    network: Network = Network.MATRIX
    features: Features = ONLY_REACTIONS
    account: str = BOT
    coming: "asyncio.Queue[tuple[list[Incoming], str | None]]" = field(default_factory=asyncio.Queue)
    sent: list[Outgoing] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    events: list[list[str]] = field(default_factory=list)
    working: list[tuple[str, bool]] = field(default_factory=list)
    cursors: list[str | None] = field(default_factory=list)
    trouble: list[Exception] = field(default_factory=list)
    refused: Exception | None = None
    # Whether the network sends nothing before the first events of a process are taken.
    takes_first: bool = False
    closed: int = 0
    delivered: int = 0
    taken: int = 0
    # The contents of files by their reference, and what people have written, as the network still has it.
    files: dict[str, bytes] = field(default_factory=dict)
    written: dict[str, Incoming] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: count(1))

    def adapter(self) -> "NetworkAdapter":
        """Return a fresh adapter, as after a restart."""
        return NetworkAdapter(self)

    def event(self, person: Person, place: Place, text: str = "", **more: Any) -> Incoming:
        """Return an event of somebody, not yet delivered."""
        known = {"event": f"${next(self._numbers)}", "kind": EventKind.MESSAGE, "sent_at": now()}
        return Incoming(place=place, sender=person, text=text, **{**known, **more})

    def deliver(self, *incomings: Incoming, cursor: str | None = None) -> None:
        """Let events come in."""
        self.delivered += 1
        self.coming.put_nowait((list(incomings), cursor))

    def write(self, person: Person, place: Place, text: str, **more: Any) -> Incoming:
        """Let somebody write something, and return the event."""
        incoming = self.event(person, place, text, **more)
        self.written[incoming.event] = incoming
        self.deliver(incoming)
        return incoming

    def choose(self, person: Person, place: Place, choice: str, about: str, **more: Any) -> Incoming:
        """Let somebody press a button or react with an emoji."""
        return self.write(person, place, "", kind=EventKind.CHOICE, choice=choice, about=about, **more)

    @property
    def texts(self) -> list[str]:
        """What the bot has said, in order."""
        return [message.text.plain for message in self.sent if message.text is not None]

    def texts_in(self, place: Place) -> list[str]:
        """What the bot has said in one chat, in order."""
        return [m.text.plain for m in self.sent if m.text is not None and m.place.chat == place.chat]

    async def settled(self, bot: Bot) -> list[str]:
        """Wait until all that was delivered is taken, handled and answered, and return what the bot has said."""
        await self.all_taken()
        async with asyncio.timeout(PATIENCE):
            await bot.settle()
        return self.texts

    async def all_taken(self) -> None:
        """Wait until all that was delivered is in the bot's custody."""
        await eventually(lambda: self.taken == self.delivered)

    async def said(self, number: int) -> list[str]:
        """Wait until the bot has said so many things, and return them."""
        await eventually(lambda: len(self.sent) >= number)
        return self.texts


class NetworkAdapter:
    """The bot's way to the network."""

    def __init__(self, network: ChatNetwork) -> None:
        self._of = network
        self.network, self.features = network.network, network.features
        self._has_taken = asyncio.Event()

    @property
    def account(self) -> str:
        """The bot's own address."""
        return self._of.account

    async def start(self, cursor: str | None) -> None:
        """Sign in, unless the network refuses."""
        if self._of.refused is not None:
            raise self._of.refused
        self._of.cursors.append(cursor)

    async def receive(self, take: Take, stop: asyncio.Event) -> None:
        """Hand over what comes; what is not taken is delivered again."""
        while not stop.is_set():
            try:
                incomings, cursor = await asyncio.wait_for(self._of.coming.get(), 0.05)
            except TimeoutError:
                continue
            try:
                await take(incomings, cursor)
            except BaseException:
                self._of.coming.put_nowait((incomings, cursor))
                raise
            self._of.taken += 1
            self._has_taken.set()

    async def send(self, message: Outgoing, key: str) -> Sequence[str]:
        """Take a message, once for each key."""
        await asyncio.sleep(0)
        if self._of.takes_first:
            await self._has_taken.wait()
        if self._of.trouble:
            raise self._of.trouble.pop(0)
        if key in self._of.keys:
            return self._of.events[self._of.keys.index(key)]
        events = list(message.edits) or ([] if message.text is None else [f"$sent-{len(self._of.sent) + 1}"])
        self._of.keys.append(key)
        self._of.sent.append(message)
        self._of.events.append(events)
        return events

    async def show_working(self, place: Place, *, on: bool) -> None:
        """Remember the signs of work."""
        self._of.working.append((place.chat, on))

    async def fetch_file(self, incoming: Incoming, note: FileNote, *, most: int) -> bytes:
        """Hand a file over."""
        content = self._of.files.get(note.reference)
        if content is None or len(content) > most:
            raise FileRefused("This file is gone." if content is None else "This file is too large.")
        return content

    async def read_message(self, place: Place, event: str) -> ReadMessage | None:
        """Read what somebody wrote, where the network lets bots do that: where it has no buttons."""
        found = self._of.written.get(event)
        if found is None or found.place.chat != place.chat or self.features.buttons:
            return None
        return ReadMessage(found.sender, found.text, by_machine=found.sender.is_bot)

    async def direct_chat(self, person: Person) -> str | None:
        """Open a direct chat."""
        return direct(person).chat if self.features.can_write_first else None

    def direct_link(self, word: str) -> str | None:
        """There are no such links here."""
        return None

    async def close(self) -> None:
        """Count how often."""
        self._of.closed += 1


async def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 - there is nothing to wait for but the outcome
            await asyncio.sleep(0.005)


class NoIndexes:
    """An empty library."""

    async def find(self, query: IndexQuery) -> IndexHits:
        """Find nothing."""
        return IndexHits(
            words=[], vectors=[], frequencies={}, total=0, vectors_state="off", index_version="0", model="none"
        )

    async def embed(self, texts: Sequence[str]) -> Embedded | None:
        """Know no model."""
        del texts
        return None

    async def words_waiting(self, keys: Collection[str] | None = None) -> int:
        """Have looked at everything."""
        del keys
        return 0


def with_chats(settings: Settings | None = None, **values: Any) -> Settings:
    """Return settings with some of the chats' own changed."""
    known = settings or kept_settings()
    return replace(known, chats=known.chats.model_copy(update=values))


def services_for(database: Database, networks: Sequence[ChatNetwork], settings: Settings | None = None) -> Services:
    """Return what handlers get to work with, over an empty library."""
    known = settings or kept_settings()
    return Services(
        database=database,
        settings=known,
        answers=AnswerService(database, NoIndexes(), known.answers),
        features={network.network: network.features for network in networks},
        accounts={},
        direct_link=lambda _network, _word: None,
    )


@asynccontextmanager
async def running(
    database: Database, registry: Registry, *networks: ChatNetwork, settings: Settings | None = None
) -> AsyncIterator[Bot]:
    """Run the bot on some networks until all are connected, and to its orderly end."""
    services = services_for(database, networks, settings)
    adapters = [network.adapter() for network in networks]
    async with Bot(services, adapters, registry, Manner(viewer_for=sees_public)) as bot:
        async with asyncio.timeout(PATIENCE):
            await bot.connected()
        yield bot


def sees_public(_chat: ChatEntry, _identity: IdentityEntry) -> Viewer:
    """Show everybody what is public."""
    return anybody()


def echo(*, asks: bool = True) -> Handler:
    """Return a handler that answers with what it was asked, as questions are answered."""

    async def prepare(glance: Glance) -> str:
        await asyncio.sleep(0)
        return f"Echo: {glance.argument or glance.incoming.text}"

    async def act(turn: Turn) -> None:
        turn.say(rich(str(turn.prepared)))

    return Handler(act, prepare, asks=asks)


def moment(text: str) -> datetime:
    """Return a moment from its text."""
    return datetime.fromisoformat(text)
