"""Two chat networks for contributing: members and strangers write and choose, and each of their messages is counted."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from bot.core.adapter import Features
from bot.core.messages import EventKind, FileNote, Incoming, Outgoing, Person, Place
from bot.core.running import Bot, make_services
from bot.core.turn import Services
from bot.handlers.notices import notice_job
from bot.handlers.registry import build_registry
from knowledge.chats.service import ChatService
from knowledge.circles.service import CircleService
from knowledge.contributions.schemas import ContributionEntry
from knowledge.contributions.service import ContributionService
from knowledge.jobs.worker import Worker
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.settings import Settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.answers.service import AnswerService
from knowledge.members.service import MemberService
from knowledge.models.base import Base
from knowledge.models.chat import ChatKind, Network
from knowledge.models.contribution import Contribution
from knowledge.models.member import Member, Role
from knowledge.models.organisation import Organisation
from knowledge.notices.jobs import NOTICE_JOB
from knowledge.organisations.schemas import NewOrganisation
from knowledge.organisations.service import OrganisationService
from tests.bot.core.world import ChatNetwork, NetworkAdapter, NoIndexes, with_chats

MATRIX = Features(buttons=False, can_write_first=True, tells_deletions=True, longest_text=4000, command_marks=("!",))
TELEGRAM = Features(buttons=True, can_write_first=False, tells_deletions=False, longest_text=4096)
ANNA, BEN, ZOE = (Person(Network.MATRIX, f"@{name}:ort") for name in ("anna", "ben", "zoe"))
TINA, TOM = Person(Network.TELEGRAM, "1001"), Person(Network.TELEGRAM, "1002")
ROOM = Place(Network.MATRIX, "!room", ChatKind.GROUP)
FORUM = Place(Network.TELEGRAM, "-100", ChatKind.GROUP)
NEEDED = ("Bauanträge digital", "Wir haben ein Portal eingeführt.", "Die Anträge sind schneller fertig.")


def direct(person: Person) -> Place:
    """Return the direct chat with somebody."""
    return Place(person.network, f"!direct-{person.address}", ChatKind.DIRECT)


class LinkingAdapter(NetworkAdapter):
    """A network whose links open the direct chat where the bot cannot write first."""

    def direct_link(self, word: str) -> str | None:
        """Return the link."""
        return None if self.features.can_write_first else f"https://chat.example/bot?start={word}"


@dataclass
class Desk:
    """The bot with its networks."""

    bot: Bot
    services: Services
    networks: dict[Network, ChatNetwork]
    # How often somebody wrote or chose something.
    counted: Counter[str] = field(default_factory=Counter)
    moderators: list[UUID] = field(default_factory=list)

    @property
    def database(self) -> Database:
        """Where all is kept."""
        return self.services.database

    async def happen(self, person: Person, place: Place | None = None, text: str = "", **more: Any) -> list[Outgoing]:
        """Let something happen, and return what the bot says then."""
        network = self.networks[person.network]
        before = len(network.sent)
        self.counted[person.address] += 1
        network.write(person, place or direct(person), text, **{"language": "en", **more})
        await network.settled(self.bot)
        return network.sent[before:]

    async def write(self, person: Person, text: str, place: Place | None = None, **more: Any) -> str:
        """Let somebody write, and return all that the bot says then."""
        return plain(await self.happen(person, place, text, **more))

    async def send_file(self, person: Person, name: str, content: bytes | None, place: Place | None = None) -> str:
        """Let somebody send a file; without content the network does not have it any more."""
        network = self.networks[person.network]
        if content is not None:
            network.files[name] = content
        note = FileNote(name, None, len(content or b""), name)
        return plain(await self.happen(person, place, files=(note,)))

    async def press(self, person: Person, label: str, place: Place | None = None, **more: Any) -> str:
        """Let somebody choose what begins so, below the newest message that offers it to them."""
        message = self.offering(label, place or direct(person))
        choice = next(choice for choice in message.choices if choice.label.startswith(label))
        network = self.networks[person.network]
        chosen = choice.key if network.features.buttons else choice.emoji
        if chosen is None:
            place_of = [one.key for one in message.choices].index(choice.key) + 1
            return await self.write(person, str(place_of), place)
        about = network.events[network.sent.index(message)][0]
        more = {"kind": EventKind.CHOICE, "choice": chosen, "about": about, **more}
        return plain(await self.happen(person, place, **more))

    def offering(self, label: str, place: Place) -> Outgoing:
        """Return the newest message in a place that offers something."""
        sent = [message for message in self.networks[place.network].sent if message.place.chat == place.chat]
        return next(
            message for message in reversed(sent) if any(choice.label.startswith(label) for choice in message.choices)
        )

    def event_of(self, message: Outgoing) -> str:
        """Return the network's identifier of a message of the bot."""
        network = self.networks[message.place.network]
        return network.events[network.sent.index(message)][0]

    def said(self, person: Person) -> list[str]:
        """Return all that the bot said to somebody alone."""
        return self.networks[person.network].texts_in(direct(person))

    def group_message(self, person: Person, place: Place, text: str) -> Incoming:
        """Put a message into a group that the bot is not told of, as it is for nobody but people."""
        network = self.networks[person.network]
        incoming = network.event(person, place, text)
        network.written[incoming.event] = incoming
        return incoming

    async def make_member(self, person: Person, *, role: Role = Role.MEMBER, **more: Any) -> UUID:
        """Make somebody a verified member of „Lindenau"; ``more`` are columns of the member."""
        async with unit_of_work(self.database) as unit:
            chats = ChatService(unit.session)
            member = await MemberService(unit.session).add(f"Mitglied {person.address}", "lindenau", role)
            identity = await chats.keep_person(await chats.look_up_person(person.network, person.address))
            await chats.change_person(identity.id, member_id=member.id, language="en")
            row = await unit.session.get(Member, member.id)
            assert row is not None
            for name, value in more.items():
                setattr(row, name, value)
            return member.id

    async def add_circle(self, name: str) -> UUID:
        """Add a circle."""
        async with unit_of_work(self.database) as unit:
            return (await CircleService(unit.session).add(name)).id

    async def release_first(self) -> None:
        """Have „Lindenau" want to release first."""
        async with unit_of_work(self.database) as unit:
            found = await unit.session.scalar(select(Organisation).where(Organisation.key == "lindenau"))
            assert found is not None
            found.release_first = True

    async def age(self, table: Any) -> None:
        """Let all rows of a table expire."""
        async with unit_of_work(self.database) as unit:
            await unit.session.execute(update(table).values(expires_at=now()))

    async def tell(self) -> None:
        """Tell people what is to be told."""
        kinds = {NOTICE_JOB: notice_job(self.services, self.bot.post)}
        worker = Worker(self.database, kinds, name="test")
        while await worker.work_once(NOTICE_JOB):
            pass
        await self.bot.settle()

    async def contributions(self) -> list[ContributionEntry]:
        """Return all contributions, the oldest first."""
        async with unit_of_work(self.database, writes=False) as unit:
            keys = (await unit.session.scalars(select(Contribution.id).order_by(Contribution.created_at))).all()
            return [await ContributionService(unit).find(key) for key in keys]

    async def contribution(self) -> ContributionEntry:
        """Return the only contribution."""
        [entry] = await self.contributions()
        return entry

    async def rows(self, table: type[Base]) -> Sequence[Any]:
        """Return all rows of a table."""
        async with self.database.session(writes=False) as session:
            return (await session.scalars(select(table))).all()

    async def tell_needed(self, person: Person) -> str:
        """Let somebody tell what is needed; returns the whole, as it is shown then."""
        await self.write(person, "/erfahrung")
        said = ""
        for answer in NEEDED:
            said = await self.write(person, answer)
        return said


def plain(messages: Sequence[Outgoing]) -> str:
    """Return the text of what was said."""
    return "\n".join(message.text.plain for message in messages if message.text)


@asynccontextmanager
async def desk_of(database: Database, settings: Settings) -> AsyncIterator[Desk]:
    """Run the bot on two networks, over an empty library and one organisation."""
    async with unit_of_work(database) as unit:
        await OrganisationService(unit.session).add(NewOrganisation(name="Lindenau", state="BB"))
    settings = with_chats(settings, chat_person_limit=1000)
    networks = {Network.MATRIX: ChatNetwork(features=MATRIX)}
    networks[Network.TELEGRAM] = ChatNetwork(Network.TELEGRAM, TELEGRAM, "allmende_bot")
    adapters = [LinkingAdapter(network) for network in networks.values()]
    services = make_services(settings, database, AnswerService(database, NoIndexes(), settings.answers), adapters)
    async with Bot(services, adapters, build_registry()) as bot:
        await bot.connected()
        yield Desk(bot, services, networks)
