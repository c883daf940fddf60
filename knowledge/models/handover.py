"""What somebody looked after goes to a colleague, or is marked „Nachfolge offen" for the organisation."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.clock import now
from knowledge.models.base import Identified
from knowledge.models.enums import stored_by_value


class HandoverReason(StrEnum):
    """Why duties are handed over."""

    LEAVING = "leaving"
    UNUSED = "unused"
    REMOVED = "removed"


class HandoverState(StrEnum):
    """Where a handover stands."""

    # A colleague was asked whether they take over.
    OFFERED = "offered"
    ACCEPTED = "accepted"
    # „Nachfolge offen": nobody was named, or whoever was named said no; a colleague of the house may take it on.
    OPEN = "open"


class Handover(Identified):
    """One handover; the documents that it is about name it (``documents.handover_id``)."""

    __tablename__ = "handovers"

    state: Mapped[HandoverState] = mapped_column(stored_by_value(HandoverState))
    reason: Mapped[HandoverReason] = mapped_column(stored_by_value(HandoverReason))
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"), index=True)
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    successor_id: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    decided_at: Mapped[datetime | None]
