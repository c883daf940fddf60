"""Our text as Matrix shows it: a plain body, and one in the few HTML elements that clients allow."""

import json
from html import escape
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from bot.core.messages import Choice
from bot.core.splitting import split_text
from bot.core.text import Block, BlockKind, RichText, Span, Style, link, note, paragraph, rich

# UTF-16 units of one message: four times that (plain, formatted, both again in an edit) stay below the 64 KB that an
# event may have for most texts; ``parts_of`` looks closer.
LONGEST_TEXT = 8000
# Bytes of one message's content before encryption, which adds a third.
LARGEST_CONTENT = 44_000
SCHEMES = ("http", "https", "mailto")

_TAGS = {Style.BOLD: "strong", Style.ITALIC: "em", Style.CODE: "code"}


def parts_of(text: RichText) -> list[RichText]:
    """Cut a text into messages that fit into events."""
    longest = LONGEST_TEXT
    parts = split_text(text, longest)
    while longest > 500 and any(_size(part) > LARGEST_CONTENT for part in parts):
        longest //= 2
        parts = split_text(text, longest)
    return parts


def _size(text: RichText) -> int:
    return 2 * len(json.dumps([plain_body(text), html_body(text)], ensure_ascii=False).encode())


def with_legend(text: RichText, choices: tuple[Choice, ...]) -> RichText:
    """Add what the reactions below a message mean, and the numbers of choices that have none."""
    if not choices:
        return text
    emojis = [f"{choice.emoji} {choice.label}" for choice in choices if choice.emoji and not choice.address]
    links = [paragraph(link(choice.label, choice.address)) for choice in choices if choice.address]
    numbered = [
        f"{number}: {choice.label}"
        for number, choice in enumerate(choices, 1)
        if not choice.emoji and not choice.address
    ]
    lines = "\n".join(numbered)
    reactions = " · ".join(emojis)
    return text + rich(*links, *([paragraph(lines)] if lines else []), *([note(reactions)] if reactions else []))


def plain_body(text: RichText) -> str:
    """Return the text for clients and notifications that show no HTML; links behind other words are written out."""
    blocks = (Block(block.kind, tuple(map(_written_out, block.spans))) for block in text.blocks)
    return RichText(tuple(map(_marked, blocks))).plain


def _written_out(span: Span) -> Span:
    if span.link is None or not _is_safe(span.link) or span.link in (span.text, f"mailto:{span.text}"):
        return span
    return Span(f"{span.text} ({span.link})")


def _marked(block: Block) -> Block:
    """Put the usual mark before each line of a quotation."""
    if block.kind is not BlockKind.QUOTE:
        return block
    return Block(block.kind, (Span("> " + block.plain.replace("\n", "\n> ")),))


def html_body(text: RichText) -> str:
    """Return the text as HTML in which every character of a span is shown as it is."""
    parts = []
    for is_list, blocks in groupby(text.blocks, lambda block: block.kind is BlockKind.ITEM):
        inner = "".join(map(_block, blocks))
        parts.append(f"<ul>{inner}</ul>" if is_list else inner)
    return "".join(parts)


def _block(block: Block) -> str:
    inner = "".join(map(_span, block.spans))
    match block.kind:
        case BlockKind.HEADING:
            return f"<p><strong>{inner}</strong></p>"
        case BlockKind.QUOTE:
            return f"<blockquote><p>{inner}</p></blockquote>"
        case BlockKind.ITEM:
            return f"<li>{inner}</li>"
        case BlockKind.NOTE:
            return f"<p><em>{inner}</em></p>"
        case _:
            return f"<p>{inner}</p>"


def _span(span: Span) -> str:
    shown = escape(_without_controls(span.text)).replace("\n", "<br>")
    tag = _TAGS.get(span.style)
    if tag is not None:
        shown = f"<{tag}>{shown}</{tag}>"
    if span.link is not None and _is_safe(span.link):
        shown = f'<a href="{escape(span.link)}">{shown}</a>'
    return shown


def _without_controls(text: str) -> str:
    """Leave out control characters, which HTML cannot show."""
    return "".join(character for character in text if character >= " " or character in "\n\t")


def _is_safe(address: str) -> bool:
    try:
        return urlsplit(address).scheme.lower() in SCHEMES
    except ValueError:
        return False


def message_content(text: RichText, *, kind: str) -> dict[str, Any]:
    """Return a message's content: its kind and both bodies."""
    return {
        "msgtype": kind,
        "body": _without_controls(plain_body(text)),
        "format": "org.matrix.custom.html",
        "formatted_body": html_body(text),
    }
