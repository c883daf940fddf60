"""A unit of work happens whole or not at all, and what must follow it waits for the commit."""

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.synonyms.service import SynonymService


async def add(session: AsyncSession, *terms: str) -> None:
    await SynonymService(session).add(*terms)


async def stored(database: Database) -> list[tuple[str, ...]]:
    async with unit_of_work(database, writes=False) as unit:
        return [entry.terms for entry in await SynonymService(unit.session).list()]


class TestCommit:
    async def test_leaving_commits(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            await add(unit.session, "Kita", "Kindertagesstätte")
        assert await stored(database) == [("Kita", "Kindertagesstätte")]

    async def test_raising_rolls_back(self, database: Database) -> None:
        async def fail() -> None:
            async with unit_of_work(database) as unit:
                await add(unit.session, "Kita", "Kindertagesstätte")
                raise RuntimeError

        with pytest.raises(RuntimeError):
            await fail()
        assert await stored(database) == []


class TestWhatFollows:
    async def test_it_finds_the_commit_done(self, database: Database) -> None:
        seen: list[list[tuple[str, ...]]] = []

        async def look() -> None:
            seen.append(await stored(database))

        async with unit_of_work(database) as unit:
            await add(unit.session, "Kita", "Kindertagesstätte")
            unit.after_commit(look)
            assert seen == []
        assert seen == [[("Kita", "Kindertagesstätte")]]

    async def test_a_rollback_throws_it_away(self, database: Database) -> None:
        done: list[str] = []

        async def note() -> None:
            done.append("sent")

        async def fail() -> None:
            async with unit_of_work(database) as unit:
                unit.after_commit(note)
                raise RuntimeError

        with pytest.raises(RuntimeError):
            await fail()
        assert done == []


class TestSideBySide:
    async def test_readers_wait_for_nobody_and_no_writer_is_lost(self, database: Database) -> None:
        began, may_end = asyncio.Event(), asyncio.Event()

        async def slow_writer() -> None:
            async with unit_of_work(database) as unit:
                await add(unit.session, "Amt", "Behörde")
                began.set()
                await may_end.wait()

        async def second_writer() -> None:
            async with unit_of_work(database) as unit:
                await add(unit.session, "Kita", "Kindertagesstätte")

        slow = asyncio.create_task(slow_writer())
        await began.wait()
        second = asyncio.create_task(second_writer())
        assert ("Amt", "Behörde") not in await stored(database)
        may_end.set()
        await asyncio.gather(slow, second)
        assert sorted(await stored(database)) == [("Amt", "Behörde"), ("Kita", "Kindertagesstätte")]
