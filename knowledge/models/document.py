"""Documents, their versions and the passages that are searched."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.models.base import Base, Identified
from knowledge.models.enums import stored_by_value

# SQLite counts up by itself only where the key is called INTEGER.
Number = BigInteger().with_variant(Integer, "sqlite")


class Kind(StrEnum):
    """What a document is."""

    EXPERIENCE = "experience"
    TRAINING = "training"
    LITERATURE = "literature"
    OTHER = "other"


class Visibility(StrEnum):
    """Who may find a document."""

    HOUSE = "house"
    CIRCLE = "circle"
    NETWORK = "network"
    PUBLIC = "public"


class Rights(StrEnum):
    """What copyright allows to show."""

    FULL = "full"
    QUOTE = "quote"
    LINK = "link"


class Status(StrEnum):
    """Whether a document can be found at all."""

    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Document(Identified):
    """A text of the library; what is in it lies in its versions."""

    __tablename__ = "documents"

    source: Mapped[str] = mapped_column(Text, unique=True)
    kind: Mapped[Kind] = mapped_column(stored_by_value(Kind))
    title: Mapped[str] = mapped_column(Text)
    publisher: Mapped[str | None] = mapped_column(Text)
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    # The circle that alone may find it, with visibility „circle".
    circle_id: Mapped[UUID | None] = mapped_column(ForeignKey("circles.id"))
    # With visibility „circle" for several circles: all of them (then ``circle_id`` is empty).
    audience_id: Mapped[UUID | None] = mapped_column(ForeignKey("audiences.id"))
    # The document that this one was merged with: its address leads there.
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("documents.id", ondelete="SET NULL"), index=True)
    year: Mapped[int | None]
    licence: Mapped[str | None] = mapped_column(Text)
    rights: Mapped[Rights] = mapped_column(stored_by_value(Rights))
    url: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2), default="de")
    visibility: Mapped[Visibility] = mapped_column(stored_by_value(Visibility))
    # The token that decides who may find it; see knowledge/access/visibility.py.
    access: Mapped[str] = mapped_column(String(64), index=True)
    status: Mapped[Status] = mapped_column(stored_by_value(Status), index=True)
    state_key: Mapped[str | None] = mapped_column(String(2))
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    review_by: Mapped[date | None]
    # When whoever looks after it was asked whether it still holds.
    review_asked_at: Mapped[datetime | None]
    # Who looks after it, where that is somebody else than its author (who is known by the contribution alone).
    steward_id: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"), index=True)
    # The last handover that it was part of; while that is open, so is who looks after it.
    handover_id: Mapped[UUID | None] = mapped_column(ForeignKey("handovers.id", ondelete="SET NULL"), index=True)
    topics: Mapped[list[str]] = mapped_column(JSON, default=list)
    # Descriptive extras of a kind, such as an experience's status.
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    version: Mapped[int] = mapped_column(default=0)
    # The first version that readers may read; earlier ones said what was not for them, or is to be read no more.
    shown_from: Mapped[int] = mapped_column(default=1, server_default="1")
    added_by: Mapped[str] = mapped_column(String(64))
    # What is new since a moment is found by it (knowledge/digests).
    created_at: Mapped[datetime] = mapped_column(index=True)
    updated_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("visibility != 'house' OR organisation_id IS NOT NULL", name="house_needs_organisation"),
        Index("ix_documents_organisation_kind", "organisation_id", "kind", "status", "access"),
    )


class DocumentVersion(Identified):
    """What a document said at one time; the structure that was read from its file."""

    __tablename__ = "document_versions"

    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"))
    number: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(120))
    size: Mapped[int] = mapped_column(BigInteger)
    # zlib-compressed JSON list of blocks, so that passages can be made anew without the file.
    blocks: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    added_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_document_versions_document_number", "document_id", "number", unique=True),
        Index("ix_document_versions_content_hash", "content_hash"),
    )


class Passage(Base):
    """A piece of a document's current version: what is searched and quoted."""

    __tablename__ = "passages"

    id: Mapped[int] = mapped_column(Number, primary_key=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"))
    position: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    headings: Mapped[list[str]] = mapped_column(JSON)
    place: Mapped[str | None] = mapped_column(String(8))
    number: Mapped[int | None]
    last_number: Mapped[int | None]
    label: Mapped[str | None] = mapped_column(Text)
    quotable: Mapped[bool]

    __table_args__ = (
        Index("ix_passages_document_position", "document_id", "position", unique=True),
        # Keys are never used twice: the indexes hold them, and may be behind for a moment.
        {"sqlite_autoincrement": True},
    )


class DocumentBand(Base):
    """A part of a document's fingerprint, by which near-duplicates find each other."""

    __tablename__ = "document_bands"

    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True)
    band: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, index=True)
