"""What waits too long is said to moderators: once, together, at most once a day."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from knowledge.kit.clock import now, use_clock
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models import Member, Notice
from knowledge.models.member import Role
from knowledge.review.alerts import alert_reviewers, keep_alerts
from tests.knowledge.contributions.world import add_house, add_member, send
from tests.knowledge.review.world import World, add_reviewer, make_world

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def told(world: World) -> list[tuple[str, int]]:
    """Return who was told, and of how many, by name."""
    async with unit_of_work(world.database, writes=False) as unit:
        statement = select(Member.name, Notice.data).join(Notice, Notice.member_id == Member.id)
        return sorted((name, data["count"]) for name, data in await unit.session.execute(statement))


async def waiting(world: World, days: int = 8) -> None:
    """Have something waiting for so many days."""
    await world.set(await world.sent(), waiting_since=now() - timedelta(days=days))


class TestAlerting:
    async def test_all_that_waits_is_one_message(self, database: Database) -> None:
        world = await make_world(database)
        await waiting(world)
        await waiting(world)
        await waiting(world, days=6)
        assert await alert_reviewers(database, days=7) == 2
        assert await told(world) == [("Anna", 2), ("Bert", 2)]

    async def test_it_is_said_once(self, database: Database) -> None:
        world = await make_world(database)
        await waiting(world)
        await alert_reviewers(database, days=7)
        later = now() + timedelta(days=2)
        use_clock(lambda: later)
        assert await alert_reviewers(database, days=7) == 0
        assert len(await told(world)) == 2

    async def test_what_comes_on_the_same_day_is_said_the_next(self, database: Database) -> None:
        world = await make_world(database)
        await waiting(world)
        await alert_reviewers(database, days=7)
        await waiting(world)
        assert await alert_reviewers(database, days=7) == 0
        tomorrow = now() + timedelta(days=1, minutes=1)
        use_clock(lambda: tomorrow)
        assert await alert_reviewers(database, days=7) == 2
        assert await told(world) == [("Anna", 1), ("Anna", 2), ("Bert", 1), ("Bert", 2)]

    async def test_only_those_whose_office_it_is(self, database: Database) -> None:
        world = await make_world(database)
        async with unit_of_work(database) as unit:
            other = await add_house(unit.session, "Birkenau")
        await add_reviewer(database, "Cora", organisations=(other.id,))
        await waiting(world)
        await alert_reviewers(database, days=7)
        assert [name for name, _count in await told(world)] == ["Anna", "Bert"]

    async def test_administrators_where_no_moderator_looks_after_it(self, database: Database) -> None:
        world = await make_world(database)
        async with unit_of_work(database) as unit:
            other = await add_house(unit.session, "Birkenau")
            await add_member(unit.session, "Ada", None, role=Role.ADMINISTRATOR)
            for reviewer in (world.anna, world.bert):
                (await unit.session.get_one(Member, reviewer.member_id)).suspended_at = now()
        await add_reviewer(database, "Cora", organisations=(other.id,))
        await waiting(world)
        await world.set((await send(database, other.author)).id, waiting_since=now() - timedelta(days=9))
        await alert_reviewers(database, days=7)
        assert await told(world) == [("Ada", 1), ("Cora", 1)]


class TestRunning:
    async def test_it_looks_as_soon_as_it_starts_and_ends_when_told(self, database: Database) -> None:
        world = await make_world(database)
        await waiting(world)
        stop = asyncio.Event()
        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            tasks.create_task(keep_alerts(database, 7, stop))
            while not await told(world):  # noqa: ASYNC110 - only the database says so
                await asyncio.sleep(0.01)
            stop.set()
        assert await told(world) == [("Anna", 1), ("Bert", 1)]
