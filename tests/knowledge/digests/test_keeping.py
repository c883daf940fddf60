"""Digests are noted in advance, follow what is wanted, and old ones are forgotten."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from knowledge.digests.jobs import DIGEST_JOB
from knowledge.digests.keeping import KEPT, keep_digests, plan_digests
from knowledge.jobs.repository import JobRepository
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.digest import Digest, DigestState
from knowledge.models.member import Member

MONDAY = datetime(2026, 11, 23, 7, tzinfo=UTC)
SATURDAY = MONDAY - timedelta(days=2)
WEEK = timedelta(days=7)


async def add_member(database: Database, **values: int | None) -> UUID:
    key = new_id()
    async with unit_of_work(database) as unit:
        unit.session.add(Member(id=key, name="Kim", search_name="kim", **{"digest_day": 0, **values}))
    return key


async def change(database: Database, member: UUID, **values: int | bool | None) -> None:
    async with unit_of_work(database) as unit:
        await unit.session.execute(update(Member).where(Member.id == member).values(**values))


async def due(database: Database) -> list[tuple[datetime, DigestState]]:
    async with database.session(writes=False) as session:
        rows = (await session.scalars(select(Digest).order_by(Digest.due_at))).all()
    return [(row.due_at, row.state) for row in rows]


async def mark_sent(database: Database) -> None:
    async with unit_of_work(database) as unit:
        waiting = Digest.state == DigestState.WAITING
        values = {"state": DigestState.SENT, "done_at": Digest.due_at}
        await unit.session.execute(update(Digest).where(waiting).values(values))


class TestPlanning:
    async def test_one_is_noted_in_advance_and_asked_for_when_it_is_due(self, database: Database) -> None:
        await add_member(database)
        assert [await plan_digests(database, SATURDAY) for _time in range(2)] == [0, 0]
        assert await due(database) == [(MONDAY, DigestState.WAITING)]
        assert await plan_digests(database, MONDAY) == 1
        async with database.session(writes=False) as session:
            assert await JobRepository(session).unfinished([DIGEST_JOB]) == 1
        await mark_sent(database)
        assert await plan_digests(database, MONDAY) == 0
        assert await due(database) == [(MONDAY, DigestState.SENT), (MONDAY + WEEK, DigestState.WAITING)]

    @pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
    async def test_it_follows_what_is_wanted(self, database: Database) -> None:
        member = await add_member(database)
        await plan_digests(database, SATURDAY)
        await change(database, member, digest_day=6, digest_hour=18)
        await plan_digests(database, SATURDAY)
        assert await due(database) == [(datetime(2026, 11, 22, 17, tzinfo=UTC), DigestState.WAITING)]
        await change(database, member, digest_day=None)
        await plan_digests(database, SATURDAY)
        assert await due(database) == []

    @pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
    async def test_nobody_who_left_or_wants_none(self, database: Database) -> None:
        await add_member(database, digest_day=None)
        await change(database, await add_member(database), active=False)
        await plan_digests(database, SATURDAY)
        assert await due(database) == []

    async def test_old_ones_are_forgotten_but_for_the_last(self, database: Database) -> None:
        member = await add_member(database)
        for week in range(3):
            await plan_digests(database, SATURDAY + week * WEEK)
            await mark_sent(database)
        later = SATURDAY + KEPT + 4 * WEEK
        await plan_digests(database, later)
        kept = await due(database)
        assert kept[0] == (MONDAY + 2 * WEEK, DigestState.SENT)
        assert [state for _due, state in kept] == [DigestState.SENT, DigestState.WAITING]
        async with database.session(writes=False) as session:
            since = await session.scalar(select(Digest.since).where(Digest.state == DigestState.WAITING))
        assert (since, member is not None) == (MONDAY + 2 * WEEK, True)


class TestKeeping:
    @pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
    async def test_it_looks_at_once_and_ends_when_told(self, database: Database) -> None:
        await add_member(database)
        stop = asyncio.Event()
        keeper = asyncio.create_task(keep_digests(database, stop))
        async with asyncio.timeout(20):
            while not await due(database):  # noqa: ASYNC110 - only the database knows
                await asyncio.sleep(0.01)
            stop.set()
            await keeper
        assert len(await due(database)) == 1
