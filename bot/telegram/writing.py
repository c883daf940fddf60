"""Rich text as Telegram takes it: characters, and entities that say how stretches of them look.

No markup is written, so nothing that a document or a person wrote can be taken for any.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity

from bot.core.adapter import SendRefused
from bot.core.messages import Choice
from bot.core.splitting import utf16_length
from bot.core.text import Block, BlockKind, RichText, Span, Style
from knowledge.kit.language import _

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
# Quotations longer than this are folded up.
_LONG_QUOTE = 400
_LONGEST_BUTTON = 64
_LONGEST_DATA = 64
_PER_ROW = 3
# A row of buttons with more characters than this is hard to read on a phone.
_ROW_LENGTH = 30

_STYLES = {Style.BOLD: MessageEntity.BOLD, Style.ITALIC: MessageEntity.ITALIC, Style.CODE: MessageEntity.CODE}
_BLOCKS = {BlockKind.HEADING: MessageEntity.BOLD, BlockKind.NOTE: MessageEntity.ITALIC}
_LINKS = ("http://", "https://")
# Telegram drops these: controls, and signs that turn the direction of what follows.
_DROPPED = dict.fromkeys(
    [*range(9), *range(11, 32), 127, *range(0x2028, 0x202F), *range(0x2066, 0x206A), *range(0xD800, 0xE000)]
)


@dataclass(frozen=True, slots=True)
class Written:
    """A text with its entities."""

    text: str
    entities: tuple[MessageEntity, ...]


def readable(text: RichText) -> RichText:
    """Return the text as it will be counted: without what Telegram drops, and with addresses it cannot link."""
    blocks = (replace(block, spans=tuple(_readable_spans(block))) for block in text.blocks)
    return RichText(tuple(block for block in map(_trimmed, blocks) if block.plain))


def _readable_spans(block: Block) -> Iterator[Span]:
    for span in block.spans:
        words = span.text.translate(_DROPPED)
        if span.link is None or span.link.startswith(_LINKS):
            yield replace(span, text=words)
            continue
        address = span.link.removeprefix("mailto:")
        yield Span(words if address in words else f"{words} ({address})", span.style)


def _trimmed(block: Block) -> Block:
    """Take the white space around a block away, which Telegram does too, and then entities would slip."""
    spans = list(block.spans)
    while spans and not (stripped := spans[0].text.lstrip()):
        spans.pop(0)
    if spans:
        spans[0] = replace(spans[0], text=stripped)
    while spans and not (stripped := spans[-1].text.rstrip()):
        spans.pop()
    if spans:
        spans[-1] = replace(spans[-1], text=stripped)
    return replace(block, spans=tuple(spans))


def write(text: RichText) -> Written:
    """Return a text, laid out as its ``plain``, with the entities for its styles."""
    entities: list[MessageEntity] = []
    offset = done = 0
    for count in range(1, len(text.blocks) + 1):
        block = text.blocks[count - 1]
        # What stands before the block's own characters: an empty line, or the mark of a list's item.
        done = utf16_length(RichText(text.blocks[:count]).plain)
        offset = done - utf16_length(block.plain)
        entities += _block_entities(block, offset)
    return Written(text.plain, tuple(entity for entity in entities if entity.length))


def _block_entities(block: Block, offset: int) -> Iterator[MessageEntity]:
    length = utf16_length(block.plain)
    if block.kind is BlockKind.QUOTE:
        folded = length > _LONG_QUOTE
        kind = MessageEntity.EXPANDABLE_BLOCKQUOTE if folded else MessageEntity.BLOCKQUOTE
        yield MessageEntity(kind, offset, length)
    for span in block.spans:
        yield from _span_entities(span, block.kind, offset)
        offset += utf16_length(span.text)


def _span_entities(span: Span, kind: BlockKind, offset: int) -> Iterator[MessageEntity]:
    length = utf16_length(span.text)
    if span.style is Style.CODE:
        # Code is the one style that stands with no other.
        yield MessageEntity(MessageEntity.CODE, offset, length)
        return
    styles = {_BLOCKS.get(kind), _STYLES.get(span.style)} - {None}
    for style in sorted(str(style) for style in styles):
        yield MessageEntity(style, offset, length)
    if span.link is not None:
        yield MessageEntity(MessageEntity.TEXT_LINK, offset, length, url=span.link)


def keyboard(choices: Sequence[Choice]) -> InlineKeyboardMarkup | None:
    """Return the choices as buttons below a message, few to a row; ``None`` where there are none."""
    rows: list[list[InlineKeyboardButton]] = []
    width = 0
    for choice in choices:
        button = _button(choice)
        width += len(button.text)
        if not rows or len(rows[-1]) == _PER_ROW or width > _ROW_LENGTH:
            rows.append([])
            width = len(button.text)
        rows[-1].append(button)
    return InlineKeyboardMarkup(rows) if rows else None


def _button(choice: Choice) -> InlineKeyboardButton:
    """Return a button; raises ``SendRefused`` for a key that Telegram would not give back."""
    label = choice.label[:_LONGEST_BUTTON]
    if choice.address is not None:
        return InlineKeyboardButton(label, url=choice.address)
    if not 1 <= len(choice.key.encode()) <= _LONGEST_DATA:
        raise SendRefused(_("Telegram does not take this message."), detail="a choice's key has 1 to 64 bytes")
    return InlineKeyboardButton(label, callback_data=choice.key)
