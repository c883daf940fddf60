"""How the text that shows people what is kept about them is put together."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from knowledge.kit.clock import HOME
from knowledge.kit.language import _, date_text

# A label and what it says; without a value it is left out.
Line = tuple[str, Any]


def section(title: str, entries: Iterable[Iterable[Line]]) -> list[str]:
    """Return a part of the text: its title, and each entry as lines of label and value."""
    shown = [
        "\n".join(f"{label}: {value}" for label, value in entry if value not in (None, "", ())) for entry in entries
    ]
    return [underlined(title), *(shown or [_("Nothing.")])]


def underlined(title: str) -> str:
    """Return a heading of the text."""
    return f"{title}\n{'-' * len(title)}"


def moment_text(moment: datetime | None) -> str | None:
    """Return day and time here; ``None`` where there is none."""
    if moment is None:
        return None
    here = moment.astimezone(HOME)
    return f"{date_text(here.date())}, {here:%H:%M}"
