"""OpenDocument: ODT in the order of its text, ODP slide by slide, ODS sheet by sheet."""

import io
import zipfile
from collections.abc import Iterator

import odfdo
from lxml.etree import LxmlError
from odfdo import Element

from knowledge.library.files.blocks import Block, ParsedFile
from knowledge.library.files.characters import one_line
from knowledge.library.files.collect import Collector
from knowledge.library.files.errors import DamagedFile, TooManyPages
from knowledge.library.files.marks import mark_sections
from knowledge.library.files.sheets import SheetReader, title_of_sheets
from knowledge.library.files.source import Source
from knowledge.library.files.tables import table_text
from knowledge.library.files.titles import first_heading, title_from_metadata

_UNSEEN = frozenset(
    ("text:tracked-changes", "office:annotation", "text:note", "text:sequence-decls", "office:forms", "svg:desc")
)
_BREAKS = frozenset(("text:tab", "text:line-break", "text:s"))
_MOST_REPEATS = 100  # of a filled cell or row; programs write empty ones by the million
_DEEPEST = 200


def parse(source: Source) -> ParsedFile:
    """Read an ODT, ODP or ODS. Raises DamagedFile, TooManyPages or TooMuchText."""
    try:
        document = odfdo.Document(io.BytesIO(source.whole()))
        body, kind = document.body, document.get_type()
        stated = document.meta.title
    except (LxmlError, zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError) as error:
        raise DamagedFile(detail=type(error).__name__) from error
    collector = Collector()
    if kind.startswith("presentation"):
        _take_slides(collector, body, source)
    elif kind.startswith("spreadsheet"):
        _take_sheets(collector, body, source)
    else:
        _TextReader(collector).take(body, 0)
    blocks: list[Block] = mark_sections(collector.finish())
    if kind.startswith("spreadsheet"):
        title = title_of_sheets(stated, blocks)
    else:
        title = title_from_metadata(stated) or first_heading(blocks)
    return ParsedFile(tuple(blocks), title, {}, document.mimetype)


class _TextReader:
    """Takes headings, paragraphs, lists, tables and the footnotes behind them."""

    def __init__(self, collector: Collector, *, in_contents: bool = False) -> None:
        self._collector = collector
        self._in_contents = in_contents

    def take(self, element: Element, depth: int) -> None:
        for child in element.children:
            self._take_child(child, depth)

    def _take_child(self, child: Element, depth: int) -> None:
        tag = child.tag
        if tag in _UNSEEN or depth > _DEEPEST:
            return
        if tag == "text:h":
            level = str(child.get_attribute("text:outline-level") or "1")
            self._collector.heading(_line(child), min(int(level), 6) if level.isdigit() else 1)
        elif tag == "text:p":
            self._take_paragraph(child)
        elif tag == "text:list":
            for text in _items(child, 0):
                self._collector.item(text)
            self._take_notes(child)
        elif tag == "table:table":
            self._collector.table(table_text([list(row) for row in _rows(child)]))
        elif tag in ("text:table-of-content", "text:index-body"):
            _TextReader(self._collector, in_contents=True).take(child, depth + 1)
        elif not tag.endswith("-source") and tag != "text:index-title":
            self.take(child, depth + 1)

    def _take_paragraph(self, child: Element) -> None:
        if self._in_contents:
            self._collector.item(_line(child), note="toc")
            return
        self._collector.paragraph(_line(child))
        self._take_notes(child)
        for frame in _below(child, "draw:text-box"):
            self.take(frame, 1)

    def _take_notes(self, child: Element) -> None:
        for note in _below(child, "text:note-body"):
            self._collector.paragraph(_line(note), note="footnote")


def _line(element: Element) -> str:
    return one_line(_text(element))


def _text(element: Element) -> str:
    """The text of an element with what is inside it; notes, comments, deletions and frames left out."""
    parts = [element.text or ""]
    stack: list[tuple[Element, bool]] = [(child, False) for child in reversed(element.children)]
    while stack:
        node, left = stack.pop()
        if left:
            parts.append(node.tail or "")
            continue
        stack.append((node, True))
        if node.tag in _UNSEEN or node.tag == "draw:frame":
            continue
        parts.append(" " if node.tag in _BREAKS or node.tag == "text:p" else "")
        parts.append(node.text or "")
        stack.extend((child, False) for child in reversed(node.children))
    return "".join(parts)


def _below(element: Element, tag: str) -> Iterator[Element]:
    """Elements with this tag at any depth, not looked into further."""
    stack = list(reversed(element.children))
    while stack:
        node = stack.pop()
        if node.tag == tag:
            yield node
        else:
            stack.extend(reversed(node.children))


def _items(element: Element, depth: int) -> Iterator[str]:
    for item in element.children:
        if item.tag not in ("text:list-item", "text:list-header") or depth > _DEEPEST:
            continue
        text = " ".join(_line(part) for part in item.children if part.tag in ("text:p", "text:h"))
        if text:
            yield text
        for inner in item.children:
            if inner.tag == "text:list":
                yield from _items(inner, depth + 1)


def _repeats(element: Element, what: str) -> int:
    stated = str(element.get_attribute(f"table:number-{what}-repeated") or "1")
    return min(int(stated), _MOST_REPEATS) if stated.isdigit() else 1


def _rows(table: Element) -> Iterator[list[str]]:
    for row in _below(table, "table:table-row"):
        cells: list[str] = []
        for cell in row.children:
            text = " ".join(_line(part) for part in cell.children if part.tag in ("text:p", "text:h", "text:list"))
            cells.extend([text] * _repeats(cell, "columns"))
        for _ in range(_repeats(row, "rows") if any(cells) else 1):
            yield cells


def _take_slides(collector: Collector, body: Element, source: Source) -> None:
    slides = list(_below(body, "draw:page"))
    if len(slides) > source.limits.pages:
        raise TooManyPages(pages=len(slides), limit=source.limits.pages)
    for number, slide in enumerate(slides, start=1):
        _take_slide(collector, slide, number)


def _take_slide(collector: Collector, slide: Element, number: int) -> None:
    frames = [child for child in slide.children if child.tag != "presentation:notes"]
    head = next((one for one in frames if one.get_attribute("presentation:class") == "title"), None)
    title = one_line(" ".join(_line(part) for part in _below(head, "text:p"))) if head is not None else ""
    collector.move_to("slide", number, title)
    collector.heading(title, 1)
    reader = _TextReader(collector)
    for frame in frames:
        if frame is not head and frame.get_attribute("presentation:class") not in (
            "footer",
            "date-time",
            "page-number",
        ):
            reader.take(frame, 0)
    for notes in _below(slide, "presentation:notes"):
        reader.take(notes, 0)


def _take_sheets(collector: Collector, body: Element, source: Source) -> None:
    sheets = list(_below(body, "table:table"))
    if len(sheets) > source.limits.pages:
        raise TooManyPages(pages=len(sheets), limit=source.limits.pages)
    reader = SheetReader(collector, source.limits)
    for number, sheet in enumerate(sheets, start=1):
        reader.read(number, str(sheet.get_attribute("table:name") or ""), _rows(sheet))
