"""Tests of remembering what people took back: each way of taking something back leaves its digest, and no words."""

from collections.abc import Collection
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import select

from knowledge.contributions.service import ContributionService
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models import Erasure
from knowledge.models.chat import Network
from knowledge.privacy.digests import digests_of, identity_subject
from knowledge.privacy.taken_back.kinds import TakenBack, digest_of_row
from knowledge.privacy.taken_back.noting import note_address_gone, note_taken_back
from tests.knowledge.contributions.world import add_house, send
from tests.knowledge.trainings.academy import Academy, open_academy

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest_asyncio.fixture
async def academy(database: Database) -> Academy:
    """An academy with people who take part."""
    return await open_academy(database)


async def noted(database: Database, what: TakenBack, rows: Collection[UUID]) -> list[bool]:
    """Return which rows were noted as taken back."""
    async with database.session(writes=False) as session:
        known = {row.digest: row.key for row in (await session.scalars(select(Erasure))).all()}
    return [any(digest_of_row(what, row, key) in known for key in set(known.values())) for row in rows]


class TestServices:
    async def test_a_contribution_that_its_author_takes_back(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            house = await add_house(unit.session)
        gone, stays = [(await send(database, house.author)).id for _ in range(2)]
        async with unit_of_work(database) as unit:
            await ContributionService(unit).withdraw(gone, house.author)
        assert await noted(database, TakenBack.CONTRIBUTION, [gone, stays]) == [True, False]

    async def test_a_registration_that_is_cancelled(self, academy: Academy) -> None:
        training = await academy.offer()
        gone, stays = await academy.register(training, academy.anna), await academy.register(training, academy.ben)
        await academy.do("cancel", gone, academy.anna)
        await academy.do("cancel", gone, academy.anna)
        assert await noted(academy.database, TakenBack.REGISTRATION, [gone.id, stays.id]) == [True, False]


class TestRecords:
    async def test_twice_is_once(self, database: Database) -> None:
        row = UUID(int=7)
        for _time in range(2):
            async with unit_of_work(database) as unit:
                await note_taken_back(unit.session, TakenBack.SELF_CHECK, row)
        async with database.session(writes=False) as session:
            (record,) = (await session.scalars(select(Erasure))).all()
        assert row.hex not in record.digest

    async def test_the_same_key_means_something_else_for_each_kind(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            await note_taken_back(unit.session, TakenBack.QUESTION, UUID(int=7))
        assert await noted(database, TakenBack.QUESTION, [UUID(int=7)]) == [True]
        assert await noted(database, TakenBack.ANSWER, [UUID(int=7)]) == [False]

    async def test_an_address_counts_as_somebody_who_was_erased(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            await note_address_gone(unit.session, Network.MAIL, "ada@example.org")
        async with database.session(writes=False) as session:
            (record,) = (await session.scalars(select(Erasure))).all()
        subject = identity_subject(Network.MAIL, "ada@example.org")
        assert await digests_of([subject], record.key) == {subject: record.digest}
