"""What an asker could conclude from when, and how, a contact request comes to nothing."""

import pytest

from knowledge.kit.database import Database
from knowledge.kit.language import choose_language
from knowledge.models.peer import ContactState
from tests.knowledge.peers.asking import Houses, open_houses

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def houses(database: Database) -> Houses:
    choose_language("en")
    return await open_houses(database)


class TestPassedOnLate:
    @pytest.mark.parametrize("is_blocked", [True, False])
    async def test_nobody_waits_longer_than_a_request_runs(self, houses: Houses, is_blocked: bool) -> None:
        if is_blocked:
            await houses.change(houses.bea, findable="paused")
        request = await houses.ask()
        await houses.pass_by(days=13, hours=20)
        await houses.do("pass_on", request, houses.ben, houses.bea.id)
        following = (await houses.requests())[-1]
        if not is_blocked:
            async with houses.contacts() as contacts:
                await contacts.decline(following.id, houses.bea.id)
        following = (await houses.requests())[-1]
        assert following.state is (ContactState.UNDELIVERED if is_blocked else ContactState.DECLINED)
        assert following.closes_at <= request.expires_at

    async def test_that_it_was_passed_on_at_all_is_not_seen_by_the_time(self, houses: Houses) -> None:
        # News of a refusal comes some days after asking; whoever hears later could tell that somebody was named.
        request = await houses.ask()
        await houses.pass_by(days=8)
        await houses.do("pass_on", request, houses.ben, houses.bea.id)
        async with houses.contacts() as contacts:
            await contacts.decline((await houses.requests())[-1].id, houses.bea.id)
        assert (await houses.requests())[-1].closes_at == request.expires_at
