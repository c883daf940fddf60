"""Killed at random moments under load, and started again: ``python -m bench.chat_kills``.

People go on asking while ``allmende serve`` is killed with SIGKILL again and again. In the end every question must have
been answered: on Matrix exactly once; on Telegram, which knows no key for what is sent, doubled answers are counted.
"""

import argparse
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from bench.chatting import MatrixSide, Served, on_matrix, on_telegram, own_copy, wait_until
from bench.datasets import read_sample_questions
from bench.figures import print_table
from bench.filling import WORDS_ALONE, fill
from bench.runs import Library, scratch_library
from knowledge.models.document import Visibility

PASSAGES, KILLS = 2_000, 100
# Seconds between one question and the next, and the longest life of a process after it is connected.
ASK_EVERY, LONGEST_LIFE = 0.25, 3.0
# Seconds without anything new after which all is thought to be said.
QUIET = 5.0
# Seconds that what was left behind may take in the end.
LONGEST_END = 600.0


@dataclass(frozen=True, slots=True)
class Killed:
    """What became of the questions."""

    kills: int
    asked: int
    unanswered: int
    doubled: int


def measure_telegram(library: Library, questions: Sequence[str], *, kills: int, seed: int = 1) -> Killed:
    """Kill under load on Telegram's stand-in; each question is asked in a group by somebody else."""
    with on_telegram(len(questions), 20) as side, own_copy(library, **side.settings()) as own:
        messages = []

        def ask(number: int) -> None:
            messages.append(side.ask(number, number % len(side.groups), questions[number]))

        with _asking(ask, len(questions)) as stop:
            _kill(own, kills, random.Random(seed))
            stop.set()
        _finish(own, lambda: sum(len(side.answers_to(message)) for message in messages), len(messages))
        counts = [len(side.answers_to(message)) for message in messages]
    return _result(kills, counts)


def measure_matrix(library: Library, questions: Sequence[str], *, kills: int, seed: int = 1) -> Killed:
    """Kill under load on a Synapse; each question is asked in one of the rooms."""
    with on_matrix(1, 5) as side, own_copy(library, **side.settings()) as own:
        first = Served(own).until(": connected.")
        side.wait_for_bot()
        first.end()
        asked: list[str] = []

        def ask(number: int) -> None:
            asked.append(side.people[0].say(side.rooms[number % len(side.rooms)], f"!frage {questions[number]}"))

        with _asking(ask, len(questions)) as stop:
            _kill(own, kills, random.Random(seed))
            stop.set()
        _finish(own, lambda: len(_replies(side)), len(asked))
        replies = _replies(side)
    return _result(kills, [replies.count(event) for event in asked])


def _replies(side: MatrixSide) -> list[str]:
    """Return to which events the bot has replied."""
    said = [event for room in side.rooms for event in side.said_in(room)]
    relations = [event["content"].get("m.relates_to", {}) for event in said]
    return [str(relation.get("m.in_reply_to", {}).get("event_id")) for relation in relations]


def _result(kills: int, counts: Sequence[int]) -> Killed:
    return Killed(kills, len(counts), sum(not count for count in counts), sum(count > 1 for count in counts))


@contextmanager
def _asking(ask: Callable[[int], None], most: int) -> Iterator[threading.Event]:
    """Ask one question after the other in a thread, until told to stop."""
    stop = threading.Event()

    def go_on() -> None:
        for number in range(most):
            if stop.wait(ASK_EVERY):
                return
            ask(number)

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join()


def _kill(library: Library, kills: int, chance: random.Random) -> None:
    """Start and kill again and again: some while they begin, most while they work."""
    for number in range(kills):
        served = Served(library)
        if number % 5:
            served.until(": connected.")
        time.sleep(chance.uniform(0.0, LONGEST_LIFE))
        served.end(signal.SIGKILL)


def _finish(library: Library, answers: Callable[[], int], wanted: int) -> None:
    """Let a process run until all is said."""
    served = Served(library).until(": connected.")
    wait_until(lambda: answers() >= wanted, seconds=LONGEST_END, pause=0.5)
    before = -1
    while before != (before := answers()):
        time.sleep(QUIET)
    served.end()


def main() -> None:
    """Fill a library, kill, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--passages", type=int, default=PASSAGES)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    known = [question.text for question in read_sample_questions()]
    questions = [known[number % len(known)] for number in range(40 * arguments.kills)]
    with scratch_library(**WORDS_ALONE) as library:
        fill(library, arguments.passages, seed=arguments.seed, vectors=False, visibility=Visibility.PUBLIC)
        kills, seed = arguments.kills, arguments.seed
        results = {
            "Telegram": measure_telegram(library, questions, kills=kills, seed=seed),
            "Matrix": measure_matrix(library, questions, kills=kills, seed=seed),
        }
    rows = [
        [name, f"{one.kills}", f"{one.asked}", f"{one.unanswered}", f"{one.doubled}"] for name, one in results.items()
    ]
    print_table("Killed under load", rows, head=["network", "kills", "asked", "unanswered", "doubled"])


if __name__ == "__main__":
    main()
