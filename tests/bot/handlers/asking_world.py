"""Two chat networks around the sample library: people write, the bot answers through everything that is real."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.core.adapter import Features, Take
from bot.core.messages import Choice, EventKind, Incoming, Outgoing, Person, Place
from bot.core.registry import Registry
from bot.core.running import Bot, make_services
from bot.core.turn import Services
from bot.handlers import answers, asking, correcting, experience_files, lessons, members, recognition, voting, watching
from knowledge.chats.service import ChatService
from knowledge.kit.database import Database
from knowledge.kit.settings import Settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.answers.service import AnswerService
from knowledge.library.files.reader import FileReader
from knowledge.library.importing import Importer, find_files, read_limits
from knowledge.library.indexes.access import LibraryIndexes
from knowledge.library.schemas import Description, ImportResult
from knowledge.library.service import LibraryService
from knowledge.members.service import MemberService
from knowledge.models.base import Base
from knowledge.models.chat import ChatKind, Network
from knowledge.models.document import Visibility
from tests.bot.core.world import ChatNetwork, NetworkAdapter, eventually
from tests.conftest import KeptEngine, on_kept_engine
from tests.kept_settings import kept_settings

MATRIX = Features(buttons=False, can_write_first=True, tells_deletions=True, longest_text=4000, command_marks=("!",))
TELEGRAM = Features(buttons=True, can_write_first=False, tells_deletions=False, longest_text=4096)
ANNA, BEN = (Person(Network.MATRIX, f"@{name}:ort") for name in ("anna", "ben"))
TINA, TOM = Person(Network.TELEGRAM, "1001"), Person(Network.TELEGRAM, "1002")
ROOM = Place(Network.MATRIX, "!room", ChatKind.GROUP)
FORUM = Place(Network.TELEGRAM, "-100", ChatKind.GROUP, thread="-100/7")

REGISTRY = Registry(
    commands=(*asking.COMMANDS, *watching.COMMANDS, *members.COMMANDS, *correcting.COMMANDS),
    choices=(
        *answers.CHOICES,
        *voting.CHOICES,
        *watching.CHOICES,
        *recognition.CHOICES,
        *correcting.CHOICES,
        *lessons.CHOICES,
    ),
    dialogues=correcting.DIALOGUES,
    question=asking.QUESTION,
    edited=asking.EDITED,
    redacted=asking.REDACTED,
    unreadable=asking.UNREADABLE,
    files=experience_files.FILES,
    overheard=recognition.OVERHEARD,
)


def direct(person: Person) -> Place:
    """Return the direct chat with somebody."""
    return Place(person.network, f"!direct-{person.address}", ChatKind.DIRECT)


class LinkingAdapter(NetworkAdapter):
    """A network whose links open the direct chat where the bot cannot write first, and that counts what was taken."""

    taken = 0

    async def receive(self, take: Take, stop: asyncio.Event) -> None:
        """Hand over what comes, and count it."""

        async def counted(incomings: Sequence[Incoming], cursor: str | None) -> None:
            await take(incomings, cursor)
            self.taken += len(incomings)

        await super().receive(counted, stop)

    def direct_link(self, word: str) -> str | None:
        """Return the link."""
        return None if self.features.can_write_first else f"https://chat.example/bot?start={word}"


@dataclass
class World:
    """The bot with its networks."""

    bot: Bot
    services: Services
    indexes: LibraryIndexes
    networks: dict[Network, ChatNetwork]
    adapters: dict[Network, LinkingAdapter]

    @property
    def database(self) -> Database:
        """Where all is kept."""
        return self.services.database

    async def happen(self, person: Person, place: Place, text: str = "", **more: Any) -> list[Outgoing]:
        """Let something happen and return what the bot does then."""
        return (await self.happened(person, place, text, **more))[1]

    async def happened(
        self, person: Person, place: Place, text: str = "", **more: Any
    ) -> tuple[Incoming, list[Outgoing]]:
        """Let something happen; returns the event and what the bot does then."""
        network = self.networks[person.network]
        adapter = self.adapters[person.network]
        before, taken = len(network.sent), adapter.taken
        incoming = network.write(person, place, text, **{"language": "en", "mentioned": True, **more})
        await eventually(lambda: adapter.taken > taken)
        await self.bot.settle()
        return incoming, network.sent[before:]

    async def ask(self, person: Person, question: str, place: Place | None = None, **more: Any) -> Outgoing:
        """Let somebody ask, directly unless a place is named; returns the one answer."""
        [answer] = await self.happen(person, place or direct(person), question, **more)
        return answer

    def event_of(self, message: Outgoing) -> str:
        """Return the network's identifier of a message of the bot."""
        network = self.networks[message.place.network]
        place = next(number for number, sent in enumerate(network.sent) if sent is message)
        return network.events[place][0]

    async def choose(
        self, person: Person, message: Outgoing, label: str, *, undo: bool = False, about: str | None = None
    ) -> list[Outgoing]:
        """Let somebody press or react; ``label`` is the beginning of a choice's words."""
        choice = choice_of(message, label)
        chosen = choice.key if self.networks[person.network].features.buttons else choice.emoji
        kind = EventKind.CHOICE_UNDONE if undo else EventKind.CHOICE
        about = about or self.event_of(message)
        return await self.happen(person, message.place, kind=kind, choice=chosen, about=about)


def choice_of(message: Outgoing, label: str) -> Choice:
    """Return the choice below a message whose words begin like this."""
    return next(choice for choice in message.choices if choice.label.startswith(label))


def labels(message: Outgoing) -> list[str]:
    """Return the words of what can be chosen below a message."""
    return [choice.label for choice in message.choices]


def plain(messages: Outgoing | Sequence[Outgoing]) -> str:
    """Return the text of what was said."""
    listed = [messages] if isinstance(messages, Outgoing) else messages
    return "\n".join(message.text.plain for message in listed if message.text)


@asynccontextmanager
async def world_of(library: Path, folder: Path, engines: dict[str, KeptEngine]) -> AsyncIterator[World]:
    """Copy a prepared data folder and run the bot on it."""
    shutil.copytree(library, folder, ignore=shutil.ignore_patterns("*.sock", "*.lock"))
    settings = _settings()
    database = on_kept_engine(settings.database_url, engines, purpose="asking")
    networks = {Network.MATRIX: ChatNetwork(features=MATRIX)}
    networks[Network.TELEGRAM] = ChatNetwork(Network.TELEGRAM, TELEGRAM, "allmende_bot")
    adapters = {name: LinkingAdapter(network) for name, network in networks.items()}
    try:
        async with LibraryIndexes(settings, database, say=print) as indexes:
            await indexes.settle()
            answering = AnswerService(database, indexes, settings.answers)
            services = make_services(settings, database, answering, list(adapters.values()))
            async with Bot(services, list(adapters.values()), REGISTRY) as bot:
                await bot.connected()
                yield World(bot, services, indexes, networks, adapters)
    finally:
        await database.close()


def _settings() -> Settings:
    known = kept_settings()
    return replace(known, chats=known.chats.model_copy(update={"chat_person_limit": 1000}))


async def rows(world: World, table: type[Base]) -> list[Any]:
    """Return all rows of a table."""
    async with world.database.session(writes=False) as session:
        return list((await session.scalars(select(table))).all())


async def make_member(world: World, person: Person) -> None:
    """Make somebody who has written to the bot a verified member."""
    async with unit_of_work(world.database) as unit:
        chats = ChatService(unit.session)
        member = await MemberService(unit.session).add(f"Mitglied {person.address}")
        identity = await chats.look_up_person(person.network, person.address)
        await chats.change_person(identity.id, member_id=member.id)


async def publish(world: World, folder: Path, name: str, text: str, *, visibility: str = "public") -> None:
    """Bring a text into the library and wait until it is found."""
    _write(folder / name, text)
    limits = read_limits(world.services.settings.imports)
    async with FileReader(limits, workers=1) as reader:
        importer = Importer(world.database, reader, limits)
        given = Description(visibility=Visibility(visibility))
        outcomes = [outcome async for outcome in importer.run(find_files([folder / name]), given)]
    assert [outcome.result for outcome in outcomes] == [ImportResult.ADDED]
    await world.indexes.settle()


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")


async def withdraw(world: World, source: str) -> None:
    """Withdraw a document."""
    async with unit_of_work(world.database) as unit:
        library = LibraryService(unit)
        await library.withdraw(await library.find_document(source))
    await world.indexes.settle()
