"""Reports about pages on both databases: kept, counted, worked off, and without the address of who was erased."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.ids import new_id
from knowledge.models.page_report import PageReportKind
from knowledge.page_reports.service import NewPageReport, PageReports, UnknownPageReport, is_number


def report(contact: str = "") -> NewPageReport:
    """Return what somebody says."""
    return NewPageReport(PageReportKind.CONTENT, "/lernen", "Das Bild zeigt eine Person.", contact)


class TestPageReports:
    async def test_are_counted_until_they_are_done(self, session: AsyncSession) -> None:
        reports = PageReports(session)
        first, second = [await reports.take(report()) for _time in range(2)]
        assert is_number(first)
        await reports.see(first)
        await reports.close(first, by=new_id())
        await reports.close(first, by=new_id())
        assert await reports.count_waiting() == 1
        assert [row.number for row in await reports.waiting()] == [second]
        assert [row.number for row in await reports.done()] == [first]

    async def test_one_that_is_not_there_is_unknown(self, session: AsyncSession) -> None:
        with pytest.raises(UnknownPageReport):
            await PageReports(session).close("I-BCDFGHJK", by=new_id())

    async def test_lose_the_address_of_who_is_erased_and_no_other(self, session: AsyncSession) -> None:
        reports = PageReports(session)
        written = ("Anna <Anna@kleinow.example>", "anna@kleinow.example.org", "xanna%kleinow.example", "0331 12345")
        numbers = [await reports.take(report(contact)) for contact in written]
        await reports.forget_contact("anna@kleinow.example")
        session.expire_all()
        kept = [(await reports.look(number)).contact for number in numbers]
        assert kept[0] is None
        assert kept[2:] == ["xanna%kleinow.example", "0331 12345"]
