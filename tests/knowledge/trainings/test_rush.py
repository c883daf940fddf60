"""Many people at the same moment: places stay exact on both databases, and nobody falls between two stools."""

import asyncio
import random

import pytest

from bench.registering import arrivals, judge, prepare, register_all
from knowledge.contributions.schemas import Author
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.training import RegistrationState
from knowledge.trainings.errors import TrainingFull
from knowledge.trainings.queueing import AT_ONCE
from knowledge.trainings.registering import RegistrationService
from knowledge.trainings.schemas import Publisher, RegistrationEntry
from tests.knowledge.trainings.academy import Academy

REGISTERED, WAITING, OFFERED = RegistrationState.REGISTERED, RegistrationState.WAITING, RegistrationState.OFFERED
PEOPLE, PLACES, SEED = 40, 12, 7
# Seconds after which somebody would wait for ever.
PATIENCE = 60


class TestRush:
    async def test_places_are_exact_and_the_list_is_in_order(self, database: Database) -> None:
        hall = await prepare(database, people=PEOPLE, places=PLACES)
        url = database.url.render_as_string(hide_password=False)
        coming = arrivals(hall, within=0.2, seed=SEED)
        parts = await asyncio.gather(
            *(register_all(url, hall.training, coming[first::2], asyncio.get_running_loop().time()) for first in (0, 1))
        )
        outcome = await judge(database, hall, [one for part in parts for one in part])
        assert (outcome.admitted, outcome.taken, len(outcome.listed)) == (PLACES, PLACES, PEOPLE - PLACES)
        assert outcome.in_order
        assert outcome.overtaken == 0

    async def test_coming_and_going_leaves_no_place_free_while_somebody_waits(self, database: Database) -> None:
        hall = await prepare(database, people=PEOPLE, places=PLACES)
        dice = random.Random(SEED)

        async def come_and_go(number: int) -> None:
            member, identity = hall.people[number]
            async with unit_of_work(database) as unit:
                entry = await RegistrationService(unit).register(hall.training, Author(member, None, identity))
            if dice.random() < 0.5:
                async with unit_of_work(database) as unit:
                    await RegistrationService(unit).cancel(entry.id, member)

        await asyncio.gather(*(come_and_go(number) for number in range(PEOPLE)))
        async with unit_of_work(database, writes=False) as unit:
            administrator = Publisher(hall.training, administrator=True)
            rows = await RegistrationService(unit).participants(hall.training, administrator)
        outcome = await judge(database, hall, [])
        held = [row for row in rows if row.state in (REGISTERED, OFFERED)]
        assert len({row.number for row in rows}) == PEOPLE
        assert outcome.taken == len(held) <= PLACES
        assert len(held) == PLACES or not outcome.listed


class TestOnePlace:
    async def test_of_two_people_one_gets_it(self, academy: Academy) -> None:
        training = await academy.offer(capacity=1, waiting_list=False)

        async def come(number: int) -> RegistrationEntry | TrainingFull:
            try:
                return await academy.register(training, (academy.anna, academy.ben)[number])
            except TrainingFull as full:
                return full

        came = await asyncio.gather(come(0), come(1))
        assert sum(isinstance(one, TrainingFull) for one in came) == 1
        assert await academy.taken(training) == 1

    async def test_who_registers_on_two_networks_at_once_takes_one_place(self, academy: Academy) -> None:
        training = await academy.offer(capacity=2)
        first, second = await asyncio.gather(*(academy.register(training, academy.anna) for _network in range(2)))
        assert first.id == second.id
        assert await academy.taken(training) == 1
        assert (await academy.register(training, academy.ben)).number == 2

    async def test_an_offer_is_accepted_or_lapses_but_not_both(self, academy: Academy) -> None:
        training = await academy.offer(capacity=1)
        mine, waits = await academy.register(training, academy.anna), await academy.register(training, academy.ben)
        await academy.register(training, academy.cem)
        await academy.do("cancel", mine, academy.anna)
        # Whichever comes first decides.
        accepted, _lapsed = await asyncio.gather(
            academy.do("accept_offer", waits, academy.ben), academy.pass_by(hours=24), return_exceptions=True
        )
        states = await academy.states(training)
        took = isinstance(accepted, RegistrationEntry)
        assert (states["Ben"] is REGISTERED) == took
        assert states["Cem"] is (WAITING if took else OFFERED)
        assert await academy.taken(training) == 1


class TestQueue:
    """Few in a process come to a training at a time; nobody is left standing."""

    async def test_who_is_refused_or_comes_to_nothing_lets_the_next_ones_come(self, academy: Academy) -> None:
        training = await academy.offer(capacity=1, waiting_list=False)
        await academy.register(training, academy.anna)
        for _more_than_come_at_once in range(2 * AT_ONCE):
            with pytest.raises(TrainingFull):
                await academy.register(training, academy.ben)
        async with asyncio.timeout(PATIENCE):
            assert (await academy.register(training, academy.anna)).state is REGISTERED

    async def test_one_transaction_may_register_several(self, academy: Academy) -> None:
        training = await academy.offer(capacity=None)
        people = [academy.author(member) for member in (academy.anna, academy.ben, academy.cem)]

        async def together() -> list[RegistrationEntry]:
            async with academy.registrations() as registrations:
                return [await registrations.register(training.id, author) for author in people]

        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*(together() for _group in range(3)))
        assert await academy.taken(training) == 3
