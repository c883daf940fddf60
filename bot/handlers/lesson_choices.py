"""What can be chosen in a lesson, and how each choice is written and read.

A key holds which run and which step it belongs to, so that an old button that is pressed again does no harm.
"""

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from bot.core.messages import Choice
from knowledge.kit.language import _
from knowledge.lessons.steps import LinkStep, QuestionStep, Step

# What choices begin with: of lessons, and those that ask the library.
NAME, LOOK = "learn", "learnq"
# The keys with the digits on them, which stand for the lines of a list.
DIGITS = tuple(f"{digit}\ufe0f\u20e3" for digit in range(1, 10))
# How words begin that a link to the direct chat says; behind them stands perhaps a hyphen, and what was chosen.
START_WORD = "lernen"
BEGIN, PATH, WEEKLY, GO_ON, ANSWER, STOP, RESUME, HELPFUL, UNHELPFUL, LIST = "bpwgaqr+-l"
_KEY = re.compile(r"(?P<deed>[bpwgaqr+-])(?P<key>[\w-]{22})(?P<step>\d{0,3})(?:\.(?P<choice>\d))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A choice as it was read: what to do, and with which lesson, path or run."""

    deed: str
    key: UUID
    step: int = 0
    choice: int = 0


def pack_key(key: UUID) -> str:
    """Return an identifier in 22 letters, as a choice has room for 40 in all."""
    return base64.urlsafe_b64encode(key.bytes).decode().rstrip("=")


def read_key(packed: str) -> UUID | None:
    """Return the identifier that ``pack_key`` packed; ``None`` for anything else."""
    try:
        return UUID(bytes=base64.b64decode(f"{packed}==", altchars=b"-_", validate=True))
    except ValueError:
        return None


def read_chosen(text: str) -> Chosen | None:
    """Return what a choice stands for; ``None`` for anything else."""
    found = _KEY.fullmatch(text)
    key = read_key(found["key"]) if found else None
    if found is None or key is None:
        return None
    return Chosen(found["deed"], key, int(found["step"] or 0), int(found["choice"] or 0))


def _key(deed: str, key: UUID, step: int | None = None) -> str:
    return f"{NAME}:{deed}{pack_key(key)}{'' if step is None else step}"


def begin_key(lesson_id: UUID) -> str:
    """Return the key of the choice that begins a lesson."""
    return _key(BEGIN, lesson_id)


def path_key(path_id: UUID) -> str:
    """Return the key of the choice that begins a path, or goes on in it."""
    return _key(PATH, path_id)


def weekly_key(circle_lesson_id: UUID) -> str:
    """Return the key of the choice that begins the lesson which a circle was brought."""
    return _key(WEEKLY, circle_lesson_id)


def list_key(offset: int) -> str:
    """Return the key of the choice that shows more of the list."""
    return f"{NAME}:{LIST}{offset}"


def resume_key(run_id: UUID) -> str:
    """Return the key of the choice that shows once more where somebody is in a lesson."""
    return _key(RESUME, run_id)


def learn_choice(lesson_id: UUID) -> Choice:
    """Return the choice below an answer to learn about it."""
    return Choice(begin_key(lesson_id), _("Learn it now"), "🎓")


def kept_choices(keys: Iterable[str]) -> tuple[Choice, ...]:
    """Return the choices to learn, or to go on with a lesson, that are among the keys of those below an answer."""
    read = [read_chosen(key.removeprefix(f"{NAME}:")) for key in sorted(keys) if key.startswith(f"{NAME}:")]
    begin = [learn_choice(chosen.key) for chosen in read if chosen is not None and chosen.deed == BEGIN]
    go_on = [go_on_choice(chosen.key, chosen.step) for chosen in read if chosen is not None and chosen.deed == GO_ON]
    return (*begin, *go_on)


def opening_choices(run_id: UUID) -> tuple[Choice, ...]:
    """Return what can be chosen below the message that begins a lesson."""
    return (Choice(_key(RESUME, run_id), _("Begin"), "▶️"), stop_choice(run_id, 0))


def step_choices(run_id: UUID, number: int, step: Step) -> tuple[Choice, ...]:
    """Return what can be chosen below a step; ``number`` counts from 0."""
    if isinstance(step, QuestionStep):
        return (*_answers(run_id, number, step), stop_choice(run_id, number))
    search = _search(run_id, number, step) if isinstance(step, LinkStep) else ()
    return (go_on_choice(run_id, number), *search, stop_choice(run_id, number))


def _answers(run_id: UUID, number: int, step: QuestionStep) -> tuple[Choice, ...]:
    return tuple(
        Choice(f"{_key(ANSWER, run_id, number)}.{place}", _("Answer {number}").format(number=place + 1), DIGITS[place])
        for place in range(len(step.choices))
    )


def _search(run_id: UUID, number: int, step: LinkStep) -> tuple[Choice, ...]:
    return (Choice(f"{LOOK}:{RESUME}{pack_key(run_id)}{number}", step.title, "📚"),)


def go_on_choice(run_id: UUID, number: int) -> Choice:
    """Return the choice to leave a step for the next one."""
    return Choice(_key(GO_ON, run_id, number), _("Go on"), "▶️")


def stop_choice(run_id: UUID, number: int) -> Choice:
    """Return the choice to stop here, with the place kept."""
    return Choice(_key(STOP, run_id, number), _("Stop"), "⏹️")


def resume_choice(run_id: UUID) -> Choice:
    """Return the choice to go on with a lesson that was stopped."""
    return Choice(resume_key(run_id), _("Go on"), "▶️")


def helpful_choices(run_id: UUID) -> tuple[Choice, ...]:
    """Return the choices to say whether a lesson helped."""
    return (
        Choice(_key(HELPFUL, run_id), _("Helped"), "👍"),
        Choice(_key(UNHELPFUL, run_id), _("Did not help"), "👎"),
    )
