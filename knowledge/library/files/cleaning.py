"""From printed lines (of a PDF, or of text with hard line breaks) to clean blocks."""

import re

from knowledge.library.files.blocks import Block, Note, Place
from knowledge.library.files.headings import find_headings
from knowledge.library.files.lines import Line, drop_furniture, drop_unmarked_furniture
from knowledge.library.files.marks import item_text, mark_sections
from knowledge.library.files.pieces import Piece, measure, merge_interrupted, split_pieces
from knowledge.library.files.words import Vocabulary

_SPACES = re.compile(r"\s+")
_NOTE_NUMBER = re.compile(r"^(\d{1,3})\s")


def blocks_of_pages(pages: list[list[Line]], *, place: Place | None = "page") -> list[Block]:
    """Return the blocks of a text that comes page by page.

    Running heads, footers and page numbers go; words and paragraphs broken by lines and pages are joined. The
    place of a block is the page where it begins.
    """
    kept = drop_furniture(pages) if len(pages) > 1 else pages
    return _blocks([line for page in kept for line in page], place)


def blocks_of_text(lines: list[Line]) -> list[Block]:
    """Return the blocks of a text without page breaks."""
    return _blocks(drop_unmarked_furniture(lines), None)


def _blocks(lines: list[Line], place: Place | None) -> list[Block]:
    for line in lines:
        line.text = _SPACES.sub(" ", line.text).strip() if "\t" not in line.text else line.text.strip()
    lines = _without_empty(lines)
    if not lines:
        return []
    lines[0].gap = True
    words = Vocabulary(line.text for line in lines)
    usual = measure(lines)
    pieces = merge_interrupted(split_pieces(lines, usual), usual)
    find_headings(pieces, usual)
    return mark_sections(_emit(pieces, words, place))


def _without_empty(lines: list[Line]) -> list[Line]:
    kept: list[Line] = []
    gap = False
    for line in lines:
        if line.text:
            line.gap = line.gap or gap
            kept.append(line)
        gap = (gap or line.gap) if not line.text else False
    return kept


def _emit(pieces: list[Piece], words: Vocabulary, place: Place | None) -> list[Block]:
    blocks: list[Block] = []
    items: list[str] = []
    numbers = {match[1] for piece in pieces if piece.role == "footnote" and (match := _NOTE_NUMBER.match(piece.plain))}
    start: Piece | None = None

    def close_list() -> None:
        if start is not None and items:
            blocks.append(Block("list", "\n".join(items), place=place, number=start.first.page))
        items.clear()

    for piece in pieces:
        text = _text(piece, words, numbers)
        if piece.role == "item":
            start = start if items else piece
            items.append(item_text(text))
            continue
        close_list()
        blocks.append(_block(piece, text, place))
    close_list()
    return blocks


def _block(piece: Piece, text: str, place: Place | None) -> Block:
    if piece.role == "heading":
        return Block("heading", text, level=piece.level, place=place, number=piece.first.page)
    note: Note | None = "footnote" if piece.role == "footnote" else None
    return Block("paragraph", text, place=place, number=piece.first.page, note=note)


def _text(piece: Piece, words: Vocabulary, numbers: set[str]) -> str:
    text = piece.first.text
    for line in piece.lines[1:]:
        text = words.join(text, line.text)
    text = words.repair(_SPACES.sub(" ", text))
    return text if piece.role == "footnote" or not numbers else _without_note_marks(text, words, numbers)


def _without_note_marks(text: str, words: Vocabulary, numbers: set[str]) -> str:
    """Drop the raised figures that point to footnotes („AI-Act1“), where the word is known without them."""

    def unmark(match: re.Match[str]) -> str:
        known = not match[1] or words.knows(match[1])
        return match[0][: -len(match[3])] if match[3] in numbers and known else match[0]

    return _MARK.sub(unmark, text)


_MARK = re.compile(r"(?<![\w-])([^\W\d_]+(?:-[^\W\d_]+)*[a-zäöüß])([.,;:!?“”\"»)]?)(\d{1,3})(?=[\s.,;:!?)]|$)")
