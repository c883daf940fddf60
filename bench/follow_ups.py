"""Are follow-ups understood, and new questions left alone? ``python -m bench.follow_ups``.

Asks the sample library the questions of ``samples/questions-nachfragen.jsonl`` as a conversation does.
"""

import argparse
import asyncio
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from bench.datasets import SAMPLES
from bench.figures import print_table
from bench.runs import Library
from knowledge.access.visibility import network_member
from knowledge.kit.database import Database
from knowledge.kit.settings import load_settings
from knowledge.library.answers.followups import Before
from knowledge.library.answers.schemas import PreparedAnswer
from knowledge.library.answers.service import AnswerService
from knowledge.library.indexes.access import LibraryIndexes

FILE = SAMPLES / "questions-nachfragen.jsonl"


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and what is asked after it.

    ``contains``: what the answer to a follow-up holds. ``independent``: the second question is about something else.
    A follow-up without a document is one that the library cannot answer. ``held_out``: written after the rules were
    made, and not looked at while making them.
    """

    question: str
    follow_up: str
    document: str | None
    contains: str | None = None
    independent: bool = False
    held_out: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a pair: the sources cited first and then, and what was quoted."""

    pair: Pair
    first: tuple[str, ...]
    second: tuple[str, ...]
    quoted: str
    confidence: float
    follows: bool

    @property
    def is_right(self) -> bool:
        """Whether the second answer is what was to be answered."""
        if self.pair.contains is not None:
            return self.pair.contains in self.quoted and self.pair.document in self.second
        if self.pair.document is None:
            return not self.second
        return self.pair.document in self.second

    @property
    def is_bent(self) -> bool:
        """Whether a new question was answered from what was cited before."""
        return self.pair.independent and self.pair.document not in self.second and bool({*self.second} & {*self.first})


def read_pairs() -> list[Pair]:
    """Read the pairs on the sample library."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return [Pair(**json.loads(line)) for line in lines if line.strip()]


async def try_pair(answers: AnswerService, pair: Pair) -> Outcome:
    """Ask both questions of a pair, the second one as in the same thread."""
    viewer = network_member()
    first = await answers.prepare(pair.question, viewer)
    documents = frozenset(UUID(citation.document) for citation in first.reply.citations)
    second = await answers.prepare(pair.follow_up, viewer, Before((pair.question,), documents))
    quoted = " ".join(citation.quote or "" for citation in second.reply.citations)
    confidence = second.reply.confidence
    return Outcome(pair, _sources(first), _sources(second), quoted, confidence, second.follows)


def _sources(prepared: PreparedAnswer) -> tuple[str, ...]:
    return tuple(citation.source for citation in prepared.reply.citations)


def figures(outcomes: Sequence[Outcome]) -> list[tuple[str, int, int]]:
    """Return the name of each figure, how many of how many."""
    follow_ups = [item for item in outcomes if item.pair.contains]
    new = [item for item in outcomes if item.pair.independent]
    open_ended = [item for item in outcomes if not item.pair.contains and not item.pair.independent]
    return [
        ("follow-ups: right document and passage", sum(item.is_right for item in follow_ups), len(follow_ups)),
        ("follow-ups: abstained", sum(not item.second for item in follow_ups), len(follow_ups)),
        (
            "follow-ups: another document",
            sum(bool(item.second) and item.pair.document not in item.second for item in follow_ups),
            len(follow_ups),
        ),
        ("new questions: bent to the old document", sum(item.is_bent for item in new), len(new)),
        ("new questions: right or rightly abstained", sum(item.is_right for item in new), len(new)),
        ("follow-ups without an answer: abstained", sum(item.is_right for item in open_ended), len(open_ended)),
    ]


async def measure(pairs: Sequence[Pair]) -> list[Outcome]:
    """Ask pairs in this process, from the library that its settings name."""
    settings = load_settings()
    database = Database(settings.database_url)
    try:
        async with LibraryIndexes(settings, database, say=print) as indexes:
            await indexes.settle()
            answers = AnswerService(database, indexes, settings.answers)
            return [await try_pair(answers, pair) for pair in pairs]
    finally:
        await database.close()


def _row(item: Outcome) -> dict[str, Any]:
    kind = "follow-up" if item.pair.contains else "new" if item.pair.independent else "open"
    return {
        "right": item.is_right,
        "kind": kind,
        "follows": item.follows,
        "confidence": round(item.confidence, 2),
        "cited": [source.rsplit("/", 1)[-1] for source in item.second],
        "question": item.pair.follow_up,
        "quoted": item.quoted[:160],
    }


def main() -> None:
    """Fill a scratch library with the samples and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="default", help="embedding model, or “none”")
    parser.add_argument("--each", action="store_true", help="print each question, too")
    given = parser.parse_args()
    with TemporaryDirectory(prefix="allmende-bench-") as folder:
        library = Library(Path(folder) / "data", {"ALLMENDE_EMBEDDING_MODEL": given.model})
        library.add(SAMPLES / "library")
        os.environ.update(library.environment)
        outcomes = asyncio.run(measure(read_pairs()))
    if given.each:
        for item in outcomes:
            print(json.dumps(_row(item), ensure_ascii=False))
    for held_out, title in ((False, "Questions that the rules were made with"), (True, "Questions written afterwards")):
        some = [item for item in outcomes if item.pair.held_out is held_out]
        rows = [(name, f"{got} of {total}", f"{got / total:.2f}") for name, got, total in figures(some)]
        print_table(title, rows, head=("figure", "count", "share"))


if __name__ == "__main__":
    main()
