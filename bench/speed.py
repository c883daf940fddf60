"""How fast a large library answers, and what it takes up: ``python -m bench.speed``.

One client, warm, in one process, as a chat uses it. The texts are seeded word salad from the sample library's words,
the questions are the sample library's own; the vectors of the passages are random, the questions go through the real
model. Times depend on what else the machine does: the table says how busy it was.
"""

import argparse
import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.datasets import read_sample_questions
from bench.figures import print_table
from bench.filling import WORDS_ALONE, fill, quiet, read_settings
from bench.memory import Memory, measure_memory
from bench.runs import Library, scratch_library
from bench.timing import Timings, take_times
from knowledge.access.visibility import network_member
from knowledge.kit.database import Database
from knowledge.kit.settings import AnswerSettings
from knowledge.library.answers.service import AnswerService
from knowledge.library.indexes.owner import IndexFolders, IndexOwner
from knowledge.library.indexes.port import IndexQuery

PASSAGES = 100_000
ROUNDS = 3
# Every question is answered, so that each one pays for choosing its quotations.
ALWAYS = AnswerSettings(answer_line=0.0)


@dataclass(frozen=True, slots=True)
class Space:
    """Bytes on disk."""

    words: int
    vectors: int
    database: int


def measure_search(library: Library, questions: Sequence[str], *, rounds: int = 1) -> Timings:
    """Time what the owner of the indexes does for one question: both sides, or words alone, as the library is set."""

    async def work() -> Timings:
        settings = read_settings(library)
        database = Database(settings.database_url)
        access = network_member().access
        try:
            owner = await IndexOwner.open(settings, database, quiet)
            try:
                return await take_times(
                    lambda text: owner.find(IndexQuery(text, access=access)), questions, rounds=rounds
                )
            finally:
                await owner.close()
        finally:
            await database.close()

    return asyncio.run(work())


def measure_ask(library: Library, questions: Sequence[str], *, rounds: int = 1) -> Timings:
    """Time whole answers: search, checks against the database, extraction, the trace written and committed."""

    async def work() -> Timings:
        settings = read_settings(library)
        database = Database(settings.database_url)
        try:
            owner = await IndexOwner.open(settings, database, quiet)
            answers = AnswerService(database, owner, ALWAYS)
            try:
                return await take_times(lambda text: answers.ask(text, network_member()), questions, rounds=rounds)
            finally:
                await owner.close()
        finally:
            await database.close()

    return asyncio.run(work())


def measure_space(library: Library) -> Space:
    """Count the bytes of both indexes and of the database."""
    folders = IndexFolders(library.folder / "indexes")
    return Space(bytes_in(folders.words), bytes_in(folders.vectors), (library.folder / "allmende.db").stat().st_size)


def bytes_in(folder: Path) -> int:
    """Return the size of all files below a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def busy() -> str:
    """Say how many processes wanted to run in the last minute, and for how many processors."""
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"


def _time_row(name: str, timings: Timings, goal: str) -> list[str]:
    figures = (timings.middle, timings.slow, timings.processor)
    return [name, *(f"{figure:.1f}" for figure in figures), goal, busy()]


def _space_rows(space: Space, memory: Memory, passages: int) -> list[list[str]]:
    return [
        ["words index, bytes a passage", f"{space.words / passages:.0f}", "≤ 700"],
        ["vector index, bytes a passage", f"{space.vectors / passages:.0f}", ""],
        ["database, bytes a passage", f"{space.database / passages:.0f}", ""],
        ["memory of the process, MB", f"{memory.now / 1e6:.0f}", "≤ 1500"],
        ["its peak, MB", f"{memory.peak / 1e6:.0f}", "≤ 1500"],
    ]


def main() -> None:
    """Fill a library, measure and print tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=PASSAGES)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each question is asked")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    questions, rounds = [question.text for question in read_sample_questions()], arguments.rounds
    with scratch_library() as library:
        fill(library, arguments.passages, seed=arguments.seed)
        words = measure_search(Library(library.folder, WORDS_ALONE), questions, rounds=rounds)
        hybrid = measure_search(library, questions, rounds=rounds)
        answers = measure_ask(library, questions, rounds=rounds)
        space, memory = measure_space(library), measure_memory(library, questions)
    rows = [
        _time_row("search, words only", words, "p95 ≤ 3"),
        _time_row("search, hybrid (int8 model, random vectors)", hybrid, "p95 ≤ 20"),
        _time_row("ask: search, extraction, trace written", answers, "p95 ≤ 80"),
    ]
    title = f"{arguments.passages:,} passages, {len(questions)} questions × {rounds}, one client, warm"
    print_table(title, rows, head=["what", "p50 ms", "p95 ms", "processor ms", "to reach", "machine"])
    print_table("Space", _space_rows(space, memory, arguments.passages), head=["what", "measured", "to reach"])


if __name__ == "__main__":
    main()
