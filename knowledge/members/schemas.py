"""What comes out of the members service."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from knowledge.models.member import Role


@dataclass(frozen=True, slots=True)
class MemberEntry:
    """A member with the organisation's key and name, where there is one."""

    id: UUID
    name: str
    role: Role
    organisation_id: UUID | None
    organisation_key: str | None
    organisation_name: str | None
    created_at: datetime
    active: bool


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A fresh one-time code; only whoever made it ever reads ``code``."""

    id: UUID
    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What a code led to: a member, or (``member`` is empty) one that still needs a name.

    ``invitation`` is then kept for this person until they gave one; ``name_taken`` says that the name they were invited
    with is somebody else's. ``linked`` says that the identity joined a member who was known before.
    """

    invitation: UUID
    member: MemberEntry | None = None
    linked: bool = False
    name_taken: bool = False
    organisation_name: str | None = None


@dataclass(frozen=True, slots=True)
class DomainEntry:
    """A mail domain with the organisation whose staff receive mail there."""

    domain: str
    organisation_key: str
    organisation_name: str
