"""Plain text: its encoding, its pages (form feeds), its hard line breaks."""

import re

from knowledge.library.files.blocks import Block, ParsedFile
from knowledge.library.files.characters import clean_characters
from knowledge.library.files.cleaning import blocks_of_pages, blocks_of_text
from knowledge.library.files.encoding import decode
from knowledge.library.files.lines import Line
from knowledge.library.files.source import Source
from knowledge.library.files.titles import first_heading

_RULE = re.compile(r"^(?:_{5,}|-{10,}|[ \t]{20,})\s*$")
_NOTE_START = re.compile(r"^\s*\d{1,3}\s+\S")
_ADDRESS_ALONE = re.compile(r"^\s*(?:https?://|www\.)\S+\s*$")
_WRAP = 160  # a line longer than this was not broken by hand


def parse(source: Source) -> ParsedFile:
    """Read a text file. Raises UndecodableText."""
    blocks = blocks_of_plain_text(clean_characters(decode(source.whole())))
    return ParsedFile(tuple(blocks), first_heading(blocks), {}, "text/plain")


def blocks_of_plain_text(text: str) -> list[Block]:
    """Return the blocks of a decoded text; form feeds separate its pages."""
    pages = text.strip("\f").split("\f")
    wrapped = _is_wrapped(text)
    if len(pages) == 1:
        return blocks_of_text(_lines(pages[0], None, wrapped=wrapped))
    return blocks_of_pages([_lines(page, number, wrapped=wrapped) for number, page in enumerate(pages, start=1)])


def blocks_of_paragraphs(text: str) -> list[Block]:
    """Return the blocks of a text in which every line is a paragraph, as word processors save it."""
    return blocks_of_text(_lines(text, None, wrapped=False)) if text.strip() else []


def _is_wrapped(text: str) -> bool:
    """Whether lines end where the paper ended, not where the paragraph did."""
    long = sum(len(line) for line in text.split("\n") if len(line) > _WRAP)
    return long * 2 < len(text)


def _lines(text: str, page: int | None, *, wrapped: bool) -> list[Line]:
    lines: list[Line] = []
    gap = rule = False
    for raw in text.split("\n"):
        if not raw.strip() or _RULE.match(raw):
            gap = True
            rule = rule or bool(_RULE.match(raw))
            continue
        small = bool(rule and _NOTE_START.match(raw)) or _stays_small(lines, raw, gap=gap)
        lines.append(Line(raw.strip(), page, gap=(gap or not wrapped) and bool(lines), small=small))
        gap = rule = False
    return lines


def _stays_small(lines: list[Line], raw: str, *, gap: bool) -> bool:
    """A footnote goes on until white space, and over it if nothing but its address follows."""
    if not lines or not lines[-1].small:
        return False
    return bool(_ADDRESS_ALONE.match(raw)) if gap else not _ADDRESS_ALONE.match(lines[-1].text)
