"""What an examination finds, said so that a person knows what to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """How much a finding matters; only a problem needs to be mended."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    ``check`` is a stable name (``area.thing``), ``message`` what was found, ``todo`` what to do about it, ``facts``
    the numbers behind it. None of them holds a text of the library or a person's name.
    """

    check: str
    level: Level
    message: str
    todo: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def fine(check: str, message: str, **facts: Any) -> Finding:
    """Return a finding that is as it should be."""
    return Finding(check, Level.OK, message, None, facts)


def warning(check: str, message: str, todo: str, **facts: Any) -> Finding:
    """Return a finding that somebody should know about."""
    return Finding(check, Level.WARNING, message, todo, facts)


def problem(check: str, message: str, todo: str, **facts: Any) -> Finding:
    """Return a finding that must be mended."""
    return Finding(check, Level.PROBLEM, message, todo, facts)
