"""What the library takes and gives, apart from its tables."""

from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any, Self

from knowledge.models.document import Kind, Rights, Visibility


@dataclass(frozen=True, slots=True)
class Description:
    """What is said about a document beside its text; ``None`` means: nothing is said.

    ``organisation`` is a key of the register or of another body; ``state`` the name or key of a Land; ``circle`` the
    name of the circle that alone may find it.
    """

    title: str | None = None
    kind: Kind | None = None
    publisher: str | None = None
    organisation: str | None = None
    year: int | None = None
    licence: str | None = None
    rights: Rights | None = None
    url: str | None = None
    language: str | None = None
    visibility: Visibility | None = None
    circle: str | None = None
    state: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    review_by: date | None = None
    topics: tuple[str, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)

    def over(self, other: Self) -> Self:
        """Return this description, with what it leaves open taken from ``other``."""
        values = {name: getattr(self, name) or getattr(other, name) for name in self.__slots__}
        return replace(self, **values)


class ImportResult(StrEnum):
    """What became of a file."""

    ADDED = "added"
    NEW_VERSION = "new_version"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What became of one file.

    ``similar_to`` names the sources of documents with nearly the same text; ``message`` says why a file failed or was
    passed over, or what its owner should know.
    """

    source: str
    result: ImportResult
    document: str | None = None
    title: str | None = None
    version: int | None = None
    passages: int = 0
    similar_to: tuple[str, ...] = ()
    message: str | None = None
