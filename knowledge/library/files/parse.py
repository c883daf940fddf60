"""From an open file to its blocks: find its kind, and call the parser for it. Runs in a worker process."""

import warnings
from importlib import import_module
from pathlib import Path

from knowledge.library.files.blocks import ParsedFile
from knowledge.library.files.detect import FileKind, detect_kind
from knowledge.library.files.errors import EmptyFile, TooMuchText
from knowledge.library.files.limits import ReadLimits
from knowledge.library.files.source import Source, open_source

# Parsers are imported when first needed: a worker that reads Markdown never loads PDFium.
_MODULES: dict[FileKind, str] = {
    "pdf": "pdf",
    "docx": "docx",
    "pptx": "pptx",
    "xlsx": "xlsx",
    "odt": "odf",
    "odp": "odf",
    "ods": "odf",
    "rtf": "rtf",
    "html": "html",
    "markdown": "markdown",
    "text": "text",
}


def parse_file(path: Path, limits: ReadLimits) -> ParsedFile:
    """Read one file in this process, without limits on time and memory. Raises FileUnreadable."""
    with open_source(path, limits) as source:
        parsed = _parse(source)
    if not parsed.blocks:
        raise EmptyFile
    if len(parsed.blocks) > limits.blocks or sum(len(block.text) for block in parsed.blocks) > limits.characters:
        raise TooMuchText(limit=limits.characters)
    return parsed


def _parse(source: Source) -> ParsedFile:
    module = import_module(f"knowledge.library.files.{_MODULES[detect_kind(source)]}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what libraries remark on a stranger's file helps nobody
        parsed: ParsedFile = module.parse(source)
    return parsed
