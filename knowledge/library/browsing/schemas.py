"""What people who look after the library ask of its list, and who looks after what."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from knowledge.access.rights import Right, Scope, Visitor
from knowledge.models.document import Document, Kind, Status, Visibility

PER_PAGE = 50
# Votes from which on it is said that a document often does not help.
ENOUGH_VOTES = 3
# Days before its review date from which on a document counts as due.
DUE_WITHIN = 14


class Concern(StrEnum):
    """Why a document may need somebody's eye."""

    DUE = "due"
    EXPIRED = "expired"
    NEVER_FOUND = "never_found"
    NOT_HELPFUL = "not_helpful"
    DUPLICATES = "duplicates"


class Sorting(StrEnum):
    """In which order documents are listed."""

    CHANGED = "changed"
    ADDED = "added"
    TITLE = "title"
    YEAR = "year"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Caretaker:
    """What somebody who looks after the library may look after.

    Moderators: what their scope covers, also what is for a house or circle alone, as that is their office. Publishers:
    what they may find themselves (``access``; ``None`` is everything).
    """

    access: frozenset[str] | None
    scope: Scope = field(default_factory=Scope)

    @classmethod
    def of(cls, visitor: Visitor) -> "Caretaker":
        """Return what a visitor of the library's pages looks after."""
        if visitor.may(Right.REVIEW_DECIDE):
            return cls(None, visitor.scope)
        return cls(visitor.viewer.access)

    def covers(self, document: Document) -> bool:
        """Whether a document, withdrawn or not, is among it."""
        if self.access is not None and document.access not in self.access:
            return False
        return self.scope.covers(document.organisation_id, document.topics)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which documents are to be listed, in which order, and which page of them (from 1 on)."""

    text: str = ""
    kind: Kind | None = None
    topic: str = ""
    organisation_id: UUID | None = None
    visibility: Visibility | None = None
    status: Status | None = None
    concern: Concern | None = None
    sorting: Sorting = Sorting.CHANGED
    page: int = 1


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """A document in the list, with what is to be minded about it."""

    id: UUID
    title: str
    kind: Kind
    by: str | None
    visibility: Visibility
    circle: str | None
    status: Status
    year: int | None
    version: int
    added_at: datetime
    changed_at: datetime
    review_by: date | None
    concerns: frozenset[Concern] = frozenset()


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the list, how many there are in all, and what the filters offer."""

    documents: Sequence[ListedDocument]
    count: int
    page: int
    pages: int
    topics: Sequence[str] = ()
    organisations: Mapping[UUID, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a caretaker's office means to the database: topics are as they are spelled in documents."""

    access: Collection[str] | None
    organisations: Collection[UUID] | None
    topics: Sequence[str] = ()
