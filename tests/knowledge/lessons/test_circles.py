"""A circle takes a path: one lesson on its day, told once, also after an outage, a pause or without a group."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update

from knowledge.access.visibility import NETWORK, Viewer, anybody, network_member
from knowledge.digests.schedule import DigestTimeInvalid
from knowledge.kit.clock import use_clock
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.lessons.circles import CirclePathService, CirclePathWish, keep_circle_lessons, post_lessons
from knowledge.lessons.errors import CircleHasPath, NoCirclePath, UnknownPath
from knowledge.lessons.paths import PathService
from knowledge.lessons.schemas import LessonEntry, PathEntry
from knowledge.models.chat import Chat, ChatKind, Circle, Network
from knowledge.models.document import Visibility
from knowledge.models.lesson import CircleLesson, CirclePath, CirclePathState
from knowledge.models.notice import Notice
from tests.knowledge.lessons.writing import publish, publish_path, written

ONLY_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
# Saturday noon; lessons come on Tuesdays at ten, here.
NOW = datetime(2026, 11, 21, 11, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 24, 9, tzinfo=UTC)
WEEK, HOUR = timedelta(days=7), timedelta(hours=1)


@pytest.fixture(autouse=True)
def _saturday() -> None:
    use_clock(lambda: NOW)


async def add_circle(database: Database, network: Network = Network.MATRIX, *, vouched: bool = False) -> UUID:
    chat, circle = new_id(), new_id()
    async with unit_of_work(database) as unit:
        unit.session.add(Chat(id=chat, network=network, address=f"!{chat.hex}:example.org", kind=ChatKind.GROUP))
        await unit.session.flush()
        unit.session.add(
            Circle(id=circle, name="KI", search_name=circle.hex, chat_id=chat, vouched_at=NOW if vouched else None)
        )
    return circle


async def some_lessons(database: Database, *keys: str, visibility: str = "public") -> list[LessonEntry]:
    return [await publish(database, written(key, visibility=visibility)) for key in keys]


async def start(database: Database, circle: UUID, path: PathEntry, viewer: Viewer | None = None) -> None:
    async with unit_of_work(database) as unit:
        wish = CirclePathWish(circle, path.id, day=1, hour=10)
        entry = await CirclePathService(unit.session).start(wish, viewer or anybody(), None)
    assert entry.next_at == TUESDAY


async def brought(database: Database) -> list[UUID]:
    async with database.session(writes=False) as session:
        statement = select(CircleLesson.lesson_id).order_by(CircleLesson.due_at)
        return list(await session.scalars(statement))


async def told(database: Database) -> list[str]:
    async with database.session(writes=False) as session:
        return list(await session.scalars(select(Notice.kind).order_by(Notice.created_at, Notice.kind)))


async def next_at(database: Database) -> datetime:
    async with database.session(writes=False) as session:
        return (await session.scalars(select(CirclePath.next_at))).one()


async def post(database: Database, moments: Sequence[datetime], **options: str) -> list[int]:
    return [await post_lessons(database, moment, **options) for moment in moments]


class TestPosting:
    async def test_one_lesson_a_week_each_told_once_and_then_the_end(self, database: Database) -> None:
        lessons = await some_lessons(database, "eins", "zwei")
        circle = await add_circle(database)
        await start(database, circle, await publish_path(database, lessons))
        assert await post(database, [NOW, TUESDAY - HOUR, TUESDAY, TUESDAY, TUESDAY + HOUR]) == [0, 0, 1, 0, 0]
        assert await told(database) == ["lesson.posted"]
        async with unit_of_work(database) as unit:
            notice = (await unit.session.scalars(select(Notice))).one()
            shown = await CirclePathService(unit.session).lesson(UUID(notice.data["circle_lesson"]))
        assert notice.circle_id == circle
        assert shown is not None
        assert (shown.lesson_id, shown.number, shown.count, shown.path_title) == (lessons[0].id, 1, 2, "Pfad weg")
        together = await asyncio.gather(*(post_lessons(database, TUESDAY + WEEK) for _process in range(3)))
        assert sum(together) == 1
        assert await brought(database) == [lesson.id for lesson in lessons]
        assert await post(database, [TUESDAY + 2 * WEEK, TUESDAY + 3 * WEEK]) == [0, 0]
        assert sorted(await told(database)) == ["lesson.path_ended", "lesson.posted", "lesson.posted"]
        async with unit_of_work(database) as unit:
            entry = await CirclePathService(unit.session).of_circle(circle)
        assert (entry.state, entry.done, entry.lessons) == (CirclePathState.DONE, 2, 2)


@ONLY_SQLITE
class TestOutages:
    async def test_late_on_the_same_day_it_still_comes(self, database: Database) -> None:
        await start(
            database, await add_circle(database), await publish_path(database, await some_lessons(database, "a"))
        )
        assert await post(database, [TUESDAY + timedelta(hours=13)]) == [1]

    async def test_weeks_later_the_next_one_comes_on_its_day(self, database: Database) -> None:
        lessons = await some_lessons(database, "a", "b", "c")
        await start(database, await add_circle(database), await publish_path(database, lessons))
        thursday = TUESDAY + 2 * WEEK + timedelta(days=2)
        assert await post(database, [thursday, thursday + HOUR]) == [0, 0]
        assert await next_at(database) == TUESDAY + 3 * WEEK
        assert await post(database, [TUESDAY + 3 * WEEK]) == [1]
        assert await brought(database) == [lessons[0].id]

    async def test_the_hour_stays_the_same_in_summer(self, database: Database) -> None:
        before = datetime(2026, 10, 20, 9, tzinfo=UTC)
        use_clock(lambda: before)
        circle, path = await add_circle(database), await publish_path(database, await some_lessons(database, "a"))
        async with unit_of_work(database) as unit:
            wish = CirclePathWish(circle, path.id, day=6, hour=3)
            entry = await CirclePathService(unit.session).start(wish, anybody(), None)
        assert entry.next_at == datetime(2026, 10, 25, 2, tzinfo=UTC)  # three o'clock, after the doubled hour


@ONLY_SQLITE
class TestBetween:
    async def test_paused_and_on_again(self, database: Database) -> None:
        circle = await add_circle(database)
        await start(database, circle, await publish_path(database, await some_lessons(database, "a")))
        async with unit_of_work(database) as unit:
            assert (await CirclePathService(unit.session).pause(circle)).state is CirclePathState.PAUSED
        assert await post(database, [TUESDAY]) == [0]
        use_clock(lambda: TUESDAY + HOUR)
        async with unit_of_work(database) as unit:
            entry = await CirclePathService(unit.session).go_on(circle)
        assert (entry.state, entry.next_at) == (CirclePathState.RUNNING, TUESDAY + WEEK)
        assert await post(database, [TUESDAY + WEEK]) == [1]

    @pytest.mark.parametrize("values", [{"paused": True}, None], ids=["silent", "unlinked"])
    async def test_a_group_that_is_away_gets_the_next_one_later(
        self, database: Database, values: dict[str, bool] | None
    ) -> None:
        circle = await add_circle(database)
        await start(database, circle, await publish_path(database, await some_lessons(database, "a")))
        async with unit_of_work(database) as unit:
            chat = await unit.session.scalar(select(Circle.chat_id))
            if values is None:
                await unit.session.execute(update(Circle).values(chat_id=None))
            else:
                await unit.session.execute(update(Chat).values(**values))
        assert await post(database, [TUESDAY]) == [0]
        assert await told(database) == []
        async with unit_of_work(database) as unit:
            await unit.session.execute(update(Circle).values(chat_id=chat))
            await unit.session.execute(update(Chat).values(paused=False))
        assert await post(database, [TUESDAY + HOUR, TUESDAY + WEEK]) == [0, 1]

    async def test_a_circle_that_is_gone(self, database: Database) -> None:
        circle = await add_circle(database)
        await start(database, circle, await publish_path(database, await some_lessons(database, "a")))
        async with unit_of_work(database) as unit:
            await unit.session.execute(delete(Circle))
        assert await post(database, [TUESDAY]) == [0]
        async with unit_of_work(database) as unit:
            assert (await unit.session.scalars(select(CirclePath))).all() == []

    async def test_what_the_group_may_not_find_is_passed_over(self, database: Database) -> None:
        inside = await some_lessons(database, "innen", visibility="network")
        public = await some_lessons(database, "offen")
        circle = await add_circle(database, Network.TELEGRAM, vouched=True)
        await start(database, circle, await publish_path(database, [*inside, *public]))
        assert await post(database, [TUESDAY]) == [1]
        assert await brought(database) == [public[0].id]
        assert await post(database, [TUESDAY + WEEK], abroad=NETWORK) == [1]
        assert set(await brought(database)) == {public[0].id, inside[0].id}

    async def test_a_week_in_which_the_group_may_not_find_the_path_is_left_out(self, database: Database) -> None:
        circle, lessons = await add_circle(database, vouched=True), await some_lessons(database, "a", "b")
        path = await publish_path(database, lessons, visibility=Visibility.NETWORK)
        await start(database, circle, path, network_member())
        vouched = [None, NOW]
        came = []
        for week, moment in enumerate(vouched):
            async with unit_of_work(database) as unit:
                await unit.session.execute(update(Circle).values(vouched_at=moment))
            came += await post(database, [TUESDAY + week * WEEK])
        assert came == [0, 1]
        assert await told(database) == ["lesson.posted"]

    async def test_a_path_that_was_withdrawn_comes_to_its_end(self, database: Database) -> None:
        circle, path = await add_circle(database), await publish_path(database, await some_lessons(database, "a", "b"))
        await start(database, circle, path)
        await post(database, [TUESDAY])
        async with unit_of_work(database) as unit:
            await PathService(unit).withdraw(path.id, None)
        assert await post(database, [TUESDAY + WEEK]) == [0]
        assert sorted(await told(database)) == ["lesson.path_ended", "lesson.posted"]


@ONLY_SQLITE
class TestDeciding:
    async def test_one_path_at_a_time_on_a_day_of_its_own(self, database: Database) -> None:
        lessons, circle = await some_lessons(database, "a"), await add_circle(database)
        first, second = await publish_path(database, lessons), await publish_path(database, lessons, "anders")
        await start(database, circle, first)
        async with unit_of_work(database) as unit:
            service = CirclePathService(unit.session)
            with pytest.raises(CircleHasPath):
                await service.start(CirclePathWish(circle, second.id, 1, 10), anybody(), None)
            moved = await service.start(CirclePathWish(circle, first.id, 2, 8), anybody(), None)
            assert (moved.day, moved.hour, moved.next_at) == (2, 8, datetime(2026, 11, 25, 7, tzinfo=UTC))
            with pytest.raises(DigestTimeInvalid):
                await service.start(CirclePathWish(circle, first.id, 7, 8), anybody(), None)
            await service.end(circle)
            with pytest.raises(NoCirclePath):
                await service.of_circle(circle)
            assert await service.find(circle) is None
            assert (
                await service.start(CirclePathWish(circle, second.id, 1, 10), anybody(), None)
            ).title == "Pfad anders"

    async def test_a_path_that_the_group_may_not_find(self, database: Database) -> None:
        circle, lessons = await add_circle(database), await some_lessons(database, "a")
        path = await publish_path(database, lessons, visibility=Visibility.NETWORK)
        async with unit_of_work(database) as unit:
            with pytest.raises(UnknownPath):
                await CirclePathService(unit.session).start(CirclePathWish(circle, path.id, 1, 10), anybody(), None)
        await start(database, circle, path, network_member())

    async def test_a_path_that_is_done_begins_anew(self, database: Database) -> None:
        circle, path = await add_circle(database), await publish_path(database, await some_lessons(database, "a"))
        await start(database, circle, path)
        await post(database, [TUESDAY, TUESDAY + WEEK])
        await start(database, circle, path)
        async with unit_of_work(database) as unit:
            entry = await CirclePathService(unit.session).of_circle(circle)
        assert (entry.state, entry.done) == (CirclePathState.RUNNING, 0)

    async def test_the_loop_looks_and_ends(self, database: Database) -> None:
        await start(
            database, await add_circle(database), await publish_path(database, await some_lessons(database, "a"))
        )
        use_clock(lambda: TUESDAY)
        stop = asyncio.Event()
        loop = asyncio.create_task(keep_circle_lessons(database, stop))
        async with asyncio.timeout(20):
            while not await brought(database):  # noqa: ASYNC110 - what it waits for is in the database
                await asyncio.sleep(0.02)
        stop.set()
        await loop
        assert await told(database) == ["lesson.posted"]
