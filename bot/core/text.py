"""Rich text that knows no network: blocks of spans, which each adapter writes in its own way.

Nothing in a span is markup: an adapter must show every character as it is, whatever a document or a person wrote.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Style(StrEnum):
    """How a span looks."""

    PLAIN = "plain"
    BOLD = "bold"
    ITALIC = "italic"
    CODE = "code"


class BlockKind(StrEnum):
    """What a block is. Items of a list are blocks that follow each other."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    QUOTE = "quote"
    ITEM = "item"
    # Small print: labels, hints.
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Span:
    """A run of characters in one style, perhaps a link (http, https, mailto or matrix.to only)."""

    text: str
    style: Style = Style.PLAIN
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, quotation, list item or note. Line breaks inside of it are kept."""

    kind: BlockKind
    spans: tuple[Span, ...]

    @property
    def plain(self) -> str:
        """The block's characters alone."""
        return "".join(span.text for span in self.spans)


@dataclass(frozen=True, slots=True)
class RichText:
    """What one message says."""

    blocks: tuple[Block, ...]

    @property
    def plain(self) -> str:
        """The text without any styles, blocks parted by an empty line, list items by a line break."""
        parts: list[str] = []
        for block, before in zip(self.blocks, (None, *self.blocks), strict=False):
            is_next_item = before is not None and block.kind is before.kind is BlockKind.ITEM
            mark = "· " if block.kind is BlockKind.ITEM else ""
            separator = "" if before is None else "\n" if is_next_item else "\n\n"
            parts.append(f"{separator}{mark}{block.plain}")
        return "".join(parts)

    def __add__(self, other: "RichText") -> "RichText":
        """Return both texts, one after the other."""
        return RichText(self.blocks + other.blocks)


def bold(text: str) -> Span:
    """Return a span in bold."""
    return Span(text, Style.BOLD)


def italic(text: str) -> Span:
    """Return a span in italics."""
    return Span(text, Style.ITALIC)


def code(text: str) -> Span:
    """Return a span to be copied as it is: a command, a code."""
    return Span(text, Style.CODE)


def link(text: str, address: str) -> Span:
    """Return a span that leads somewhere."""
    return Span(text, link=address)


def block(kind: BlockKind, *parts: str | Span) -> Block:
    """Return a block of spans and plain strings."""
    return Block(kind, tuple(Span(part) if isinstance(part, str) else part for part in parts))


def paragraph(*parts: str | Span) -> Block:
    """Return a paragraph."""
    return block(BlockKind.PARAGRAPH, *parts)


def heading(*parts: str | Span) -> Block:
    """Return a heading."""
    return block(BlockKind.HEADING, *parts)


def quote(*parts: str | Span) -> Block:
    """Return a quotation."""
    return block(BlockKind.QUOTE, *parts)


def item(*parts: str | Span) -> Block:
    """Return an item of a list."""
    return block(BlockKind.ITEM, *parts)


def note(*parts: str | Span) -> Block:
    """Return small print."""
    return block(BlockKind.NOTE, *parts)


def rich(*blocks: Block | str) -> RichText:
    """Return a text of blocks; plain strings become paragraphs."""
    return RichText(tuple(paragraph(part) if isinstance(part, str) else part for part in blocks))


def pack_text(text: RichText) -> list[Any]:
    """Return a text as JSON: ``[[kind, [[text, style, link], …]], …]``."""
    return [[item.kind.value, [[s.text, s.style.value, s.link] for s in item.spans]] for item in text.blocks]


def unpack_text(values: Iterable[Any]) -> RichText:
    """Return the text that ``pack_text`` packed."""
    return RichText(
        tuple(
            Block(BlockKind(kind), tuple(Span(text, Style(style), address) for text, style, address in spans))
            for kind, spans in values
        )
    )
