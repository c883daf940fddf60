"""What the contributions service takes and gives."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from knowledge.models.contribution import Attribution, ContributionKind, ContributionState
from knowledge.models.document import Visibility


@dataclass(frozen=True, slots=True)
class Author:
    """Who contributes: a member of an organisation, and the chat identity to answer to, where there is one."""

    member_id: UUID
    organisation_id: UUID | None
    identity_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Wishes:
    """Who is to see a contribution, and whose it is said to be; ``None`` leaves what was wished before.

    ``circles`` counts with visibility „circle"; ``described_as`` is made with ``Attribution.ANONYMOUS``.
    """

    visibility: Visibility | None = None
    circles: tuple[UUID, ...] | None = None
    attribution: Attribution | None = None


@dataclass(frozen=True, slots=True)
class MessageEntry:
    """What moderator or author wrote to the other."""

    id: UUID
    from_author: bool
    text: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ContributionEntry:
    """A contribution as its author and moderators see it.

    ``fields`` is by field name (see ``fields.py``): texts, the value of a choice, or a list of words; a correction of
    anything but an experience has ``{"suggestion": text, "quote": passage or ""}``.
    """

    id: UUID
    kind: ContributionKind
    state: ContributionState
    member_id: UUID | None
    identity_id: UUID | None
    organisation_id: UUID | None
    organisation_name: str | None
    fields: dict[str, Any]
    visibility: Visibility
    circles: tuple[UUID, ...]
    attribution: Attribution
    described_as: str | None
    document_id: UUID | None
    corrects_id: UUID | None
    revision: int
    created_at: datetime
    updated_at: datetime
    submitted_at: datetime | None
    waiting_since: datetime | None
    postponed_until: datetime | None
    decided_at: datetime | None
    reason: str | None
    messages: tuple[MessageEntry, ...] = ()
    # The house wants to release first, but nobody there does that yet; the administrators were told.
    nobody_releases: bool = False

    def without_releasers(self) -> Self:
        """Return this contribution, noting that nobody of its house releases."""
        return replace(self, nobody_releases=True)

    @property
    def is_suggestion(self) -> bool:
        """Whether it has a suggestion instead of the fields of an experience."""
        return "suggestion" in self.fields

    @property
    def title(self) -> str:
        """What it is called in lists."""
        return str(self.fields.get("title") or "")
