"""Are sums written once, in time, and only when they tell of three people?"""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import delete, select

from knowledge.figures.closing import count_figures
from knowledge.figures.repository import FigureRepository
from knowledge.figures.schemas import ATTENDED, COUNT, DAYS, NO, REGISTERED, REST, YES, Period, Series
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.answer import Answer
from knowledge.models.chat import Network
from knowledge.models.conversation import Exchange
from knowledge.models.figure import Figure, FigureBound
from knowledge.models.member import Member
from knowledge.models.training import Registration
from tests.knowledge.figures.world import DAY, World

MARCH, APRIL, MAY, JUNE = (datetime(2026, month, 3, 9, tzinfo=UTC) for month in (3, 4, 5, 6))
SETTLED = 8 * DAY
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest_asyncio.fixture
async def world(database: Database) -> AsyncIterator[World]:
    """A database that counted for the first time in March, with nothing in it."""
    await count_figures(database, MARCH)
    yield World(database)


async def sums(database: Database, series: Series) -> list[Period]:
    """Return what is written of a series of the network."""
    async with unit_of_work(database, writes=False) as unit:
        return await FigureRepository(unit.session).periods(series)


async def asked(world: World, at: datetime, *people: tuple[UUID, UUID], answered: bool = True) -> None:
    """Let each of some people ask a question, and count while it can be seen who."""
    for who in people:
        world.ask(at, who, answered=answered)
    await world.write()
    await count_figures(world.database, at + DAY)


async def links_end(database: Database) -> None:
    """Let go of who asked, as the worker does after two weeks."""
    async with unit_of_work(database) as unit:
        await unit.session.execute(delete(Exchange))


class TestMonths:
    async def test_a_month_with_three_people_is_written_a_week_after_its_end(self, world: World) -> None:
        await asked(world, MARCH, *(world.person() for _ in range(3)))
        await count_figures(world.database, APRIL)
        assert await sums(world.database, Series.QUESTIONS) == []
        await count_figures(world.database, APRIL + SETTLED)
        written = await sums(world.database, Series.QUESTIONS)
        assert written == [Period(date(2026, 3, 1), date(2026, 4, 1), {COUNT: 3})]

    async def test_counting_again_writes_nothing_again(self, world: World) -> None:
        await asked(world, MARCH, *(world.person() for _ in range(3)))
        assert await count_figures(world.database, APRIL + SETTLED) > 0
        assert await count_figures(world.database, APRIL + SETTLED) == 0

    async def test_two_processes_write_it_once(self, world: World) -> None:
        await asked(world, MARCH, *(world.person() for _ in range(3)))
        moment = APRIL + SETTLED
        await asyncio.gather(*(count_figures(world.database, moment) for _ in range(2)))
        assert [period.counts for period in await sums(world.database, Series.QUESTIONS)] == [{COUNT: 3}]

    @on_sqlite
    async def test_what_is_written_stays_when_its_rows_are_gone_or_more_come(self, world: World) -> None:
        await asked(world, MARCH, *(world.person() for _ in range(3)))
        await count_figures(world.database, APRIL + SETTLED)
        before = await sums(world.database, Series.QUESTIONS)
        async with unit_of_work(world.database) as unit:
            await unit.session.execute(delete(Exchange))
            await unit.session.execute(delete(Answer))
        world.ask(MARCH, world.person())
        await world.write()
        await count_figures(world.database, APRIL + SETTLED + DAY)
        assert await sums(world.database, Series.QUESTIONS) == before

    @on_sqlite
    async def test_a_month_with_two_people_goes_on_into_the_next(self, world: World) -> None:
        two = [world.person() for _ in range(2)]
        await asked(world, MARCH, *two, *two)
        await count_figures(world.database, APRIL + SETTLED)
        assert await sums(world.database, Series.QUESTIONS) == []
        await asked(world, APRIL + SETTLED, *(world.person() for _ in range(3)))
        await count_figures(world.database, MAY + SETTLED)
        assert await sums(world.database, Series.QUESTIONS) == [Period(date(2026, 3, 1), date(2026, 5, 1), {COUNT: 7})]

    @on_sqlite
    async def test_three_people_in_two_months_are_enough_for_both_as_long_as_it_can_be_seen(self, world: World) -> None:
        late = MARCH + 27 * DAY
        await asked(world, late, world.person(), world.person())
        await asked(world, APRIL, world.person())
        await count_figures(world.database, MAY + SETTLED)
        assert [period.counts for period in await sums(world.database, Series.QUESTIONS)] == [{COUNT: 3}]

    @on_sqlite
    async def test_people_are_noted_before_the_links_to_them_end(self, world: World) -> None:
        await asked(world, MARCH, *(world.person() for _ in range(3)))
        await links_end(world.database)
        await count_figures(world.database, APRIL + SETTLED)
        assert [period.counts for period in await sums(world.database, Series.QUESTIONS)] == [{COUNT: 3}]

    @on_sqlite
    async def test_what_nobody_saw_in_time_is_not_told(self, world: World) -> None:
        for _ in range(5):
            world.ask(MARCH, world.person())
        await world.write()
        await links_end(world.database)
        await count_figures(world.database, APRIL + SETTLED)
        assert await sums(world.database, Series.QUESTIONS) == []

    @on_sqlite
    async def test_those_of_the_next_month_do_not_speak_for_this_one(self, world: World) -> None:
        await asked(world, MARCH + 20 * DAY, world.person())
        await asked(world, APRIL, *(world.person() for _ in range(3)))
        await count_figures(world.database, APRIL + SETTLED)
        assert await sums(world.database, Series.QUESTIONS) == []

    @on_sqlite
    async def test_a_month_in_which_nothing_happened_is_a_zero(self, world: World) -> None:
        await count_figures(world.database, APRIL + SETTLED)
        assert [period.counts for period in await sums(world.database, Series.QUESTIONS)] == [{COUNT: 0}]

    @on_sqlite
    async def test_months_that_were_missed_are_made_up_for_one_by_one(self, world: World) -> None:
        for at in (MARCH, APRIL):
            world.some_lesson()
            for _ in range(3):
                world.learn(at, world.member())
        await world.write()
        await count_figures(world.database, JUNE + SETTLED)
        written = await sums(world.database, Series.LESSONS)
        assert [(period.first.month, period.counts) for period in written] == [
            (3, {COUNT: 3}),
            (4, {COUNT: 3}),
            (5, {COUNT: 0}),
        ]

    @on_sqlite
    async def test_nothing_is_left_of_who_it_was(self, world: World) -> None:
        people = [world.person(world.member()) for _ in range(4)]
        await asked(world, MARCH, *people)
        async with unit_of_work(world.database, writes=False) as unit:
            bounds = (await unit.session.scalars(select(FigureBound).where(FigureBound.people > 0))).all()
        assert {bound.people for bound in bounds} == {3}
        await count_figures(world.database, APRIL + SETTLED)
        async with unit_of_work(world.database, writes=False) as unit:
            figures = (await unit.session.scalars(select(Figure))).all()
            kept = (await unit.session.scalars(select(FigureBound).where(FigureBound.month < date(2026, 4, 1)))).all()
        assert {figure.scope for figure in figures} == {""}
        assert [bound for bound in kept if bound.series == Series.QUESTIONS] == []


@on_sqlite
class TestPeopleOfQuestions:
    async def test_one_member_with_three_accounts_is_one(self, world: World) -> None:
        member = world.member()
        await asked(world, MARCH, *(world.person(member) for _ in range(3)))
        await count_figures(world.database, APRIL + SETTLED)
        assert await sums(world.database, Series.QUESTIONS) == []

    async def test_browsers_that_nobody_signed_in_with_are_nobody(self, world: World) -> None:
        await asked(world, MARCH, *(world.person(network=Network.WEB) for _ in range(5)))
        await count_figures(world.database, APRIL + SETTLED)
        assert await sums(world.database, Series.QUESTIONS) == []

    async def test_questions_without_anybody_count_where_three_others_asked(self, world: World) -> None:
        world.ask(MARCH)
        await asked(world, MARCH, *(world.person() for _ in range(3)))
        await count_figures(world.database, APRIL + SETTLED)
        assert [period.counts for period in await sums(world.database, Series.QUESTIONS)] == [{COUNT: 4}]

    async def test_a_share_waits_until_three_are_on_either_side(self, world: World) -> None:
        people = [world.person() for _ in range(4)]
        await asked(world, MARCH, *people)
        await asked(world, MARCH, people[0], answered=False)
        await count_figures(world.database, APRIL + SETTLED)
        assert await sums(world.database, Series.ANSWERED) == []
        assert [period.counts for period in await sums(world.database, Series.QUESTIONS)] == [{COUNT: 5}]
        await asked(world, APRIL + SETTLED, *people[1:], answered=False)
        await count_figures(world.database, MAY + SETTLED)
        assert [period.counts for period in await sums(world.database, Series.ANSWERED)] == [{YES: 4, NO: 4}]

    async def test_votes_of_a_group_are_of_different_people(self, world: World) -> None:
        answer = world.shared(MARCH, world.group())
        for _ in range(3):
            world.vote(answer, MARCH)
        await world.write()
        await count_figures(world.database, APRIL + SETTLED)
        assert [period.counts for period in await sums(world.database, Series.HELPFUL)] == [{YES: 3, NO: 0}]

    async def test_three_votes_of_one_person_are_not_told(self, world: World) -> None:
        who = world.person()
        for _ in range(3):
            world.ask(MARCH, who, helped=True)
        await world.write()
        await count_figures(world.database, APRIL + SETTLED)
        assert await sums(world.database, Series.HELPFUL) == []

    async def test_topics_are_those_at_the_top_and_what_is_too_small_is_the_rest(self, world: World) -> None:
        roads, schools = world.topic("Straßen"), world.topic("Schulen")
        about_roads, about_schools = (
            world.document(MARCH, world.topic("Brücken", roads)),
            world.document(MARCH, schools),
        )
        hidden = world.document(MARCH, schools, access="house:x")
        for document, people in ((about_roads, 4), (about_schools, 2), (hidden, 3)):
            for _ in range(people):
                world.ask(MARCH, world.person(), document=document)
        await world.write()
        await count_figures(world.database, APRIL + SETTLED)
        assert [period.counts for period in await sums(world.database, Series.TOPICS)] == [{REST: 6}]


@on_sqlite
class TestTrainings:
    async def test_who_came_is_told_where_enough_came_and_enough_did_not(self, world: World) -> None:
        training = world.training(MARCH)
        for number in range(6):
            world.register(training, world.member(), number, came=number < 3)
        await world.write()
        await count_figures(world.database, APRIL + SETTLED)
        written = await sums(world.database, Series.PARTICIPATION)
        assert [period.counts for period in written] == [{REGISTERED: 6, ATTENDED: 3}]

    async def test_that_one_did_not_come_is_not_told(self, world: World) -> None:
        training = world.training(MARCH)
        for number in range(6):
            world.register(training, world.member(), number, came=number < 5)
        await world.write()
        await count_figures(world.database, APRIL + SETTLED)
        written = await sums(world.database, Series.PARTICIPATION)
        assert [period.counts for period in written] == [{REGISTERED: 6}]

    async def test_three_trainings_of_one_person_are_one_person(self, world: World) -> None:
        member = world.member()
        for _ in range(3):
            world.register(world.training(MARCH), member, 1)
        await world.write()
        await count_figures(world.database, APRIL + SETTLED)
        assert await sums(world.database, Series.PARTICIPATION) == []

    async def test_names_that_are_cleared_do_not_matter(self, world: World) -> None:
        training = world.training(MARCH)
        for number in range(3):
            world.register(training, None, number)
        await world.write()
        await count_figures(world.database, APRIL + SETTLED)
        assert [period.counts for period in await sums(world.database, Series.PARTICIPATION)] == [
            {REGISTERED: 3, ATTENDED: 3}
        ]
        async with unit_of_work(world.database, writes=False) as unit:
            assert len((await unit.session.scalars(select(Registration))).all()) == 3

    async def test_a_training_of_one_house_is_not_even_counted(self, world: World) -> None:
        house = world.training(MARCH, access="house:x")
        for number in range(4):
            world.register(house, world.member(), number)
        world.training(MARCH)
        await world.write()
        await count_figures(world.database, APRIL + SETTLED)
        assert [period.counts for period in await sums(world.database, Series.OFFERED)] == [{COUNT: 1}]
        assert [period.counts for period in await sums(world.database, Series.PARTICIPATION)] == [
            {REGISTERED: 0, ATTENDED: 0}
        ]


@on_sqlite
class TestReview:
    async def test_the_days_to_publication_need_three_authors_and_three_who_decide(self, world: World) -> None:
        authors, deciders = [world.member() for _ in range(3)], [world.member() for _ in range(3)]
        for author, days in zip(authors, (2, 5, 9), strict=True):
            world.contribute(MARCH, author, MARCH + days * DAY, decided_by=deciders[0])
        await world.write()
        await count_figures(world.database, APRIL + SETTLED)
        assert await sums(world.database, Series.PUBLICATION) == []
        for author, decider in zip(authors, deciders, strict=True):
            world.contribute(APRIL, author, APRIL + 5 * DAY, decided_by=decider)
        await world.write()
        await count_figures(world.database, MAY + SETTLED)
        written = await sums(world.database, Series.PUBLICATION)
        assert [period.counts for period in written] == [{COUNT: 6, DAYS: 5}]

    async def test_the_queue_is_told_as_it_was_at_the_end_of_the_month(self, world: World) -> None:
        decider, end = world.member(), datetime(2026, 3, 31, 22, tzinfo=UTC)
        for days in (4, 10, 20):
            world.contribute(end - days * DAY, world.member())
        world.contribute(end - 20 * DAY, world.member(), end + DAY, decided_by=decider)
        world.contribute(end + DAY, world.member())
        await world.write()
        await count_figures(world.database, APRIL)
        written = await sums(world.database, Series.QUEUE)
        assert written[-1] == Period(date(2026, 3, 1), date(2026, 4, 1), {COUNT: 4, DAYS: 15})

    async def test_a_queue_of_two_people_is_not_told(self, world: World) -> None:
        member = world.member()
        for who in (member, member, world.member()):
            world.contribute(MARCH, who)
        await world.write()
        await count_figures(world.database, APRIL)
        assert [period.counts for period in await sums(world.database, Series.QUEUE)][-1] == {}


@on_sqlite
class TestCoverage:
    async def test_municipalities_are_counted_by_size_and_land_from_three_members_on(self, world: World) -> None:
        for name, population, state, members in (
            ("Lindtal", 1_500, "12", 3),
            ("Grünau", 1_800, "12", 2),
            ("Haselau", 30_000, "03", 1),
            ("Weiden", 30_000, "14", 2),
        ):
            house = world.house(name, population, state)
            for _ in range(members):
                world.member(house)
        await world.write()
        await count_figures(world.database, APRIL)
        assert (await sums(world.database, Series.SIZES))[-1].counts == {"0": 2, "4": 2}
        assert (await sums(world.database, Series.STATES))[-1].counts == {"12": 2, REST: 2}

    async def test_a_month_is_kept_as_it_was(self, world: World) -> None:
        house = world.house("Lindtal")
        for _ in range(3):
            world.member(house)
        await world.write()
        await count_figures(world.database, APRIL)
        async with unit_of_work(world.database) as unit:
            await unit.session.execute(delete(Member))
        await count_figures(world.database, APRIL + DAY)
        assert (await sums(world.database, Series.SIZES))[-1].counts == {"1": 1}
