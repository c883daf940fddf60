"""Guided dialogues: one question at a time, with what was said so far kept in the database.

A dialogue knows no network and holds nothing in memory, so a restart in the middle loses nothing. ``/abbrechen`` ends
it; any other command leaves it with its draft kept, and it can be gone on with later.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.core.messages import Choice
from bot.core.text import RichText
from knowledge.chats.dialogues import LONGEST_KEPT

if TYPE_CHECKING:
    from bot.core.turn import Glance, Turn

# What ``take`` returns instead of a step to leave the dialogue with its draft kept (it has said so itself).
ASIDE = ":aside"


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a step asks; a choice may be pressed, chosen by its number, or typed.

    Its keys reach the step's ``take`` as the answer.
    """

    text: RichText
    choices: tuple[Choice, ...] = ()


@dataclass(slots=True)
class Draft:
    """What a dialogue knows so far; ``data`` must stay JSON."""

    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One question of a dialogue.

    ``ask`` makes the prompt. ``take`` gets what the person answered (a choice's key or a text) and returns the name of
    the next step, ``None`` when the dialogue is done (it has said so itself by ``turn.say``), or ``ASIDE``. Where the
    answer does not fit it raises ``InvalidInput``: the person reads the message and stays in the step. ``prepare`` is
    for what may take long, such as a search: it gets the draft to look at and the answer before ``take`` does, outside
    of any transaction, and what it returns is the turn's ``prepared``.
    """

    ask: Callable[["Turn", Draft], Awaitable[Prompt]]
    take: Callable[["Turn", Draft, str], Awaitable[str | None]]
    prepare: Callable[["Glance", Draft, str], Awaitable[Any]] | None = None


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A guided dialogue by its steps; ``keep_days`` is how long an unfinished draft is kept."""

    name: str
    first: str
    steps: Mapping[str, Step]
    keep_days: int = LONGEST_KEPT.days
