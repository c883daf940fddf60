"""What goes into and out of figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

# What fewer people did is not told, nor what would tell of it by a difference.
FEWEST = 3
# What is left of cells that are too small to be told of one by one.
REST = "rest"


class Series(StrEnum):
    """What is counted; the values are kept in the database."""

    QUESTIONS = "questions"
    ANSWERED = "answered"
    HELPFUL = "helpful"
    TOPICS = "topics"
    PUBLICATION = "publication"
    QUEUE = "queue"
    SIZES = "sizes"
    STATES = "states"
    OFFERED = "offered"
    PARTICIPATION = "participation"
    CERTIFICATES = "certificates"
    LESSONS = "lessons"
    # Of an organisation alone.
    CONTRIBUTIONS = "contributions"


# The parts of what is counted.
YES, NO = "yes", "no"
COUNT, DAYS = "count", "days"
REGISTERED, ATTENDED = "registered", "attended"


@dataclass(frozen=True, slots=True)
class Seen:
    """Something that happened, for counting; leaves this package as a sum only.

    ``item`` is counted once however many rows say it. ``person`` is empty where nobody can say any more who it was;
    ``together``: all items with the same one are certainly of different people. ``value`` is measured, such as days.
    """

    item: UUID
    at: datetime
    part: str = COUNT
    person: UUID | None = None
    organisation: UUID | None = None
    together: UUID | None = None
    value: float = 0


@dataclass(frozen=True, slots=True)
class Period:
    """Sums over whole months from ``first`` to before ``until``; without ``counts``, too few to be told of."""

    first: date
    until: date
    counts: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Range:
    """What of the time is wanted: periods that end after ``since`` and not after ``until``."""

    since: date
    until: date
