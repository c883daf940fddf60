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
