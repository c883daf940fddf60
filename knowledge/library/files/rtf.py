"""RTF: its plain text, with tables and lists told by their form."""

import re

from striprtf.striprtf import rtf_to_text

from knowledge.library.files.blocks import Block, ParsedFile
from knowledge.library.files.characters import clean_characters, one_line
from knowledge.library.files.errors import DamagedFile
from knowledge.library.files.source import Source
from knowledge.library.files.tables import table_text
from knowledge.library.files.text import blocks_of_paragraphs
from knowledge.library.files.titles import first_heading, title_from_metadata

_TITLE = re.compile(r"\{\\title ([^{}\\]{1,300})\}")
# The pixels of pictures, as hexadecimal digits, are most of a file.
_PICTURE = re.compile(r"(?:[0-9a-fA-F]{64,}\s*)+")


def parse(source: Source) -> ParsedFile:
    """Read an RTF. Raises DamagedFile."""
    markup = _PICTURE.sub("", source.whole().decode("cp1252", errors="replace"))
    if not markup.rstrip("\0 \r\n\t").endswith("}"):
        raise DamagedFile(detail="groups left open")
    try:
        text = clean_characters(str(rtf_to_text(markup, errors="replace")))  # type: ignore[no-untyped-call]
    except (IndexError, ValueError, LookupError) as error:
        raise DamagedFile(detail=type(error).__name__) from error
    blocks = _blocks(text)
    match = _TITLE.search(markup)
    title = title_from_metadata(match[1]) if match else None
    return ParsedFile(tuple(blocks), title or first_heading(blocks), {}, "application/rtf")


def _blocks(text: str) -> list[Block]:
    """Rows of tables come as lines with bars between their cells."""
    blocks: list[Block] = []
    plain: list[str] = []
    rows: list[list[str]] = []
    for line in [*text.split("\n"), ""]:
        if line.rstrip().endswith("|"):
            blocks.extend(blocks_of_paragraphs("\n".join(plain)))
            plain = []
            rows.append([one_line(cell) for cell in line.rstrip().removesuffix("|").split("|")])
            continue
        if rows:
            blocks.append(Block("table", table_text(rows)))
            rows = []
        plain.append(line)
    blocks.extend(blocks_of_paragraphs("\n".join(plain)))
    return [block for block in blocks if block.text]
