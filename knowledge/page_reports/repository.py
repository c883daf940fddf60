"""Statements about reports of pages."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.models.page_report import PageReport


class PageReportRepository:
    """Reports of pages over one session; whoever opened it commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, report: PageReport) -> None:
        """Put in a report."""
        self._session.add(report)

    async def flush(self) -> None:
        """Send what was put in to the database, so that a number that exists is noticed."""
        await self._session.flush()

    async def get(self, number: str) -> PageReport | None:
        """Return a report by its number."""
        return await self._session.get(PageReport, number)

    async def listed(self, *, done: bool, limit: int) -> Sequence[PageReport]:
        """Return reports that are done, the newest first, or that wait, the oldest first."""
        if done:
            chosen = select(PageReport).where(PageReport.done_at.is_not(None)).order_by(PageReport.done_at.desc())
        else:
            chosen = select(PageReport).where(PageReport.done_at.is_(None)).order_by(PageReport.created_at)
        return (await self._session.scalars(chosen.order_by(PageReport.number).limit(limit))).all()

    async def count_open(self) -> int:
        """Count what waits."""
        waiting = select(func.count()).select_from(PageReport).where(PageReport.done_at.is_(None))
        return (await self._session.scalar(waiting)) or 0

    async def count_since(self, moment: datetime) -> int:
        """Count what came since a moment."""
        came = select(func.count()).select_from(PageReport).where(PageReport.created_at >= moment)
        return (await self._session.scalar(came)) or 0

    async def mark_seen(self, numbers: Sequence[str], moment: datetime) -> None:
        """Note that somebody looked at some reports; what was seen before keeps its moment."""
        unseen = update(PageReport).where(PageReport.number.in_(numbers), PageReport.seen_at.is_(None))
        await self._session.execute(unseen.values(seen_at=moment))

    async def mark_done(self, number: str, moment: datetime) -> bool:
        """Note that a report is done; returns whether it was not so before."""
        waiting = update(PageReport).where(PageReport.number == number, PageReport.done_at.is_(None))
        changed = waiting.values(done_at=moment, seen_at=func.coalesce(PageReport.seen_at, moment))
        return bool((await self._session.execute(changed.returning(PageReport.number))).first())

    async def forget_contact(self, address: str) -> None:
        """Erase how to reach somebody from all reports in which they named this address."""
        named = func.lower(PageReport.contact).contains(address.lower(), autoescape=True)
        await self._session.execute(update(PageReport).where(named).values(contact=None))
