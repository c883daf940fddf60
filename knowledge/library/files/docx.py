"""DOCX: paragraphs, lists and tables in order; headings by style, footnotes behind the paragraph that has them."""

import re
import zipfile
from collections.abc import Iterator
from typing import Any

import docx
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml

from knowledge.library.files.blocks import Block, ParsedFile
from knowledge.library.files.characters import one_line
from knowledge.library.files.collect import Collector
from knowledge.library.files.errors import DamagedFile
from knowledge.library.files.marks import ends_sentence, item_text, mark_sections
from knowledge.library.files.source import Source
from knowledge.library.files.tables import table_text
from knowledge.library.files.titles import first_heading, title_from_metadata

_MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_HEADING = re.compile(r"^(?:heading|überschrift|berschrift) ?(\d)$", re.IGNORECASE)
_CONTENTS = re.compile(r"^(?:toc|verzeichnis|inhaltsverzeichnis) ?\d", re.IGNORECASE)
_LIST = re.compile(r"^(?:list|liste|aufzählung)", re.IGNORECASE)
# Deleted text, field codes, and the second copy of drawings for old programs.
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_UNSEEN = frozenset((*map(qn, ("w:del", "w:moveFrom", "w:instrText", "w:pPr", "w:rPr")), _FALLBACK))
_SIGNS = {qn("w:tab"): "\t", qn("w:br"): " ", qn("w:cr"): " ", qn("w:noBreakHyphen"): "-"}
_LONGEST_BOLD = 100

Element = Any  # lxml's elements, which have no types


def parse(source: Source) -> ParsedFile:
    """Read a DOCX. Raises DamagedFile."""
    try:
        document = docx.Document(source.file)
        title = title_from_metadata(document.core_properties.title)
    except (OpcError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise DamagedFile(detail=type(error).__name__) from error
    blocks = mark_sections(_DocxReader(document).read())
    return ParsedFile(tuple(blocks), title or first_heading(blocks), {}, _MEDIA_TYPE)


class _DocxReader:
    def __init__(self, document: Document) -> None:
        self._body: Element = document.element.body
        self._notes = _footnotes(document)
        self._styles = _Styles(document)
        self._collector = Collector()

    def read(self) -> list[Block]:
        paragraphs = list(_contents(self._body))
        styled = any(self._styles.level(one) for one in paragraphs if one.tag == qn("w:p"))
        for element in paragraphs:
            if element.tag == qn("w:tbl"):
                self._collector.table(table_text(_rows(element)))
            else:
                self._take_paragraph(element, styled=styled)
        return self._collector.finish()

    def _take_paragraph(self, element: Element, *, styled: bool) -> None:
        text = one_line(_text(element))
        collector = self._collector
        if not text:
            return
        if self._styles.is_contents(element):
            collector.item(text, note="toc")
        elif level := self._styles.level(element):
            collector.heading(text, level)
        elif self._styles.is_item(element):
            collector.item(item_text(text))
        elif not styled and _is_bold_heading(element, text):
            collector.heading(text, 2)
        else:
            collector.paragraph(text)
        for reference in element.iter(qn("w:footnoteReference")):
            collector.paragraph(self._notes.get(reference.get(qn("w:id")), ""), note="footnote")


class _Styles:
    """What the styles of a document say about its paragraphs."""

    def __init__(self, document: Document) -> None:
        self._names: dict[str, str] = {}
        self._levels: dict[str, int] = {}
        for style in document.styles.element.iter(qn("w:style")):
            self._learn(style)

    def _learn(self, style: Element) -> None:
        key, name = style.get(qn("w:styleId"), ""), style.find(qn("w:name"))
        self._names[key] = name.get(qn("w:val"), "") if name is not None else ""
        outline = style.find(f".//{qn('w:outlineLvl')}")
        match = _HEADING.match(self._names[key])
        if match:
            self._levels[key] = min(int(match[1]) or 1, 6)
        elif self._names[key].lower() == "title":
            self._levels[key] = 1
        elif outline is not None and outline.get(qn("w:val"), "9").isdigit():
            level = int(outline.get(qn("w:val"), "9")) + 1
            self._levels[key] = level if level <= 6 else 0

    def _key(self, element: Element) -> str:
        style = element.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        return str(style.get(qn("w:val"), "")) if style is not None else ""

    def level(self, element: Element) -> int:
        return self._levels.get(self._key(element), 0)

    def is_contents(self, element: Element) -> bool:
        return bool(_CONTENTS.match(self._names.get(self._key(element), "")))

    def is_item(self, element: Element) -> bool:
        numbered = element.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
        name = self._names.get(self._key(element), "")
        return numbered is not None or bool(_LIST.match(name) and name.lower() != "list paragraph")


def _contents(parent: Element) -> Iterator[Element]:
    """Paragraphs and tables, also those inside content controls (a table of contents is one)."""
    for child in parent:
        if child.tag in (qn("w:p"), qn("w:tbl")):
            yield child
        elif child.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:customXml"), qn("w:smartTag")):
            yield from _contents(child)


def _text(element: Element) -> str:
    parts: list[str] = []
    stack = [element]
    while stack:
        node = stack.pop()
        if node.tag in _UNSEEN:
            continue
        if node.tag == qn("w:t"):
            parts.append(node.text or "")
        elif sign := _SIGNS.get(node.tag):
            parts.append(sign)
        else:
            stack.extend(reversed(node))
    return "".join(parts)


def _rows(table: Element) -> list[list[str]]:
    rows = []
    for row in table.iter(qn("w:tr")):
        cells = [cell for cell in row if cell.tag == qn("w:tc")]
        rows.append([one_line(" ".join(_text(part) for part in cell.iter(qn("w:p")))) for cell in cells])
    return rows


def _is_bold_heading(element: Element, text: str) -> bool:
    """In documents without heading styles, a short bold line stands for a heading."""
    if len(text) > _LONGEST_BOLD or ends_sentence(text):
        return False
    runs = [run for run in element.iter(qn("w:r")) if _text(run).strip()]
    bold = [run.find(f"{qn('w:rPr')}/{qn('w:b')}") for run in runs]
    return bool(runs) and all(mark is not None and mark.get(qn("w:val"), "1") not in ("0", "false") for mark in bold)


def _footnotes(document: Document) -> dict[str | None, str]:
    try:
        part = document.part.part_related_by(RELATIONSHIP_TYPE.FOOTNOTES)
    except KeyError:
        return {}
    notes: Element = parse_xml(part.blob)
    return {
        note.get(qn("w:id")): one_line(_text(note))
        for note in notes.iter(qn("w:footnote"))
        if not note.get(qn("w:type"))
    }
