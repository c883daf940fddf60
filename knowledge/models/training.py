"""Trainings: events that a competence centre offers, who takes part, what goes with them, and calendars."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.clock import now
from knowledge.models.base import Base, Identified
from knowledge.models.document import Visibility
from knowledge.models.enums import stored_by_value


class TrainingState(StrEnum):
    """Where a training stands; whether it is over follows from its dates."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class Level(StrEnum):
    """What one should know already."""

    BEGINNER = "beginner"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"


class Training(Identified):
    """An event with one or several dates.

    ``taken`` counts the places that are held (registered or offered), ``last_number`` the registrations that there
    ever were. Both change in the same UPDATE that checks them, which makes the capacity exact under a rush.
    """

    __tablename__ = "trainings"

    title: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text, default="")
    # What one can do afterwards, and for whom it is.
    outcomes: Mapped[str] = mapped_column(Text, default="")
    audience: Mapped[str] = mapped_column(Text, default="")
    level: Mapped[Level] = mapped_column(stored_by_value(Level), default=Level.BEGINNER)
    trainers: Mapped[str] = mapped_column(Text, default="")
    online: Mapped[bool] = mapped_column(default=False)
    # Both are shown to registered people only.
    place: Mapped[str] = mapped_column(Text, default="")
    link: Mapped[str | None] = mapped_column(Text)
    # The town or region that everybody may read, and the Land that it is in; neither where it is online.
    region: Mapped[str] = mapped_column(Text, default="")
    state_key: Mapped[str | None] = mapped_column(String(2))
    district_key: Mapped[str | None] = mapped_column(String(5))
    # Empty: as many as want to.
    capacity: Mapped[int | None]
    waiting_list: Mapped[bool] = mapped_column(default=True, server_default=true())
    # How long somebody from the waiting list has to accept a place.
    offer_hours: Mapped[int] = mapped_column(default=24, server_default="24")
    deadline: Mapped[datetime | None]
    costs: Mapped[str] = mapped_column(Text, default="")
    accessibility: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(2), default="de")
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    visibility: Mapped[Visibility] = mapped_column(stored_by_value(Visibility), default=Visibility.NETWORK)
    # The token that decides who may find it; see knowledge/access/visibility.py.
    access: Mapped[str] = mapped_column(String(64), index=True)
    state: Mapped[TrainingState] = mapped_column(stored_by_value(TrainingState), default=TrainingState.DRAFT)
    cancel_reason: Mapped[str] = mapped_column(Text, default="")
    taken: Mapped[int] = mapped_column(default=0)
    last_number: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column(default=1)
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    published_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    # When its first date starts and its last one ends, for lists; kept with the dates.
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    # When those who took part were asked how it was and given the materials, and when their names were cleared.
    followed_up_at: Mapped[datetime | None]
    cleared_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("visibility != 'house' OR organisation_id IS NOT NULL", name="house_needs_organisation"),
        CheckConstraint("taken >= 0", name="taken_not_negative"),
        Index("ix_trainings_state_starts_at", "state", "starts_at"),
        Index("ix_trainings_state_ends_at", "state", "ends_at"),
    )


class TrainingDate(Identified):
    """One date of a training; its id is the UID in calendars, ``sequence`` counts what calendars must know of."""

    __tablename__ = "training_dates"

    training_id: Mapped[UUID] = mapped_column(ForeignKey("trainings.id", ondelete="CASCADE"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    sequence: Mapped[int] = mapped_column(default=0)
    # Taken out after publication: calendars are told, nobody else sees it.
    cancelled_at: Mapped[datetime | None]
    changed_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (
        Index("ix_training_dates_training_starts_at", "training_id", "starts_at"),
        Index("ix_training_dates_starts_at", "starts_at"),
    )


class TrainingTopic(Base):
    """A topic of a training."""

    __tablename__ = "training_topics"

    training_id: Mapped[UUID] = mapped_column(ForeignKey("trainings.id", ondelete="CASCADE"), primary_key=True)
    topic_id: Mapped[UUID] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"), primary_key=True, index=True)


class TrainingQuestion(Identified):
    """What is asked at registration."""

    __tablename__ = "training_questions"

    training_id: Mapped[UUID] = mapped_column(ForeignKey("trainings.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    required: Mapped[bool] = mapped_column(default=False)


class TrainingMaterial(Identified):
    """What goes with a training: a file that becomes a document of the library on its day, or a document."""

    __tablename__ = "training_materials"

    training_id: Mapped[UUID] = mapped_column(ForeignKey("trainings.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str | None] = mapped_column(Text)
    # The file until it is in the library; original files are not kept.
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    size: Mapped[int] = mapped_column(default=0)
    visibility: Mapped[Visibility] = mapped_column(stored_by_value(Visibility), default=Visibility.NETWORK)
    publish_at: Mapped[datetime]
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("documents.id", ondelete="SET NULL"), index=True)
    # The code of the error, where the file could not be read.
    error: Mapped[str | None] = mapped_column(String(80))
    added_by: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    published_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_training_materials_published_at_publish_at", "published_at", "publish_at"),)


class RegistrationState(StrEnum):
    """Where somebody's registration stands."""

    REGISTERED = "registered"
    WAITING = "waiting"
    # A place became free; it is held for them until ``offered_until``.
    OFFERED = "offered"
    # They did not accept in time.
    LAPSED = "lapsed"
    CANCELLED = "cancelled"


class Registration(Identified):
    """Somebody wants to take part; 30 days after the training nobody is named here any more."""

    __tablename__ = "registrations"

    training_id: Mapped[UUID] = mapped_column(ForeignKey("trainings.id", ondelete="CASCADE"))
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"), index=True)
    # Where they registered: they are told there.
    identity_id: Mapped[UUID | None] = mapped_column(ForeignKey("chat_identities.id", ondelete="SET NULL"), index=True)
    state: Mapped[RegistrationState] = mapped_column(stored_by_value(RegistrationState))
    # The order in which they came; the waiting list follows it.
    number: Mapped[int]
    # By question: what they answered.
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    offered_until: Mapped[datetime | None]
    # Whether they were there, as the publisher noted it.
    attended: Mapped[bool | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (
        UniqueConstraint("training_id", "member_id"),
        Index("ix_registrations_training_state_number", "training_id", "state", "number"),
        Index("ix_registrations_state_offered_until", "state", "offered_until"),
    )


class TrainingInquiry(Identified):
    """What a member asked whoever runs a training, and the answer; gone with the names of those who took part."""

    __tablename__ = "training_inquiries"

    training_id: Mapped[UUID] = mapped_column(ForeignKey("trainings.id", ondelete="CASCADE"), index=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)
    # Where they asked: they are answered there.
    identity_id: Mapped[UUID | None] = mapped_column(ForeignKey("chat_identities.id", ondelete="SET NULL"), index=True)
    text: Mapped[str] = mapped_column(Text)
    answer: Mapped[str | None] = mapped_column(Text)
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    answered_at: Mapped[datetime | None]


class ReminderKind(StrEnum):
    """How long before a date somebody is reminded."""

    DAY = "day"
    HOUR = "hour"


class TrainingReminder(Base):
    """That somebody was reminded of a date, or that it was too late for that: once each."""

    __tablename__ = "training_reminders"

    registration_id: Mapped[UUID] = mapped_column(ForeignKey("registrations.id", ondelete="CASCADE"), primary_key=True)
    date_id: Mapped[UUID] = mapped_column(
        ForeignKey("training_dates.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    kind: Mapped[ReminderKind] = mapped_column(stored_by_value(ReminderKind), primary_key=True)
    noted_at: Mapped[datetime] = mapped_column(default=now)


class TrainingFeedback(Identified):
    """How a training was, said by somebody who took part; shown as sums from three people on, never with a name."""

    __tablename__ = "training_feedback"

    training_id: Mapped[UUID] = mapped_column(ForeignKey("trainings.id", ondelete="CASCADE"), index=True)
    # Says who may change it; goes with the registration's name.
    registration_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("registrations.id", ondelete="SET NULL"), unique=True
    )
    helped: Mapped[bool]
    comment: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(default=now)


class CalendarFeed(Identified):
    """A member's own calendar by a secret address; a new address revokes the old one."""

    __tablename__ = "calendar_feeds"

    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), unique=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
