"""Our text as a mail shows it: plain, and as simple HTML that needs no pictures, no colours and no wide window.

No colour is set, so that the reader's own programme shows it as they like it, light or dark.
"""

from html import escape

from bot.core.html import blocks_html, hides_link, plain_body, spans_html, without_controls
from bot.core.messages import Attachment
from bot.core.text import Block, BlockKind, RichText, Span

# Words and the address behind them.
Link = tuple[str, str]

_STYLE = """
:root { color-scheme: light dark; supported-color-schemes: light dark; }
body { margin: 0; padding: 1rem; font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; }
.letter { max-width: 36rem; margin: 0 auto; overflow-wrap: anywhere; }
h1 { font-size: 1.25rem; line-height: 1.3; margin: 0 0 1rem; }
h2 { font-size: 1.1rem; line-height: 1.3; margin: 1.5rem 0 0.5rem; }
p, ul, blockquote { margin: 0 0 1rem; }
img { max-width: 100%; height: auto; }
blockquote { padding-left: 1rem; border-left: 0.25rem solid currentColor; }
ul { padding-left: 1.5rem; }
.button a { display: inline-block; padding: 0.6rem 1rem; border: 2px solid currentColor; border-radius: 0.25rem; }
.small { font-size: 0.875rem; }
footer { margin-top: 2rem; border-top: 1px solid currentColor; padding-top: 1rem; }
"""


def plain_text(text: RichText, links: list[Link], foot: RichText) -> str:
    """Return a mail without any styles; what leads somewhere is written out."""
    written = "\n".join(f"{words}:\n{address}" for words, address in links)
    parts = (plain_body(_written_out(text)).strip("\n"), written, "-- \n" + plain_body(_written_out(foot)))
    return "\n\n".join(without_controls(part) for part in parts if part) + "\n"


def _written_out(text: RichText) -> RichText:
    """Write the addresses out that are behind words, in the marks by which programmes know where they end."""
    return RichText(tuple(map(_block_written_out, text.blocks)))


def _block_written_out(block: Block) -> Block:
    space = ":\n" if len(block.spans) == 1 else " "
    return Block(block.kind, tuple(_span_written_out(span, space) for span in block.spans))


def _span_written_out(span: Span, space: str) -> Span:
    return Span(f"{span.text}{space}<{span.link}>") if hides_link(span) else Span(span.text)


def picture_html(picture: Attachment, key: str) -> str:
    """Return a picture that a mail brings along under ``key``, with the words for those who do not see it."""
    return f'<p><img src="cid:{escape(key)}" alt="{escape(without_controls(picture.alt or picture.name))}"></p>\n'


def letter_html(text: RichText, links: list[Link], picture: str = "") -> str:
    """Return what a mail says as HTML in which every character of a span is shown as it is, below its picture."""
    buttons = "".join(
        f'<p class="button"><a href="{escape(address)}">{escape(words)}</a></p>' for words, address in links
    )
    return f"{picture}{blocks_html(text, _block)}{buttons}"


def html_page(title: str, letter: str, foot: RichText, *, language: str) -> str:
    """Return a mail as HTML."""
    return (
        f'<!doctype html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f'<div class="letter">\n<main>\n<h1>{escape(title)}</h1>\n{letter}</main>\n'
        f'<footer class="small">\n{blocks_html(foot, _block)}</footer>\n</div>\n</body>\n</html>\n'
    )


def _block(block: Block) -> str:
    inner = spans_html(block)
    match block.kind:
        case BlockKind.HEADING:
            return f"<h2>{inner}</h2>\n"
        case BlockKind.QUOTE:
            return f"<blockquote>{inner}</blockquote>\n"
        case BlockKind.ITEM:
            return f"<li>{inner}</li>\n"
        case BlockKind.NOTE:
            return f'<p class="small">{inner}</p>\n'
        case _:
            return f"<p>{inner}</p>\n"
