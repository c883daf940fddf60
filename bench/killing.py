"""What the measurements of kills share: people and a moderator at work while ``allmende serve`` is killed."""

import asyncio
import random
import re
import signal
import sqlite3
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from uuid import UUID

import httpx

from bench.chatting import MatrixSide, Served
from bench.filling import read_settings
from bench.hubbing import sign_in
from bench.runs import Library
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.members.schemas import MemberEntry
from knowledge.members.service import MemberService
from knowledge.models.chat import ChatIdentity, Network
from knowledge.models.member import Role
from knowledge.operations.migrating import migrate
from knowledge.organisations.schemas import NewOrganisation
from knowledge.organisations.service import OrganisationService

# Seconds: the longest life of a process, and how long the end may take until all is said.
LONGEST_LIFE, LONGEST_END = 4.0, 900.0
PORT = "ALLMENDE_HUB_PORT"

# What somebody does until they are told to stop.
Work = Callable[[threading.Event], None]
# What else a member needs who was made, with their number.
Furnish = Callable[[UnitOfWork, MemberEntry, int], Awaitable[None]]


def kill_meanwhile(
    library: Library, works: Sequence[Work], settle: Callable[[], None], *, moderator: UUID, lives: Sequence[float]
) -> None:
    """Let people work and a moderator publish in the hub, and kill meanwhile; then let them end in peace.

    Args:
        library: holds the people already.
        works: what people do, each in a thread of its own.
        settle: waits, with the program running, until all is said.
        moderator: the member who publishes.
        lives: how long each process lives until it is killed, in seconds.
    """
    [cookie] = sign_in(library, [moderator])
    stop, end = threading.Event(), threading.Event()
    threads = [threading.Thread(target=work, args=(stop,)) for work in works]
    desk = threading.Thread(target=moderate, args=(library, cookie, end))
    for thread in (*threads, desk):
        thread.start()
    try:
        kill_often(library, lives)
        stop.set()
        with served_once(library):
            for thread in threads:
                thread.join()
            settle()
    finally:
        stop.set()
        end.set()
        desk.join()


def moderate(library: Library, cookie: dict[str, str], end: threading.Event) -> None:
    """Publish what waits, whenever the hub is there."""
    address = f"http://127.0.0.1:{library.settings[PORT]}"
    with httpx.Client(base_url=address, cookies=cookie, timeout=20) as browser:
        while not end.wait(0.2):
            for key in _keys(library, "waiting"):
                with suppress(httpx.HTTPError):
                    _publish(browser, key)


def _publish(browser: httpx.Client, key: UUID) -> None:
    """Send the form that is on a contribution's page."""
    address = f"/pruefung/{key}/veroeffentlichen"
    form = re.search(rf'action="{address}".*?</form>', browser.get(f"/pruefung/{key}").text, re.DOTALL)
    if form is not None:
        values = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[0]))
        browser.post(address, data=values, headers={"Sec-Fetch-Site": "same-origin"})


def random_lives(kills: int, seed: int, longest: float = LONGEST_LIFE) -> list[float]:
    """Return for each kill how long the process lives before it, in seconds."""
    chance = random.Random(seed)
    return [chance.uniform(0.0, longest) for _kill in range(kills)]


def kill_often(library: Library, lives: Sequence[float]) -> None:
    """Start and kill again and again: some while they begin, most while they work."""
    for number, seconds in enumerate(lives):
        served = Served(library)
        if number % 5:
            served.until(": connected.")
        time.sleep(seconds)
        served.end(signal.SIGKILL)


@contextmanager
def served_once(library: Library) -> Iterator[None]:
    served = Served(library).until(": connected.")
    try:
        yield
    finally:
        served.end()


def until_quiet(count: Callable[[], int], *, quiet: float, least: int = 0) -> None:
    """Wait until there are at least so many and, for ``quiet`` seconds, nothing new comes any more."""
    end, before = time.monotonic() + LONGEST_END, -1
    while time.monotonic() < end:
        found = count()
        if found == before and found >= least:
            return
        before = found
        time.sleep(quiet)


def _keys(library: Library, state: str) -> list[UUID]:
    with closing(sqlite3.connect(library.folder / "allmende.db")) as database:
        return [UUID(row[0]) for row in database.execute("SELECT id FROM contributions WHERE state = ?", (state,))]


def make_people(library: Library, network: Network, addresses: Sequence[str], furnish: Furnish | None = None) -> UUID:
    """Make everybody a member, each of an organisation of their own; returns the moderator."""
    return asyncio.run(_make_people(library, network, addresses, furnish))


async def _make_people(library: Library, network: Network, addresses: Sequence[str], furnish: Furnish | None) -> UUID:
    library.folder.mkdir(parents=True, exist_ok=True)
    database = Database(read_settings(library).database_url)
    try:
        await migrate(database)
        async with unit_of_work(database) as unit:
            organisations, members = OrganisationService(unit.session), MemberService(unit.session)
            for number, address in enumerate(addresses):
                key = f"ort-{number}"
                await organisations.add(NewOrganisation(key=key, name=f"Ort {number} (Beispiel)"))
                member = await members.add(f"Person {number}", key, Role.MEMBER)
                unit.session.add(ChatIdentity(network=network, address=address, member_id=member.id))
                if furnish is not None:
                    await furnish(unit, member, number)
            return (await members.add("Moderation", None, Role.MODERATOR)).id
    finally:
        await database.close()


def direct_rooms(side: MatrixSide) -> list[str]:
    """Return for each person of a homeserver a direct chat with the bot."""
    wanted = {"preset": "trusted_private_chat", "invite": [side.bot], "is_direct": True}
    return [str(person.call("POST", "createRoom", wanted)["room_id"]) for person in side.people]
