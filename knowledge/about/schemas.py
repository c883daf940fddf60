"""What is kept, for what, how long, and who sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Period:
    """How long something is kept or holds: ``place`` is where that stands in the program, as the record names it."""

    what: str
    lasts: timedelta
    place: str


@dataclass(frozen=True, slots=True)
class Activity:
    """One thing for which data about people is kept.

    Args:
        title: what it is.
        why: for what.
        data: which data.
        seen_by: who sees it.
        periods: how long, part by part; what is over is deleted by itself.
        otherwise: what has no period, and how it goes.
    """

    title: str
    why: str
    data: str
    seen_by: str
    periods: Sequence[Period]
    otherwise: str = ""
