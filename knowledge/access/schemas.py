"""What comes out of the services of access."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from knowledge.models.access import LinkPurpose


@dataclass(frozen=True, slots=True)
class IssuedLink:
    """A fresh one-time link: its path in the hub, which only whoever made it ever reads."""

    path: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class UsedLink:
    """Whom a one-time link was for, and what for."""

    member_id: UUID
    purpose: LinkPurpose


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A fresh session; ``token`` is what the browser keeps, and is kept nowhere else."""

    id: UUID
    member_id: UUID
    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SessionEntry:
    """A session as its owner sees it."""

    id: UUID
    device: str
    second_factor: bool
    created_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class CredentialEntry:
    """What is known of a member's own way in."""

    login: str
    changed_at: datetime
    recovery_codes_left: int


@dataclass(frozen=True, slots=True)
class KeptFormEntry:
    """A form that was kept: where it goes, and its fields in their order."""

    path: str
    fields: tuple[tuple[str, str], ...]
    had_files: bool

    @classmethod
    def read(cls, path: str, data: dict[str, Any]) -> "KeptFormEntry":
        """Return the form that the database kept."""
        fields = tuple((str(name), str(value)) for name, value in data["fields"])
        return cls(path, fields, bool(data.get("had_files")))
