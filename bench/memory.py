"""How much memory a process needs that answers from a large library: ``python -m bench.memory``.

A fresh process opens the library with the default model, answers questions, and says what it has taken.
"""

import argparse
import asyncio
import json
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from bench.datasets import read_sample_questions
from bench.figures import print_table
from bench.filling import fill, quiet
from bench.runs import Library, scratch_library
from knowledge.access.visibility import network_member
from knowledge.kit.database import Database
from knowledge.kit.settings import PROJECT, load_settings
from knowledge.library.answers.service import AnswerService
from knowledge.library.indexes.access import LibraryIndexes

PASSAGES = 100_000
QUESTIONS = 100


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident bytes of a process: after its work, and the most that it ever had."""

    now: int
    peak: int


def measure_memory(library: Library, questions: Sequence[str]) -> Memory:
    """Answer questions in a fresh process, and return what it says about itself."""
    command = [sys.executable, "-m", "bench.memory", "--inside"]
    printed = subprocess.run(
        command,
        input=json.dumps(list(questions)),
        capture_output=True,
        encoding="utf-8",
        env=library.environment,
        cwd=PROJECT,
        check=True,
    ).stdout
    return Memory(**json.loads(printed))


async def _answer(questions: Sequence[str]) -> Memory:
    import psutil  # type: ignore[import-untyped]  # it ships no types

    settings = load_settings()
    database = Database(settings.database_url)
    try:
        async with LibraryIndexes(settings, database, say=quiet) as indexes:
            await indexes.settle()
            answers = AnswerService(database, indexes, settings.answers)
            for question in questions:
                await answers.ask(question, network_member())
            # The system counts the peak in kilobytes.
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
            return Memory(psutil.Process().memory_info().rss, peak)
    finally:
        await database.close()


def main() -> None:
    """Fill a library, measure and print a table; with ``--inside``, be the process that is measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=PASSAGES)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inside:
        print(json.dumps(asdict(asyncio.run(_answer(json.load(sys.stdin))))))
        return
    with scratch_library() as library:
        fill(library, arguments.passages)
        memory = measure_memory(library, [question.text for question in read_sample_questions()][:QUESTIONS])
    rows = [
        ["after answering", f"{memory.now / 1e6:.0f} MB", "≤ 1500 MB"],
        ["the most it ever had", f"{memory.peak / 1e6:.0f} MB", "≤ 1500 MB"],
    ]
    print_table(f"Memory with {arguments.passages:,} passages", rows, head=["when", "measured", "to reach"])


if __name__ == "__main__":
    main()
