"""Real files of every kind, made in code."""

import struct
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import docx
import odfdo
import openpyxl  # type: ignore[import-untyped]  # it ships no types
import pptx
from pptx.util import Inches
from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]  # it ships no types
from reportlab.lib.pdfencrypt import StandardEncryption  # type: ignore[import-untyped]
from reportlab.lib.utils import ImageReader  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

LEFT, TOP, BOTTOM = 72, 760, 70


@dataclass(frozen=True)
class Printed:
    """A printed line: its text, type size, whether bold, and the space above it in lines."""

    text: str
    size: float = 10
    bold: bool = False
    space: float = 0


@dataclass(frozen=True)
class Page:
    """A printed page with what stands above and below its text."""

    lines: Sequence[Printed | str]
    head: str = ""
    foot: str = ""
    notes: Sequence[str] = ()


def make_pdf(path: Path, pages: Sequence[Page], *, title: str = "", password: str = "") -> Path:
    """Print pages of lines, broken as given."""
    encrypt = StandardEncryption(password, canPrint=0) if password else None
    canvas = Canvas(str(path), pagesize=A4, encrypt=encrypt)
    canvas.setTitle(title)
    for page in pages:
        _print_page(canvas, page)
        canvas.showPage()
    canvas.save()
    return path


def _print_page(canvas: Canvas, page: Page) -> None:
    canvas.setFont("Helvetica", 8)
    canvas.drawString(LEFT, 810, page.head)
    canvas.drawString(LEFT, 30, page.foot)
    height: float = TOP
    for entry in page.lines:
        line = Printed(entry) if isinstance(entry, str) else entry
        height -= line.size * 1.25 * (1 + line.space)
        canvas.setFont("Helvetica-Bold" if line.bold else "Helvetica", line.size)
        canvas.drawString(LEFT, height, line.text)
    canvas.setFont("Helvetica", 7)
    for at, note in enumerate(page.notes):
        canvas.drawString(LEFT, BOTTOM - 9 * at, note)


def make_scan(path: Path) -> Path:
    """A page that is only a picture."""
    canvas = Canvas(str(path), pagesize=A4)
    canvas.drawImage(ImageReader(BytesIO(_png(40, 60))), 0, 0, width=A4[0], height=A4[1])
    canvas.showPage()
    canvas.save()
    return path


def _png(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + bytes([row % 256] * width) for row in range(height)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def make_docx(path: Path) -> Path:
    """A report with headings, a list, a table and references."""
    document = docx.Document()
    document.core_properties.title = "Microsoft Word - Dokument1.docx"
    document.add_heading("Bericht zur Bücherei", 1)
    document.add_paragraph("Die Bücherei hat seit Mai einen Chatbot.")
    document.add_heading("Erfahrungen", 2)
    document.add_paragraph("Öffnungszeiten", style="List Bullet")
    document.add_paragraph("Mahngebühren", style="List Bullet")
    table = document.add_table(2, 2)
    for at, text in enumerate(("Monat", "Fragen", "Mai", "120")):
        table.cell(at // 2, at % 2).text = text
    document.add_paragraph("Danach gab es weniger Anrufe.")
    document.add_heading("Literatur", 2)
    document.add_paragraph("Beispiel, Anna (2023): Chatbots in Büchereien.")
    document.save(str(path))
    return path


def make_pptx(path: Path) -> Path:
    """Two slides: one with points and notes, one with a table."""
    show = pptx.Presentation()
    first = show.slides.add_slide(show.slide_layouts[1])
    first.shapes.title.text = "Warum ein Chatbot?"
    first.placeholders[1].text_frame.text = "Weniger Anrufe\nAuskunft am Abend"
    first.notes_slide.notes_text_frame.text = "Hier vom Probelauf erzählen."
    second = show.slides.add_slide(show.slide_layouts[5])
    second.shapes.title.text = "Zahlen"
    table = second.shapes.add_table(2, 2, Inches(1), Inches(2), Inches(4), Inches(1)).table
    for at, text in enumerate(("Monat", "Fragen", "Mai", "120")):
        table.cell(at // 2, at % 2).text = text
    show.save(str(path))
    return path


def make_xlsx(path: Path) -> Path:
    """A sheet with a caption, a table and a gap, and a hidden sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Kosten"
    for row in (["Kosten des Chatbots"], [], ["Jahr", "Betrag"], [2023, 1200.5], [2024, 900], [], ["frei", 3]):
        sheet.append(row)
    hidden = book.create_sheet("Gehälter")
    hidden.append(["geheim", 1])
    hidden.sheet_state = "hidden"
    book.save(path)
    return path


def make_odt(path: Path) -> Path:
    """A text with a heading, a footnote, a list and a table."""
    document = odfdo.Document("text")
    body = document.body
    body.clear()
    body.append(odfdo.Header(1, "Bericht zur Bücherei"))
    paragraph = odfdo.Paragraph("Der Probelauf dauerte ein Jahr.")
    paragraph.insert_note(after="Probelauf", note_id="n1", citation="1", body="Von Mai 2023 an.")
    body.append(paragraph)
    body.append(odfdo.List(["Öffnungszeiten", "Mahngebühren"]))
    body.append(_odf_table("Zahlen"))
    document.save(str(path))
    return path


def make_ods(path: Path) -> Path:
    """One sheet with a table."""
    document = odfdo.Document("spreadsheet")
    document.body.clear()
    document.body.append(_odf_table("Zahlen"))
    document.save(str(path))
    return path


def make_odp(path: Path) -> Path:
    """One slide with a title and two sentences."""
    document = odfdo.Document("presentation")
    document.body.clear()
    slide = odfdo.DrawPage("page1", name="Folie 1")
    head = odfdo.Frame.text_frame("Warum ein Chatbot?", size=("5cm", "1cm"), position=("1cm", "1cm"))
    head.set_attribute("presentation:class", "title")
    slide.append(head)
    slide.append(odfdo.Frame.text_frame("Weniger Anrufe am Abend.", size=("5cm", "1cm"), position=("1cm", "3cm")))
    document.body.append(slide)
    document.save(str(path))
    return path


def _odf_table(name: str) -> odfdo.Table:
    table = odfdo.Table(name)
    for cell, value in (("A1", "Monat"), ("B1", "Fragen"), ("A2", "Mai"), ("B2", "120")):
        table.set_value(cell, value)
    return table


def make_rtf(path: Path) -> Path:
    """Two paragraphs, one with an umlaut, and a table."""
    path.write_text(
        r"{\rtf1\ansi\ansicpg1252{\fonttbl\f0 Arial;}{\info{\title Bericht zur Leihe}}\f0\fs24 "
        r"Die B\'fccherei hat einen Chatbot.\par Er antwortet am Abend.\par"
        r"\trowd\cellx1000\cellx2000 Monat\cell Fragen\cell\row\trowd\cellx1000\cellx2000 Mai\cell 120\cell\row}",
        encoding="ascii",
    )
    return path


def make_zip_bomb(path: Path, megabytes: int = 60) -> Path:
    """A DOCX of some 60 KB that unpacks to a thousand times as much."""
    block = b" " * 1_000_000
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("word/document.xml", "w") as member:
            for _ in range(megabytes):
                member.write(block)
    return path
