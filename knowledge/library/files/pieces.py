"""From lines to paragraphs, list items and footnotes."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from knowledge.library.files.lines import Line
from knowledge.library.files.marks import (
    BULLET,
    ONLY_BULLET,
    ends_sentence,
    enumerator,
    follows,
    heading_number,
    is_contents_line,
)

# Nothing ends with these words: what follows an empty line still belongs to them.
_HANGING_WORDS = (
    "aus von vom der die das dass den dem des ein eine einer einem einen eines und oder mit für zu zur zum in im auf "
    "bei durch über unter als the of and or to a an for with by"
)
_HANGING = frozenset(_HANGING_WORDS.split())
# Capitalised words that can only be nouns: after a long text without a full stop, they go on with its sentence.
_NOUN = re.compile(
    r"[A-ZÄÖÜ][\w-]*(?:ung|heit|keit|schaft|tät|tion|ment|ismus|nis|tum|prozess|system)(?:en|e|s|es|n)?\b"
)
_NARROWEST = 40  # characters; shorter lines were not broken by a margin
Role = Literal["text", "item", "heading", "footnote"]


@dataclass(slots=True)
class Piece:
    """Lines that belong together. ``level`` is set once it is known to be a heading."""

    lines: list[Line]
    role: Role = "text"
    level: int = 0
    after: list["Piece"] = field(default_factory=list)

    @property
    def first(self) -> Line:
        return self.lines[0]

    @property
    def last(self) -> Line:
        return self.lines[-1]

    @property
    def plain(self) -> str:
        """Its lines with spaces between; enough to judge it by."""
        return " ".join(line.text for line in self.lines)


@dataclass(frozen=True, slots=True)
class Measure:
    """What is usual in this text: ``width`` in characters of a full line, ``size`` of body type in points (or 0)."""

    width: int
    size: float

    def is_large(self, line: Line) -> bool:
        """Whether the type is clearly larger than that of the body."""
        return self.size > 0 and line.size > self.size * 1.12


def measure(lines: list[Line]) -> Measure:
    """Return the usual width and type size of the lines."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size, 1)] += len(line.text)
    body = sizes.most_common(1)[0][0] if sizes else 0.0
    lengths = sorted(len(line.text) for line in lines if round(line.size, 1) == body)
    return Measure(lengths[len(lengths) * 9 // 10] if lengths else 0, body)


def split_pieces(lines: list[Line], usual: Measure) -> list[Piece]:
    """Cut lines into pieces at white space, bullets, changes of type and lines that end early."""
    pieces: list[Piece] = []
    for group in _groups(lines):
        widest = max(len(line.text) for line in group)
        width = widest if len(group) > 2 and widest >= _NARROWEST else usual.width
        current: Piece | None = None
        for line in group:
            if ONLY_BULLET.match(line.text):
                current = None
            elif current is not None and _continues(current, line, min(width, usual.width * 2), usual):
                current.lines.append(line)
            else:
                current = Piece([line], _role(line, pieces))
                pieces.append(current)
    return pieces


def _groups(lines: list[Line]) -> list[list[Line]]:
    groups: list[list[Line]] = []
    for line in lines:
        if not groups or line.gap:
            groups.append([])
        groups[-1].append(line)
    return groups


def _role(line: Line, before: list[Piece]) -> Role:
    if line.small:
        return "footnote"
    if BULLET.match(line.text):
        return "item"
    return "item" if _is_next_item(line.text, before) else "text"


def _is_next_item(text: str, before: list[Piece]) -> bool:
    """A list is counted from one, so a lone „5.“ begins no list."""
    mark = enumerator(text)
    if mark is None:
        return False
    if mark in ("1", "a", "i"):
        return True
    earlier = next((found for piece in reversed(before[-4:]) if (found := enumerator(piece.first.text))), None)
    return earlier is not None and follows(earlier, mark)


def _continues(piece: Piece, line: Line, width: int, usual: Measure) -> bool:
    """Whether the line belongs to the piece above it, from which no white space parts it."""
    last = piece.last
    if line.small or last.small:
        return line.small and last.small and not line.text[0].isdigit()
    if not _same_type(last, line):
        return _reads_on(last, line, usual)
    if usual.is_large(line):
        return not ends_sentence(last.text) and heading_number(line.text) is None
    if _begins_item(piece, line, width) or is_contents_line(last.text):
        return False
    return last.text.endswith("-") or line.text[0].islower() or _is_filled(piece, line, width)


def _is_filled(piece: Piece, line: Line, width: int) -> bool:
    """Whether the last line of the piece was broken because it was full."""
    last = piece.last
    if piece.role == "item" and (line.text[0] == "(" or not ends_sentence(last.text)):
        return line.text[0] == "(" or not _would_fit(last.text, line.text, width * 7 // 10)
    if ends_sentence(last.text) and (line.left > last.left + 6 or line.page != last.page):
        return False
    return not _would_fit(last.text, line.text, width)


def _reads_on(last: Line, line: Line, usual: Measure) -> bool:
    """Words in another type, such as code, may make a line look different from the one it goes on with."""
    close = abs(last.size - line.size) <= 0.25 * max(last.size, line.size)
    return close and not usual.is_large(last) and line.text[0].islower() and not ends_sentence(last.text)


def _same_type(last: Line, line: Line) -> bool:
    return abs(last.size - line.size) < 0.7 and last.bold == line.bold


def _would_fit(last: str, text: str, width: int) -> bool:
    """Had there been room for the next word, the line was ended on purpose. Set type is uneven: 15 % tolerance."""
    return len(last) + 1 + len(text.split(None, 1)[0]) <= 0.85 * width


def _begins_item(piece: Piece, line: Line, width: int) -> bool:
    last = piece.last.text
    earlier, later = enumerator(piece.first.text), enumerator(line.text)
    if earlier and later and follows(earlier, later):
        return True
    unfinished = not ends_sentence(last) and not _would_fit(last, line.text, width)
    if BULLET.match(line.text):
        dash = line.text[0] in "-–—*"
        return not (dash and unfinished and not (piece.role == "item" and piece.first.text[0] == line.text[0]))
    return bool(later or heading_number(line.text)) and not unfinished


def merge_interrupted(pieces: list[Piece], usual: Measure) -> list[Piece]:
    """Join what a page break, an empty line or a footnote cut in two; footnotes move behind it."""
    merged: list[Piece] = []
    body: Piece | None = None
    for piece in pieces:
        if piece.role == "footnote":
            merged.append(piece)
        elif body is not None and _goes_on(body, piece, usual):
            body.lines.extend(piece.lines)
        else:
            merged.append(piece)
            body = piece
    return merged


def _goes_on(before: Piece, piece: Piece, usual: Measure) -> bool:
    if piece.role != "text" or before.role not in ("text", "item") or not _same_type(before.last, piece.first):
        return False
    last, first = before.last, piece.first
    if last.page != first.page and not ends_sentence(last.text) and not usual.is_large(first):
        full = not _would_fit(last.text, first.text, usual.width)
        if full and not heading_number(first.text):
            return True
    return cut_in_two(before.plain, first.text)


def cut_in_two(before: str, after: str) -> bool:
    """Whether two texts read on: the first does not end as a sentence does, and the second begins in lower case."""
    if before.endswith("-") and len(before) > 1 and after[0].isalpha():
        return True
    unfinished = before[-1].isalnum() or before[-1] in ",-–"
    if len(before) >= 200 and before[-1].isalpha() and _NOUN.match(after):
        return True
    if unfinished and before[-40:].rsplit(None, 1)[-1].lower() in _HANGING and after[0].isalpha():
        return after.split(None, 1)[0].lower() not in _HANGING  # a new sentence may begin with „In“ or „Die“
    return unfinished and after[0].islower() and enumerator(after) is None
