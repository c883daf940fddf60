"""How long ``allmende ask`` takes from a cold start: ``python -m bench.cold_start``.

Each time a fresh process opens a library of 10,000 passages with the default model, answers one question and ends.
``--imports`` shows which libraries the start spends its time on.
"""

import argparse
import json
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import median

from bench.datasets import read_sample_questions
from bench.figures import print_table
from bench.filling import fill
from bench.runs import Library, scratch_library
from bench.speed import busy
from knowledge.kit.settings import PROJECT

PASSAGES = 10_000
RUNS = 5
SHOWN = 25
PREFIX = "import time:"


def measure_cold_asks(library: Library, questions: Sequence[str], *, command: Sequence[str] = ()) -> list[float]:
    """Return the seconds that each question took as a command of its own.

    ``command`` is how to call it, by default this Python with ``hub.cli``.
    """
    seconds = []
    for question in questions:
        began = time.perf_counter()
        run = subprocess.run(
            [*(command or (sys.executable, "-m", "hub.cli")), "ask", question, "--json"],
            capture_output=True,
            encoding="utf-8",
            env=library.environment,
            check=True,
        )
        seconds.append(time.perf_counter() - began)
        assert json.loads(run.stdout)["answer_id"], "it was answered, or the library abstained in the open"
    return seconds


def measure_imports(library: Library, question: str) -> dict[str, float]:
    """Return the milliseconds that importing takes in ``allmende ask``, by top-level package, the slowest first."""
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "hub.cli", "ask", question],
        capture_output=True,
        encoding="utf-8",
        env=library.environment,
        check=True,
    )
    return import_times(run.stderr.splitlines())


def import_times(lines: Iterable[str]) -> dict[str, float]:
    """Add up what ``python -X importtime`` wrote: milliseconds of own time by top-level package, the slowest first."""
    spent: dict[str, float] = defaultdict(float)
    for line in lines:
        own, _bar, rest = line.removeprefix(PREFIX).partition("|")
        name = rest.partition("|")[2].strip()
        if line.startswith(PREFIX) and own.strip().isdigit():
            spent[name.partition(".")[0]] += int(own) / 1000
    return dict(sorted(spent.items(), key=lambda item: -item[1]))


def main() -> None:
    """Fill a library, ask, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=PASSAGES)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--launcher", action="store_true", help="call ./allmende, which must be set up")
    parser.add_argument("--imports", action="store_true", help="show what importing takes")
    arguments = parser.parse_args()
    questions = [question.text for question in read_sample_questions()][: arguments.runs]
    command = [str(PROJECT / "allmende")] if arguments.launcher else []
    with scratch_library() as library:
        fill(library, arguments.passages)
        seconds = measure_cold_asks(library, questions, command=command)
        spent = measure_imports(library, questions[0]) if arguments.imports else {}
    listed = ", ".join(f"{value:.2f}" for value in seconds)
    rows = [[f"ask among {arguments.passages:,} passages", f"{median(seconds):.2f} s", "≤ 3 s", listed, busy()]]
    print_table("Cold start", rows, head=["what", "median", "to reach", "each", "machine"])
    if spent:
        shown = [[name, f"{value:.0f}"] for name, value in list(spent.items())[:SHOWN]]
        total = ["all", f"{sum(spent.values()):.0f}"]
        print_table("Importing, each package's own time", [*shown, total], head=["package", "ms"])


if __name__ == "__main__":
    main()
