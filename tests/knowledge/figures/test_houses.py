"""Does an organisation see its own people's sums only where they tell of nobody, and of nobody else?"""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
import pytest_asyncio

from knowledge.figures.closing import count_figures
from knowledge.figures.houses import houses_to_tell
from knowledge.figures.repository import FigureRepository
from knowledge.figures.schemas import COUNT, Period, Seen, Series
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.contribution import Attribution
from tests.knowledge.figures.world import DAY, World

MAY, JULY, OCTOBER = (datetime(2026, month, 12, 9, tzinfo=UTC) for month in (5, 7, 10))
SECOND_QUARTER = (date(2026, 4, 1), date(2026, 7, 1))
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest_asyncio.fixture
async def world(database: Database) -> AsyncIterator[World]:
    """A database with a lesson."""
    made = World(database)
    made.some_lesson()
    yield made


async def own(world: World, house: UUID, series: Series = Series.LESSONS) -> list[Period]:
    """Return what is written of an organisation."""
    async with unit_of_work(world.database, writes=False) as unit:
        return await FigureRepository(unit.session).periods(series, str(house))


async def learned(world: World, at: datetime, house: UUID | None, people: int) -> None:
    """Let people of an organisation complete a lesson."""
    for _ in range(people):
        world.learn(at, world.member(house))
    await world.write()


class TestOwn:
    async def test_three_people_are_told_of_once_the_quarter_is_over(self, world: World) -> None:
        house = world.house("Lindtal")
        await learned(world, MAY, house, 3)
        await count_figures(world.database, MAY + 20 * DAY)
        assert await own(world, house) == []
        await count_figures(world.database, JULY)
        assert await own(world, house) == [Period(*SECOND_QUARTER, {COUNT: 3})]

    @on_sqlite
    async def test_what_comes_after_the_quarter_was_counted_changes_nothing(self, world: World) -> None:
        house = world.house("Lindtal")
        await learned(world, MAY, house, 2)
        await count_figures(world.database, JULY)
        await learned(world, MAY, house, 2)
        await count_figures(world.database, JULY + DAY)
        assert await own(world, house) == []
        await learned(world, JULY, house, 1)
        await count_figures(world.database, OCTOBER)
        assert await own(world, house) == [Period(date(2026, 4, 1), date(2026, 10, 1), {COUNT: 5})]

    @on_sqlite
    async def test_where_only_two_others_learned_nothing_is_told(self, world: World) -> None:
        house, other = world.house("Lindtal"), world.house("Haselau")
        await learned(world, MAY, house, 5)
        await learned(world, MAY, other, 2)
        await count_figures(world.database, JULY)
        assert await own(world, house) == []

    @on_sqlite
    async def test_where_three_others_learned_it_is_told(self, world: World) -> None:
        house, other = world.house("Lindtal"), world.house("Haselau")
        await learned(world, MAY, house, 5)
        await learned(world, MAY, other, 2)
        await learned(world, MAY, None, 1)
        await count_figures(world.database, JULY)
        assert await own(world, house) == [Period(*SECOND_QUARTER, {COUNT: 5})]
        assert await own(world, other) == []

    @on_sqlite
    async def test_what_is_published_without_the_name_is_not_told_to_the_house_either(self, world: World) -> None:
        house = world.house("Lindtal")
        authors = [world.member(house) for _ in range(4)]
        for number, author in enumerate(authors):
            shown = Attribution.ANONYMOUS if number == 3 else Attribution.ORGANISATION
            more = {"organisation_id": house, "attribution": shown, "decided_by": authors[0]}
            world.contribute(MAY, author, MAY + DAY, **more)
        for _ in range(2):
            world.contribute(MAY, world.member(), MAY + DAY, decided_by=authors[0])
        await world.write()
        await count_figures(world.database, JULY)
        assert await own(world, house, Series.CONTRIBUTIONS) == [Period(*SECOND_QUARTER, {COUNT: 3})]

    @on_sqlite
    async def test_who_decides_is_no_author(self, world: World) -> None:
        house = world.house("Lindtal")
        author = world.member(house)
        for _ in range(3):
            world.contribute(MAY, author, MAY + DAY, organisation_id=house, decided_by=world.member(house))
        await world.write()
        await count_figures(world.database, JULY)
        assert await own(world, house, Series.CONTRIBUTIONS) == []


class TestTogether:
    def test_two_houses_that_put_their_sums_together_do_not_find_the_third(self) -> None:
        first, second, small = new_id(), new_id(), new_id()
        houses = [first] * 4 + [second] * 3 + [small] * 2
        rows = [Seen(new_id(), MAY, person=new_id(), organisation=house) for house in houses]
        starts = dict.fromkeys((first, second, small), date(2026, 4, 1))
        assert houses_to_tell(rows, starts) == {first}

    def test_with_enough_others_both_are_told(self) -> None:
        first, second = new_id(), new_id()
        houses = [first] * 4 + [second] * 3 + [None] * 3
        rows = [Seen(new_id(), MAY, person=new_id(), organisation=house) for house in houses]
        assert houses_to_tell(rows, dict.fromkeys((first, second), date(2026, 4, 1))) == {first, second}
