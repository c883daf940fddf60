"""What the measurements of messages that are due at one moment share: a network that takes everything, and kills."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import insert

from bench.runs import Library
from bot.core.adapter import Features, Take
from bot.core.messages import Outgoing, Person, Place
from bot.core.running import Bot, make_services
from bot.core.turn import Services
from bot.handlers.registry import build_registry
from knowledge.chats.outbox import Outbox
from knowledge.jobs.repository import JobRepository
from knowledge.jobs.worker import JobKind, Worker
from knowledge.kit.database import Database
from knowledge.kit.host import host_name
from knowledge.kit.logs import configure_logs
from knowledge.kit.settings import PROJECT, load_settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.answers.service import AnswerService
from knowledge.library.indexes.access import LibraryIndexes
from knowledge.models.base import Base
from knowledge.models.chat import Network

PATIENCE = 1800.0
TAKEN = "taken.txt"
# Rows in one transaction.
TOGETHER = 1_000
# Seconds between two looks whether all is said.
LOOK = 0.3


@dataclass(frozen=True, slots=True)
class Handed:
    """What the network took in the end.

    ``seconds`` is how long the processes worked, ``told`` how many chats the network's messages reach, ``messages`` how
    many different ones they are, and ``again`` how many were handed over a second time, and known by their key.
    """

    seconds: float
    told: int
    messages: int
    again: int

    @property
    def twice(self) -> int:
        """How many messages there are beyond one for each chat."""
        return self.messages - self.told


class TakesAll:
    """A network that takes everything at once; it notes what it was handed in a file that outlives the process."""

    network = Network.MATRIX
    features = Features(buttons=False, can_write_first=True, tells_deletions=True, longest_text=32_000)
    account = "@allmende:bench"

    def __init__(self, file: Path) -> None:
        self._file = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    async def start(self, cursor: str | None) -> None:
        """Be there."""

    async def receive(self, take: Take, stop: asyncio.Event) -> None:
        """Nobody writes."""
        del take
        await stop.wait()

    async def send(self, message: Outgoing, key: str) -> Sequence[str]:
        """Note for which chat a message is, and its key."""
        os.write(self._file, f"{message.place.chat} {key}\n".encode())
        return [f"${key}"]

    async def show_working(self, place: Place, *, on: bool) -> None:
        """Show nothing."""

    async def direct_chat(self, person: Person) -> str | None:
        """Everybody can be written to."""
        return f"!{person.address}"

    def direct_link(self, word: str) -> str | None:
        """There are no such links."""
        del word
        return None

    async def close(self) -> None:
        """Close the file."""
        os.close(self._file)


async def insert_all(database: Database, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert many rows, some at a time."""
    for start in range(0, len(rows), TOGETHER):
        async with unit_of_work(database) as unit:
            await unit.session.execute(insert(table), list(rows[start : start + TOGETHER]))


async def work(
    kinds: Callable[[Services, Bot], Mapping[str, JobKind]], begin: Callable[[Database], Awaitable[object]]
) -> None:
    """Do jobs until none waits, and no message either; prints how long that took.

    Args:
        kinds: returns how the jobs are done.
        begin: asks for them.
    """
    settings = load_settings()
    configure_logs(level=settings.logs.log_level, style=settings.logs.log_format)
    database = Database(settings.database_url)
    adapter = TakesAll(settings.data_folder / TAKEN)
    indexes = LibraryIndexes(settings, database, say=lambda _text: None)  # never opened: nothing is asked
    services = make_services(settings, database, AnswerService(database, indexes, settings.answers), [adapter])
    began, stop = time.perf_counter(), asyncio.Event()
    try:
        async with Bot(services, [adapter], build_registry()) as bot, asyncio.TaskGroup() as tasks:
            done = dict(kinds(services, bot))
            tasks.create_task(Worker(database, done, name=host_name(settings.data_folder)).run(stop))
            await begin(database)
            while not await _all_said(database, list(done)):  # noqa: ASYNC110 - only the database knows
                await asyncio.sleep(LOOK)
            print(f"{time.perf_counter() - began:.3f}", flush=True)
            stop.set()
    finally:
        await database.close()


async def _all_said(database: Database, kinds: Sequence[str]) -> bool:
    async with unit_of_work(database, writes=False) as unit:
        if await JobRepository(unit.session).unfinished(kinds):
            return False
        return not await Outbox(unit.session).waiting_chats(Network.MATRIX)


@contextmanager
def copied(library: Library) -> Iterator[Library]:
    """Give a copy of a library for the length of a block."""
    with TemporaryDirectory(prefix="allmende-bench-") as folder:
        copy = Path(folder) / "data"
        shutil.copytree(library.folder, copy)
        yield Library(copy, library.settings)


def run_to_end(library: Library, module: str, *, kill_at: int | None = None) -> Handed:
    """Have all that is due sent by a process of its own, and count what the network took.

    Args:
        library: what there is.
        module: whose ``--work`` is that process.
        kill_at: after so many messages the process is killed, and another one goes on.
    """
    seconds = _killed(library, module, kill_at) if kill_at is not None else 0.0
    process = _start(library, module)
    printed, _nothing = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, "the process that sends them failed"
    taken = _taken(library)
    messages = Counter(chat for chat, _key in {(chat, key) for chat, key in taken})
    count = sum(messages.values())
    took = seconds + float(printed.split()[-1])
    return Handed(took, len(messages), count, len(taken) - count)


def _start(library: Library, module: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", module, "--work"]
    environment = {**library.environment, "ALLMENDE_LOG_LEVEL": "error"}
    return subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, encoding="utf-8")


def _killed(library: Library, module: str, after: int) -> float:
    """Kill a process when the network has taken so many messages; returns how long it had worked."""
    process, end = _start(library, module), time.monotonic() + PATIENCE
    began = None
    while len(_taken(library)) < after:
        assert time.monotonic() < end, "it never got that far"
        assert process.poll() is None, "it was done before it could be killed"
        began = began or (time.perf_counter() if (library.folder / TAKEN).exists() else None)
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return time.perf_counter() - (began or time.perf_counter())


def _taken(library: Library) -> list[list[str]]:
    file = library.folder / TAKEN
    return [line.split() for line in file.read_text().splitlines()] if file.exists() else []
