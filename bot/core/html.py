"""What adapters that show HTML have in common: spans as safe HTML, items as lists, and the plain text beside it."""

from collections.abc import Callable
from html import escape
from itertools import groupby
from urllib.parse import urlsplit

from bot.core.text import Block, BlockKind, RichText, Span, Style

SCHEMES = ("http", "https", "mailto")
_TAGS = {Style.BOLD: "strong", Style.ITALIC: "em", Style.CODE: "code"}


def blocks_html(text: RichText, block_html: Callable[[Block], str]) -> str:
    """Return blocks as HTML, each by ``block_html``; items that follow each other are one list."""
    parts = []
    for is_list, blocks in groupby(text.blocks, lambda block: block.kind is BlockKind.ITEM):
        inner = "".join(map(block_html, blocks))
        parts.append(f"<ul>{inner}</ul>" if is_list else inner)
    return "".join(parts)


def spans_html(block: Block) -> str:
    """Return what is in a block as HTML in which every character is shown as it is."""
    return "".join(map(_span, block.spans))


def _span(span: Span) -> str:
    shown = escape(without_controls(span.text)).replace("\n", "<br>")
    tag = _TAGS.get(span.style)
    if tag is not None:
        shown = f"<{tag}>{shown}</{tag}>"
    if span.link is not None and is_safe(span.link):
        shown = f'<a href="{escape(span.link)}">{shown}</a>'
    return shown


def plain_body(text: RichText) -> str:
    """Return the text for whoever sees no HTML; links behind other words are written out."""
    blocks = (Block(block.kind, tuple(map(_written_out, block.spans))) for block in text.blocks)
    return RichText(tuple(map(_marked, blocks))).plain


def _written_out(span: Span) -> Span:
    return Span(f"{span.text} ({span.link})") if hides_link(span) else span


def hides_link(span: Span) -> bool:
    """Whether words lead somewhere that they do not say themselves."""
    return span.link is not None and is_safe(span.link) and span.link not in (span.text, f"mailto:{span.text}")


def _marked(block: Block) -> Block:
    """Put the usual mark before each line of a quotation."""
    if block.kind is not BlockKind.QUOTE:
        return block
    return Block(block.kind, (Span("> " + block.plain.replace("\n", "\n> ")),))


def is_safe(address: str) -> bool:
    """Whether an address may be followed."""
    try:
        return urlsplit(address).scheme.lower() in SCHEMES
    except ValueError:
        return False


def without_controls(text: str) -> str:
    """Leave out control characters, which HTML cannot show."""
    return "".join(character for character in text if character >= " " or character in "\n\t")
