"""Micro-lessons („Lernhäppchen"), paths of them, how far learners and circles are, and the self-check."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.clock import now
from knowledge.models.base import Base, Identified
from knowledge.models.document import Visibility
from knowledge.models.enums import stored_by_value
from knowledge.models.training import Level


class LessonState(StrEnum):
    """Where a lesson or a path stands."""

    DRAFT = "draft"
    PUBLISHED = "published"
    # Taken back: who is in the middle may finish, nobody begins.
    WITHDRAWN = "withdrawn"


class Lesson(Identified):
    """A short course inside the chat; what it says lies in its versions."""

    __tablename__ = "lessons"

    # What imports and paths know it by, such as „ki-was-ist-das".
    key: Mapped[str] = mapped_column(String(80), unique=True)
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    visibility: Mapped[Visibility] = mapped_column(stored_by_value(Visibility), default=Visibility.NETWORK)
    # The token that decides who may find it; see knowledge/access/visibility.py.
    access: Mapped[str] = mapped_column(String(64), index=True)
    state: Mapped[LessonState] = mapped_column(stored_by_value(LessonState), default=LessonState.DRAFT)
    # The number of the version that who begins now gets, and of the newest one; 0 for none.
    published_version: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=0)
    # Whether it came with the program, which then keeps it up to date as long as nobody changed it.
    shipped: Mapped[bool] = mapped_column(default=False)
    # What it is in the library, where it can be found by its words.
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("documents.id", ondelete="SET NULL"), index=True)
    revision: Mapped[int] = mapped_column(default=1)
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (
        CheckConstraint("visibility != 'house' OR organisation_id IS NOT NULL", name="house_needs_organisation"),
    )


class LessonVersion(Identified):
    """What a lesson says: as it was written (Markdown), and as steps."""

    __tablename__ = "lesson_versions"

    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text, default="")
    level: Mapped[Level] = mapped_column(stored_by_value(Level), default=Level.BEGINNER)
    minutes: Mapped[int] = mapped_column(default=5)
    language: Mapped[str] = mapped_column(String(2), default="de")
    source: Mapped[str] = mapped_column(Text)
    # The steps as JSON; see knowledge/lessons/steps.py.
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    # Keys of the lessons that one should have done before.
    needs: Mapped[list[str]] = mapped_column(JSON, default=list)
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (UniqueConstraint("lesson_id", "number"),)


class LessonPicture(Identified):
    """A picture of a lesson, made small; versions name it by its digest, so that none loses its own."""

    __tablename__ = "lesson_pictures"

    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(40))
    width: Mapped[int]
    height: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (UniqueConstraint("lesson_id", "name", "digest"),)


class LessonTopic(Base):
    """A topic of a lesson."""

    __tablename__ = "lesson_topics"

    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"), primary_key=True)
    topic_id: Mapped[UUID] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"), primary_key=True, index=True)


class LessonPath(Identified):
    """Lessons in an order."""

    __tablename__ = "lesson_paths"

    key: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text, default="")
    # What one can do afterwards; a certificate says it.
    outcomes: Mapped[str] = mapped_column(Text, default="")
    level: Mapped[Level] = mapped_column(stored_by_value(Level), default=Level.BEGINNER)
    language: Mapped[str] = mapped_column(String(2), default="de")
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    visibility: Mapped[Visibility] = mapped_column(stored_by_value(Visibility), default=Visibility.NETWORK)
    access: Mapped[str] = mapped_column(String(64), index=True)
    state: Mapped[LessonState] = mapped_column(stored_by_value(LessonState), default=LessonState.DRAFT)
    shipped: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column(default=1)
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (
        CheckConstraint("visibility != 'house' OR organisation_id IS NOT NULL", name="house_needs_organisation"),
    )


class LessonPathItem(Base):
    """A lesson in a path."""

    __tablename__ = "lesson_path_items"

    path_id: Mapped[UUID] = mapped_column(ForeignKey("lesson_paths.id", ondelete="CASCADE"), primary_key=True)
    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"), primary_key=True, index=True)
    position: Mapped[int]


class LessonRun(Identified):
    """How far somebody is in a lesson, on the version that they began with; for them alone.

    It belongs to a member, or to a chat identity as long as nobody knows which member that is.
    """

    __tablename__ = "lesson_runs"

    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    identity_id: Mapped[UUID | None] = mapped_column(ForeignKey("chat_identities.id", ondelete="CASCADE"))
    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"), index=True)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("lesson_versions.id", ondelete="CASCADE"), index=True)
    # The path that they take it as a part of.
    path_id: Mapped[UUID | None] = mapped_column(ForeignKey("lesson_paths.id", ondelete="SET NULL"), index=True)
    # The step that comes next, from 0.
    step: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)
    # When they finished it for the first time.
    done_at: Mapped[datetime | None]
    # Whether they are in the middle of it; a lesson that was done can be taken once more.
    active: Mapped[bool] = mapped_column(default=True)
    helpful: Mapped[bool | None]

    __table_args__ = (
        UniqueConstraint("member_id", "lesson_id"),
        UniqueConstraint("identity_id", "lesson_id"),
        CheckConstraint("(member_id IS NULL) != (identity_id IS NULL)", name="one_owner"),
    )


class LessonAnswer(Base):
    """What somebody chose first at a question of a lesson; publishers see sums from three people on."""

    __tablename__ = "lesson_answers"

    run_id: Mapped[UUID] = mapped_column(ForeignKey("lesson_runs.id", ondelete="CASCADE"), primary_key=True)
    version_id: Mapped[UUID] = mapped_column(
        ForeignKey("lesson_versions.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    step: Mapped[int] = mapped_column(primary_key=True)
    choice: Mapped[int]
    correct: Mapped[bool]


class CirclePathState(StrEnum):
    """Where a circle stands with its path."""

    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"


class CirclePath(Identified):
    """A circle takes a path together: one lesson a week, on a fixed day."""

    __tablename__ = "circle_paths"

    circle_id: Mapped[UUID] = mapped_column(ForeignKey("circles.id", ondelete="CASCADE"), unique=True)
    path_id: Mapped[UUID] = mapped_column(ForeignKey("lesson_paths.id", ondelete="CASCADE"), index=True)
    # The day of the week (0 is Monday) and the hour, in the hub's time zone.
    day: Mapped[int]
    hour: Mapped[int]
    state: Mapped[CirclePathState] = mapped_column(stored_by_value(CirclePathState), default=CirclePathState.RUNNING)
    next_at: Mapped[datetime]
    started_by: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (Index("ix_circle_paths_state_next_at", "state", "next_at"),)


class CircleLesson(Identified):
    """A lesson that was brought to a circle on its path: each once."""

    __tablename__ = "circle_lessons"

    circle_path_id: Mapped[UUID] = mapped_column(ForeignKey("circle_paths.id", ondelete="CASCADE"))
    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"), index=True)
    due_at: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (UniqueConstraint("circle_path_id", "lesson_id"),)


class SelfCheck(Identified):
    """What somebody answered at „Wie weit sind wir?"; for them alone, to see later what has changed."""

    __tablename__ = "self_checks"

    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)
    identity_id: Mapped[UUID | None] = mapped_column(ForeignKey("chat_identities.id", ondelete="CASCADE"), index=True)
    # By the key of the question: the number of the answer.
    answers: Mapped[dict[str, int]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (CheckConstraint("(member_id IS NULL) != (identity_id IS NULL)", name="one_owner"),)
