"""Finding peers in a large network: ``python -m bench.peer_finding``.

In turn on SQLite and on PostgreSQL (one that the tests would use; without one, SQLite alone): 11,000 organisations,
50,000 members, 100,000 published experiences of three passages each, in the database and in the words index. Each
question is the name of a topic, a word or two of the texts, or nothing (who is like us), from another asker; what is
timed is all of ``find_peers``: the search, and ranking organisations and people. The target: 95 of 100 within 300 ms on
two processors.
"""

import argparse
import asyncio
import logging
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import insert, select, text

from bench.figures import print_table
from bench.filling import WORDS_ALONE, quiet, read_settings
from bench.networking import SEED, TOGETHER, Filled, Size, fill_network
from bench.routing import databases
from bench.runs import Library, scratch_library
from bench.synthetic import TextMaker
from bench.timing import Timings
from knowledge.access.visibility import access_token, network_member
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.answers.service import AnswerService
from knowledge.library.indexes.access import LibraryIndexes
from knowledge.library.text.analysis import is_function_word, words_of
from knowledge.models.base import Base
from knowledge.models.document import Document, Kind, Passage, Rights, Status, Visibility
from knowledge.models.topic import DocumentTopic, Topic
from knowledge.peers.schemas import PeerAsker, PeerFinds
from knowledge.peers.service import find_peers

QUESTIONS, WARM_UP, PASSAGES_OF_EXPERIENCE = 300, 20, 3
TARGET = 300.0
# Which topics are much written about: the first ones of a list, as with those who offer help.
MOST_TOPICS = 2


@dataclass(frozen=True, slots=True)
class Measured:
    """What one database took, by kind of question, and how many organisations and people were found on average."""

    database: str
    timings: dict[str, Timings]
    organisations: float
    people: float

    @property
    def lines(self) -> list[tuple[str, ...]]:
        """The lines of the table."""
        found = (f"{self.organisations:.1f}", f"{self.people:.1f}")
        return [self._line(kind, timings, found) for kind, timings in self.timings.items()]

    def _line(self, kind: str, timings: Timings, found: tuple[str, ...]) -> tuple[str, ...]:
        values = (timings.middle, timings.slow, max(timings.values), timings.processor)
        times = (f"{value:.0f} ms" for value in values)
        return (self.database, kind, *times, *found, "yes" if timings.slow <= TARGET else "NO")


async def measure(name: str, url: str, library: Library, size: Size, questions: int) -> Measured:
    """Fill a database and its index, and look for peers."""
    database = Database(url)
    settings = read_settings(library)
    try:
        filled = await fill_network(database, size)
        words = await _fill_library(database, filled, size.contributions)
        async with LibraryIndexes(settings, database, say=quiet) as indexes:
            await indexes.drain(kinds=(), left=lambda _count: None)
            answers = AnswerService(database, indexes, settings.answers)
            asked = await _questions(database, words, questions)
            return await _measure(name, database, answers, filled, asked)
    finally:
        await database.close()


async def _fill_library(database: Database, filled: Filled, experiences: int) -> list[str]:
    """Keep experiences of many houses with passages and topics; returns words that occur in them."""
    dice, maker = random.Random(SEED + 2), TextMaker(SEED)
    weights = [1 / (place + 1) for place in range(len(filled.topics))]
    words: list[str] = []
    for start in range(0, experiences, TOGETHER):
        documents, passages, topics = [], [], []
        for number in range(start, min(start + TOGETHER, experiences)):
            document = _document(number, maker.heading(), dice.choice(filled.members)[1])
            documents.append(document)
            texts = [maker.passage() for _each in range(PASSAGES_OF_EXPERIENCE)]
            passages += [_passage(document["id"], place, one) for place, one in enumerate(texts)]
            chosen = set(dice.choices(filled.topics, weights, k=dice.randint(1, MOST_TOPICS)))
            topics += [{"document_id": document["id"], "topic_id": topic} for topic in sorted(chosen)]
        words += [word for word in words_of(passages[-1]["text"]) if len(word) > 4 and not is_function_word(word)]
        rows: list[tuple[type[Base], list[dict[str, Any]]]] = [
            (Document, documents),
            (Passage, passages),
            (DocumentTopic, topics),
        ]
        async with unit_of_work(database) as unit:
            for table, values in rows:
                await unit.session.execute(insert(table), values)
    async with unit_of_work(database) as unit:
        await unit.session.execute(text("ANALYZE"))
    return words


def _document(number: int, title: str, house: UUID) -> dict[str, Any]:
    moment = now()
    return {
        "id": new_id(),
        "source": f"erfahrung/{number:07}",
        "kind": Kind.EXPERIENCE,
        "title": title,
        "organisation_id": house,
        "rights": Rights.FULL,
        "visibility": Visibility.NETWORK,
        "access": access_token(Visibility.NETWORK, None),
        "status": Status.PUBLISHED,
        "topics": [],
        "details": {},
        "version": 1,
        "added_by": "bench",
        "created_at": moment,
        "updated_at": moment,
    }


def _passage(document: UUID, position: int, words: str) -> dict[str, Any]:
    return {"document_id": document, "position": position, "text": words, "headings": [], "quotable": True}


async def _questions(database: Database, words: Sequence[str], count: int) -> dict[str, list[str]]:
    """Return what is asked, by kind: topics as often as they are liked, words, and nothing."""
    dice = random.Random(SEED + 3)
    async with unit_of_work(database, writes=False) as unit:
        names = list(await unit.session.scalars(select(Topic.name_de).order_by(Topic.position, Topic.name_de)))
    each = max(count // 3, 1)
    return {
        "a topic": dice.choices(names, [1 / (place + 1) for place in range(len(names))], k=each),
        "words": [" ".join(dice.sample(words, dice.randint(1, 2))) for _each in range(each)],
        "like us": [""] * each,
    }


async def _measure(
    name: str, database: Database, answers: AnswerService, filled: Filled, asked: dict[str, list[str]]
) -> Measured:
    dice, timings, found = random.Random(SEED + 4), {}, []
    for kind, texts in asked.items():
        values: list[float] = []
        spent = 0.0
        for number, words in enumerate([*texts[:WARM_UP], *texts]):
            member, house = dice.choice(filled.members)
            began, busy = time.perf_counter(), time.process_time()
            finds: PeerFinds = await find_peers(
                answers, database, words, PeerAsker(member, house, network_member(house))
            )
            took = (time.perf_counter() - began) * 1000
            if number >= min(WARM_UP, len(texts)):
                values.append(took)
                spent += (time.process_time() - busy) * 1000
                found.append(finds)
        timings[kind] = Timings(values, spent / len(values))
    organisations = sum(len(finds.organisations) for finds in found) / len(found)
    return Measured(name, timings, organisations, sum(len(finds.people) for finds in found) / len(found))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("both", "sqlite", "postgresql"), default="both")
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    parser.add_argument("--small", action="store_true", help="a tenth of everything, to try it")
    chosen = parser.parse_args()
    size = Size(1_100, 5_000, 10_000, 20) if chosen.small else Size(circles=20)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    lines: list[tuple[str, ...]] = []
    with databases(chosen.database) as found:
        for name, url in found.items():
            with scratch_library(**WORDS_ALONE, ALLMENDE_DATABASE_URL=url) as library:
                lines += asyncio.run(measure(name, url, library, size, chosen.questions)).lines
    title = f"Peers: {size.organisations:,} organisations, {size.members:,} members, {size.contributions:,} experiences"
    head = (
        "database",
        "asked",
        "median",
        "p95",
        "slowest",
        "processor",
        "organisations",
        "people",
        f"p95 ≤ {TARGET:.0f} ms",
    )
    print_table(title, lines, head=head)


if __name__ == "__main__":
    main()
