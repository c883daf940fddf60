"""Taking reports about pages from anybody, within limits, and letting moderators and administrators work them off."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.audit.service import record
from knowledge.kit.cleaning import clean_line, clean_text
from knowledge.kit.clock import now
from knowledge.kit.errors import InvalidInput, NotFound
from knowledge.kit.language import _
from knowledge.kit.logs import get_logger
from knowledge.library.reporting import LONGEST_REPORT, TooManyReports
from knowledge.models.page_report import LONGEST_CONTACT, LONGEST_PATH, PageReport, PageReportKind
from knowledge.page_reports.repository import PageReportRepository

# How long a report is kept after it was done, and one that nobody has done anything about; contact and words with it.
DONE_KEPT, UNDONE_KEPT = timedelta(days=30), timedelta(days=180)
# Reports from all the world within a day: more is no people's doing, and nobody could read them.
MOST_PER_DAY = 200
DAY = timedelta(days=1)
MOST_SHOWN = 200
# Without what looks alike, so that a number can be told over the telephone.
ALPHABET = "BCDFGHJKLMNPQRSTVWXZ23456789"
NUMBER = re.compile(r"[BI]-[B-Z2-9]{8}")
LETTERS = {PageReportKind.BARRIER: "B", PageReportKind.CONTENT: "I"}


class UnknownPageReport(NotFound):
    """There is no such report of a page, or not any more."""

    code = "page_reports.unknown"

    def __init__(self) -> None:
        super().__init__(_("There is no such report, or not any more."))


class WrongPageReport(InvalidInput):
    """A report of a page cannot be taken; ``field`` says where that is to be mended."""

    code = "page_reports.wrong"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class NewPageReport:
    """What somebody says about a page; ``path`` is the page's, or empty, ``contact`` how to reach them, or empty."""

    kind: PageReportKind
    path: str
    text: str
    contact: str = ""


class PageReports:
    """Reports of pages, within the caller's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._reports = PageReportRepository(session)
        self._session = session

    async def take(self, new: NewPageReport) -> str:
        """Keep a report and return its number; raises ``WrongPageReport`` and ``TooManyReports``."""
        checked = checked_report(new)
        if await self._reports.count_since(now() - DAY) >= MOST_PER_DAY:
            raise TooManyReports(timedelta(hours=1))
        row = PageReport(
            number=new_number(new.kind),
            kind=checked.kind,
            path=checked.path,
            text=checked.text,
            contact=checked.contact or None,
        )
        self._reports.add(row)
        await self._reports.flush()
        get_logger().info("page_reported", kind=row.kind.value)
        return row.number

    async def waiting(self) -> Sequence[PageReport]:
        """Return what waits, the oldest first."""
        return await self._reports.listed(done=False, limit=MOST_SHOWN)

    async def done(self) -> Sequence[PageReport]:
        """Return what is done and not erased yet, the newest first."""
        return await self._reports.listed(done=True, limit=MOST_SHOWN)

    async def count_waiting(self) -> int:
        """Count what waits."""
        return await self._reports.count_open()

    async def look(self, number: str) -> PageReport:
        """Return a report. Raises ``UnknownPageReport``."""
        found = await self._reports.get(number)
        if found is None:
            raise UnknownPageReport
        return found

    async def see(self, number: str) -> PageReport:
        """Return a report for somebody who looks after it, and note that it was seen. Raises ``UnknownPageReport``."""
        found = await self.look(number)
        await self._reports.mark_seen([found.number], now())
        return found

    async def close(self, number: str, *, by: UUID) -> None:
        """Note that a report is done; a second time changes nothing. Raises ``UnknownPageReport``."""
        found = await self.look(number)
        if await self._reports.mark_done(found.number, now()):
            await record(self._session, "pages:done", ("page_report", found.number), by=by, kind=found.kind.value)

    async def forget_contact(self, address: str) -> None:
        """Erase a mail address from all reports: its owner is erased."""
        await self._reports.forget_contact(address)


def checked_report(new: NewPageReport) -> NewPageReport:
    """Return a report as it is kept. Raises ``WrongPageReport``."""
    text, contact, path = clean_text(new.text), clean_line(new.contact), clean_line(new.path)
    if not text:
        raise WrongPageReport("text", _("Please say in a sentence what is wrong."))
    if len(text) > LONGEST_REPORT:
        raise WrongPageReport("text", _("Please write at most {count} characters.").format(count=LONGEST_REPORT))
    if len(contact) > LONGEST_CONTACT:
        message = _("Please write at most {count} characters.").format(count=LONGEST_CONTACT)
        raise WrongPageReport("contact", message)
    return NewPageReport(new.kind, path[:LONGEST_PATH], text, contact)


def new_number(kind: PageReportKind) -> str:
    """Return a number for a report, such as ``B-7KX2M9QT``."""
    return f"{LETTERS[kind]}-{''.join(secrets.choice(ALPHABET) for _letter in range(8))}"


def is_number(text: str) -> bool:
    """Whether a text looks like the number of a report."""
    return NUMBER.fullmatch(text) is not None
