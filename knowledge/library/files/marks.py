"""Telling what a line or block is by its form: list item, numbered heading, contents, reference."""

import re
from dataclasses import dataclass, replace

from knowledge.library.files.blocks import Block, Note

BULLET = re.compile(r"^(?:[•●○◦▪■□►▸▶➢➔✓✔‣⁃∙·�*]|[-–—](?=\s))\s*(?=\S)")
ONLY_BULLET = re.compile(r"^[•●○◦▪■□►▸▶➢➔✓✔‣⁃∙·�\-–—*]$")
_ENUMERATED = re.compile(r"^(?:\((\d{1,2}|[a-z]|[ivx]{1,4})\)|(\d{1,2}|[a-z]|[ivx]{1,4})\)|(\d{1,2}|[a-z])\.)\s+(?=\S)")
_NUMBERED = re.compile(r"^(?P<number>\d{1,2}(?:\.\d{1,2}){0,5})(?P<dot>\.?)\s+(?=[^\W\d_a-zäöüß]|[„“\"»])")
_LETTERED = re.compile(r"^(?:[a-z]\.|[a-z]\)|[IVX]{1,4}\.|[A-Z]\.)\s+(?=[^\W\d_a-zäöüß])")
_CLOCK_OR_DATE = re.compile(
    r"^\d{2}\.\d{2}\b(?!\.)|^\d{1,2}\.\s*(?:jan|feb|mär|apr|mai|jun|jul|aug|sep|okt|nov|dez)", re.IGNORECASE
)
_SENTENCE_END = re.compile(r"[.!?:;…][\"“”»’')\]]*$")

_LEADERS = re.compile(r"(?:\.\s?){3,}\s*(?:\d{1,4}|[ivxl]+)\s*$|…\s*\d{1,4}\s*$|\t+\s*\d{1,4}\s*$")
_PAGE_AT_END = re.compile(r"\S\s+\d{1,4}$")
_CONTENTS = re.compile(
    r"^(?:\W*\d*\.?\s*)(?:inhalt|inhaltsverzeichnis|inhaltsübersicht|gliederung|contents|table of contents)\W*$",
    re.IGNORECASE,
)
_REFERENCES = re.compile(
    r"^(?:\d+(?:\.\d+)*\.?\s+|[A-Z]\.\s+|(?:anhang|appendix|anlage)\s*\w*\s*[-–—:]\s*)?"
    r"(?:literatur|literaturverzeichnis|literaturhinweise|literaturangaben|quellen|quellenverzeichnis|quellenangaben|"
    r"(?:literatur|quellen) und (?:literatur|quellen)|weiterführende literatur|verwendete (?:literatur|quellen)|"
    r"references|bibliography|bibliographie|bibliografie|works cited|further reading|sources)\s*:?$",
    re.IGNORECASE,
)
_FOOTNOTES = re.compile(r"^(?:fußnoten|endnoten|footnotes|endnotes|anmerkungen)\s*:?$", re.IGNORECASE)
_NAME = r"[^\W\d_a-zäöü][\w’'.–-]+"
_ENTRY = re.compile(
    rf"^(?:\[\d+\]\s*)?{_NAME}(?:,? [\w.–-]+){{0,3}}(?:[,;/&] ?.{{0,200}}?)?"
    r"\s\((?:Hg\.|Hrsg\.|Ed\.|eds?\.)?[\s,]*\(?(?:19|20)\d\d[a-z]?\)\s?[:.,]"
)
_AROUND = re.compile(r"^[\d.\s]+|[.\s]*\d*\s*$")
_YEAR = re.compile(r"(?:19|20)\d\d[a-z]?\)")
_SOURCE_HINT = re.compile(
    r"https?://|www\.|\bdoi\b|\bISBN\b|\bISSN\b|verfügbar unter|abgerufen am|zuletzt geprüft|accessed|\bHg\.|\bHrsg\.|"
    r"\bIn: |\bS\. \d+|\bpp?\. \d+|Schriftenreihe",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Numbering:
    """The number before a heading: its depth (1 for „4.“) and its first figure (0 where it is a letter)."""

    depth: int
    first: int


def heading_number(text: str) -> Numbering | None:
    """Return the number that a heading begins with, or None; times and dates are none."""
    if _CLOCK_OR_DATE.match(text):
        return None
    if match := _NUMBERED.match(text):
        figures = match["number"].split(".")
        if len(figures) == 1 and not match["dot"] and len(text) > 80:
            return None
        return Numbering(len(figures), int(figures[0]))
    return Numbering(0, 0) if _LETTERED.match(text) else None


def enumerator(text: str) -> str | None:
    """Return what counts the item („1“ of „1.“ or „(1)“, „b“ of „b)“), or None; dates are none."""
    match = _ENUMERATED.match(text)
    return None if match is None or _CLOCK_OR_DATE.match(text) else match[1] or match[2] or match[3]


_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")


def follows(earlier: str, later: str) -> bool:
    """Whether one enumerator comes right after the other: 1, 2; a, b; i, ii."""
    if earlier.isdigit() and later.isdigit():
        return int(later) == int(earlier) + 1
    if len(earlier) == len(later) == 1 and earlier.isalpha() and ord(later) == ord(earlier) + 1:
        return True
    return earlier in _ROMAN and later in _ROMAN and _ROMAN.index(later) == _ROMAN.index(earlier) + 1


def ends_sentence(text: str) -> bool:
    """Whether the text ends as a sentence, a lead-in („…:“) or a clause („…;“) does."""
    return bool(_SENTENCE_END.search(text[-6:]))


def is_contents_line(text: str) -> bool:
    """Whether it is a line of a table of contents, with dots or a tab before its page number."""
    return bool(_LEADERS.search(text[-40:]))


def is_contents_heading(text: str) -> bool:
    """„Inhalt“, „Inhaltsverzeichnis“, “Contents”."""
    return len(text) < 40 and bool(_CONTENTS.match(text))


def ends_with_page(text: str) -> bool:
    """Whether the line ends with what may be a page number."""
    return bool(_PAGE_AT_END.search(text[-12:]))


def is_references_heading(text: str) -> bool:
    """„6. Literatur“, „Quellen“, “References”."""
    return len(text) < 80 and bool(_REFERENCES.match(text))


def is_notes_heading(text: str) -> bool:
    """„Fußnoten“, “Endnotes”."""
    return len(text) < 40 and bool(_FOOTNOTES.match(text))


def is_reference(text: str) -> bool:
    """Whether it is an entry of a bibliography: name and year at its start, and where to find it."""
    start = text[:400]
    return bool(_YEAR.search(start) and _ENTRY.match(start) and _SOURCE_HINT.search(text))


def mark_sections(blocks: list[Block]) -> list[Block]:
    """Return the blocks with notes: contents, and what stands under headings like „Literatur“, down to the next
    heading of the same rank; single entries of a bibliography wherever they stand.
    """
    marked: list[Block] = []
    headings = {_bare(block.text) for block in blocks if block.kind == "heading"}
    note: Note | None = None
    rank = 0
    for block in blocks:
        if block.kind == "heading":
            if note is None or block.level <= rank or is_references_heading(block.text):
                note, rank = _note_of_heading(block.text), block.level
            marked.append(block)
            continue
        marked.append(_marked(block, note, headings))
    return marked


def _bare(text: str) -> str:
    """A heading without its number and page."""
    return _AROUND.sub("", text).casefold()


def _note_of_heading(text: str) -> Note | None:
    if is_references_heading(text):
        return "references"
    if is_contents_heading(text):
        return "toc"
    return "footnote" if is_notes_heading(text) else None


def _marked(block: Block, note: Note | None, headings: set[str]) -> Block:
    if block.note is not None:
        return block
    lines = block.text.split("\n")
    if note in ("references", "footnote"):
        return replace(block, note=note)
    contents = sum(map(is_contents_line, lines))
    if contents * 2 >= len(lines) and (contents > 1 or note == "toc"):
        return replace(block, note="toc")
    if note == "toc" and sum(ends_with_page(line) or _bare(line) in headings for line in lines) * 2 >= len(lines):
        return replace(block, note="toc")
    entries = sum(map(is_reference, lines))
    return replace(block, note="references") if entries * 2 > len(lines) else block


def item_text(text: str) -> str:
    """Return a list item without its bullet; numbers and letters stay."""
    return BULLET.sub("", text, count=1)
