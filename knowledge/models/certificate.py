"""Certificates of taking part in a training, or of a path that was completed; they belong to the learner."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.clock import now
from knowledge.models.base import Identified
from knowledge.models.enums import stored_by_value


class CertificateKind(StrEnum):
    """What it certifies."""

    TRAINING = "training"
    PATH = "path"


class Certificate(Identified):
    """What was learned, by whom, when; the document is made from it each time that the learner wants it.

    When the learner's account is erased the row stays without anything about them, so that the paper that they hold
    stays valid; whoever does not want that revokes it first.
    """

    __tablename__ = "certificates"

    kind: Mapped[CertificateKind] = mapped_column(stored_by_value(CertificateKind))
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"), index=True)
    training_id: Mapped[UUID | None] = mapped_column(ForeignKey("trainings.id", ondelete="SET NULL"), index=True)
    path_id: Mapped[UUID | None] = mapped_column(ForeignKey("lesson_paths.id", ondelete="SET NULL"), index=True)
    # The name that it is made out to, as the learner gave it; empty when the account is erased.
    name: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    learned: Mapped[str] = mapped_column(Text)
    publisher: Mapped[str] = mapped_column(Text)
    minutes: Mapped[int]
    language: Mapped[str] = mapped_column(String(2), default="de")
    completed_on: Mapped[date]
    # Of the code in its address; the code itself follows from the hub's key and the id, and is not kept.
    code_digest: Mapped[str] = mapped_column(String(64), unique=True)
    issued_at: Mapped[datetime] = mapped_column(default=now)
    revoked_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("member_id", "training_id"), UniqueConstraint("member_id", "path_id"))
