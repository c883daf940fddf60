"""What people contribute, from the first word to the decision; and what is asked back on the way."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.clock import now
from knowledge.models.base import Base, Identified
from knowledge.models.chat import ADDRESS
from knowledge.models.document import Visibility
from knowledge.models.enums import stored_by_value


class ContributionKind(StrEnum):
    """What is contributed."""

    # A lesson learned, in fields.
    EXPERIENCE = "experience"
    # What is to be different in a document of the library (``corrects_id``).
    CORRECTION = "correction"


class ContributionState(StrEnum):
    """Where a contribution stands."""

    # Still the author's own; nobody else sees it.
    DRAFT = "draft"
    # Waits for somebody of the author's organisation to release it.
    HOUSE = "house"
    # Waits for a moderator.
    WAITING = "waiting"
    # A moderator asked something; the author's answer puts it back to waiting.
    ASKED = "asked"
    # Put off until a day.
    POSTPONED = "postponed"
    PUBLISHED = "published"
    REJECTED = "rejected"
    # Taken back by its author.
    WITHDRAWN = "withdrawn"


class Attribution(StrEnum):
    """Whose a contribution is said to be."""

    ORGANISATION = "organisation"
    # Described so coarsely that at least five municipalities fit (``described_as``).
    ANONYMOUS = "anonymous"


class Contribution(Identified):
    """A contribution; it belongs to the organisation, and stays when its author goes.

    ``fields`` holds the words by field (see knowledge/contributions/fields.py); of a correction of anything but an
    experience, the suggestion alone. ``revision`` counts every change, so that two people never overwrite each other.
    """

    __tablename__ = "contributions"

    kind: Mapped[ContributionKind] = mapped_column(stored_by_value(ContributionKind))
    state: Mapped[ContributionState] = mapped_column(
        stored_by_value(ContributionState), default=ContributionState.DRAFT
    )
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"), index=True)
    # The chat identity that it came from: questions and decisions go back there.
    identity_id: Mapped[UUID | None] = mapped_column(ForeignKey("chat_identities.id", ondelete="SET NULL"), index=True)
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    fields: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    visibility: Mapped[Visibility] = mapped_column(stored_by_value(Visibility), default=Visibility.NETWORK)
    # With visibility „circle": the identifiers of the circles, as text.
    circles: Mapped[list[str]] = mapped_column(JSON, default=list)
    attribution: Mapped[Attribution] = mapped_column(stored_by_value(Attribution), default=Attribution.ORGANISATION)
    described_as: Mapped[str | None] = mapped_column(Text)
    # What it was published as, and the document that it corrects or was merged with.
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("documents.id", ondelete="SET NULL"), index=True)
    corrects_id: Mapped[UUID | None] = mapped_column(ForeignKey("documents.id", ondelete="SET NULL"), index=True)
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)
    submitted_at: Mapped[datetime | None]
    # Since when it waits for whoever has to act now.
    waiting_since: Mapped[datetime | None]
    # When moderators were told that it waits too long.
    alerted_at: Mapped[datetime | None]
    postponed_until: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    released_by: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    # Why it was rejected, or given back by the own house; for the author to read.
    reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (Index("ix_contributions_state_waiting_since", "state", "waiting_since"),)


class ContributionMessage(Identified):
    """What moderator and author write to each other about a contribution."""

    __tablename__ = "contribution_messages"

    contribution_id: Mapped[UUID] = mapped_column(ForeignKey("contributions.id", ondelete="CASCADE"), index=True)
    from_author: Mapped[bool]
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"), index=True)
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)


class KeepRequest(Identified):
    """Somebody asked the author of a group's message whether it may become a draft („/merken").

    Nothing of the message itself is kept: only which one it is, and whose. Forgotten after a week.
    """

    __tablename__ = "keep_requests"

    chat_id: Mapped[UUID] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"))
    # The network's identifier of the message.
    event: Mapped[str] = mapped_column(String(ADDRESS + 64))
    # Who alone may say yes: the network's address of the message's author.
    author: Mapped[str] = mapped_column(String(ADDRESS))
    requested_by: Mapped[UUID | None] = mapped_column(ForeignKey("chat_identities.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (Index("ix_keep_requests_chat_event", "chat_id", "event", unique=True),)


class ReportReason(StrEnum):
    """What somebody finds wrong with a document."""

    PERSONAL_DATA = "personal_data"
    WRONG = "wrong"
    OUTDATED = "outdated"
    RIGHTS = "rights"
    OFFENSIVE = "offensive"
    OTHER = "other"


class Report(Identified):
    """Somebody reported a document („Inhalt melden"); ``member_id`` is empty for people who are not signed in."""

    __tablename__ = "reports"

    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), index=True)
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"), index=True)
    reason: Mapped[ReportReason] = mapped_column(stored_by_value(ReportReason))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    # What was done about it, for whoever reported it.
    outcome: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (Index("ix_reports_closed_at_created_at", "closed_at", "created_at"),)


class Audience(Identified):
    """Several circles that one document is for."""

    __tablename__ = "audiences"


class AudienceCircle(Base):
    """One of the circles of an audience."""

    __tablename__ = "audience_circles"

    audience_id: Mapped[UUID] = mapped_column(ForeignKey("audiences.id", ondelete="CASCADE"), primary_key=True)
    circle_id: Mapped[UUID] = mapped_column(ForeignKey("circles.id", ondelete="CASCADE"), primary_key=True, index=True)
