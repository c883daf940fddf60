"""Where the journeys through the network take place: all real parts, and towns with people on each way to the bot."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from knowledge.kit.database import Database
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.members.invitations import InvitationService
from knowledge.members.service import MemberService
from knowledge.models import Job, Member, SentMessage
from knowledge.models.member import Findable, Role
from knowledge.models.topic import Stance
from knowledge.operations.migrating import migrate
from knowledge.organisations.schemas import NewOrganisation
from knowledge.organisations.service import OrganisationService
from knowledge.peers.profile import ProfileService
from knowledge.topics.tree import load_tree
from tests.bot.matrix.people import person_on
from tests.hub.shell import Shell
from tests.journeys.hub.town import Clerk
from tests.journeys.processes import PATIENCE, Running
from tests.knowledge.kit.mail_server import HOST, Mailbox
from tests.ports import free_port
from tests.synapse import PASSWORD, Synapse
from tests.telegram_server.server import TelegramServer
from tests.telegram_server.world import Message
from tests.telegram_server.world import Person as TelegramPerson

TOWNS = {"kleinow": "Stadt Kleinow", "seefeld": "Gemeinde Seefeld", "moorbach": "Gemeinde Moorbach"}
MODERATOR, BY_MAIL = "Mona Moderatorin", "Emil Ohnehandy"
ADDRESS = "emil@moorbach.example"


@dataclass(slots=True)
class MatrixClerk(Clerk):
    """A clerk on Matrix, whose bot keeps what it knows in any database."""

    database: Database | None = None

    async def _read(self, event: dict[str, Any]) -> None:
        """Take the time that people need to read, in which the bot notes what it has sent."""
        statement = select(SentMessage.event).where(SentMessage.event == event["event_id"])
        assert self.database is not None
        await until_stored(self.database, statement)


@dataclass(slots=True)
class TelegramClerk:
    """Somebody in a direct chat with the bot on Telegram."""

    person: TelegramPerson
    telegram: TelegramServer

    async def say(self, text: str, until: str) -> Message:
        """Write something, and wait until the bot says something with these words."""
        before = len(self.person.direct.shown())
        self.person.writes(None, text)
        return await self.hear(until, since=before)

    async def press(self, label: str, about: Message, until: str) -> Message:
        """Press a button below a message, and wait for the bot's words."""
        before = len(self.person.direct.shown())
        texts = [button["text"] for row in about.buttons for button in row]
        self.person.presses(about, next(text for text in texts if label in text))
        return await self.hear(until, since=before)

    async def hear(self, words: str, *, since: int = 0) -> Message:
        """Wait for a message of the bot with these words."""

        def said() -> list[Message]:
            return [message for message in self.person.direct.shown()[since:] if words in message.text]

        try:
            await self.telegram.until(said, seconds=PATIENCE)
        except AssertionError:
            raise AssertionError(f"never said {words!r}, but {self.person.direct.said()}") from None
        return said()[0]


@dataclass(slots=True)
class Region:
    """Everything that runs, and who takes part."""

    shell: Shell
    database: Database
    telegram: TelegramServer
    mailbox: Mailbox
    hub: str
    # In Kleinow and Moorbach, on Matrix.
    anna: MatrixClerk
    carla: MatrixClerk
    # In Seefeld, on Telegram.
    ben: TelegramClerk

    async def indexed(self) -> None:
        """Wait until nothing is left to be done in the background."""
        await until_stored(self.database, select(Job.id), nothing=True)

    async def mail_with(self, words: str, *, since: int = 0) -> str:
        """Wait for a mail with these words; returns its text."""

        def fitting() -> list[str]:
            texts = [_text(mail) for mail in self.mailbox.mails[since:]]
            return [text for text in texts if words in text]

        await eventually(lambda: bool(fitting()), lambda: str([_text(mail) for mail in self.mailbox.mails]))
        return fitting()[0]


def _text(mail: Any) -> str:
    body = mail.get_body(preferencelist=("plain",))
    return " ".join(str(body.get_content()).split())


async def eventually(holds: Callable[[], bool], told: Callable[[], str]) -> None:
    """Wait until something holds; ``told`` says what was there instead."""
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                if holds():
                    return
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(told()) from None


async def until_stored(database: Database, statement: Any, *, nothing: bool = False) -> None:
    """Wait until the database answers a question with something (or with nothing)."""
    async with asyncio.timeout(PATIENCE):
        while True:
            async with unit_of_work(database, writes=False) as unit:
                if (await unit.session.scalar(statement.limit(1)) is None) == nothing:
                    return
            await asyncio.sleep(0.05)


def place_for(shell: Shell, synapse: Synapse, telegram: TelegramServer, mailbox: Mailbox, **more: str) -> Shell:
    """Return the folder with settings for all that runs beside it; German throughout."""
    port = str(free_port())
    return shell.with_settings(
        ALLMENDE_LANGUAGE="de",
        ALLMENDE_MATRIX_HOMESERVER=synapse.url,
        ALLMENDE_MATRIX_USER=synapse.register("allmende"),
        ALLMENDE_MATRIX_PASSWORD=PASSWORD,
        ALLMENDE_TELEGRAM_TOKEN=telegram.token,
        ALLMENDE_TELEGRAM_API_URL=telegram.url,
        # The administrator trusts it for what is for the network.
        ALLMENDE_TELEGRAM_VISIBILITY="network",
        ALLMENDE_SMTP_HOST=HOST,
        ALLMENDE_SMTP_PORT=str(mailbox.port),
        ALLMENDE_SMTP_SECURITY="none",
        ALLMENDE_MAIL_FROM="bot@allmende.test",
        ALLMENDE_HUB_PORT=port,
        ALLMENDE_HUB_URL=f"http://127.0.0.1:{port}",
        **more,
    )


async def settle(database: Database) -> dict[str, str]:
    """Put towns, a moderator and somebody without a messenger into an empty database.

    Returns an invitation code for a clerk of each town.
    """
    await migrate(database)
    async with unit_of_work(database) as unit:
        for key, name in TOWNS.items():
            await OrganisationService(unit.session).add(NewOrganisation(key=key, name=name, state="BB"))
        await MemberService(unit.session).add(MODERATOR, "moorbach", Role.MODERATOR)
        await MemberService(unit.session).add(BY_MAIL, "moorbach")
    async with unit_of_work(database) as unit:
        invitations = InvitationService(unit.session)
        return {
            key: (await invitations.invite(Role.MEMBER, organisation_key=key, name=f"Mitglied aus {name}")).code
            for key, name in TOWNS.items()
        }


async def offer_help(database: Database, town: str, topic: str) -> UUID:
    """Let the clerk of a town declare that they can help with a topic, and be found; returns who."""
    async with unit_of_work(database) as unit:
        statement = select(Member.id).where(Member.name == f"Mitglied aus {TOWNS[town]}")
        member = (await unit.session.scalars(statement)).one()
        found = (await load_tree(unit.session)).find(topic)
        assert found is not None, topic
        profiles = ProfileService(unit)
        await profiles.set_topics(member, Stance.HELPS, [found.id])
        await profiles.set_findable(member, Findable.ON)
        return member


@asynccontextmanager
async def opened_region(
    shell: Shell, database: Database, synapse: Synapse, telegram: TelegramServer, mailbox: Mailbox
) -> AsyncIterator[Region]:
    """Run ``allmende serve`` with three clerks who have joined by their codes."""
    codes = await settle(database)
    bot = f"@{shell.settings['ALLMENDE_MATRIX_USER']}:localhost"
    async with AsyncExitStack() as stack:
        process = stack.enter_context(Running(shell, "serve"))
        for network in ("Matrix", "Telegram"):
            said = _("{network}: connected.").format(network=network)
            await asyncio.to_thread(process.wait_for, said)
        anna, carla = [
            MatrixClerk(await stack.enter_async_context(person_on(synapse, name)), bot, shell, database=database)
            for name in ("anna", "carla")
        ]
        await join(anna, codes["kleinow"], "kleinow")
        await join(carla, codes["moorbach"], "moorbach")
        ben = TelegramClerk(telegram.person("Ben"), telegram)
        await ben.say(f"/beitreten {codes['seefeld']}", TOWNS["seefeld"])
        yield Region(shell, database, telegram, mailbox, shell.settings["ALLMENDE_HUB_URL"], anna, carla, ben)


async def join(clerk: MatrixClerk, code: str, town: str) -> None:
    """Open an encrypted chat and join with an invitation code."""
    clerk.room = await clerk.person.make_room(clerk.bot, direct=True, encrypted=True)
    await clerk.person.wait_until_in(clerk.room, clerk.bot)
    await clerk.say(f"!beitreten {code}", TOWNS[town])


def links_in(text: str, path: str) -> Sequence[str]:
    """Return the addresses in a text that lead to a path of the hub."""
    return re.findall(rf"http://[^\s<>\"]*{re.escape(path)}[^\s<>\"]*", text)
