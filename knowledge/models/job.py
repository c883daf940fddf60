"""Work that was promised in a transaction and is done after it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.models.base import Base
from knowledge.models.document import Number
from knowledge.models.enums import stored_by_value


class JobState(StrEnum):
    """Where a job stands; a finished one is deleted."""

    WAITING = "waiting"
    RUNNING = "running"
    DEAD = "dead"


class Job(Base):
    """One piece of work. ``kind`` says what to do, ``key`` what to do it with."""

    __tablename__ = "jobs"

    id: Mapped[int] = mapped_column(Number, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(80))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[JobState] = mapped_column(stored_by_value(JobState))
    attempts: Mapped[int] = mapped_column(default=0)
    run_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    leased_by: Mapped[str | None] = mapped_column(String(64))
    # The name of the error, never its text, which may quote a document.
    error: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]

    __table_args__ = (
        # Asked for twice before it began, a job is done once.
        Index(
            "ix_jobs_waiting",
            "kind",
            "key",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_jobs_state_run_at", "state", "run_at"),
        {"sqlite_autoincrement": True},
    )
