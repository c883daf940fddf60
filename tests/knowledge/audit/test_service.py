"""The record of privileged acts on both databases: only added to, and read some at a time."""

import csv
import io
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Executable, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.audit.reading import PAGE_SIZE, AuditReader
from knowledge.audit.schemas import AuditFilter, AuditPage
from knowledge.audit.service import record
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.members.service import MemberService
from knowledge.models.audit import AuditEntry


class TestAppendOnly:
    async def test_the_database_refuses_to_change_or_delete(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            await record(unit.session, "review:publish", ("contribution", uuid4()), by=uuid4())
        attempts: list[Executable] = [
            update(AuditEntry).values(action="nothing:happened"),
            delete(AuditEntry),
            text("DELETE FROM audit_entries"),
            text("UPDATE audit_entries SET actor_id = NULL"),
        ]
        for attempt in attempts:
            with pytest.raises(DBAPIError):
                async with unit_of_work(database) as unit:
                    await unit.session.execute(attempt)
        async with unit_of_work(database, writes=False) as unit:
            assert (await unit.session.scalars(select(AuditEntry.action))).all() == ["review:publish"]

    async def test_what_is_rolled_back_was_never_done(self, database: Database) -> None:
        async def fail() -> None:
            async with unit_of_work(database) as unit:
                await record(unit.session, "review:publish", ("contribution", uuid4()), by=None)
                raise RuntimeError

        with pytest.raises(RuntimeError):
            await fail()
        async with unit_of_work(database, writes=False) as unit:
            assert (await unit.session.scalars(select(AuditEntry.id))).all() == []


async def some(session: AsyncSession, count: int, actor: UUID | None = None) -> None:
    """Note this many acts, every tenth of them a suspension."""
    rows: list[dict[str, Any]] = [
        {
            "at": now(),
            "actor_id": actor,
            "action": "members:suspend" if number % 10 == 0 else "review:publish",
            "object_kind": "contribution",
            "object_id": f"{number:04}",
            "details": {},
        }
        for number in range(count)
    ]
    await session.execute(insert(AuditEntry), rows)


def objects(page: AuditPage) -> list[str]:
    return [line.object_id for line in page.lines]


class TestReading:
    async def test_there_and_back_again(self, session: AsyncSession) -> None:
        await some(session, 2 * PAGE_SIZE + 5)
        reader, everything = AuditReader(session), AuditFilter()
        first = await reader.page(everything)
        second = await reader.page(everything, before=first.older)
        third = await reader.page(everything, before=second.older)
        back = await reader.page(everything, after=third.newer)
        assert objects(first)[0] == f"{2 * PAGE_SIZE + 4:04}"
        assert (objects(third), third.older) == (["0004", "0003", "0002", "0001", "0000"], None)
        assert (objects(back), first.newer) == (objects(second), None)

    async def test_by_what_and_by_whom(self, session: AsyncSession) -> None:
        anna = await MemberService(session).add("Anna Amsel")
        await some(session, 20, anna.id)
        await some(session, 20, None)
        reader = AuditReader(session)
        by_name = await reader.page(AuditFilter(actor="AMSEL", action="members:suspend"))
        by_beginning = await reader.page(AuditFilter(actor=anna.id.hex[:8]))
        nobody = await reader.page(AuditFilter(actor="Zeisig"))
        one = await reader.page(AuditFilter(object_kind="contribution", object_id="0013"))
        assert [line.who for line in by_name.lines] == ["Anna Amsel"] * 2
        assert (len(by_beginning.lines), len(nobody.lines), len(one.lines)) == (20, 0, 2)

    async def test_somebody_who_is_gone_is_the_beginning_of_an_identifier(self, session: AsyncSession) -> None:
        gone = uuid4()
        await some(session, 1, gone)
        assert [line.who for line in (await AuditReader(session).page(AuditFilter())).lines] == [gone.hex[:8]]

    async def test_by_days_where_the_municipalities_are(self, session: AsyncSession) -> None:
        # Half past midnight in Berlin, which is the day before in UTC.
        moment = "2026-07-01 22:30:00+00:00"
        await some(session, 1)
        row: dict[str, Any] = {
            "action": "a:b",
            "object_kind": "x",
            "object_id": "late",
            "details": {},
            "actor_id": None,
        }
        await session.execute(insert(AuditEntry), [{**row, "at": now().fromisoformat(moment)}])
        second = AuditFilter(first_day=date(2026, 7, 2), last_day=date(2026, 7, 2))
        assert objects(await AuditReader(session).page(second)) == ["late"]
        assert objects(await AuditReader(session).page(AuditFilter(last_day=date(2026, 7, 1)))) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestTable:
    async def test_it_holds_what_was_filtered_and_no_formulas(self, session: AsyncSession) -> None:
        member = await MemberService(session).add('=HYPERLINK("http://böse.example")')
        await some(session, 11, member.id)
        table = await AuditReader(session).table(AuditFilter(action="members:suspend"))
        rows = list(csv.DictReader(io.StringIO(table)))
        assert [row["object_id"] for row in rows] == ["0010", "0000"]
        assert {row["actor"] for row in rows} == {'\'=HYPERLINK("http://böse.example")'}
