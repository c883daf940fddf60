"""What somebody may do: rights named ``area:action``, by role, and what a moderator looks after."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from knowledge.access.visibility import Viewer, anybody
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import _
from knowledge.members.schemas import MemberEntry
from knowledge.models.member import Role


class Right(StrEnum):
    """Something that one may do in the hub."""

    # Read and search what one may find; report a document.
    LIBRARY_READ = "library:read"
    # One's own sessions, password, contributions.
    ACCOUNT_MANAGE = "account:manage"
    CONTRIBUTIONS_WRITE = "contributions:write"
    # Open questions, peers, contact requests, one's own profile and handover.
    NETWORK_USE = "network:use"
    # For the own organisation, where it wants to release first.
    CONTRIBUTIONS_RELEASE = "contributions:release"
    REVIEW_DECIDE = "review:decide"
    # Upload, edit, withdraw, restore, review dates, synonyms.
    LIBRARY_MANAGE = "library:manage"
    MEMBERS_INVITE = "members:invite"
    # Roles, suspending, recovering.
    MEMBERS_MANAGE = "members:manage"
    ORGANISATIONS_READ = "organisations:read"
    ORGANISATIONS_MANAGE = "organisations:manage"
    CIRCLES_MANAGE = "circles:manage"
    ANSWERS_READ = "answers:read"
    AUDIT_READ = "audit:read"
    # What several people asked and the library does not answer.
    GAPS_READ = "gaps:read"
    TOPICS_MANAGE = "topics:manage"
    # Trainings and micro-lessons of the own organisation: write, publish, cancel, see who comes.
    TRAININGS_MANAGE = "trainings:manage"
    # Sums about the work of those who review; what the network does is for every member.
    FIGURES_READ = "figures:read"


_ANYBODY = frozenset({Right.LIBRARY_READ})
_MEMBER = _ANYBODY | {Right.ACCOUNT_MANAGE, Right.CONTRIBUTIONS_WRITE, Right.NETWORK_USE}
_MODERATOR = _MEMBER | {
    Right.REVIEW_DECIDE,
    Right.LIBRARY_MANAGE,
    Right.MEMBERS_INVITE,
    Right.ORGANISATIONS_READ,
    Right.CIRCLES_MANAGE,
    Right.ANSWERS_READ,
    Right.GAPS_READ,
    Right.TOPICS_MANAGE,
    Right.FIGURES_READ,
}
_PUBLISHER = _MEMBER | {
    Right.LIBRARY_MANAGE,
    Right.ORGANISATIONS_READ,
    Right.GAPS_READ,
    Right.TRAININGS_MANAGE,
    Right.FIGURES_READ,
}
_ADMINISTRATOR = frozenset(Right) - {Right.CONTRIBUTIONS_RELEASE}

RIGHTS: dict[Role, frozenset[Right]] = {
    Role.MEMBER: _MEMBER,
    Role.MODERATOR: _MODERATOR,
    Role.PUBLISHER: _PUBLISHER,
    Role.ADMINISTRATOR: _ADMINISTRATOR,
}
# What a member has at all times, and others only after they gave a second factor in this session.
WITHOUT_SECOND_FACTOR = _MEMBER | {Right.CONTRIBUTIONS_RELEASE}


class NotAllowed(AllmendeError):
    """Somebody who is signed in may not do this."""

    status = 403
    code = "access.not_allowed"

    def __init__(self) -> None:
        super().__init__(_("You may not do this. Please ask an administrator if you should."))


class SignInNeeded(AllmendeError):
    """Nobody is signed in, or not with a second factor."""

    status = 401
    code = "access.sign_in_needed"

    def __init__(self) -> None:
        super().__init__(_("Please sign in first."))


@dataclass(frozen=True, slots=True)
class Scope:
    """What a moderator looks after; without organisations and topics, everything."""

    organisations: frozenset[UUID] = frozenset()
    # Folded for comparing (``casefold``).
    topics: frozenset[str] = frozenset()

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return not self.organisations and not self.topics

    def covers(self, organisation_id: UUID | None, topics: list[str]) -> bool:
        """Whether something of this organisation, with these topics, is to be looked after."""
        if self.is_everything or organisation_id in self.organisations:
            return True
        return any(topic.casefold() in self.topics for topic in topics)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever looks at a page: nobody known, or a member with rights.

    ``viewer`` decides what they find; ``session_id`` is their session in the hub. ``second_factor``: given in this
    session; without it nobody has more rights than a member.
    """

    rights: frozenset[Right]
    viewer: Viewer
    member: MemberEntry | None = None
    session_id: UUID | None = None
    second_factor: bool = False
    scope: Scope = Scope()

    def may(self, right: Right) -> bool:
        """Whether they may do something."""
        return right in self.rights

    @property
    def member_id(self) -> UUID | None:
        """Who it is."""
        return self.member.id if self.member else None

    @property
    def known(self) -> MemberEntry:
        """The member. Raises ``SignInNeeded`` where nobody is signed in."""
        if self.member is None:
            raise SignInNeeded
        return self.member


def rights_of(role: Role, *, releases: bool, second_factor: bool) -> frozenset[Right]:
    """Return what a member may do in a session.

    Args:
        role: the member's.
        releases: whether they release what their own organisation contributes.
        second_factor: whether they gave one in this session.
    """
    rights = RIGHTS[role] | ({Right.CONTRIBUTIONS_RELEASE} if releases else frozenset())
    return rights if second_factor else rights & WITHOUT_SECOND_FACTOR


def stranger() -> Visitor:
    """Return the visitor of whom nothing is known."""
    return Visitor(_ANYBODY, anybody())
