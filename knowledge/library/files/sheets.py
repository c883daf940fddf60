"""What XLSX and ODS have in common: rows of cells that become tables below the name of their sheet."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time

from knowledge.library.files.blocks import Block
from knowledge.library.files.characters import one_line
from knowledge.library.files.collect import Collector
from knowledge.library.files.errors import TooMuchText
from knowledge.library.files.limits import ReadLimits
from knowledge.library.files.tables import is_header, row_text
from knowledge.library.files.titles import first_heading, title_from_metadata

_ROWS_TOGETHER = 50
_COLUMNS = 200
_UNNAMED = re.compile(r"^(?:tabelle|sheet|blatt|table) ?\d*$", re.IGNORECASE)


def title_of_sheets(stated: str | None, blocks: Sequence[Block]) -> str | None:
    """Return the title in the metadata, or the name of the only sheet."""
    names = {block.label for block in blocks}
    return title_from_metadata(stated) or (first_heading(blocks) if len(names) == 1 else None)


def cell_text(value: object) -> str:
    """Return a cell as a person reads it; nothing for an empty one."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return one_line(str(value))


class SheetReader:
    """Turns the rows of sheets into blocks."""

    def __init__(self, collector: Collector, limits: ReadLimits) -> None:
        self._collector = collector
        self._left = limits.characters
        self._limit = limits.characters
        self._header: list[str] | None = None
        self._lines: list[str] = []
        self._begun = False
        self._rows = 0

    def read(self, number: int, name: str, rows: Iterable[list[str]]) -> None:
        """Take one sheet. Blank rows part its tables; each table may begin with a row of headers."""
        name = one_line(name)
        self._collector.move_to("sheet", number, name)
        if not _UNNAMED.match(name):
            self._collector.heading(name, 1)
        self._end_table()
        for row in rows:
            self._take(row[:_COLUMNS])
        self._end_table()

    def _take(self, row: list[str]) -> None:
        if not any(row):
            self._end_table()
        elif not self._begun and sum(map(bool, row)) == 1:
            self._collector.paragraph(next(filter(None, row)))  # a caption
        elif not self._begun and is_header(_trimmed(row)):
            self._header, self._begun = row, True
        else:
            self._begun = True
            self._add(row_text(row, self._header))

    def _add(self, line: str) -> None:
        self._rows += 1
        self._left -= len(line)
        if self._left < 0:
            raise TooMuchText(limit=self._limit)
        self._lines.append(line)
        if len(self._lines) >= _ROWS_TOGETHER:
            self._flush()

    def _flush(self) -> None:
        self._collector.table("\n".join(self._lines))
        self._lines = []

    def _end_table(self) -> None:
        if self._header is not None and self._rows == 0:
            self._lines = [row_text(self._header, None)]  # headers above nothing are all there is
        self._flush()
        self._rows = 0
        self._header, self._begun = None, False


def _trimmed(row: list[str]) -> list[str]:
    """Without the empty cells at the end."""
    end = len(row)
    while end and not row[end - 1]:
        end -= 1
    return row[:end]
