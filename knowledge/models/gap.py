"""Gaps: what several people asked and the library does not answer."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.clock import now
from knowledge.models.base import Base, Identified
from knowledge.models.enums import stored_by_value


class GapState(StrEnum):
    """Where a gap stands."""

    # Too few people asked, so nobody is shown that it exists.
    FORMING = "forming"
    OPEN = "open"
    # Something published answers it (``document_id``).
    CLOSED = "closed"
    # A moderator said that it is none.
    DISMISSED = "dismissed"


class Gap(Identified):
    """Questions that mean the same and have no good answer.

    ``salt`` makes the askers unrecognisable, and goes when the gap is closed.
    """

    __tablename__ = "gaps"

    state: Mapped[GapState] = mapped_column(stored_by_value(GapState), default=GapState.FORMING)
    salt: Mapped[str | None] = mapped_column(String(64))
    # How many people asked, as far as that may be told; ``asked_before`` of them before it was closed the last time,
    # when their digests went.
    askers: Mapped[int] = mapped_column(default=0)
    asked_before: Mapped[int] = mapped_column(default=0)
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("documents.id", ondelete="SET NULL"), index=True)
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)
    # Since when people are shown that it exists; until when its questions were asked again.
    opened_at: Mapped[datetime | None]
    looked_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_gaps_state_updated_at", "state", "updated_at"),)


class GapQuestion(Identified):
    """A question of a gap: one that was asked (``question_id``), or one that was released (``open_question_id``).

    ``asker`` is a digest with the gap's salt, only good for counting how many different people asked.
    """

    __tablename__ = "gap_questions"

    gap_id: Mapped[UUID] = mapped_column(ForeignKey("gaps.id", ondelete="CASCADE"), index=True)
    question_id: Mapped[UUID | None] = mapped_column(ForeignKey("questions.id", ondelete="CASCADE"), unique=True)
    open_question_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("open_questions.id", ondelete="CASCADE"), unique=True
    )
    asker: Mapped[str | None] = mapped_column(String(64))
    # The question's embedding as 32-bit floats, and the model that made it.
    vector: Mapped[bytes | None] = mapped_column(LargeBinary)
    model: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=now)


class GapTopic(Base):
    """That a gap is about a topic: of what was released in it, else suggested from its words."""

    __tablename__ = "gap_topics"

    gap_id: Mapped[UUID] = mapped_column(ForeignKey("gaps.id", ondelete="CASCADE"), primary_key=True)
    topic_id: Mapped[UUID] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"), primary_key=True, index=True)
