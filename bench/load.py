"""People who use two hosts while parts of them fail, and an account of what became of what they did."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import httpx

from bench.parts import BROWSER_PATIENCE, KNOWN, Host, World
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.notices.service import tell
from tests.hub.pages.library_world import fields_of
from tests.journeys.hub_parts import UPLOAD, Part
from tests.knowledge.mailing.people import ANNA

# Seconds between two acts of the same kind.
SEARCH_EVERY, PUBLISH_EVERY, CHAT_EVERY, MAIL_EVERY = 0.2, 1.0, 1.0, 1.0
NOTICE = "account.password_set"


@dataclass(slots=True)
class Heard:
    """What came back: an answer, a page that says why there is none, or nothing at all."""

    answered: int = 0
    said_why: int = 0
    silent: int = 0
    wrong: int = 0


class Chats:
    """Questions in the groups of all networks in turn, and how often each was answered."""

    def __init__(self, world: World) -> None:
        self._side, self._rooms = world.side, world.rooms

    def ask(self, number: int, question: str) -> str:
        """Ask in a group; returns the message."""
        if self._rooms is not None and number % 2:
            room = self._rooms.rooms[number // 2 % len(self._rooms.rooms)]
            return self._rooms.people[0].say(room, f"!frage {question}")
        people, groups = len(self._side.people), len(self._side.groups)
        return self._side.ask(number % people, number % groups, question).event

    def replies(self) -> Counter[str]:
        """Count the bot's replies to each message."""
        shown = [message for group in self._side.groups for message in list(group.messages.values())]
        found = Counter(one.reply_to.event for one in shown if one.by_bot and one.reply_to is not None)
        if self._rooms is not None:
            said = [event for room in self._rooms.rooms for event in self._rooms.said_in(room)]
            relations = [event["content"].get("m.relates_to", {}) for event in said]
            found.update(str(one["m.in_reply_to"]["event_id"]) for one in relations if "m.in_reply_to" in one)
        return found


def mails_to(world: World, address: str) -> int:
    """Count the mails that came for an address."""
    return sum(address in recipients for recipients in world.mailbox.recipients)


class Load:
    """People who search, publish, chat, and are sent mail, each in a thread, until :meth:`end`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._chats = Chats(world)
        self._stop = threading.Event()
        self.heard = Heard()
        # What the program said it has taken.
        self.published: list[str] = []
        # Questions in chats, by the messages in which they were asked.
        self.asked: list[str] = []
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
        self._mails_before = self._mails()
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
                    if upload(host.hub, f"{name}.md", content):
                        self.published.append(name)
                        return
            self._stop.wait(SEARCH_EVERY)

    def _chat(self) -> None:
        self.asked.append(self._chats.ask(len(self.asked), f"Wie ist die {KNOWN} in Lindenau?"))

    def _notice(self) -> None:
        asyncio.run(_notice(self._world))
        self.noticed += 1

    @property
    def mails(self) -> int:
        """How many mails came since the beginning."""
        return self._mails() - self._mails_before

    def _mails(self) -> int:
        return mails_to(self._world, ANNA)

    def replies(self) -> list[int]:
        """Count the replies to each question in a chat."""
        replies = self._chats.replies()
        return [replies[message] for message in self.asked]

    def unfound(self) -> list[str]:
        """Return what was published and is not found on both hosts."""
        return [name for name in self.published if not all(_is_found(host, name) for host in self._world.hosts)]


async def _notice(world: World) -> None:
    database = Database(world.database_url)
    try:
        async with unit_of_work(database) as unit:
            await tell(unit.session, NOTICE, member_id=world.member)
    finally:
        await database.close()


def upload(hub: Part, name: str, content: bytes) -> bool:
    """Publish a text for everybody; returns whether the hub said that it took it."""
    page = hub.asked("GET", UPLOAD, timeout=BROWSER_PATIENCE)
    if page.status_code != 200:
        return False
    values = {**fields_of(page, UPLOAD), "visibility": "public"}
    values.pop("files", None)
    files = [("files", (name, content, "text/markdown"))]
    sent = hub.asked("POST", UPLOAD, data=values, files=files, timeout=BROWSER_PATIENCE)
    # Sent again after no reply came, it may have been there already.
    return sent.status_code == 200 and ("1 taken" in sent.text or "unchanged" in sent.text)


def _is_found(host: Host, name: str) -> bool:
    return host.finds(name.partition("-")[2], _password(name))


def _password(name: str) -> str:
    """Return a word of a text that nobody searches for, so that it is on a page only where the text is."""
    return f"Kiebitz{name[::-1][:12]}"
