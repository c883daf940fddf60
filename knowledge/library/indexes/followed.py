"""How far a words index has followed the database, kept in its own folder.

The note is written after the index has committed: a kill in between repeats work and skips none. It goes with the
folder, so an index that is thrown away begins anew.
"""

import json
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self
from uuid import UUID

from knowledge.library.indexes.schemas import Change, Position

FOLLOWED_FILE = "followed.json"


@dataclass(frozen=True, slots=True)
class Followed:
    """Up to where an index holds what the database says."""

    source: str
    """Which server's transactions the position counts (``ChangeRepository.source``)."""
    position: Position = field(default_factory=Position)
    """The last settled row of the change log that was followed."""
    document: UUID | None = None
    """The document that this row names; by it the log is known again."""
    filling: bool = False
    """Whether all documents are being gone through, one after the other, beside the log."""
    filled_to: UUID | None = None
    """The last document that was gone through."""
    failed: frozenset[UUID] = frozenset()
    """Documents that could not be indexed; tried again at every start."""

    def moved(self, change: Change) -> Self:
        """Return the same after another row of the log."""
        return replace(self, position=change.position, document=change.document)

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """Return what an index's folder says; ``None`` where it says nothing that could be understood."""
        try:
            values = json.loads((folder / FOLLOWED_FILE).read_text(encoding="utf-8"))
            return cls(
                source=str(values["source"]),
                position=Position(int(values["transaction"]), int(values["number"])),
                document=_key(values["document"]),
                filling=bool(values["filling"]),
                filled_to=_key(values["filled_to"]),
                failed=frozenset(UUID(key) for key in values["failed"]),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def write(self, folder: Path) -> None:
        """Note it in an index's folder, whole or not at all. Raises ``OSError``."""
        values = {
            "source": self.source,
            "transaction": self.position.transaction,
            "number": self.position.number,
            "document": self.document.hex if self.document else None,
            "filling": self.filling,
            "filled_to": self.filled_to.hex if self.filled_to else None,
            "failed": sorted(key.hex for key in self.failed),
        }
        fresh = folder / f"{FOLLOWED_FILE}.new"
        with fresh.open("w", encoding="utf-8") as stream:
            json.dump(values, stream)
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(folder / FOLLOWED_FILE)


def _key(value: str | None) -> UUID | None:
    return None if value is None else UUID(value)
