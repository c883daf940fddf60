"""What goes in and out of the directory of members."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from knowledge.kit.revisions import revision_of
from knowledge.models.chat import Network
from knowledge.models.member import Role


class MemberState(StrEnum):
    """Whether a member takes part."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    LEFT = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberFilter:
    """Which members are wanted; without a state, all who have not left. ``houses``: of these organisations only."""

    text: str = ""
    organisation: str = ""
    role: Role | None = None
    state: MemberState | None = None
    houses: frozenset[UUID] | None = None


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A member in a list."""

    id: UUID
    name: str
    role: Role
    organisation_id: UUID | None
    organisation_key: str | None
    organisation_name: str | None
    state: MemberState
    releases: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class MemberPage:
    """A part of the list: its lines, which part it is, and how many there are."""

    lines: tuple[MemberLine, ...]
    number: int
    last: int
    count: int


@dataclass(frozen=True, slots=True)
class MemberDetails:
    """A member with what they look after and where they chat."""

    line: MemberLine
    # Keys of organisations, and topics, of a moderator who does not look after everything.
    organisations: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    networks: tuple[Network, ...] = ()

    @property
    def revision(self) -> str:
        """Changes with whatever may be changed."""
        line = self.line
        return revision_of(
            line.name, line.organisation_key, line.role, line.releases, line.state, self.organisations, self.topics
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberChange:
    """What an administrator wants a member to be.

    ``organisation`` is a key, or empty for nobody's staff. ``organisations`` (keys) and ``topics`` count for moderators
    alone; without both they look after everything.
    """

    name: str
    organisation: str
    role: Role
    releases: bool
    organisations: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
