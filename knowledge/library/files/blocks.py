"""What a file becomes once it is read: clean blocks of text that know where they stood."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["heading", "paragraph", "list", "table"]
Place = Literal["page", "slide", "sheet"]
Note = Literal["toc", "references", "footnote"]


@dataclass(frozen=True, slots=True)
class Block:
    """One heading, paragraph, list or table.

    ``text`` is clean: a single line for headings and paragraphs; lists and tables keep a line break between items
    or rows. ``level`` is 1 to 6 for headings, else 0. ``number`` counts pages, slides or sheets from 1, ``label``
    is a sheet's name or a slide's title. What carries a ``note`` may be searched, but is never quoted as an answer.
    """

    kind: Kind
    text: str
    level: int = 0
    place: Place | None = None
    number: int | None = None
    label: str | None = None
    note: Note | None = None


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A whole file as blocks, with what it says about itself.

    ``title`` comes from front matter, from metadata that is not junk, or from the first top heading.
    ``properties`` holds descriptive front matter only (publisher, year, licence, …).
    """

    blocks: tuple[Block, ...]
    title: str | None
    properties: Mapping[str, str | list[str]]
    media_type: str
