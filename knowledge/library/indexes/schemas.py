"""What goes into the indexes and what comes out of them."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class IndexedPassage:
    """One passage as both indexes take it."""

    id: int
    """Key of the passage in the database, positive, below 2**63."""
    document: str
    """Key of its document (a UUID as 32 hex digits)."""
    access: str
    """Who may find it: ``public``, ``network``, ``house:<uuid hex>`` or ``circle:<uuid hex>``."""
    text: str
    title: str
    headings: tuple[str, ...]
    """Headings above the passage, outermost first."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found; ``score`` is comparable only within one result list."""

    id: int
    score: float


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in the change log: after a row, named by the transaction that wrote it and by its number."""

    transaction: int = 0
    number: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the change log.

    ``settled`` says that every row before it can be seen: all transactions that might still write one have ended.
    """

    position: Position
    document: UUID
    settled: bool
