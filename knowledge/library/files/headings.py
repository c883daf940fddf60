"""Which pieces are headings, and of what level."""

import re
from collections import Counter

from knowledge.library.files.marks import (
    ends_sentence,
    enumerator,
    follows,
    heading_number,
    is_contents_heading,
    is_contents_line,
    is_references_heading,
)
from knowledge.library.files.pieces import Measure, Piece

_FORM = re.compile(r"^[^\W\d_a-zäöüß„\"“»]|^[„\"“»\d]")
_NUMBER = re.compile(r"^[\d.]+\s*")
_ADDRESS = re.compile(r"://|www\.|@|\|")
_LONGEST = 120
_MANY = 3  # what stands alone this often is a label in a table or form


def find_headings(pieces: list[Piece], usual: Measure) -> None:
    """Give the pieces that are headings their role and level."""
    often = Counter(piece.plain for piece in pieces)
    body = [piece for piece in pieces if piece.role != "footnote"]
    for at in range(len(body) - 1, -1, -1):  # backwards, as a heading needs something to head
        piece = body[at]
        before = body[at - 1] if at else None
        after = body[at + 1] if at + 1 < len(body) else None
        if often[piece.plain] < _MANY and _is_heading(piece, before, after, usual):
            piece.role = "heading"
    _set_levels([piece for piece in pieces if piece.role == "heading"], usual)


def _is_heading(piece: Piece, before: Piece | None, after: Piece | None, usual: Measure) -> bool:
    text = piece.plain
    if piece.role not in ("text", "item") or not _has_form(text) or len(piece.lines) > 3:
        return False
    if is_references_heading(text) or is_contents_heading(text) or usual.is_large(piece.first):
        return True
    if piece.first.bold and not _bold_follows(after, usual):
        return after is not None and len(text) <= _LONGEST
    if after is not None and heading_number(text):
        return _heads_section(piece, before, after)
    return after is not None and piece.role == "text" and _is_set_off(piece, before, after)


def _bold_follows(after: Piece | None, usual: Measure) -> bool:
    """Whether what follows is bold as well, so that bold type says nothing."""
    return after is not None and after.first.bold and not usual.is_large(after.first) and len(after.plain) > _LONGEST


def _has_form(text: str) -> bool:
    if (
        not 3 <= len(text) <= 2 * _LONGEST
        or not (_FORM.match(text) or heading_number(text))
        or text[-1] in ".,;:!-–"
        or _ADDRESS.search(text)
    ):
        return False
    words = _NUMBER.sub("", text)
    return not is_contents_line(text) and sum(map(str.isalpha, words)) * 10 >= len(words) * 6


def _heads_section(piece: Piece, before: Piece | None, after: Piece) -> bool:
    """A numbered line is a heading unless it is one of several items."""
    number = heading_number(piece.plain)
    if number is None or len(piece.plain) > _LONGEST or _reads_on(piece, after):
        return False
    if number.depth >= 2:
        return before is None or piece.first.gap or ends_sentence(before.plain) or before.role == "heading"
    if _is_counted_on(before, piece) or _is_counted_on(piece, after):
        return False
    return after.first.gap and (before is None or piece.first.gap or ends_sentence(before.plain))


def _is_counted_on(one: Piece | None, other: Piece) -> bool:
    """Whether two neighbours are items of one list."""
    if one is None or one.role == "heading" or other.role == "heading":
        return False
    earlier, later = enumerator(one.plain), enumerator(other.plain)
    return bool(earlier and later and follows(earlier, later))


def _reads_on(piece: Piece, after: Piece) -> bool:
    return after.role == "text" and after.first.text[0].islower() and not ends_sentence(piece.plain)


def _is_set_off(piece: Piece, before: Piece | None, after: Piece) -> bool:
    """A short line between white space, with a text to head."""
    text = piece.plain
    if len(text) > _LONGEST or len(text.split()) > 14 or not (before is None or piece.first.gap):
        return False
    if before is not None and before.role == "text" and not ends_sentence(before.plain):
        # Cells of a table are short and end anyhow; but a title may stand above a title.
        alone = len(before.lines) == 1 and before.first.gap and _has_form(before.plain) and after.role == "heading"
        if len(before.plain) < 200 and not alone:
            return False
    if after.role == "heading":
        return after.first.gap
    if after.role == "item":
        return after.first.gap
    return not after.first.text[0].islower() and len(after.plain) >= 60 and ends_sentence(after.plain)


def _set_levels(headings: list[Piece], usual: Measure) -> None:
    sizes = sorted({round(piece.first.size, 1) for piece in headings if usual.is_large(piece.first)}, reverse=True)
    depth = 0
    numbered = any((number := heading_number(piece.plain)) and number.depth for piece in headings)
    for at, piece in enumerate(headings):
        number = heading_number(piece.plain)
        if number and number.depth:
            depth = number.depth
            piece.level = min(depth, 6)
        elif usual.is_large(piece.first):
            piece.level = min(sizes.index(round(piece.first.size, 1)) + 1, 6)
        else:
            piece.level = _plain_level(piece, at, depth, numbered, len(sizes))


def _plain_level(piece: Piece, at: int, depth: int, numbered: bool, sizes: int) -> int:
    """Without number and large type: first comes the title; then it stands below what is numbered or larger."""
    if is_references_heading(piece.plain) or is_contents_heading(piece.plain):
        return max(1, min(depth, 1)) if numbered else 2
    if sizes:
        return min(sizes + 1, 6)
    if numbered:
        return min(depth + 1, 6)
    return 1 if at == 0 else 2
