"""Tests of „our own say first": who releases, who is told, and that nothing is stuck in silence."""

import pytest
import pytest_asyncio

from knowledge.contributions.errors import NotReleasing, OwnRelease
from knowledge.contributions.service import ContributionService
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.members.schemas import MemberEntry
from knowledge.models.contribution import ContributionState
from knowledge.models.member import Role
from tests.knowledge.contributions.world import House, add_house, add_member, entry_of, notices, send

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest_asyncio.fixture
async def house(database: Database) -> House:
    async with unit_of_work(database) as unit:
        return await add_house(unit.session, release_first=True)


async def releaser(database: Database, house: House, name: str = "Chefin") -> MemberEntry:
    async with unit_of_work(database) as unit:
        return await add_member(unit.session, name, house.id, releases=True)


class TestReleasing:
    async def test_the_house_decides_first(self, database: Database, house: House) -> None:
        chief = await releaser(database, house)
        sent = await send(database, house.author)
        assert (sent.state, sent.nobody_releases) == (ContributionState.HOUSE, False)
        assert await notices(database) == [("contribution.to_release", chief.id)]

        async with unit_of_work(database) as unit:
            service = ContributionService(unit)
            assert [entry.id for entry in await service.to_release(house.id)] == [sent.id]
            released = await service.release(sent.id, chief)
            assert await service.release(sent.id, chief) == released
            assert await service.to_release(house.id) == []
        assert released.state is ContributionState.WAITING

    async def test_it_comes_back_with_a_reason(self, database: Database, house: House) -> None:
        chief = await releaser(database, house)
        sent = await send(database, house.author)

        async with unit_of_work(database) as unit:
            given_back = await ContributionService(unit).give_back(sent.id, chief, "Bitte ohne Namen.")
        assert (given_back.state, given_back.reason) == (ContributionState.DRAFT, "Bitte ohne Namen.")
        assert ("contribution.given_back", house.member.id) in await notices(database)

    async def test_nobody_else_releases(self, database: Database, house: House) -> None:
        await releaser(database, house)
        async with unit_of_work(database) as unit:
            other = await add_house(unit.session, "Anderswo", release_first=True)
            elsewhere = await add_member(unit.session, "Chef", other.id, releases=True)
            colleague = await add_member(unit.session, "Kollegin", house.id)
        sent = await send(database, house.author)

        async with unit_of_work(database) as unit:
            for somebody in (elsewhere, colleague):
                with pytest.raises(NotReleasing):
                    await ContributionService(unit).release(sent.id, somebody)

    async def test_what_changes_after_the_release_is_released_anew(self, database: Database, house: House) -> None:
        chief = await releaser(database, house)
        sent = await send(database, house.author)
        async with unit_of_work(database) as unit:
            service = ContributionService(unit)
            await service.release(sent.id, chief)
            await service.reopen(sent.id, house.author)
            again = await service.submit(sent.id, house.author)
        assert again.state is ContributionState.HOUSE

    async def test_a_house_that_no_longer_asks_lets_go(self, database: Database, house: House) -> None:
        await releaser(database, house)
        sent = await send(database, house.author)

        async with unit_of_work(database) as unit:
            assert await ContributionService(unit).end_releasing(house.id) == 1
        assert (await entry_of(database, sent.id)).state is ContributionState.WAITING


class TestOnesOwn:
    async def test_the_only_one_who_releases_need_not_wait_for_themselves(
        self, database: Database, house: House
    ) -> None:
        chief = await releaser(database, house)

        sent = await send(database, House(house.id, chief).author)
        assert sent.state is ContributionState.WAITING

    async def test_where_there_is_another_the_other_does(self, database: Database, house: House) -> None:
        first, second = await releaser(database, house), await releaser(database, house, "Vertretung")
        sent = await send(database, House(house.id, first).author)
        assert await notices(database) == [("contribution.to_release", second.id)]

        async with unit_of_work(database) as unit:
            service = ContributionService(unit)
            with pytest.raises(OwnRelease):
                await service.release(sent.id, first)
            assert (await service.release(sent.id, second)).state is ContributionState.WAITING


class TestNobody:
    async def test_the_author_is_told_and_the_administrators_are_asked(self, database: Database, house: House) -> None:
        async with unit_of_work(database) as unit:
            administrator = await add_member(unit.session, "Administratorin", None, role=Role.ADMINISTRATOR)

        sent = await send(database, house.author)
        assert (sent.state, sent.nobody_releases) == (ContributionState.HOUSE, True)
        assert await notices(database) == [("contribution.nobody_releases", administrator.id)]

    async def test_whoever_releases_from_now_on_finds_it(self, database: Database, house: House) -> None:
        sent = await send(database, house.author)
        chief = await releaser(database, house)

        async with unit_of_work(database) as unit:
            assert (await ContributionService(unit).release(sent.id, chief)).state is ContributionState.WAITING
