"""What is in a plot, before it is drawn or written as a table."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Form(StrEnum):
    """How a plot is drawn."""

    # Over time, the columns beside each other.
    BARS = "bars"
    # Over time, the columns on top of each other.
    STACKED = "stacked"
    # Cells of a whole, such as the Länder.
    CELLS = "cells"


class Unit(StrEnum):
    """What the values are."""

    COUNT = "count"
    PERCENT = "percent"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Row:
    """A period or a cell. ``parts``: how many months or quarters lie in the period; counts are drawn as the average
    of one.

    ``short`` stands below standing bars. ``first`` and ``last`` are the days of a period; a cell has none.
    """

    label: str
    short: str = ""
    first: date | None = None
    last: date | None = None
    parts: int = 1


@dataclass(frozen=True, slots=True)
class Column:
    """A value for each row, ``None`` where it is not told; those that are not ``drawn`` are in the table only."""

    name: str
    values: tuple[float | None, ...]
    unit: Unit = Unit.COUNT
    drawn: bool = True


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot; without rows there is too little to show."""

    name: str
    title: str
    lead: str
    form: Form
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    # What the rows are, for the table.
    over: str = ""
    # Whether periods are quarters, or several of them.
    quarterly: bool = False

    @property
    def drawn(self) -> tuple[Column, ...]:
        """The columns that are drawn."""
        return tuple(column for column in self.columns if column.drawn)

    @property
    def unit(self) -> Unit:
        """What is drawn."""
        return self.drawn[0].unit

    @property
    def shows_something(self) -> bool:
        """Whether there is anything to draw, so that nobody is shown an empty frame."""
        return any(value for column in self.drawn for value in column.values)

    @property
    def averages(self) -> bool:
        """Whether a period of several months or quarters is drawn as the average of one."""
        return self.unit is Unit.COUNT and any(row.parts > 1 for row in self.rows)

    @property
    def withholds(self) -> bool:
        """Whether a value is not told."""
        return any(value is None for column in self.columns for value in column.values)


@dataclass(frozen=True, slots=True)
class Look:
    """How a plot is drawn: for dark pages, for narrow ones, in which language."""

    dark: bool = False
    narrow: bool = False
    language: str = "de"
