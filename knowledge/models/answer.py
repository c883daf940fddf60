"""What was answered, and how it came about, without the person."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Float, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.models.base import Identified


class Question(Identified):
    """The words of a question, apart from its answer's trace so that they can be erased alone."""

    __tablename__ = "questions"

    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2))
    created_at: Mapped[datetime]


class Answer(Identified):
    """The trace of one answer."""

    __tablename__ = "answers"

    question_id: Mapped[UUID | None] = mapped_column(ForeignKey("questions.id", ondelete="SET NULL"))
    answered: Mapped[bool]
    confidence: Mapped[float] = mapped_column(Float)
    # What was searched with and what came out: index version, model, passages with scores, what was shown.
    trace: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime]
