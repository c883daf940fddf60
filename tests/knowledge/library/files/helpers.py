"""Looking into parsed files."""

from knowledge.library.files.blocks import Block, ParsedFile


def texts(parsed: ParsedFile, kind: str | None = None, note: str | None = None) -> list[str]:
    """The texts of a file's blocks, of one kind or with one note if given."""
    return [
        block.text
        for block in parsed.blocks
        if (kind is None or block.kind == kind) and (note is None or block.note == note)
    ]


def block_with(parsed: ParsedFile, words: str) -> Block:
    """The one block that contains these words."""
    found = [block for block in parsed.blocks if words in block.text]
    assert len(found) == 1, f"{words!r} is in {len(found)} blocks"
    return found[0]
