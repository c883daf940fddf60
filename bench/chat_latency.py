"""From an event's arrival at the network to the answer's sending: ``python -m bench.chat_latency``.

One question after the other is asked of ``allmende serve`` in a process of its own, with Telegram's
stand-in and with a Synapse on the same machine.
"""

import argparse
import time
from collections.abc import Sequence

from bench.chatting import MatrixSide, TelegramSide, on_matrix, on_telegram, own_copy, serving, wait_until
from bench.datasets import read_sample_questions
from bench.figures import print_table
from bench.filling import fill
from bench.runs import Library, scratch_library
from bench.timing import Timings
from knowledge.models.document import Visibility

PASSAGES = 10_000
# Asked before the clock runs, so that files, caches and code are warm.
WARM_UP = 10


def measure_telegram(library: Library, questions: Sequence[str], *, warm_up: int = WARM_UP) -> Timings:
    """Time questions on Telegram's stand-in, in milliseconds from the update to the call that sends the answer."""
    asked = [*questions[:warm_up], *questions]
    # Each asks once, in a direct chat: Telegram lets nobody send more than a message a second into one chat.
    with on_telegram(len(asked), 0) as side, own_copy(library, **side.settings()) as own, serving(own):
        values = [_ask_telegram(side, number, question) for number, question in enumerate(asked)]
    return Timings(values[warm_up:])


def _ask_telegram(side: TelegramSide, number: int, question: str) -> float:
    began = time.perf_counter()
    chat = side.ask(number, None, question).chat
    wait_until(lambda: bool(chat.shown()), pause=0.001)
    taken = (time.perf_counter() - began) * 1000
    time.sleep(0.02)
    return taken


def measure_matrix(library: Library, questions: Sequence[str], *, warm_up: int = WARM_UP) -> Timings:
    """Time questions on a Synapse, in milliseconds between its own times of question and answer."""
    with on_matrix(1, 1) as side, own_copy(library, **side.settings()) as own, serving(own):
        side.wait_for_bot()
        values = [_ask_matrix(side, question) for question in (*questions[:warm_up], *questions)]
    return Timings(values[warm_up:])


def _ask_matrix(side: MatrixSide, question: str) -> float:
    room, person = side.rooms[0], side.people[0]
    before = len(side.said_in(room))
    asked = person.say(room, f"!frage {question}")
    wait_until(lambda: len(side.said_in(room)) > before, pause=0.05)
    events = {event["event_id"]: event for event in person.messages(room)}
    return float(side.said_in(room)[before]["origin_server_ts"] - events[asked]["origin_server_ts"])


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
        timings = {"Telegram": measure_telegram(library, questions), "Matrix": measure_matrix(library, questions)}
    rows = [[name, f"{one.middle:.0f}", f"{one.slow:.0f}", "300 / 800"] for name, one in timings.items()]
    title = f"{arguments.passages:,} passages, {len(questions)} questions, one after the other"
    print_table(title, rows, head=["network", "median ms", "p95 ms", "to reach"])


if __name__ == "__main__":
    main()
