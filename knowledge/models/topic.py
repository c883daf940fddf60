"""Topics: a tree of municipal fields of work beside the Sustainable Development Goals, and what hangs on them."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.clock import now
from knowledge.models.base import Base, Identified
from knowledge.models.enums import stored_by_value


class TopicKind(StrEnum):
    """Which of the two trees a topic is in."""

    # A municipal field of work, perhaps below another one.
    FIELD = "field"
    # One of the 17 Sustainable Development Goals.
    GOAL = "goal"


class Topic(Identified):
    """A topic. Documents and circles name their topics in words, which ``TopicWord`` leads to the topic."""

    __tablename__ = "topics"

    # Stays the same when the names change: what comes with the program is known by it.
    key: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[TopicKind] = mapped_column(stored_by_value(TopicKind))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("topics.id"), index=True)
    name_de: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)
    # No longer offered; what names it still leads there.
    retired_at: Mapped[datetime | None]


class TopicWord(Identified):
    """A word that stands for a topic: its names, earlier names, and what else people call it."""

    __tablename__ = "topic_words"
    __table_args__ = (UniqueConstraint("topic_id", "folded"),)

    topic_id: Mapped[UUID] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"))
    word: Mapped[str] = mapped_column(String(120))
    folded: Mapped[str] = mapped_column(String(360), index=True)


class Stance(StrEnum):
    """How somebody stands to a topic, as they said themselves."""

    HELPS = "helps"
    SEEKS = "seeks"


class MemberTopic(Base):
    """A topic that a member declared: can help with it, or looks for others who know it. Never inferred."""

    __tablename__ = "member_topics"

    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), primary_key=True)
    topic_id: Mapped[UUID] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"), primary_key=True, index=True)
    stance: Mapped[Stance] = mapped_column(stored_by_value(Stance), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class DocumentTopic(Base):
    """That a document is about a topic; made from the document's words by a job, like an index."""

    __tablename__ = "document_topics"

    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True)
    topic_id: Mapped[UUID] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"), primary_key=True, index=True)
