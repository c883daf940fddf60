"""``allmende serve`` in a process of its own, and people who write to it: on Telegram's stand-in and on a Synapse."""

import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import httpx

from bench.runs import Library
from knowledge.kit.settings import PROJECT
from tests.synapse import PASSWORD, Synapse, run_synapse
from tests.telegram_server.server import TelegramServer
from tests.telegram_server.world import Chat, Message, Person

# Seconds; far more than anything here takes.
PATIENCE = 120.0
# Events of a room that are read at once.
PAGE = 500
# What keeps people apart is not measured here.
NO_LIMITS = {"ALLMENDE_CHAT_PERSON_LIMIT": "100000", "ALLMENDE_CHAT_GROUP_LIMIT": "100000"}
ENGLISH = {"ALLMENDE_LANGUAGE": "en"}


class Served:
    """A running ``allmende serve``.

    Args:
        library: what it answers from, with its settings.
        command: ``hub`` runs the pages and the API alone.
    """

    def __init__(self, library: Library, command: str = "serve") -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hub.cli", command],
            cwd=PROJECT,
            env={**library.environment, **NO_LIMITS, **ENGLISH, **library.settings},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        self.said = ""

    def until(self, words: str) -> Self:
        """Wait until it says something on standard error."""
        assert self.process.stderr is not None
        # Straight from the pipe: of two lines said at once, a buffer would keep the second from being seen.
        pipe, end, said = self.process.stderr.fileno(), time.monotonic() + PATIENCE, self.said.encode()
        while words.encode() not in said:
            ready, _, _ = select.select([pipe], [], [], max(end - time.monotonic(), 0))
            some = os.read(pipe, 1) if ready else b""
            assert some, f"it never said {words!r}: {said.decode()}"
            said += some
        self.said = said.decode()
        return self

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and wait; returns the exit code."""
        self.process.send_signal(number)
        _printed, said = self.process.communicate(timeout=PATIENCE)
        self.said += said
        return self.process.returncode


@contextmanager
def own_copy(library: Library, **settings: str) -> Iterator[Library]:
    """Give a copy of a library: a fresh network numbers its events anew, and they would seem to be known."""
    with TemporaryDirectory(prefix="allmende-bench-") as folder:
        copied = Path(folder) / "data"
        shutil.copytree(library.folder, copied)
        yield Library(copied, {**library.settings, **settings})


@contextmanager
def serving(library: Library) -> Iterator[Served]:
    """Have ``allmende serve`` run for the length of a block."""
    served = Served(library)
    try:
        yield served.until(": connected.")
    finally:
        if served.process.poll() is None:
            served.end()


def wait_until(holds: Callable[[], bool], *, seconds: float = PATIENCE, pause: float = 0.002) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came true"
        time.sleep(pause)


@dataclass(slots=True)
class TelegramSide:
    """People, groups and the bot on the stand-in."""

    server: TelegramServer
    people: list[Person] = field(default_factory=list)
    groups: list[Chat] = field(default_factory=list)

    def settings(self) -> dict[str, str]:
        """Return what the bot needs to get here."""
        return {"ALLMENDE_TELEGRAM_TOKEN": self.server.token, "ALLMENDE_TELEGRAM_API_URL": self.server.url}

    def ask(self, person: int, group: int | None, text: str) -> Message:
        """Ask in a group by command, or in the person's direct chat."""
        return self.people[person].writes(None if group is None else self.groups[group], f"/frage {text}")

    def answers_to(self, message: Message) -> list[Message]:
        """Return what the bot replied to a message; a text that was split counts once."""
        shown = list(message.chat.messages.values())
        return [one for one in shown if one.by_bot and one.reply_to is message]


@contextmanager
def on_telegram(people: int, groups: int) -> Iterator[TelegramSide]:
    """Give a stand-in with people, each of them in all groups."""
    with TelegramServer() as server:
        side = TelegramSide(server)
        side.people = [server.person(f"Person {number}", language="de") for number in range(people)]
        side.groups = [server.supergroup(f"Gruppe {number}", *side.people) for number in range(groups)]
        yield side


@dataclass(slots=True)
class MatrixPerson:
    """Somebody on the homeserver, by plain calls of its interface: no client library stands between."""

    http: httpx.Client
    user: str
    token: str
    sent: int = 0

    def call(self, method: str, path: str, body: dict[str, Any] | None = None, **query: Any) -> dict[str, Any]:
        """Call the homeserver."""
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"/_matrix/client/v3/{path}"
        answer = self.http.request(method, url, json=body, headers=headers, params=query)
        assert answer.status_code == 200, answer.text
        values: dict[str, Any] = answer.json()
        return values

    def say(self, room: str, text: str) -> str:
        """Write into a room; returns the event."""
        self.sent += 1
        body = {"msgtype": "m.text", "body": text}
        path = f"rooms/{room}/send/m.room.message/{self.user}-{self.sent}"
        return str(self.call("PUT", path, body)["event_id"])

    def messages(self, room: str) -> list[dict[str, Any]]:
        """Return all events of a room, oldest first."""
        found: list[dict[str, Any]] = []
        page = self.call("GET", f"rooms/{room}/messages", dir="b", limit=PAGE)
        while page["chunk"]:
            found += page["chunk"]
            if "end" not in page:
                break
            page = self.call("GET", f"rooms/{room}/messages", dir="b", limit=PAGE, **{"from": page["end"]})
        return found[::-1]


@dataclass(slots=True)
class MatrixSide:
    """People, rooms and the bot on a homeserver."""

    synapse: Synapse
    people: list[MatrixPerson] = field(default_factory=list)
    rooms: list[str] = field(default_factory=list)
    bot: str = ""
    bot_name: str = ""

    def settings(self) -> dict[str, str]:
        """Return what the bot needs to get here."""
        return {
            "ALLMENDE_MATRIX_HOMESERVER": self.synapse.url,
            "ALLMENDE_MATRIX_USER": self.bot_name,
            "ALLMENDE_MATRIX_PASSWORD": PASSWORD,
        }

    def wait_for_bot(self) -> None:
        """Wait until the bot has come into all rooms and introduced itself."""
        for room in self.rooms:
            wait_until(partial(self._has_said_something_in, room), pause=0.05)

    def _has_said_something_in(self, room: str) -> bool:
        return bool(self.said_in(room))

    def said_in(self, room: str) -> list[dict[str, Any]]:
        """Return what the bot has said in a room; changes of it are not counted."""
        events = self.people[0].messages(room)
        mine = [event for event in events if event["sender"] == self.bot and event["type"] == "m.room.message"]
        return [event for event in mine if event["content"].get("m.relates_to", {}).get("rel_type") != "m.replace"]


@contextmanager
def on_matrix(people: int, rooms: int) -> Iterator[MatrixSide]:
    """Give a homeserver with people, each of them in all rooms, to which the bot is invited."""
    with ExitStack() as stack:
        synapse = stack.enter_context(run_synapse())
        side = MatrixSide(synapse, bot_name=synapse.register("allmende"))
        http = stack.enter_context(httpx.Client(base_url=synapse.url, timeout=PATIENCE))
        side.people = [_sign_in(http, synapse.register("person")) for _each in range(people)]
        side.bot = f"@{side.bot_name}:{side.people[0].user.partition(':')[2]}"
        for number in range(rooms):
            wanted = {"preset": "public_chat", "invite": [side.bot], "name": f"Raum {number}"}
            room = str(side.people[0].call("POST", "createRoom", wanted)["room_id"])
            for person in side.people[1:]:
                person.call("POST", f"join/{room}", {})
            side.rooms.append(room)
        yield side


def _sign_in(http: httpx.Client, name: str) -> MatrixPerson:
    identifier = {"type": "m.id.user", "user": name}
    body = {"type": "m.login.password", "identifier": identifier, "password": PASSWORD}
    answer = http.post("/_matrix/client/v3/login", json=body)
    assert answer.status_code == 200, answer.text
    values = answer.json()
    return MatrixPerson(http, values["user_id"], values["access_token"])
