"""Programs that search over the API, all at once: ``python -m bench.api_load``.

Sixteen clients, each with a search as soon as the one before is answered, by a service's token, spread over two
processes (``allmende hub``) that share one data folder: one of them holds the indexes, the other asks it. The clients
run beside them on the same cores, which is told apart.
"""

import argparse
import asyncio
import os
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import aiohttp

from bench.chatting import Served
from bench.figures import percentile, print_table
from bench.filling import WORDS_ALONE, Shape, fill, read_settings
from bench.runs import Library, scratch_library
from bench.synthetic import TextMaker
from hub.security.programs import API
from knowledge.kit.database import Database
from knowledge.kit.errors import AllmendeError
from knowledge.kit.logs import configure_logs
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.embedding.models import EmbeddingConfig
from knowledge.library.embedding.runtimes import load_embedder
from knowledge.organisations.schemas import NewOrganisation
from knowledge.organisations.service import OrganisationService
from knowledge.tokens.scopes import TokenScope
from knowledge.tokens.service import Tokens, TokenWish
from tests.ports import free_port

PASSAGES, CLIENTS, PROCESSES, SECONDS = 100_000, 16, 2, 60.0
# What comes first warms up and does not count: a process learns the words of its library, few of which are new later.
WARM_UP = 15.0
QUERIES, WORDS, LIMIT = 400, (2, 5), 10
# What keeps programs apart is not measured here.
NO_LIMITS = {"ALLMENDE_HUB_API_RATE": "1000000"}
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Searching:
    """How it is searched: by how many clients, for how long after how long a warming up, in seconds.

    ``least``: each client goes on until it got so many answers, however long that takes.
    """

    clients: int = CLIENTS
    seconds: float = SECONDS
    warm_up: float = WARM_UP
    least: int = 0


@dataclass(slots=True)
class Outcome:
    """How it went: milliseconds of each search, what was no answer, how many found something, and the time it took.

    ``hubs`` and ``client`` are the seconds that each process was at work.
    """

    taken: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    found: int = 0
    seconds: float = 0.0
    hubs: list[float] = field(default_factory=list)
    client: float = 0.0

    @property
    def per_second(self) -> float:
        """Searches a second."""
        return len(self.taken) / self.seconds if self.seconds else 0.0


def prepare(library: Library, shape: Shape, *, vectors: bool) -> str:
    """Fill an empty library with texts of the network; returns the token of a service that finds them."""
    configure_logs(level="warning")
    fill(library, shape, vectors=vectors)
    return asyncio.run(_make_token(library))


async def _make_token(library: Library) -> str:
    database = Database(read_settings(library).database_url)
    try:
        async with unit_of_work(database) as unit:
            house = await OrganisationService(unit.session).add(NewOrganisation(name="Musterau"))
            wish = TokenWish(name="bench", scopes=[TokenScope.SEARCH_READ], organisation=house.key)
            return (await Tokens(unit.session).make_for_service(wish, by=None)).secret
    finally:
        await database.close()


@contextmanager
def serving_api(library: Library, processes: int = PROCESSES) -> Iterator[list[tuple[str, int]]]:
    """Have ``allmende hub`` run several times for the length of a block; yields addresses and process ids."""
    with ExitStack() as stack:
        served = []
        for _each in range(processes):
            port = free_port()
            settings = {**NO_LIMITS, **library.settings, "ALLMENDE_HUB_PORT": str(port)}
            one = Served(Library(library.folder, settings), "hub")
            stack.callback(_end, one)
            served.append((f"http://127.0.0.1:{port}", one.until("Allmende is running.").process.pid))
        yield served


def _end(served: Served) -> None:
    if served.process.poll() is None:
        served.end()


def measure(library: Library, token: str, *, searching: Searching | None = None, processes: int = PROCESSES) -> Outcome:
    """Let programs search."""
    with serving_api(library, processes) as served:
        return asyncio.run(_search(served, token, searching or Searching()))


async def _search(served: Sequence[tuple[str, int]], token: str, searching: Searching) -> Outcome:
    outcome, pids = Outcome(), [pid for _address, pid in served]
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    begin = time.monotonic() + searching.warm_up
    end = begin + searching.seconds
    async with asyncio.TaskGroup() as tasks:
        for number in range(searching.clients):
            address = served[number % len(served)][0]
            tasks.create_task(_client(f"{address}{API}", headers, outcome, _Turn(number, begin, end, searching.least)))
        await asyncio.sleep(searching.warm_up)
        before, own = [_worked(pid) for pid in pids], time.process_time()
        await asyncio.sleep(searching.seconds)
        outcome.hubs = [_worked(pid) - was for pid, was in zip(pids, before, strict=True)]
        outcome.client = time.process_time() - own
    outcome.seconds = searching.seconds
    return outcome


@dataclass(frozen=True, slots=True)
class _Turn:
    """Which client it is, from when on its searches count, until when it searches, and how often at least."""

    number: int
    begin: float
    end: float
    least: int


async def _client(address: str, headers: dict[str, str], outcome: Outcome, turn: _Turn) -> None:
    chance, queries, counted = random.Random(turn.number), _queries(turn.number), 0
    async with aiohttp.ClientSession(headers=headers) as session:
        while (began := time.monotonic()) < turn.end or counted < turn.least:
            url = f"{address}/search?q={quote(chance.choice(queries))}&limit={LIMIT}"
            problem, found = await _ask(session, url)
            took = time.monotonic() - began
            if began >= turn.begin and (began + took <= turn.end or counted < turn.least):
                counted += 1
                outcome.taken.append(took * 1000)
                outcome.found += bool(found)
                outcome.errors += [problem] if problem else []


async def _ask(session: aiohttp.ClientSession, url: str) -> tuple[str, int]:
    """Search once; returns what went wrong, and how many passages were found."""
    try:
        async with session.get(url) as answer:
            body = await answer.json()
            return (str(answer.status), 0) if answer.status != 200 else ("", len(body["items"]))
    except aiohttp.ClientError as error:
        return type(error).__name__, 0


def _queries(seed: int) -> list[str]:
    maker, chance = TextMaker(seed + 10), random.Random(seed)
    return [" ".join(maker.words(chance.randint(*WORDS))) for _each in range(QUERIES)]


def _worked(pid: int) -> float:
    """Return for how many seconds a process was at work until now; 0 where the system does not tell."""
    try:
        said = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(said[11]) + int(said[12])) / TICKS


def has_model() -> bool:
    """Whether a model is there, so that vectors can be asked, too."""
    with scratch_library() as library:
        try:
            folder = read_settings(library).models_folder
            return load_embedder(EmbeddingConfig(), folder, progress=lambda _text: None) is not None
        except (AllmendeError, OSError, ImportError):
            return False


def rows_of(name: str, outcome: Outcome) -> list[str]:
    """Return a row of the table."""
    count = len(outcome.taken) or 1
    hubs = " + ".join(f"{worked / count * 1000:.1f}" for worked in outcome.hubs)
    return [
        name,
        str(len(outcome.taken)),
        str(len(outcome.errors)),
        f"{outcome.per_second:.0f}",
        f"{percentile(outcome.taken, 0.5):.0f} ms" if outcome.taken else "–",
        f"{percentile(outcome.taken, 0.95):.0f} ms" if outcome.taken else "–",
        f"{hubs} ms",
        f"{outcome.client / count * 1000:.1f} ms",
    ]


def main() -> None:
    """Fill scratch libraries and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=PASSAGES)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--processes", type=int, default=PROCESSES)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--words-only", action="store_true")
    given = parser.parse_args()
    searching, shape = Searching(given.clients, given.seconds), Shape(given.passages, per_document=10)
    ways = [("words", WORDS_ALONE)]
    if not given.words_only and has_model():
        ways.append(("hybrid", {}))
    rows = []
    for name, settings in ways:
        with scratch_library(**settings) as library:
            token = prepare(library, shape, vectors=not settings)
            outcome = measure(library, token, searching=searching, processes=given.processes)
        rows.append(rows_of(name, outcome))
        for error in sorted(set(outcome.errors)):
            print(error)
    head = ("search", "answers", "errors", "a second", "median", "p95", "work of the hubs each", "of the clients each")
    title = f"{given.clients} clients, {given.processes} processes, {given.passages} passages, {given.seconds:.0f} s"
    print_table(title, rows, head=head)


if __name__ == "__main__":
    main()
