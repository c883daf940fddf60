"""What was answered, and how it came about, without the person."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Float, ForeignKey, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.models.base import Base, Identified


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
    # Whether it was given where others read along: then moderators may look at it, also when the exchange is gone.
    shared: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime]


class AnswerDocument(Base):
    """That an answer cited a document: by it the library knows what is never found, and what does not help."""

    __tablename__ = "answer_documents"

    answer_id: Mapped[UUID] = mapped_column(ForeignKey("answers.id", ondelete="CASCADE"), primary_key=True)
    document_id: Mapped[UUID] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True, index=True
    )
