"""What the journeys through the hub start from: towns, a moderator, ``allmende serve``, and clerks who chat with it."""

import asyncio
import json
import sqlite3
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from typing import Any

from knowledge.kit.database import Database
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.members.invitations import InvitationService
from knowledge.members.service import MemberService
from knowledge.models.member import Role
from knowledge.operations.migrating import migrate
from knowledge.organisations.schemas import NewOrganisation
from knowledge.organisations.service import OrganisationService
from tests.bot.matrix.people import Person
from tests.hub.shell import Shell
from tests.journeys.processes import Running, eventually, stored
from tests.ports import free_port
from tests.synapse import PASSWORD, Synapse

TOWNS = {"kleinow": "Stadt Kleinow", "seefeld": "Gemeinde Seefeld"}
MODERATOR = "Mona Moderatorin"


def place_for(shell: Shell, synapse: Synapse) -> Shell:
    """Return the folder with an account for the bot and a port for the hub in its settings; German throughout."""
    port = str(free_port())
    return shell.with_settings(
        ALLMENDE_LANGUAGE="de",
        ALLMENDE_MATRIX_HOMESERVER=synapse.url,
        ALLMENDE_MATRIX_USER=synapse.register("allmende"),
        ALLMENDE_MATRIX_PASSWORD=PASSWORD,
        ALLMENDE_HUB_PORT=port,
        ALLMENDE_HUB_URL=f"http://127.0.0.1:{port}",
    )


async def settle(shell: Shell) -> dict[str, str]:
    """Put towns and a moderator into an empty folder; returns an invitation code for a clerk of each town."""
    shell.data.mkdir(parents=True, exist_ok=True)
    database = Database(f"sqlite+aiosqlite:///{shell.data / 'allmende.db'}")
    try:
        await migrate(database)
        async with unit_of_work(database) as unit:
            for key, name in TOWNS.items():
                await OrganisationService(unit.session).add(NewOrganisation(key=key, name=name, state="BB"))
            await MemberService(unit.session).add(MODERATOR, "seefeld", Role.MODERATOR)
        async with unit_of_work(database) as unit:
            invitations = InvitationService(unit.session)
            issued = {
                key: await invitations.invite(Role.MEMBER, organisation_key=key, name=f"Mitglied aus {name}")
                for key, name in TOWNS.items()
            }
        return {key: code.code for key, code in issued.items()}
    finally:
        await database.close()


@asynccontextmanager
async def served(shell: Shell) -> AsyncIterator[str]:
    """Run ``allmende serve`` until the bot is on its network; yields the hub's address."""
    with Running(shell, "serve") as process:
        await asyncio.to_thread(process.wait_for, _("{network}: connected.").format(network="Matrix"))
        yield shell.settings["ALLMENDE_HUB_URL"]


@dataclass(slots=True)
class Clerk:
    """Somebody in a direct chat with the bot, encrypted as clients make it."""

    person: Person
    bot: str
    shell: Shell
    room: str = ""
    counted: int = 0

    async def join(self, code: str, town: str) -> None:
        """Open the chat and join with an invitation code."""
        self.room = await self.person.make_room(self.bot, direct=True, encrypted=True)
        await self.person.wait_until_in(self.room, self.bot)
        await self.say(f"!beitreten {code}", TOWNS[town])
        self.counted = 0

    async def say(self, text: str, until: str, *, reply_to: dict[str, Any] | None = None) -> dict[str, Any]:
        """Write something, and wait until the bot says something with these words."""
        more = {}
        if reply_to is not None:
            await self._read(reply_to)
            more["m.relates_to"] = {"m.in_reply_to": {"event_id": reply_to["event_id"]}}
        before = len(self.person.events)
        self.counted += 1
        await self.person.say(self.room, text, **more)
        return await self.hear(until, since=before)

    async def press(self, emoji: str, about: dict[str, Any], until: str) -> dict[str, Any]:
        """React to a message of the bot, and wait for its words."""
        await self._read(about)
        before = len(self.person.events)
        self.counted += 1
        await self.person.react(self.room, about["event_id"], emoji)
        return await self.hear(until, since=before)

    async def _read(self, event: dict[str, Any]) -> None:
        """Take the time that people need to read, in which the bot notes what it has sent."""
        noted = "SELECT 1 FROM sent_messages WHERE event = ?"
        await asyncio.to_thread(eventually, lambda: bool(stored(self.shell, noted, event["event_id"])))

    async def hear(self, words: str, *, since: int = 0) -> dict[str, Any]:
        """Wait for a message of the bot with these words."""
        seen: list[str] = []

        def fits(event: dict[str, Any]) -> bool:
            if (event["sender"], event["room_id"]) != (self.bot, self.room) or event["type"] != "m.room.message":
                return False
            seen.append(said_in(event))
            return words in seen[-1]

        try:
            return await self.person.wait_for(lambda event: event in self.person.events[since:] and fits(event))
        except TimeoutError:
            raise AssertionError(f"never said {words!r}, but {list(dict.fromkeys(seen))}") from None


def said_in(event: dict[str, Any]) -> str:
    """Return the words of a message, of a changed one the newest."""
    content = event["content"]
    return str(content.get("m.new_content", content).get("body", ""))


def places_with(shell: Shell, words: str) -> set[str]:
    """Return the columns of the database file, as ``table.column``, in which words stand."""
    found = set()
    with closing(sqlite3.connect(shell.data / "allmende.db", timeout=30)) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            cursor = connection.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            for row in cursor:
                found |= {f"{table}.{name}" for name, value in zip(names, row, strict=True) if _holds(value, words)}
    return found


def _holds(value: object, words: str) -> bool:
    if isinstance(value, bytes):
        with suppress(zlib.error):
            value = zlib.decompress(value)
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    # JSON may write umlauts as escapes.
    return words in text or json.dumps(words)[1:-1] in text
