"""PDF: the lines of each page with their type size and place, then cleaned like any printed text."""

import ctypes
import re
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # it ships no types
from pypdfium2 import raw

from knowledge.library.files.blocks import ParsedFile
from knowledge.library.files.characters import clean_characters
from knowledge.library.files.cleaning import blocks_of_pages
from knowledge.library.files.errors import DamagedFile, EncryptedFile, ScanWithoutText, TooManyPages, TooMuchText
from knowledge.library.files.lines import Line
from knowledge.library.files.pieces import measure
from knowledge.library.files.source import Source
from knowledge.library.files.titles import first_heading, title_from_metadata

_HYPHEN = "\x02"  # PDFium's sign for a hyphen at a line end, in place of the line break
_TAIL = 2048
_FEWEST_LETTERS = 4  # a page, on average; scans may carry page numbers or a stamp
_DROPPED = "\u200b"  # stands for a raised figure, and is cleaned away
_MARGINAL = 4  # lines at either end of a page's drawing order that may be heads and feet
_RAISED = 0.78  # of the size of the letters around
_FORCE_BOLD = 1 << 18  # a flag of font descriptors, PDF 32000-1, table 123
_NOTE_START = re.compile(r"^(?:\d{1,3}|\*{1,3})\s*[^\W\d]")


def parse(source: Source) -> ParsedFile:
    """Read a PDF. Raises DamagedFile, EncryptedFile, ScanWithoutText, TooManyPages or TooMuchText."""
    data = source.whole()
    _check_end(data)
    with closing(_open(data)) as document:
        if len(document) > source.limits.pages:
            raise TooManyPages(pages=len(document), limit=source.limits.pages)
        pages = _pages(document, source.limits.characters)
        title = title_from_metadata(document.get_metadata_value("Title"))
    if not any(page for page in pages):
        raise ScanWithoutText
    _mark_gaps_and_notes(pages)
    blocks = blocks_of_pages(pages)
    if not blocks:
        raise ScanWithoutText
    return ParsedFile(tuple(blocks), title or first_heading(blocks), {}, "application/pdf")


def _check_end(data: bytes) -> None:
    """PDFium makes what it can of half a file; half a text must not pass for the whole."""
    tail = data[-_TAIL:]
    if b"%%EOF" not in tail and b"startxref" not in tail:
        raise DamagedFile(detail="no end of file mark")


def _open(data: bytes) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise EncryptedFile from error
        raise DamagedFile(detail=str(error)[:200]) from error


def _pages(document: pdfium.PdfDocument, limit: int) -> list[list[Line]]:
    pages: list[list[Line]] = []
    total = 0
    for number in range(1, len(document) + 1):
        try:
            with closing(document[number - 1]) as page, closing(page.get_textpage()) as text:
                total += text.count_chars()
                if total > limit:
                    raise TooMuchText(limit=limit)
                pages.append(_lines(text, number))
        except pdfium.PdfiumError as error:
            raise DamagedFile(detail=f"page {number}: {error}"[:200]) from error
    letters = sum(sum(map(str.isalpha, line.text)) for page in pages for line in page)
    return pages if letters >= _FEWEST_LETTERS * len(pages) else []


class _Metrics:
    """Type size, weight and place of single characters."""

    def __init__(self, textpage: pdfium.PdfTextPage) -> None:
        self._page = textpage.raw
        self._matrix = raw.FS_MATRIX()
        self._box = raw.FS_RECTF()
        self._flags = ctypes.c_int()
        self._name = ctypes.create_string_buffer(128)
        self._x, self._y = ctypes.c_double(), ctypes.c_double()

    def size(self, at: int) -> float:
        """Type size as seen: what the font says, times what the matrix makes of it."""
        size = float(raw.FPDFText_GetFontSize(self._page, at))
        if raw.FPDFText_GetMatrix(self._page, at, ctypes.byref(self._matrix)):
            size *= float((self._matrix.b**2 + self._matrix.d**2) ** 0.5)
        return round(size, 1)

    def is_bold(self, at: int) -> bool:
        length = raw.FPDFText_GetFontInfo(self._page, at, self._name, 128, ctypes.byref(self._flags))
        name = self._name.raw[: min(length, 128)].lower()
        return any(word in name for word in (b"bold", b"black", b"heavy")) or bool(self._flags.value & _FORCE_BOLD)

    def right(self, at: int) -> float:
        """The right edge (points)."""
        raw.FPDFText_GetLooseCharBox(self._page, at, ctypes.byref(self._box))
        return float(self._box.right)

    def origin(self, at: int) -> tuple[float, float]:
        """Where the character stands, from the left and above the lower edge (points)."""
        raw.FPDFText_GetCharOrigin(self._page, at, ctypes.byref(self._x), ctypes.byref(self._y))
        return self._x.value, self._y.value


@dataclass(slots=True)
class _Fragment:
    """A line, or part of one, with its right edge (points)."""

    line: Line
    right: float


def _lines(textpage: pdfium.PdfTextPage, number: int) -> list[Line]:
    read, page = raw.FPDFText_GetUnicode, textpage.raw
    characters = [_character(read(page, at)) for at in range(textpage.count_chars())]
    metrics = _Metrics(textpage)
    fragments: list[_Fragment] = []
    start = 0
    for at, character in enumerate([*characters, "\n"]):
        if character in ("\r", "\n", _HYPHEN):
            _add(fragments, _fragment(characters, metrics, range(start, at), number), hyphen=character == _HYPHEN)
            start = at + 1
    return _in_order([fragment.line for fragment in fragments])


def _add(fragments: list[_Fragment], new: _Fragment | None, *, hyphen: bool) -> None:
    """Raised figures and wide gaps break a line into fragments, which are joined again here."""
    if new is None:
        return
    new.line.text += "-" if hyphen else ""
    last = fragments[-1] if fragments else None
    if last is None or not _on_one_line(last, new):
        fragments.append(new)
        return
    gap = new.line.left - last.right
    if len(new.line.text) > len(last.line.text):  # a bullet or number before it may be set larger
        last.line.size = new.line.size
    last.line.text += (" " if gap > 0.15 * new.line.size else "") + new.line.text
    last.line.bold = last.line.bold and new.line.bold
    last.right = new.right


def _on_one_line(one: _Fragment, other: _Fragment) -> bool:
    size = max(one.line.size, other.line.size)
    level = abs(one.line.height - other.line.height) < 0.2 * size
    return level and other.line.left > one.right - 0.3 * size and not one.line.text.endswith("-")


def _in_order(lines: list[Line]) -> list[Line]:
    """Heads and feet are often drawn first or last, wherever they stand: put them where the eye finds them."""
    middle = lines[_MARGINAL:-_MARGINAL]
    if not middle:
        return lines
    top, bottom = max(line.height for line in middle), min(line.height for line in middle)
    outer = lines[:_MARGINAL] + lines[-_MARGINAL:]
    heads = [line for line in outer if line.height > top]
    feet = [line for line in outer if line.height < bottom]
    moved = {id(line) for line in heads + feet}
    rest = [line for line in lines if id(line) not in moved]
    return sorted(heads, key=_from_top) + rest + sorted(feet, key=_from_top)


def _from_top(line: Line) -> float:
    return -line.height


def _character(code: int) -> str:
    return chr(code) if 0 < code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else ""


def _fragment(characters: list[str], metrics: _Metrics, span: range, number: int) -> _Fragment | None:
    shown = [at for at in span if characters[at].strip()]
    if not shown:
        return None
    first, middle, last = shown[0], shown[len(shown) // 2], shown[-1]
    size = median(metrics.size(at) for at in (first, middle, last))
    text = _without_raised_figures(characters, metrics, span, size)
    text = clean_characters(text).replace("\n", " ").strip()
    if not text:
        return None
    bold = all(metrics.is_bold(at) for at in {first, middle, last})
    left, height = metrics.origin(first)
    line = Line(text, number, size=size, bold=bold, left=round(left, 1), height=height)
    return _Fragment(line, metrics.right(last))


def _without_raised_figures(characters: list[str], metrics: _Metrics, span: range, size: float) -> str:
    """Leave out the small raised figures that point to footnotes, but keep those of m² and CO₂."""
    kept: list[str] = []
    baseline: float | None = None
    for at in span:
        character = characters[at]
        if baseline is None and character.strip():
            baseline = metrics.origin(at)[1]
        follows_word = len(kept) > 1 and kept[-1] != " " and kept[-2] != " " and not kept[-1].isdigit()
        after_raised = bool(kept) and kept[-1] == _DROPPED
        raised = (
            character.isdigit()
            and (follows_word or after_raised)
            and metrics.size(at) < _RAISED * size
            and metrics.origin(at)[1] > (baseline or 0.0) + 0.1 * size
        )
        kept.append(_DROPPED if raised else character)
    return "".join(kept)


def _mark_gaps_and_notes(pages: list[list[Line]]) -> None:
    """Find the white space between lines, and the footnotes below the text of a page."""
    body = measure([line for page in pages for line in page]).size
    pitches = [pitch for page in pages for one, other in pairwise(page) if 0.8 < (pitch := _pitch(one, other)) < 3]
    usual = median(pitches) if pitches else 1.2
    for page in pages:
        for one, other in pairwise(page):
            other.gap = _pitch(one, other) > 1.3 * usual
        _mark_notes(page, body)


def _pitch(one: Line, other: Line) -> float:
    """Distance between two lines in type sizes; negative where a new column begins."""
    return (one.height - other.height) / max(one.size, other.size, 1.0)


def _mark_notes(page: list[Line], body: float) -> None:
    """A footnote is small, begins with its number, and at most a footer stands below it."""
    small = [line.size < 0.92 * body for line in page]
    end = max((at for at, is_small in enumerate(small) if is_small), default=-1)
    if end < 0 or len(page) - 1 - end > 2:
        return
    start = end
    while start > 0 and small[start - 1]:
        start -= 1
    first = next((at for at in range(start, end + 1) if _NOTE_START.match(page[at].text)), None)
    if first is not None and start > 0:
        for line in page[first : end + 1]:
            line.small = True
