"""What comes out of the synonyms service."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Outcome(StrEnum):
    """What adding words did."""

    ADDED = "added"
    EXTENDED = "extended"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class SynonymEntry:
    """A group of words that mean the same, as they were written."""

    id: UUID
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AddedSynonyms:
    """The group in which the words now are, and how they came there."""

    group: SynonymEntry
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class LineProblem:
    """A line of a list that was left out, with the reason for a person."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class SynonymReport:
    """What an import did: how many groups were new, grew or were known, and the lines left out."""

    added: int
    extended: int
    known: int
    problems: tuple[LineProblem, ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another word for the same thing.

    ``documents`` are those that explain it as an abbreviation; it is empty for what moderators keep. Whether the
    documents may be used for this is for the caller to decide.
    """

    text: str
    documents: frozenset[UUID] = frozenset()
