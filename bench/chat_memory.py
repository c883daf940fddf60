"""How much memory ``allmende serve`` needs: ``python -m bench.chat_memory``.

It answers questions on Telegram's stand-in from a large library with the default model, and is then looked at.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from bench.chatting import on_telegram, own_copy, serving, wait_until
from bench.datasets import read_sample_questions
from bench.figures import print_table
from bench.filling import fill
from bench.memory import Memory
from bench.runs import Library, scratch_library
from knowledge.models.document import Visibility

PASSAGES = 10_000


def measure_serve(library: Library, questions: Sequence[str]) -> Memory:
    """Return what the process has, in bytes, after it has answered, and the most that it had while it did."""
    with on_telegram(len(questions), 0) as side, own_copy(library, **side.settings()) as own, serving(own) as served:
        for number, question in enumerate(questions):
            chat = side.ask(number, None, question).chat
            wait_until(lambda chat=chat: bool(chat.shown()))  # type: ignore[misc]
        return Memory(*(_bytes(served.process.pid, name) for name in ("VmRSS", "VmHWM")))


def _bytes(process: int, name: str) -> int:
    """Return what the system says of a process, by the name that it has there."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


def main() -> None:
    """Fill a library, ask, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=PASSAGES)
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    questions = [question.text for question in read_sample_questions()][: arguments.questions]
    with scratch_library() as library:
        fill(library, arguments.passages, seed=arguments.seed, visibility=Visibility.PUBLIC)
        memory = measure_serve(library, questions)
    rows = [
        ["after its work, MB", f"{memory.now / 1e6:.0f}", "≤ 1000"],
        ["its peak, MB", f"{memory.peak / 1e6:.0f}", "≤ 1000"],
    ]
    print_table(f"allmende serve, {arguments.passages:,} passages", rows, head=["memory", "measured", "to reach"])


if __name__ == "__main__":
    main()
