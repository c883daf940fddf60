"""Two hosts with all their parts, people who use them meanwhile, and an account of what became of what they did.

The parts are real but for Telegram: a PostgreSQL, a Chroma server, a mail server. A wire lies before each, which can
be cut, held up and mended.
"""

import asyncio
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from bench.chatting import NO_LIMITS, TelegramSide, on_telegram
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.notices.service import tell
from tests.hub.pages.library_world import fields_of
from tests.hub.shell import Shell
from tests.journeys.hub_parts import ADDRESS, UPLOAD, Part
from tests.journeys.processes import Running
from tests.journeys.test_mail import SENDER, delivering, free_port
from tests.journeys.wires import Wire
from tests.knowledge.kit.mail_server import HOST, Mailbox
from tests.knowledge.mailing.people import make_member, subscribe
from tests.telegram_server.world import Message

# Seconds: how long a browser waits, how long catching up may take, and between two looks whether it has.
BROWSER_PATIENCE, LONGEST_CATCH_UP, LOOK_EVERY = 15.0, 120.0, 0.5
# Seconds between two acts of the same kind.
SEARCH_EVERY, PUBLISH_EVERY, CHAT_EVERY, MAIL_EVERY = 0.2, 1.0, 1.0, 1.0
KNOWN = "Ausgangslage"
NOTICE = "account.password_set"
PEOPLE, GROUPS = 20, 4


@dataclass(slots=True)
class Heard:
    """What came back: an answer, a page that says why there is none, or nothing at all."""

    answered: int = 0
    said_why: int = 0
    silent: int = 0
    wrong: int = 0


class Host:
    """A data folder with its process; ``command`` is ``serve`` (all of it) or ``hub`` (pages and indexes)."""

    def __init__(self, shell: Shell, command: str) -> None:
        self.hub = Part(shell)
        self.shell = shell.with_settings(ALLMENDE_HUB_PORT=str(self.hub.port))
        self._command = command
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
        self._running = Running(self.shell, self._command)
        # A pipe that nobody reads would hold it up.
        self._reading = threading.Thread(target=_read_on, args=(self._running, self.said), daemon=True)
        self._reading.start()

    def is_ready(self) -> bool:
        """Whether it answers."""
        with suppress(httpx.HTTPError):
            return self.hub.asked("GET", "/health/ready", timeout=BROWSER_PATIENCE).status_code == 200
        return False

    def kill(self) -> None:
        """End it at once."""
        if self._running is None or self._reading is None:
            return
        process, self._running = self._running.process, None
        process.kill()
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
    member: object

    @property
    def hosts(self) -> tuple[Host, Host]:
        """Both."""
        return self.north, self.south


@contextmanager
def two_hosts(folder: Path, postgres_url: str, settings: Mapping[str, str]) -> Iterator[World]:
    """Make the world and start it.

    Args:
        folder: is empty.
        postgres_url: an empty database, with its driver.
        settings: what else both hosts are set to: a Chroma server, a model or none.
    """
    port = urlsplit(postgres_url).port or 5432
    mailbox = Mailbox(port=free_port())
    with ExitStack() as stack:
        side = stack.enter_context(on_telegram(PEOPLE, GROUPS))
        stack.enter_context(delivering(mailbox))
        telegram_url = side.settings()["ALLMENDE_TELEGRAM_API_URL"]
        wires = [stack.enter_context(Wire(to)) for to in (port, urlsplit(telegram_url).port or 80, mailbox.port)]
        postgres, telegram, mail = wires
        shared = {
            **NO_LIMITS,
            "ALLMENDE_DATABASE_URL": postgres_url.replace(f":{port}/", f":{postgres.port}/"),
            "ALLMENDE_HUB_URL": ADDRESS,
            "ALLMENDE_HUB_TRUSTED_PROXIES": "127.0.0.0/8",
            **settings,
        }
        bots = {
            "ALLMENDE_TELEGRAM_TOKEN": side.settings()["ALLMENDE_TELEGRAM_TOKEN"],
            "ALLMENDE_TELEGRAM_API_URL": f"http://127.0.0.1:{telegram.port}",
            "ALLMENDE_SMTP_HOST": HOST,
            "ALLMENDE_SMTP_PORT": str(mail.port),
            "ALLMENDE_SMTP_SECURITY": "none",
            "ALLMENDE_MAIL_FROM": SENDER,
        }
        north = Host(Shell(folder, {**shared, **bots, "ALLMENDE_DATA_DIR": str(folder / "north")}), "serve")
        south = Host(Shell(folder, {**shared, "ALLMENDE_DATA_DIR": str(folder / "south")}), "hub")
        world = World(north, south, postgres, telegram, mail, side, mailbox, postgres_url, None)
        try:
            _furnish(world)
            yield world
        finally:
            for host in world.hosts:
                host.kill()


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


async def _with_mail(url: str) -> object:
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


class Load:
    """People who search, publish, chat, and are sent mail, each in a thread, until :meth:`end`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._stop = threading.Event()
        self.heard = Heard()
        # What the program said it has taken.
        self.published: list[str] = []
        self.asked: list[Message] = []
        self.noticed = 0
        self._threads = [
            threading.Thread(target=self._again, args=(act, pause))
            for act, pause in (
                (self._search, SEARCH_EVERY),
                (self._publish, PUBLISH_EVERY),
                (self._chat, CHAT_EVERY),
                (self._notice, MAIL_EVERY),
            )
        ]
        self._searched = self._began = 0
        self.errors: list[str] = []

    def begin(self) -> None:
        """Let them begin."""
        self._mails_before = len(self._world.mailbox.mails)
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Let them end."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _again(self, act: Callable[[], None], pause: float) -> None:
        while not self._stop.wait(pause):
            try:
                act()
            except Exception as error:  # noqa: BLE001 - the edge: a measurement goes on and says what it met
                self.errors.append(f"{act.__name__}: {error!r}")

    def _search(self) -> None:
        self._searched += 1
        host = self._world.hosts[self._searched % 2]
        try:
            page = host.hub.asked("GET", "/suche", params={"q": KNOWN}, timeout=BROWSER_PATIENCE)
        except httpx.HTTPError:
            self.heard.silent += 1
            return
        if page.status_code == 200 and "Wetterhahn" in page.text:
            self.heard.answered += 1
        elif page.status_code == 503 and "<h1" in page.text:
            self.heard.said_why += 1
        else:
            self.heard.wrong += 1
            self.errors.append(f"search: {page.status_code}")

    def _publish(self) -> None:
        """Publish something through one host; whoever is not told that it was taken sends the same again."""
        self._began += 1
        number = time.monotonic_ns()
        name = f"meldung-{number}"
        content = f"# {name}\n\nDie Meldung {number} hat das Kennwort {_password(name)} bekommen.\n".encode()
        while not self._stop.is_set():
            for host in self._world.hosts:
                with suppress(httpx.HTTPError, AssertionError, KeyError, IndexError):
                    if _upload(host.hub, f"{name}.md", content):
                        self.published.append(name)
                        return
            self._stop.wait(SEARCH_EVERY)

    def _chat(self) -> None:
        number = len(self.asked)
        question = f"Wie ist die {KNOWN} in Lindenau?"
        self.asked.append(self._world.side.ask(number % PEOPLE, number % GROUPS, question))

    def _notice(self) -> None:
        asyncio.run(_notice(self._world))
        self.noticed += 1

    @property
    def mails(self) -> int:
        """How many mails came since the beginning."""
        return len(self._world.mailbox.mails) - self._mails_before

    def unanswered(self) -> int:
        """Count the questions in the chat that were not answered yet."""
        return sum(not answers(self._world.side, message) for message in self.asked)

    def unfound(self) -> list[str]:
        """Return what was published and is not found on both hosts."""
        return [name for name in self.published if not all(_finds(host, name) for host in self._world.hosts)]


async def _notice(world: World) -> None:
    database = Database(world.database_url)
    try:
        async with unit_of_work(database) as unit:
            await tell(unit.session, NOTICE, member_id=world.member)  # type: ignore[arg-type]
    finally:
        await database.close()


def answers(side: TelegramSide, message: Message) -> int:
    """Count the bot's replies to a question in a group."""
    return len(side.answers_to(message))


def _upload(hub: Part, name: str, content: bytes) -> bool:
    page = hub.asked("GET", UPLOAD, timeout=BROWSER_PATIENCE)
    if page.status_code != 200:
        return False
    values = {**fields_of(page, UPLOAD), "visibility": "public"}
    values.pop("files", None)
    files = [("files", (name, content, "text/markdown"))]
    sent = hub.asked("POST", UPLOAD, data=values, files=files, timeout=BROWSER_PATIENCE)
    # Sent again after no reply came, it may have been there already.
    return sent.status_code == 200 and ("1 taken" in sent.text or "unchanged" in sent.text)


def _finds(host: Host, name: str) -> bool:
    with suppress(httpx.HTTPError):
        page = host.hub.asked("GET", "/suche", params={"q": name.partition("-")[2]}, timeout=BROWSER_PATIENCE)
        return page.status_code == 200 and _password(name) in page.text
    return False


def _password(name: str) -> str:
    """Return a word of a text that nobody searches for, so that it is on a page only where the text is."""
    return f"Kiebitz{name[::-1][:12]}"


def titles(world: World) -> Counter[str]:
    """Count the documents by their titles."""
    listed: Sequence[Mapping[str, object]] = world.south.shell.lines("documents", "list", "--json")
    return Counter(str(document["title"]) for document in listed)
