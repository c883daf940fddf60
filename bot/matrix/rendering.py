"""Our text as Matrix shows it: a plain body, and one in the few HTML elements that clients allow."""

import json
from typing import Any

from bot.core.html import blocks_html, plain_body, spans_html, without_controls
from bot.core.messages import Choice
from bot.core.splitting import split_text
from bot.core.text import Block, BlockKind, RichText, link, note, paragraph, rich

# UTF-16 units of one message: four times that (plain, formatted, both again in an edit) stay below the 64 KB that an
# event may have for most texts; ``parts_of`` looks closer.
LONGEST_TEXT = 8000
# Bytes of one message's content before encryption, which adds a third.
LARGEST_CONTENT = 44_000


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


def html_body(text: RichText) -> str:
    """Return the text as HTML in which every character of a span is shown as it is."""
    return blocks_html(text, _block)


def _block(block: Block) -> str:
    inner = spans_html(block)
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


def message_content(text: RichText, *, kind: str) -> dict[str, Any]:
    """Return a message's content: its kind and both bodies."""
    return {
        "msgtype": kind,
        "body": without_controls(plain_body(text)),
        "format": "org.matrix.custom.html",
        "formatted_body": html_body(text),
    }
