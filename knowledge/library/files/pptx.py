"""PPTX: slides with their titles, texts, tables and notes. Hidden slides are left out."""

import zipfile
from collections.abc import Iterator

import pptx
from pptx.enum.shapes import MSO_SHAPE_TYPE, PP_PLACEHOLDER
from pptx.exc import PythonPptxError
from pptx.shapes.base import BaseShape
from pptx.slide import Slide
from pptx.text.text import TextFrame

from knowledge.library.files.blocks import ParsedFile
from knowledge.library.files.characters import one_line
from knowledge.library.files.collect import Collector
from knowledge.library.files.errors import DamagedFile, TooManyPages
from knowledge.library.files.marks import item_text, mark_sections
from knowledge.library.files.source import Source
from knowledge.library.files.tables import table_text
from knowledge.library.files.titles import first_heading, title_from_metadata

_MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
_FURNITURE = (PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.HEADER)
_DEEPEST = 20


def parse(source: Source) -> ParsedFile:
    """Read a PPTX. Raises DamagedFile or TooManyPages."""
    try:
        presentation = pptx.Presentation(source.file)
        title = title_from_metadata(presentation.core_properties.title)
        slides = list(presentation.slides)
    except (PythonPptxError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise DamagedFile(detail=type(error).__name__) from error
    if len(slides) > source.limits.pages:
        raise TooManyPages(pages=len(slides), limit=source.limits.pages)
    collector = Collector()
    for number, slide in enumerate(slides, start=1):
        if slide.element.get("show") != "0":
            _take_slide(collector, slide, number)
    blocks = mark_sections(collector.finish())
    title = None if title == "PowerPoint Presentation" else title  # what python-pptx's own template says
    return ParsedFile(tuple(blocks), title or first_heading(blocks), {}, _MEDIA_TYPE)


def _take_slide(collector: Collector, slide: Slide, number: int) -> None:
    head = slide.shapes.title
    title = one_line(head.text_frame.text) if head is not None and head.has_text_frame else ""
    collector.move_to("slide", number, title)
    collector.heading(title, 1)
    for shape in _shapes(slide.shapes, 0):
        if head is None or shape.shape_id != head.shape_id:
            _take_shape(collector, shape)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        for paragraph in slide.notes_slide.notes_text_frame.paragraphs:
            collector.paragraph(one_line(paragraph.text))


def _shapes(shapes: object, depth: int) -> Iterator[BaseShape]:
    """Shapes from top to bottom, groups opened."""
    for shape in sorted(shapes, key=lambda one: (one.top or 0, one.left or 0)):  # type: ignore[call-overload]  # no types
        if shape.shape_type == MSO_SHAPE_TYPE.GROUP and depth < _DEEPEST:
            yield from _shapes(shape.shapes, depth + 1)
        else:
            yield shape


def _take_shape(collector: Collector, shape: BaseShape) -> None:
    if shape.is_placeholder and shape.placeholder_format.type in _FURNITURE:
        return
    if shape.has_table:
        rows = [[one_line(cell.text) for cell in row.cells] for row in shape.table.rows]  # type: ignore[attr-defined]
        collector.table(table_text(rows))
    elif shape.has_text_frame:
        _take_text(collector, shape.text_frame)  # type: ignore[attr-defined]  # checked the line before


def _take_text(collector: Collector, frame: TextFrame) -> None:
    texts = [text for paragraph in frame.paragraphs if (text := one_line(paragraph.text))]
    if len(texts) == 1:
        collector.paragraph(texts[0])
        return
    for text in texts:
        collector.item(item_text(text))
    collector.paragraph("")  # the next shape begins a list of its own
