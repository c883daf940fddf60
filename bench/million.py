"""A library of a million passages: ``python -m bench.million``.

How fast it is searched, by words alone and by both sides, and what memory one process needs that answers from it. The
texts are seeded word salad, and **the vectors of the passages are random**: a graph of random vectors is the worst one
to search, and what is found by it says nothing about quality. Their graph is built with less care than the program
takes, which would take hours, but has as many neighbours and is searched as thoroughly. The questions go through the
real model. ``--passages`` takes any size; ``--keep`` leaves the library in a folder, where the next run finds it;
``--words-only`` leaves out the vectors, and with them most of the filling.
"""

import argparse
import time
from contextlib import nullcontext
from pathlib import Path

from bench.datasets import read_sample_questions
from bench.figures import print_table
from bench.filling import WORDS_ALONE, Shape, fill, fill_vectors
from bench.memory import QUESTIONS, Memory, measure_memory
from bench.runs import Library, scratch_library
from bench.speed import Space, busy, measure_search, measure_space
from bench.timing import Timings

PASSAGES, ROUNDS = 1_000_000, 2
# Lies in the data folder once everything is in.
FILLED = "filled"
# Milliseconds and bytes to stay below.
WORDS_GOAL, HYBRID_GOAL, MEMORY_GOAL = 20.0, 60.0, 4e9


def fill_once(library: Library, passages: int, *, seed: int, vectors: bool = True) -> float:
    """Fill the library, as far as that was not done before; returns the seconds that it took."""
    began, done = time.perf_counter(), library.folder / FILLED
    if not (library.folder / "indexes" / "words").exists():
        fill(library, Shape(passages), seed=seed, vectors=False)
    if vectors and not done.exists():
        fill_vectors(library, seed=seed, quick=True)
        done.touch()
    return time.perf_counter() - began


def words_row(words: Timings) -> list[str]:
    """Return the line of a search by words alone."""
    return _time_row("words alone", words, WORDS_GOAL)


def rows(words: Timings, hybrid: Timings, memory: Memory) -> list[list[str]]:
    """Return the lines of the table."""
    return [
        words_row(words),
        _time_row("both sides (random vectors)", hybrid, HYBRID_GOAL),
        _memory_row("memory of the process", memory.now),
        _memory_row("its peak", memory.peak),
    ]


def _time_row(name: str, timings: Timings, goal: float) -> list[str]:
    met = "yes" if timings.slow <= goal else "NO"
    return [name, f"{timings.middle:.1f} ms", f"{timings.slow:.1f} ms", f"≤ {goal:.0f} ms", met]


def _memory_row(name: str, value: int) -> list[str]:
    met = "yes" if value <= MEMORY_GOAL else "NO"
    return [name, "", f"{value / 1e6:.0f} MB", f"≤ {MEMORY_GOAL / 1e6:.0f} MB", met]


def space_rows(space: Space, passages: int) -> list[list[str]]:
    """Return what lies on disk."""
    parts = {"words index": space.words, "vector index": space.vectors, "database": space.database}
    return [[name, f"{size / 1e6:.0f} MB", f"{size / passages:.0f}"] for name, size in parts.items()]


def main() -> None:
    """Fill a library, measure, and print tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=PASSAGES)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each question is asked")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder for the library, which stays")
    parser.add_argument("--words-only", action="store_true", help="measure the words alone")
    given = parser.parse_args()
    questions = [question.text for question in read_sample_questions()]
    title = f"{given.passages:,} passages, {len(questions)} questions × {given.rounds}, {busy()}"
    head = ["what", "median", "p95", "to reach", "met"]
    with scratch_library() if given.keep is None else nullcontext(Library(given.keep / "data")) as library:
        took = fill_once(library, given.passages, seed=given.seed, vectors=not given.words_only)
        words = measure_search(Library(library.folder, WORDS_ALONE), questions, rounds=given.rounds)
        if given.words_only:
            print_table(title, [words_row(words)], head=head)
            return
        hybrid = measure_search(library, questions, rounds=given.rounds)
        memory, space = measure_memory(library, questions[:QUESTIONS]), measure_space(library)
    print_table(title, rows(words, hybrid, memory), head=head)
    head = ["on disk", "size", "bytes a passage"]
    print_table(f"Space; filled in {took:.0f} s", space_rows(space, given.passages), head=head)


if __name__ == "__main__":
    main()
