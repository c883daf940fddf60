"""How what is kept about people is put before them: sections of entries, each of labels and values."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from knowledge.kit.clock import HOME
from knowledge.kit.language import date_text

# A label and what it says; without a value it is left out.
Line = tuple[str, Any]


@dataclass(frozen=True, slots=True)
class Section:
    """A part with its title; each entry holds labels and values. Without entries, nothing of the kind is kept."""

    title: str
    entries: tuple[tuple[tuple[str, str], ...], ...]


def section(title: str, entries: Iterable[Iterable[Line]]) -> Section:
    """Return a part, without the lines that say nothing."""
    return Section(title, tuple(_shown(entry) for entry in entries))


def _shown(entry: Iterable[Line]) -> tuple[tuple[str, str], ...]:
    return tuple((label, str(value)) for label, value in entry if value not in (None, "", ()))


def moment_text(moment: datetime | None) -> str | None:
    """Return day and time here; ``None`` where there is none."""
    if moment is None:
        return None
    here = moment.astimezone(HOME)
    return f"{date_text(here.date())}, {here:%H:%M}"
