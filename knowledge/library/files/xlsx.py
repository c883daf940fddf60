"""XLSX: sheets as tables of what their cells show. Hidden sheets are left out."""

import zipfile
from collections.abc import Iterator

import openpyxl  # type: ignore[import-untyped]
from openpyxl.chartsheet import Chartsheet  # type: ignore[import-untyped]
from openpyxl.utils.exceptions import InvalidFileException  # type: ignore[import-untyped]
from openpyxl.worksheet._read_only import ReadOnlyWorksheet  # type: ignore[import-untyped]

from knowledge.library.files.blocks import ParsedFile
from knowledge.library.files.collect import Collector
from knowledge.library.files.errors import DamagedFile, TooManyPages
from knowledge.library.files.sheets import SheetReader, cell_text, title_of_sheets
from knowledge.library.files.source import Source

_MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def parse(source: Source) -> ParsedFile:
    """Read an XLSX: values as last calculated, not formulas. Raises DamagedFile, TooManyPages or TooMuchText."""
    try:
        workbook = openpyxl.load_workbook(source.file, read_only=True, data_only=True, keep_links=False)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        raise DamagedFile(detail=type(error).__name__) from error
    if len(workbook.sheetnames) > source.limits.pages:
        raise TooManyPages(pages=len(workbook.sheetnames), limit=source.limits.pages)
    collector = Collector()
    reader = SheetReader(collector, source.limits)
    for number, sheet in enumerate(workbook, start=1):
        if not isinstance(sheet, Chartsheet) and sheet.sheet_state == "visible":
            reader.read(number, sheet.title, _rows(sheet))
    blocks = collector.finish()
    return ParsedFile(tuple(blocks), title_of_sheets(workbook.properties.title, blocks), {}, _MEDIA_TYPE)


def _rows(sheet: ReadOnlyWorksheet) -> Iterator[list[str]]:
    sheet.reset_dimensions()  # what a file says about its size is not to be trusted
    for row in sheet.iter_rows(values_only=True):
        yield [cell_text(value) for value in row]
