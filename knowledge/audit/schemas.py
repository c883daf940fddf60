"""What goes in and out of the record of privileged acts."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which acts are wanted: whose, of what kind, to what, and from which day to which.

    ``actor`` is a member's name, or the beginning of an identifier.
    """

    action: str = ""
    actor: str = ""
    object_kind: str = ""
    object_id: str = ""
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One act; ``name`` is empty where nobody did it or the member is no longer known."""

    id: int
    at: datetime
    actor_id: UUID | None
    name: str | None
    action: str
    object_kind: str
    object_id: str
    details: dict[str, Any]

    @property
    def who(self) -> str:
        """The name, or else the beginning of the identifier; empty for the command line."""
        return self.name or (self.actor_id.hex[:8] if self.actor_id else "")


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Some acts, the newest first; ``older`` and ``newer`` say from where to go on."""

    lines: tuple[AuditLine, ...]
    older: int | None
    newer: int | None
