"""A colleague who was asked to take over, and is gone before they said anything."""

import pytest

from knowledge.handover.errors import AskedTooOften
from knowledge.handover.service import MOST_TOLD, HandoverService
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.handover import HandoverState
from knowledge.models.member import Member
from knowledge.privacy.network import forget_in_network
from tests.knowledge.handover.test_service import begin, looked_after, told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class TestTheOneWhoWasAskedGoes:
    async def test_the_succession_is_open_then(self, database: Database) -> None:
        house, colleague, document = await looked_after(database)
        offered = await begin(database, house, colleague)
        async with unit_of_work(database) as unit:
            gone = await unit.session.get_one(Member, colleague)
            await forget_in_network(unit.session, gone)
            await unit.session.delete(gone)
        async with unit_of_work(database, writes=False) as unit:
            entry = await HandoverService(unit.session).get(offered.id, house.member.id)
        assert (entry.state, [one.id for one in entry.documents]) == (HandoverState.OPEN, [document.id])
        assert await told(database, "handover.declined") == [house.member.id]


class TestAgainAndAgain:
    async def test_a_colleague_is_left_in_peace(self, database: Database) -> None:
        house, colleague, _document = await looked_after(database)
        for _time in range(MOST_TOLD):
            await begin(database, house, colleague)
        with pytest.raises(AskedTooOften):
            await begin(database, house, colleague)
        # Without anybody named it is noted still, but told to nobody who heard of it so often today.
        assert (await begin(database, house, None)).state is HandoverState.OPEN
        assert await told(database, "handover.offered") == [colleague] * MOST_TOLD
        assert await told(database, "handover.open") == []
