"""Digests: one message a week with what is new for a circle or a member."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.clock import now
from knowledge.models.base import Identified
from knowledge.models.enums import stored_by_value


class DigestState(StrEnum):
    """Where a digest stands."""

    WAITING = "waiting"
    SENT = "sent"
    # There was nothing new, or no way to say it.
    EMPTY = "empty"


class Digest(Identified):
    """One digest for a circle or a member, due at a time; what it says is put together when it goes out.

    It tells what came since ``since``, which is where the last one ended.
    """

    __tablename__ = "digests"

    circle_id: Mapped[UUID | None] = mapped_column(ForeignKey("circles.id", ondelete="CASCADE"))
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    due_at: Mapped[datetime]
    since: Mapped[datetime]
    state: Mapped[DigestState] = mapped_column(stored_by_value(DigestState), default=DigestState.WAITING)
    created_at: Mapped[datetime] = mapped_column(default=now)
    done_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("circle_id", "due_at"),
        UniqueConstraint("member_id", "due_at"),
        Index("ix_digests_state_due_at", "state", "due_at"),
    )
