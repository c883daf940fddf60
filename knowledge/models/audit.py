"""Every privileged act: who, what, when. Rows are only ever added; the database itself refuses to change them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.clock import now
from knowledge.models.base import Base
from knowledge.models.document import Number


class AuditEntry(Base):
    """One privileged act, without the content of any document and without anybody's words.

    ``actor_id`` is a member's identifier, which says nothing once the member is erased; it is empty for the command
    line. ``details`` holds identifiers and values of enumerations only.
    """

    __tablename__ = "audit_entries"

    id: Mapped[int] = mapped_column(Number, primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    actor_id: Mapped[UUID | None] = mapped_column(index=True)
    # What was done, as ``area:action``.
    action: Mapped[str] = mapped_column(String(60))
    # What it was done to, such as "contribution" and its identifier.
    object_kind: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[str] = mapped_column(String(80))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    __table_args__ = (
        Index("ix_audit_entries_object", "object_kind", "object_id"),
        {"sqlite_autoincrement": True},
    )
