"""Two hosts with all their parts: what ``bench.failing_parts`` takes away and gives back.

The parts are real but for Telegram: a PostgreSQL, a Chroma server, a Synapse, a mail server. A wire lies before each,
which can be cut, held up and mended.
"""

import asyncio
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import httpx

from bench.chatting import NO_LIMITS, MatrixSide, TelegramSide, on_matrix, on_telegram
from knowledge.kit.database import Database
from tests.hub.shell import Shell
from tests.journeys.hub_parts import ADDRESS, Part
from tests.journeys.processes import FromTheStart, Running
from tests.journeys.test_mail import SENDER, delivering
from tests.journeys.wires import Wire
from tests.knowledge.kit.mail_server import HOST, Mailbox
from tests.knowledge.mailing.people import make_member, subscribe
from tests.ports import free_port
from tests.synapse import NoSynapse

# Seconds: how long a browser waits, how long catching up may take, and between two looks whether it has.
BROWSER_PATIENCE, LONGEST_CATCH_UP, LOOK_EVERY = 15.0, 120.0, 0.5
KNOWN = "Ausgangslage"
PEOPLE, GROUPS, ROOMS = 20, 4, 4


class Host:
    """A data folder with its process; ``command`` is ``serve`` (all of it) or ``hub`` (pages and indexes)."""

    def __init__(self, shell: Shell, command: str) -> None:
        self.hub = Part(shell)
        self.shell = shell.with_settings(ALLMENDE_HUB_PORT=str(self.hub.port))
        self._command = command
        # A file that says by how many seconds its clock is off; none for one that is right.
        self.clock: Path | None = None
        self._running: Running | None = None
        self._reading: threading.Thread | None = None
        # The last lines of its log.
        self.said: deque[str] = deque(maxlen=40)

    @property
    def folder(self) -> Path:
        """Its data folder."""
        return Path(self.shell.environment["ALLMENDE_DATA_DIR"])

    def start(self) -> None:
        """Start the process, without waiting for it."""
        if self.clock is not None:
            self._running = FromTheStart(self.shell, str(self.clock), self._command, program="bench.own_clock")
        else:
            self._running = Running(self.shell, self._command)
        # A pipe that nobody reads would hold it up.
        self._reading = threading.Thread(target=_read_on, args=(self._running, self.said), daemon=True)
        self._reading.start()

    def is_ready(self) -> bool:
        """Whether it answers."""
        with suppress(httpx.HTTPError):
            return self.hub.asked("GET", "/health/ready", timeout=BROWSER_PATIENCE).status_code == 200
        return False

    def finds(self, words: str, text: str) -> bool:
        """Whether a search shows some text."""
        with suppress(httpx.HTTPError):
            page = self.hub.asked("GET", "/suche", params={"q": words}, timeout=BROWSER_PATIENCE)
            return page.status_code == 200 and text in page.text
        return False

    def kill(self) -> None:
        """End it at once."""
        self._end(signal.SIGKILL)

    def end(self) -> None:
        """Let it end what it has begun."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        if self._running is None or self._reading is None:
            return
        process, self._running = self._running.process, None
        process.send_signal(number)
        process.wait()
        self._reading.join()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


def _read_on(running: Running, said: deque[str]) -> None:
    assert running.process.stderr is not None
    with suppress(ValueError, OSError):
        while line := running.process.stderr.readline():
            said.append(line.rstrip())


@dataclass
class World:
    """Two hosts, their parts, and how to get at them."""

    north: Host
    south: Host
    postgres: Wire
    telegram: Wire
    mail: Wire
    side: TelegramSide
    mailbox: Mailbox
    database_url: str
    # Where there is no Synapse to start, nobody is on Matrix.
    matrix: Wire | None = None
    rooms: MatrixSide | None = None
    # A member who gets mail.
    member: UUID | None = None

    @property
    def hosts(self) -> tuple[Host, Host]:
        """Both."""
        return self.north, self.south


@contextmanager
def two_hosts(
    folder: Path, postgres_url: str, settings: Mapping[str, str], *, on_synapse: bool = False
) -> Iterator[World]:
    """Make the world and start it.

    Args:
        folder: is empty.
        postgres_url: an empty database, with its driver.
        settings: what else both hosts are set to: a Chroma server, a model or none.
        on_synapse: whether people are on Matrix, too, where there is a homeserver to start.
    """
    postgres_port = urlsplit(postgres_url).port or 5432
    mailbox = Mailbox(port=free_port())
    with ExitStack() as stack:

        def wire_to(port: int) -> Wire:
            return stack.enter_context(Wire(port))

        side = stack.enter_context(on_telegram(PEOPLE, GROUPS))
        rooms = _rooms(stack) if on_synapse else None
        stack.enter_context(delivering(mailbox))
        telegram = wire_to(_port(side.settings()["ALLMENDE_TELEGRAM_API_URL"]))
        postgres, mail = wire_to(postgres_port), wire_to(mailbox.port)
        matrix = None if rooms is None else wire_to(rooms.synapse.port)
        shared = {
            **NO_LIMITS,
            "ALLMENDE_DATABASE_URL": postgres_url.replace(f":{postgres_port}/", f":{postgres.port}/"),
            "ALLMENDE_HUB_URL": ADDRESS,
            "ALLMENDE_HUB_TRUSTED_PROXIES": "127.0.0.0/8",
            **settings,
        }
        bots = {
            "ALLMENDE_TELEGRAM_TOKEN": side.settings()["ALLMENDE_TELEGRAM_TOKEN"],
            "ALLMENDE_TELEGRAM_API_URL": _through(telegram),
            "ALLMENDE_SMTP_HOST": HOST,
            "ALLMENDE_SMTP_PORT": str(mail.port),
            "ALLMENDE_SMTP_SECURITY": "none",
            "ALLMENDE_MAIL_FROM": SENDER,
        }
        if rooms is not None and matrix is not None:
            bots |= {**rooms.settings(), "ALLMENDE_MATRIX_HOMESERVER": _through(matrix)}
        north = Host(Shell(folder, {**shared, **bots, "ALLMENDE_DATA_DIR": str(folder / "north")}), "serve")
        south = Host(Shell(folder, {**shared, "ALLMENDE_DATA_DIR": str(folder / "south")}), "hub")
        world = World(north, south, postgres, telegram, mail, side, mailbox, postgres_url, matrix, rooms)
        try:
            _furnish(world)
            yield world
        finally:
            for host in world.hosts:
                host.kill()


def _rooms(stack: ExitStack) -> MatrixSide | None:
    try:
        return stack.enter_context(on_matrix(1, ROOMS))
    except NoSynapse:
        return None


def _port(url: str) -> int:
    return urlsplit(url).port or 80


def _through(wire: Wire) -> str:
    return f"http://127.0.0.1:{wire.port}"


def _furnish(world: World) -> None:
    """Make the tables, an administrator and a member with an address, and start both hosts."""
    north, south = world.hosts
    north.shell.succeed("migrate", "--json")
    text = north.shell.folder / f"{KNOWN}.md"
    text.write_text(f"# {KNOWN}\n\nDie {KNOWN} in Lindenau ist gut, sagt der Wetterhahn.\n", encoding="utf-8")
    north.shell.succeed("add", "--visibility", "public", str(text))
    link = north.shell.succeed("administrator", "Chris Berg").strip()
    world.member = asyncio.run(_with_mail(world.database_url))
    north.start()
    until(north.is_ready, "the first host does not start")
    south.folder.mkdir(exist_ok=True)
    south.start()
    until(south.is_ready, "the second host does not start")
    north.hub.sign_in(link)
    south.hub.cookie = north.hub.cookie
    # Pages are there before the indexes are open.
    for host in world.hosts:
        until(partial(host.finds, KNOWN, "Wetterhahn"), "nothing is found")
    if world.rooms is not None:
        world.rooms.wait_for_bot()


async def _with_mail(url: str) -> UUID:
    database = Database(url)
    try:
        member = await make_member(database)
        await subscribe(database, member)
    finally:
        await database.close()
    return member


def until(holds: Callable[[], bool], complaint: str) -> float:
    """Wait until something holds; returns the seconds that took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() < began + LONGEST_CATCH_UP, complaint
        time.sleep(LOOK_EVERY)
    return time.monotonic() - began


def titles(world: World) -> Counter[str]:
    """Count the documents by their titles."""
    listed: Sequence[Mapping[str, object]] = world.south.shell.lines("documents", "list", "--json")
    return Counter(str(document["title"]) for document in listed)
