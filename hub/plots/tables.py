"""A plot as a table, for people and for spreadsheets."""

import csv
from collections.abc import Iterator
from io import StringIO

from hub.plots.schemas import Column, Plot, Row, Unit
from hub.plots.words import number_text, percent_text
from knowledge.kit.language import _, date_text

# What spreadsheets in German offices expect: so marked they read UTF-8, and take semicolons.
MARK, SEPARATOR = "\ufeff", ";"
# A cell that begins like this is a formula for spreadsheets; an apostrophe makes it words again.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def head_of(plot: Plot) -> tuple[str, ...]:
    """Return the heads of a plot's table."""
    return (plot.over, *(column.name for column in plot.columns))


def rows_of(plot: Plot) -> list[tuple[str, ...]]:
    """Return the rows of a plot's table, in words."""
    return [
        (row.label, *(_cell_text(column, number) for column in plot.columns)) for number, row in enumerate(plot.rows)
    ]


def csv_of(plot: Plot) -> bytes:
    """Return a plot as CSV with a head; values that are not told are empty."""
    lines = StringIO()
    writer = csv.writer(lines, delimiter=SEPARATOR, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    timed = any(row.first is not None for row in plot.rows)
    over = (_("From"), _("Until")) if timed else (plot.over,)
    writer.writerow([safe_cell(text) for text in (*over, *map(_named, plot.columns))])
    for number, row in enumerate(plot.rows):
        values = [_plain(column.values[number]) for column in plot.columns]
        writer.writerow([safe_cell(text) for text in (*_row_head(row), *values)])
    return (MARK + lines.getvalue()).encode()


def safe_cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _row_head(row: Row) -> Iterator[str]:
    if row.first is None or row.last is None:
        yield row.label
        return
    yield date_text(row.first)
    yield date_text(row.last)


def _named(column: Column) -> str:
    return f"{column.name} (%)" if column.unit is Unit.PERCENT else column.name


def _cell_text(column: Column, number: int) -> str:
    value = column.values[number]
    if value is None:
        return "–"
    return percent_text(value) if column.unit is Unit.PERCENT else number_text(value)


def _plain(value: float | None) -> str:
    return "" if value is None else str(round(value))
