"""Gathering blocks one after another, with neighbouring list items in one list."""

from knowledge.library.files.blocks import Block, Note, Place
from knowledge.library.files.marks import is_contents_line


class Collector:
    """Takes headings, paragraphs, items and tables in reading order, all with clean text; empty ones are left out."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._items: list[str] = []
        self._item_note: Note | None = None
        self._place: Place | None = None
        self._number: int | None = None
        self._label: str | None = None

    def move_to(self, place: Place, number: int, label: str | None = None) -> None:
        """What follows stands on this slide or sheet."""
        self._flush()
        self._place, self._number, self._label = place, number, label or None

    def heading(self, text: str, level: int) -> None:
        self._flush()
        if text:
            self._blocks.append(Block("heading", text, level, self._place, self._number, self._label))

    def paragraph(self, text: str, *, note: Note | None = None) -> None:
        if text and note is None and is_contents_line(text):
            self.item(text, note="toc")
            return
        self._flush()
        if text:
            self._blocks.append(Block("paragraph", text, 0, self._place, self._number, self._label, note))

    def item(self, text: str, *, note: Note | None = None) -> None:
        if note != self._item_note:
            self._flush()
        self._item_note = note
        if text:
            self._items.append(text)

    def table(self, text: str) -> None:
        self._flush()
        if text:
            self._blocks.append(Block("table", text, 0, self._place, self._number, self._label))

    def finish(self) -> list[Block]:
        """Return all blocks."""
        self._flush()
        return self._blocks

    def _flush(self) -> None:
        if self._items:
            text = "\n".join(self._items)
            self._blocks.append(Block("list", text, 0, self._place, self._number, self._label, self._item_note))
        self._items = []
        self._item_note = None
