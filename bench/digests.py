"""A Monday morning on which all circles get their digest: ``python -m bench.digests``.

Thousands of circles, documents of the last weeks and open questions; each digest is put together, kept in the outbox
and handed to a network that takes everything at once, by a process of its own. A second run is killed with SIGKILL when
half of the messages have been taken, and goes on in a new process: in the end every circle must have its digest, and
none two. (Like Matrix, the network knows a message that it is handed again by its key; how many were is printed, too.)
"""

import argparse
import asyncio
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select

from bench.figures import print_table
from bench.filling import read_settings
from bench.runs import Library, scratch_library
from bot.core.adapter import Features, Take
from bot.core.messages import Outgoing, Person, Place
from bot.core.running import Bot, make_services
from bot.handlers.digests import digest_job
from bot.handlers.registry import build_registry
from knowledge.chats.outbox import Outbox
from knowledge.digests.jobs import DIGEST_JOB
from knowledge.digests.keeping import plan_digests
from knowledge.jobs.repository import JobRepository
from knowledge.jobs.worker import Worker
from knowledge.kit.database import Database
from knowledge.kit.host import host_name
from knowledge.kit.ids import new_id
from knowledge.kit.logs import configure_logs
from knowledge.kit.settings import PROJECT, load_settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.answers.service import AnswerService
from knowledge.library.indexes.access import LibraryIndexes
from knowledge.models.base import Base
from knowledge.models.chat import Chat, ChatKind, Circle, Network
from knowledge.models.digest import Digest, DigestState
from knowledge.models.document import Document, Kind, Rights, Status, Visibility
from knowledge.models.question import OpenQuestion, OpenQuestionTopic, ReleasedAs
from knowledge.operations.migrating import migrate
from knowledge.topics.linking import link_all_documents
from knowledge.topics.tree import TopicTree, load_tree

CIRCLES, DOCUMENTS, QUESTIONS = 2_000, 10_000, 500
GOAL_SECONDS = 300
# A Monday at eight where the municipalities are, and a moment in the week before.
DUE = datetime(2026, 11, 23, 7, tzinfo=UTC)
BEFORE = DUE - timedelta(days=3)
# How old the oldest documents are, in days; a third of them is from the last week.
OLDEST = 21
# One circle in ten names no topics.
WITHOUT_TOPICS = 0.1
PATIENCE = 1800.0
TAKEN = "taken.txt"


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is."""

    circles: int = CIRCLES
    documents: int = DOCUMENTS
    questions: int = QUESTIONS


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the network took in the end.

    ``seconds`` is how long the processes worked, ``sent`` how many circles the database says to have told, ``empty``
    for how many there was nothing, ``told`` how many the network's messages reach, ``twice`` how many of these got more
    than one, and ``again`` how many messages were handed over a second time, and known by their key.
    """

    seconds: float
    sent: int
    empty: int
    told: int
    twice: int
    again: int


# What there is


async def _fill(library: Library, size: Size, seed: int) -> None:
    settings = read_settings(library)
    settings.data_folder.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database_url)
    chance = random.Random(seed)
    try:
        await migrate(database)
        async with database.session(writes=False) as session:
            tree = await load_tree(session)
        await _insert(database, Document, _documents(size.documents, tree, chance))
        await link_all_documents(database)
        questions = _questions(size.questions)
        await _insert(database, OpenQuestion, questions)
        links = [{"open_question_id": row["id"], "topic_id": _topic(tree, chance)} for row in questions]
        await _insert(database, OpenQuestionTopic, links)
        chats = [_chat(number) for number in range(size.circles)]
        await _insert(database, Chat, chats)
        await _insert(database, Circle, [_circle(row, number, tree, chance) for number, row in enumerate(chats)])
        await plan_digests(database, BEFORE)
    finally:
        await database.close()


async def _insert(database: Database, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(rows), 1_000):
        async with unit_of_work(database) as unit:
            await unit.session.execute(insert(table), list(rows[start : start + 1_000]))


def _topic(tree: TopicTree, chance: random.Random) -> UUID:
    return chance.choice(tree.entries).id


def _documents(count: int, tree: TopicTree, chance: random.Random) -> list[dict[str, Any]]:
    rows = []
    for number in range(count):
        created = DUE - timedelta(minutes=chance.randrange(1, OLDEST * 24 * 60))
        visibility = chance.choice((Visibility.PUBLIC, Visibility.NETWORK))
        topics = [entry.name_de for entry in chance.sample(tree.entries, chance.randint(1, 3))]
        rows.append(
            {
                "id": new_id(),
                "source": f"digests/{number}",
                "kind": Kind.TRAINING if number % 20 == 0 else Kind.EXPERIENCE,
                "title": f"Erfahrung {number} mit {topics[0]}",
                "rights": Rights.FULL,
                "visibility": visibility,
                "access": visibility.value,
                "status": Status.PUBLISHED,
                "topics": topics,
                "details": {},
                "added_by": "bench",
                "created_at": created,
                "updated_at": created,
            }
        )
    return rows


def _questions(count: int) -> list[dict[str, Any]]:
    return [
        {
            "id": new_id(),
            "text": f"Wer hat Erfahrung mit Vorhaben Nummer {number}?",
            "released_as": ReleasedAs.ORGANISATION,
            "created_at": BEFORE - timedelta(minutes=number),
            "news_since": BEFORE,
        }
        for number in range(count)
    ]


def _chat(number: int) -> dict[str, Any]:
    return {"id": new_id(), "network": Network.MATRIX, "address": f"!{number}", "kind": ChatKind.GROUP}


def _circle(chat: dict[str, Any], number: int, tree: TopicTree, chance: random.Random) -> dict[str, Any]:
    chosen = chance.sample(tree.entries, chance.randint(1, 4))
    topics = [] if chance.random() < WITHOUT_TOPICS else [entry.name_de for entry in chosen]
    name = f"Kreis {number}"
    known = {"id": new_id(), "name": name, "search_name": name.casefold(), "chat_id": chat["id"]}
    return {**known, "topics": topics, "vouched_at": BEFORE}


# The process that works


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


async def _work() -> None:
    """Have what is due sent, until nothing waits any more; prints how long that took."""
    settings = load_settings()
    configure_logs(level=settings.logs.log_level, style=settings.logs.log_format)
    database = Database(settings.database_url)
    adapter = TakesAll(settings.data_folder / TAKEN)
    indexes = LibraryIndexes(settings, database, say=lambda _text: None)  # never opened: nothing is asked
    services = make_services(settings, database, AnswerService(database, indexes, settings.answers), [adapter])
    began, stop = time.perf_counter(), asyncio.Event()
    try:
        async with Bot(services, [adapter], build_registry()) as bot, asyncio.TaskGroup() as tasks:
            kinds = {DIGEST_JOB: digest_job(services, bot.post)}
            tasks.create_task(Worker(database, kinds, name=host_name(settings.data_folder)).run(stop))
            await plan_digests(database, DUE)
            while not await _all_said(database):  # noqa: ASYNC110 - only the database knows
                await asyncio.sleep(0.1)
            print(f"{time.perf_counter() - began:.3f}", flush=True)
            stop.set()
    finally:
        await database.close()


async def _all_said(database: Database) -> bool:
    async with unit_of_work(database, writes=False) as unit:
        if await JobRepository(unit.session).unfinished([DIGEST_JOB]):
            return False
        return not await Outbox(unit.session).waiting_chats(Network.MATRIX)


# Measuring


@contextmanager
def _copy(library: Library) -> Iterator[Library]:
    with TemporaryDirectory(prefix="allmende-bench-") as folder:
        copied = Path(folder) / "data"
        shutil.copytree(library.folder, copied)
        yield Library(copied, library.settings)


def measure(library: Library, *, kill_at: int | None = None) -> Outcome:
    """Have all digests sent from a copy of a library, and count what the network took.

    Args:
        library: made by ``fill``.
        kill_at: after so many messages the process is killed, and another one goes on.
    """
    with _copy(library) as own:
        seconds = _killed(own, kill_at) if kill_at is not None else 0.0
        process = _start(own)
        printed, _nothing = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, "the process that sends them failed"
        return asyncio.run(_outcome(own, seconds + float(printed.split()[-1])))


def _start(library: Library) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "bench.digests", "--work"]
    environment = {**library.environment, "ALLMENDE_LOG_LEVEL": "error"}
    return subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, encoding="utf-8")


def _killed(library: Library, after: int) -> float:
    """Kill a process when the network has taken so many messages; returns how long it had worked."""
    process, end = _start(library), time.monotonic() + PATIENCE
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


async def _outcome(library: Library, seconds: float) -> Outcome:
    database = Database(read_settings(library).database_url)
    try:
        async with database.session(writes=False) as session:
            counted = select(Digest.state, func.count()).where(Digest.due_at == DUE).group_by(Digest.state)
            states: dict[DigestState, int] = dict((await session.execute(counted)).all())
    finally:
        await database.close()
    taken = _taken(library)
    messages = Counter(chat for chat, _key in {(chat, key) for chat, key in taken})
    return Outcome(
        seconds=seconds,
        sent=states.get(DigestState.SENT, 0),
        empty=states.get(DigestState.EMPTY, 0),
        told=len(messages),
        twice=sum(number > 1 for number in messages.values()),
        again=len(taken) - sum(messages.values()),
    )


def fill(library: Library, size: Size, *, seed: int = 1) -> None:
    """Fill a library's database with circles, documents and open questions, and note that digests are due."""
    asyncio.run(_fill(library, size, seed))


def main() -> None:
    """Fill, send, send once more with a kill in between, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--circles", type=int, default=CIRCLES)
    parser.add_argument("--documents", type=int, default=DOCUMENTS)
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", action="store_true", help="be the process that sends (used by the measurement)")
    arguments = parser.parse_args()
    if arguments.work:
        asyncio.run(_work())
        return
    size = Size(arguments.circles, arguments.documents, arguments.questions)
    with scratch_library(ALLMENDE_EMBEDDING_MODEL="none") as library:
        fill(library, size, seed=arguments.seed)
        whole = measure(library)
        resumed = measure(library, kill_at=whole.sent // 2)
    title = f"Digests: {size.circles} circles, {size.documents} documents, {size.questions} open questions"
    rows = [
        ["all digests sent after", f"{whole.seconds:.0f} s", f"≤ {GOAL_SECONDS} s"],
        ["circles told", f"{whole.told} of {whole.sent}", "all"],
        ["nothing to tell", str(whole.empty), ""],
        ["circles told twice", str(whole.twice), "0"],
        ["killed halfway and resumed: all sent after", f"{resumed.seconds:.0f} s", f"≤ {GOAL_SECONDS} s"],
        ["… circles told", f"{resumed.told} of {resumed.sent}", "all"],
        ["… circles told twice", str(resumed.twice), "0"],
        ["… messages handed over again with the same key", str(resumed.again), ""],
    ]
    print_table(title, rows, head=["what", "figure", "goal"])


if __name__ == "__main__":
    main()
