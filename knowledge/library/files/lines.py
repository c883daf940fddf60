"""Lines of a page, and what on a page is only furniture: running heads, footers, page numbers."""

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise


@dataclass(slots=True)
class Line:
    """One printed line.

    ``gap`` says that white space stands before it. ``size`` (points) and ``left`` (points, or columns of text) are
    0 where unknown. ``small`` marks the small print at the foot of a page. ``height`` is where its letters stand
    above the lower edge of the page (points).
    """

    text: str
    page: int | None = None
    gap: bool = False
    size: float = 0.0
    bold: bool = False
    left: float = 0.0
    small: bool = False
    height: float = 0.0


_DIGITS = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"^(?:[-–—|• ]*(?:seite|page|s\.|p\.)?\s*\d{1,4}(?:\s*(?:von|of|/)\s*\d{1,4})?[-–—|• ]*|[ivxl]{1,6})$",
    re.IGNORECASE,
)
_EDGE = 2  # lines at the top and bottom of a page that may be furniture


def is_page_number(text: str) -> bool:
    """Whether the line is nothing but a page number: „12“, „- 12 -“, „Seite 3 von 10“, „iv“."""
    return bool(_PAGE_NUMBER.match(text))


def _likeness(line: Line) -> tuple[str, int]:
    """Equal for lines that differ in their digits alone."""
    return _DIGITS.sub("#", line.text).casefold(), round(line.size)


def _edges(page: list[Line]) -> list[Line]:
    return page if len(page) <= 2 * _EDGE else page[:_EDGE] + page[-_EDGE:]


def drop_furniture(pages: list[list[Line]]) -> list[list[Line]]:
    """Return the pages without lines that repeat at their edges (modulo digits) and without bare page numbers."""
    seen = Counter(likeness for page in pages for likeness in {_likeness(line) for line in _edges(page)})
    enough = 2 if len(pages) <= 3 else 3
    repeated = {like for like, times in seen.items() if times >= enough} | _counted_on(pages)
    return [_without(page, repeated) for page in pages]


def _counted_on(pages: list[list[Line]]) -> set[tuple[str, int]]:
    """What stands on two pages in a row with a number that grows by one: the running head of a short chapter."""
    found: set[tuple[str, int]] = set()
    for page, following in pairwise(pages):
        numbers = {_likeness(line): _numbers(line) for line in _edges(page)}
        for line in _edges(following):
            before = numbers.get(_likeness(line), [])
            if any(later == earlier + 1 for earlier, later in zip(before, _numbers(line), strict=False)):
                found.add(_likeness(line))
    return found


def _numbers(line: Line) -> list[int]:
    """The first and last number of a line, where page numbers stand."""
    digits = [found for found in _DIGITS.findall(line.text) if len(found) <= 4]
    return [int(digits[0]), int(digits[-1])] if digits else []


def _without(page: list[Line], repeated: set[tuple[str, int]]) -> list[Line]:
    dropped = {
        id(line)
        for line in _edges(page)
        if (_likeness(line) in repeated and len(line.text) < 150) or is_page_number(line.text)
    }
    kept: list[Line] = []
    gap = False
    for line in page:
        if id(line) in dropped:
            gap = gap or line.gap
            continue
        line.gap = line.gap or (gap and bool(kept))
        gap = False
        kept.append(line)
    return kept


def drop_unmarked_furniture(lines: list[Line]) -> list[Line]:
    """Do the same for text whose page breaks were lost: page numbers stand alone, and heads repeat beside them."""
    numbers = {at for at, line in enumerate(lines) if is_page_number(line.text) and _stands_alone(lines, at)}
    beside = {at + step for at in numbers for step in (-1, 1)}
    likes = Counter(_likeness(line) for line in lines)
    heads = {_likeness(lines[at]) for at in beside if 0 <= at < len(lines) and likes[_likeness(lines[at])] >= 3}
    kept: list[Line] = []
    gap = False
    for at, line in enumerate(lines):
        if at in numbers or _likeness(line) in heads:
            gap = True
            continue
        line.gap = line.gap or gap
        gap = False
        kept.append(line)
    return kept


def _stands_alone(lines: list[Line], at: int) -> bool:
    """Numbers above or below it would make it a column of a table."""
    around = [lines[near] for near in (at - 1, at + 1) if 0 <= near < len(lines)]
    return not any(is_page_number(line.text) or (line.text[-1:].isdigit() and len(line.text) < 12) for line in around)
