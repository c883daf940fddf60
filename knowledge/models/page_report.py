"""What people say about a page of the hub: that it is in their way, or that something on it should not be there."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.clock import now
from knowledge.models.base import Base
from knowledge.models.enums import stored_by_value

LONGEST_PATH, LONGEST_CONTACT, LONGEST_NUMBER = 300, 320, 12


class PageReportKind(StrEnum):
    """What a report is about."""

    # Something that keeps somebody from using a page.
    BARRIER = "barrier"
    # Something on a page that is wrong, or must not be there.
    CONTENT = "content"


class PageReport(Base):
    """A report about a page, from anybody; it names nobody unless they said how to reach them (``contact``)."""

    __tablename__ = "page_reports"

    # By which whoever wrote it can ask after it; not to be guessed.
    number: Mapped[str] = mapped_column(String(LONGEST_NUMBER), primary_key=True)
    kind: Mapped[PageReportKind] = mapped_column(stored_by_value(PageReportKind))
    # The page, without what was searched for and without anything secret.
    path: Mapped[str] = mapped_column(String(LONGEST_PATH))
    text: Mapped[str] = mapped_column(Text)
    contact: Mapped[str | None] = mapped_column(String(LONGEST_CONTACT))
    created_at: Mapped[datetime] = mapped_column(default=now)
    # When somebody who looks after it opened it, and when it was done.
    seen_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_page_reports_done_at_created_at", "done_at", "created_at"),)
