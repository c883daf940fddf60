"""Bringing a question to the right people in a large network: ``python -m bench.routing``.

In turn on SQLite and on PostgreSQL (one that the tests would use; without one, SQLite alone). Each question has one to
three topics and another asker; what is timed is finding circles and people, noting it, and asking for the notices, in a
transaction that is committed. The target: 95 of 100 within 300 ms on two processors.
"""

import argparse
import asyncio
import logging
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bench.figures import print_table
from bench.networking import SEED, Filled, Size, fill_network
from bench.timing import Timings
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.migrations import upgrade
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.question import OpenQuestion, OpenQuestionTopic, ReleasedAs
from knowledge.questions.routing import route
from tests.postgres import NoPostgres, server_for_tests

QUESTIONS, WARM_UP, MOST_TOPICS = 300, 20, 3
TARGET = 300.0


@dataclass(frozen=True, slots=True)
class Measured:
    """What one database took, and how many people and circles a question reached on average."""

    database: str
    timings: Timings
    people: float
    circles: float

    @property
    def cells(self) -> tuple[str, ...]:
        """A line of the table."""
        times = (f"{value:.0f} ms" for value in (self.timings.middle, self.timings.slow, max(self.timings.values)))
        held = "yes" if self.timings.slow <= TARGET else "NO"
        return (self.database, *times, f"{self.people:.1f}", f"{self.circles:.1f}", held)


async def measure(name: str, url: str, size: Size, questions: int) -> Measured:
    """Fill a database and bring questions to people."""
    database = Database(url)
    try:
        filled = await fill_network(database, size)
        return await _measure(name, database, filled, questions)
    finally:
        await database.close()


async def _measure(name: str, database: Database, filled: Filled, questions: int) -> Measured:
    dice, values, people, circles = random.Random(SEED + 1), [], 0, 0
    for number in range(WARM_UP + questions):
        topics = dice.sample(list(filled.topics), dice.randint(1, MOST_TOPICS))
        async with unit_of_work(database) as unit:
            question = await _ask(unit.session, dice.choice(filled.members), topics)
            began = time.perf_counter()
            routed = await route(unit.session, question)
            took = (time.perf_counter() - began) * 1000
        if number >= WARM_UP:
            values.append(took)
            people += len(routed.members)
            circles += len(routed.circles)
    return Measured(name, Timings(values), people / questions, circles / questions)


async def _ask(session: AsyncSession, asker: tuple[UUID, UUID], topics: Sequence[UUID]) -> OpenQuestion:
    """Keep a question that was brought to nobody yet."""
    member, house = asker
    question = OpenQuestion(
        id=new_id(), text="Wer weiß es?", member_id=member, organisation_id=house, released_as=ReleasedAs.ORGANISATION
    )
    session.add(question)
    await session.flush()
    session.add_all(OpenQuestionTopic(open_question_id=question.id, topic_id=topic) for topic in topics)
    await session.flush()
    return question


@contextmanager
def databases(wanted: str) -> Iterator[dict[str, str]]:
    """Give fresh, migrated databases by name, gone afterwards."""
    with TemporaryDirectory(prefix="allmende-bench-") as folder, ExitStack() as stack:
        found = {}
        if wanted in ("both", "sqlite"):
            found["SQLite"] = f"sqlite+aiosqlite:///{Path(folder) / 'allmende.db'}"
        if wanted in ("both", "postgresql"):
            try:
                server = stack.enter_context(server_for_tests())
            except NoPostgres as reason:
                print(f"PostgreSQL left out: {reason}")
            else:
                name = f"bench_{new_id().hex}"
                server.execute(f'CREATE DATABASE "{name}"')
                stack.callback(server.execute, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
                found["PostgreSQL"] = server.url(name)
        for url in found.values():
            upgrade(url)
        yield found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("both", "sqlite", "postgresql"), default="both")
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    parser.add_argument("--small", action="store_true", help="a tenth of everything, to try it")
    chosen = parser.parse_args()
    size = Size(1_100, 5_000, 10_000, 200) if chosen.small else Size()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with databases(chosen.database) as found:
        measured = [asyncio.run(measure(name, url, size, chosen.questions)) for name, url in found.items()]
    title = f"Routing: {size.organisations:,} organisations, {size.members:,} members, {size.circles:,} circles"
    head = ("database", "median", "p95", "slowest", "people", "circles", f"p95 at most {TARGET:.0f} ms")
    print_table(title, [one.cells for one in measured], head=head)


if __name__ == "__main__":
    main()
