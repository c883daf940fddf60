"""Other words for the same thing: groups kept by moderators, and abbreviations that documents define."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.clock import now
from knowledge.models.base import Identified


class SynonymGroup(Identified):
    """Two or more words that mean the same. A word may be in several groups, which stay apart."""

    __tablename__ = "synonym_groups"

    created_at: Mapped[datetime] = mapped_column(default=now)


class SynonymTerm(Identified):
    """One word of a group: as it was written, and folded for comparing."""

    __tablename__ = "synonym_terms"
    __table_args__ = (UniqueConstraint("group_id", "folded"),)

    group_id: Mapped[UUID] = mapped_column(ForeignKey("synonym_groups.id", ondelete="CASCADE"))
    position: Mapped[int]
    term: Mapped[str] = mapped_column(String(100))
    folded: Mapped[str] = mapped_column(String(300), index=True)


class Abbreviation(Identified):
    """A short form that a document explains, such as „Onlinezugangsgesetz (OZG)"."""

    __tablename__ = "abbreviations"
    __table_args__ = (UniqueConstraint("document_id", "short_folded", "long_folded"),)

    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"))
    short: Mapped[str] = mapped_column(String(100))
    long: Mapped[str] = mapped_column(String(300))
    short_folded: Mapped[str] = mapped_column(String(300), index=True)
    long_folded: Mapped[str] = mapped_column(String(900), index=True)
