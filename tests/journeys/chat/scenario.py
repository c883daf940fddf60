"""Stories about the bot in plain text, one line a step, which are played on every network.

    # Everything behind a number sign is for readers.
    q = anna in the group, to the bot: Was kostet das?
    a = Bot in the group: 500 Euro | !Ratlos
    anna in the group, replying to a: Und wie lange dauert es?
    anna alone: /help
    Bot to anna: How I can help
    ben chooses on a: 👍 Helped
    anna changes q: Was kostet es heute?
    a now says: 600 Euro
    anna takes back q
    a is gone
    Bot is silent in the group
    Moderators ask: Welches Portal ist das?
    Moderators publish
    Ben Birke offers help with E-Akte
    The group belongs to a circle about E-Akte
    There are lessons about trees
    The lesson of the week comes
    Notices are told
    Restart
    (deletions) anna takes back q

``\\n`` in a text breaks the line. Moderators act on the newest contribution, in the hub, and people are told of it.
``q`` and ``a`` are names for what was written and said, to come back to. Parts that the bot must say are parted by
strokes; behind an exclamation mark stands what it must not say, and parts between slashes are regular expressions.
``(deletions)`` marks steps for networks that tell the bot what was deleted, ``(reactions)`` for those without buttons,
``(home)`` for those where more than public knowledge may be shown, ``(abroad)`` for the others, ``(reaches)`` for those
where somebody who does not belong can be told something later. ``{invitation}``, ``{member}``, ``{circle}``,
``{asker}``, ``{colleague}``, ``{next}`` and ``{publisher}`` stand for one-time codes that were made beforehand,
``{soon}`` for a day to come.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

FOLDER = Path(__file__).parent / "scenarios"
# Seconds between two looks at what the bot has said.
MOMENT = 0.02
_NAMED = re.compile(r"(?:(?P<name>\w+) = )?(?P<rest>.*)")
_ONLY = re.compile(r"\((?P<feature>\w+)\) (?P<rest>.*)")
_STEPS = (
    # The bot first: it is nobody who writes.
    ("said", re.compile(r"Bot in the group: (?P<text>.*)")),
    ("said_to", re.compile(r"Bot to (?P<who>\w+): (?P<text>.*)")),
    ("writes", re.compile(r"(?P<who>\w+) in the group: (?P<text>.*)")),
    ("mentions", re.compile(r"(?P<who>\w+) in the group, to the bot: (?P<text>.*)")),
    ("replies", re.compile(r"(?P<who>\w+) in the group, replying to (?P<about>\w+): (?P<text>.*)")),
    ("alone", re.compile(r"(?P<who>\w+) alone: (?P<text>.*)")),
    ("chooses", re.compile(r"(?P<who>\w+) chooses on (?P<about>\w+): (?P<text>.*)")),
    ("changes", re.compile(r"(?P<who>\w+) changes (?P<about>\w+): (?P<text>.*)")),
    ("takes_back", re.compile(r"(?P<who>\w+) takes back (?P<about>\w+)")),
    ("now_says", re.compile(r"(?P<about>\w+) now says: (?P<text>.*)")),
    ("is_gone", re.compile(r"(?P<about>\w+) is gone")),
    ("silent", re.compile(r"Bot is silent in the group")),
    ("silent_to", re.compile(r"Bot is silent to (?P<who>\w+)")),
    ("moderators", re.compile(r"Moderators (?P<about>ask|publish|reject)(?:: (?P<text>.*))?")),
    ("offers", re.compile(r"(?P<who>.+) offers help with (?P<about>.+)")),
    ("circle", re.compile(r"The group belongs to a circle about (?P<about>.+)")),
    ("lessons", re.compile(r"There are lessons about trees")),
    ("weekly", re.compile(r"The lesson of the week comes")),
    ("told", re.compile(r"Notices are told")),
    ("restart", re.compile(r"Restart")),
)


class NoStep(ValueError):
    """A line says nothing that a story knows."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a story."""

    line: str
    deed: str
    name: str | None
    feature: str | None
    parts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Shown:
    """A message of the bot as it stands in a chat now."""

    event: str
    text: str


class Stage(Protocol):
    """A network with people on it, and the bot."""

    features: frozenset[str]

    async def start(self) -> None:
        """Start the bot."""

    async def stop(self) -> None:
        """End the bot."""

    async def write(self, who: str, text: str, *, alone: bool, to_bot: bool, reply_to: str | None) -> str:
        """Write into the group or the person's direct chat; returns the event."""

    async def choose(self, who: str, event: str, emoji: str, label: str) -> None:
        """Press a button, or react."""

    async def change(self, who: str, event: str, text: str) -> None:
        """Change what was written."""

    async def take_back(self, who: str, event: str) -> None:
        """Delete what was written."""

    async def shown(self, who: str | None) -> list[Shown]:
        """Return what stands in the group, or in somebody's direct chat, of the bot's own, in order."""

    async def wait(self, who: str | None) -> None:
        """Let a moment pass before looking there again; less where something new comes."""


def read_scenario(path: Path, words: Mapping[str, str]) -> list[Step]:
    """Return the steps of a story, with ``words`` in the place of their names in braces; raises ``NoStep``."""
    text = path.read_text("utf-8")
    for name, word in words.items():
        text = text.replace(f"{{{name}}}", word)
    lines = (line.strip() for line in text.splitlines())
    return [read_step(line) for line in lines if line and not line.startswith("#")]


def read_step(line: str) -> Step:
    """Return what a line says; raises ``NoStep``."""
    only = _ONLY.fullmatch(line)
    named = _NAMED.fullmatch(only["rest"] if only else line)
    if named is not None:
        for deed, pattern in _STEPS:
            found = pattern.fullmatch(named["rest"])
            if found is not None:
                parts = {name: part.replace("\\n", "\n") for name, part in found.groupdict().items() if part}
                return Step(line, deed, named["name"], only["feature"] if only else None, parts)
    raise NoStep(line)
