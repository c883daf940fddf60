"""Somebody goes who was the only one of their house: the administrators hear that nobody looks after it."""

import pytest

from knowledge.kit.unit_of_work import unit_of_work
from knowledge.members.service import MemberService
from knowledge.models.chat import Network
from knowledge.models.member import Role
from tests.bot.handlers.contributing_world import ANNA, TINA, ZOE, Desk
from tests.bot.handlers.test_handover import published

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class TestNobodyElseInTheHouse:
    async def test_administrators_are_told(self, desk: Desk) -> None:
        anna = await desk.make_member(ANNA)
        await desk.make_member(ZOE, role=Role.ADMINISTRATOR, organisation_id=None)
        await desk.make_member(TINA, role=Role.ADMINISTRATOR, organisation_id=None)
        document = await published(desk)
        async with unit_of_work(desk.database) as unit:
            await MemberService(unit.session).leave(anna.hex)
        await desk.tell()
        told = desk.said(ZOE)[-1]
        assert "Lindenau" in told
        assert "1 document of the library" in told
        assert document.title not in told
        assert "Mitglied" not in told
        assert desk.networks[Network.MATRIX].sent[-1].choices == ()
