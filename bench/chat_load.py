"""Many people at once: ``python -m bench.chat_load``.

Two hundred questions from fifty people in twenty groups within a second, the bot's own limits lifted; meanwhile
some give commands in direct chats.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle

from bench.chatting import TelegramSide, on_telegram, own_copy, serving, wait_until
from bench.datasets import read_sample_questions
from bench.figures import print_table
from bench.filling import fill
from bench.runs import Library, scratch_library
from knowledge.models.document import Visibility
from tests.telegram_server.world import Message

PASSAGES = 10_000
QUESTIONS, PEOPLE, GROUPS = 200, 50, 20
# Questions asked beforehand, so that files, caches and code are warm.
WARM_UP = 5


@dataclass(frozen=True, slots=True)
class Load:
    """How it went: how many were answered, whether in order in each group, and how long it took, in seconds."""

    answered: int
    in_order: bool
    last: float
    slowest_command: float


def measure_load(library: Library, questions: Sequence[str], *, people: int = PEOPLE, groups: int = GROUPS) -> Load:
    """Ask all questions within a second and wait for the answers."""
    everybody = people + 1 + WARM_UP
    with on_telegram(everybody, groups) as side, own_copy(library, **side.settings()) as own, serving(own):
        for number, question in enumerate(questions[:WARM_UP]):
            chat = side.ask(people + 1 + number, None, question).chat
            wait_until(lambda chat=chat: bool(chat.shown()))  # type: ignore[misc]
        return _measure(side, questions, people=people, groups=groups)


def _measure(side: TelegramSide, questions: Sequence[str], *, people: int, groups: int) -> Load:
    began, asked = time.monotonic(), []
    for number, question in enumerate(questions):
        asked.append(side.ask(number % people, number % groups, question))
        time.sleep(max(0.0, began + 0.9 * number / len(questions) - time.monotonic()))
    slowest = 0.0
    # In turn, as Telegram takes one message a second for a chat and would be all that is measured.
    commanding = cycle(range(people, people + 1 + WARM_UP))
    while not all(side.answers_to(message) for message in asked):
        assert time.monotonic() - began < 120, "not all were answered"
        slowest = max(slowest, _command(side, next(commanding)))
    answers = [side.answers_to(message)[0] for message in asked]
    last = time.monotonic() - began
    return Load(len(answers), _in_order(asked, answers), last, slowest)


def _command(side: TelegramSide, person: int) -> float:
    """Give a command in a direct chat, and return how long its answer took."""
    chat = side.people[person].direct
    before, began = len(chat.shown()), time.monotonic()
    side.people[person].writes(None, "/abbrechen")
    wait_until(lambda: len(chat.shown()) > before)
    return time.monotonic() - began


def _in_order(asked: Sequence[Message], answers: Sequence[Message]) -> bool:
    """Whether the answers in each group have the order of its questions."""
    by_group: dict[int, list[int]] = {}
    for question, answer in zip(asked, answers, strict=True):
        by_group.setdefault(question.chat.id, []).append(answer.number)
    return all(numbers == sorted(numbers) for numbers in by_group.values())


def main() -> None:
    """Fill a library, ask, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=PASSAGES)
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    known = [question.text for question in read_sample_questions()]
    questions = [known[number % len(known)] for number in range(arguments.questions)]
    with scratch_library() as library:
        fill(library, arguments.passages, seed=arguments.seed, visibility=Visibility.PUBLIC)
        load = measure_load(library, questions)
    rows = [
        ["questions answered", f"{load.answered} of {len(questions)}", "all"],
        ["in order within each group", "yes" if load.in_order else "no", "yes"],
        ["last answer after", f"{load.last:.1f} s", "≤ 15 s"],
        ["slowest command meanwhile", f"{load.slowest_command:.2f} s", "≤ 1 s"],
    ]
    print_table(f"{len(questions)} questions, {PEOPLE} people, {GROUPS} groups", rows, head=["what", "figure", "goal"])


if __name__ == "__main__":
    main()
