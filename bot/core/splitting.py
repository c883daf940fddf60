"""Cutting a long text into messages: between blocks, else at the ends of sentences, words, and at last characters."""

import unicodedata
from collections.abc import Iterator
from dataclasses import replace

from bot.core.text import Block, BlockKind, RichText, Span
from knowledge.library.text.sentences import split_sentences

# Below this there is no room for a list's mark and anything behind it.
SHORTEST = 8
_JOINER = "\u200d"


def utf16_length(text: str) -> int:
    """Return how many UTF-16 units a text has, which is how chat networks count."""
    return len(text) + sum(character > "\uffff" for character in text)


def split_text(text: RichText, longest: int) -> list[RichText]:
    """Return the messages that a text makes, in order; none for a text without characters.

    Args:
        text: what is to be said.
        longest: how many UTF-16 units of ``RichText.plain`` one message may have, at least ``SHORTEST``.

    Raises ``ValueError`` where ``longest`` leaves no room.
    """
    if longest < SHORTEST:
        raise ValueError(f"a message needs room for at least {SHORTEST} units")
    if not text.plain.strip():
        return []
    if utf16_length(text.plain) <= longest:
        return [text]
    parts: list[tuple[Block, ...]] = [()]
    for block in _short_blocks(text, longest):
        if _fits((*parts[-1], block), longest):
            parts[-1] += (block,)
        else:
            parts[-1:] = _next_part(parts[-1], block, longest)
    return [RichText(part) for part in parts if part]


def _fits(blocks: tuple[Block, ...], longest: int) -> bool:
    return utf16_length(RichText(blocks).plain) <= longest


def _next_part(full: tuple[Block, ...], block: Block, longest: int) -> list[tuple[Block, ...]]:
    """Begin a new part with ``block``, and with the headings before it, which would be lost at the end of a part."""
    moved: tuple[Block, ...] = ()
    while full and full[-1].kind is BlockKind.HEADING and _fits((full[-1], *moved, block), longest):
        full, moved = full[:-1], (full[-1], *moved)
    return [full, (*moved, block)]


def _short_blocks(text: RichText, longest: int) -> Iterator[Block]:
    """Give the blocks with characters, those that are too long for a message of their own in pieces."""
    for block in text.blocks:
        if not block.plain.strip():
            continue
        if _fits((block,), longest):
            yield block
        else:
            yield from _pieces(block, longest)


def _pieces(block: Block, longest: int) -> Iterator[Block]:
    """Cut a block; what follows the first piece of a list's item is a paragraph, not another item."""
    plain, start = block.plain, 0
    ends = [end for _, end in split_sentences(plain)]
    piece = block
    while start < len(plain):
        end = _cut(plain, start, room=longest - _mark_length(piece), sentence_ends=ends)
        cut = _slice(piece, block, start, end)
        if cut.plain:
            yield cut
            piece = replace(block, kind=BlockKind.PARAGRAPH) if block.kind is BlockKind.ITEM else block
        start = end


def _mark_length(block: Block) -> int:
    return utf16_length(RichText((replace(block, spans=()),)).plain)


def _cut(plain: str, start: int, *, room: int, sentence_ends: list[int]) -> int:
    """Return where the piece that begins at ``start`` ends: behind a sentence, a word, or where the room ends."""
    limit = _reach(plain, start, room)
    if limit == len(plain):
        return limit
    sentences = [end for end in sentence_ends if start < end <= limit]
    if sentences:
        return sentences[-1]
    spaces = [at for at in range(start + 1, limit + 1) if plain[at].isspace() and not plain[at - 1].isspace()]
    return spaces[-1] if spaces else _whole_character(plain, start, limit)


def _reach(plain: str, start: int, room: int) -> int:
    """Return the offset up to which ``room`` units go."""
    used = 0
    for at in range(start, len(plain)):
        used += 2 if plain[at] > "\uffff" else 1
        if used > room:
            return at
    return len(plain)


def _whole_character(plain: str, start: int, limit: int) -> int:
    """Step back before an accent or a joined emoji, unless nothing else is there."""
    at = limit
    while at > start + 1 and (_continues(plain[at]) or plain[at - 1] == _JOINER):
        at -= 1
    return at if at > start + 1 else limit


def _continues(character: str) -> bool:
    return character == _JOINER or unicodedata.category(character).startswith("M")


def _slice(kind_of: Block, block: Block, start: int, end: int) -> Block:
    """Return the block's characters from ``start`` to ``end`` in their styles, without white space around them."""
    plain = block.plain[start:end]
    start += len(plain) - len(plain.lstrip())
    end = start + len(plain.strip())
    spans: list[Span] = []
    offset = 0
    for span in block.spans:
        inner = span.text[max(start - offset, 0) : max(end - offset, 0)]
        if inner:
            spans.append(replace(span, text=inner))
        offset += len(span.text)
    return replace(kind_of, spans=tuple(spans))
