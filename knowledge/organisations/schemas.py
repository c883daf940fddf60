"""What goes in and out of the organisations service."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from knowledge.models.organisation import OrganisationKind


class Match(StrEnum):
    """Why an organisation was found, best first."""

    KEY = "key"
    EXACT = "exact"
    PREFIX = "prefix"
    WORDS = "words"
    SIMILAR = "similar"


@dataclass(frozen=True, slots=True)
class FoundOrganisation:
    """An organisation with all that tells it apart from others of the same name.

    ``label`` is its legal form in the current language; ``district`` and ``association`` are empty where the
    organisation is one itself.
    """

    id: UUID
    key: str
    ags: str | None
    name: str
    kind: OrganisationKind
    label: str
    district: str | None
    association: str | None
    state: str | None
    population: int | None
    example: bool
    match: Match


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterFilter:
    """Which organisations of the register are wanted.

    ``words`` holds a name's folded spellings, of which one is to fit; ``digits`` the beginning of a key. With
    ``dissolved``, those that exist no more as well.
    """

    words: tuple[str, ...] = ()
    digits: str = ""
    kind: OrganisationKind | None = None
    state_key: str | None = None
    dissolved: bool = False


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """A part of the register: its lines, which part it is, and how many there are."""

    lines: tuple["FoundOrganisation", ...]
    number: int
    last: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrganisation:
    """A body that is in no register.

    Without a ``key`` one is made from the name. ``state`` is a key, an abbreviation or a name.
    """

    name: str
    kind: OrganisationKind = OrganisationKind.OTHER
    key: str | None = None
    state: str | None = None
    population: int | None = None
    example: bool = False


@dataclass(frozen=True, slots=True)
class RegisterReport:
    """What an import found and did; ``municipalities`` includes the ``unincorporated`` areas."""

    as_of: date
    states: int
    districts: int
    associations: int
    municipalities: int
    unincorporated: int
    added: int
    updated: int
    dissolved: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class ExamplesReport:
    """What loading example organisations did."""

    added: int
    updated: int
    unchanged: int
