"""``/hub``: a one-time link for a member alone."""

import re
from dataclasses import replace

import pytest

from knowledge.access.links import AccessLinks
from knowledge.kit.database import Database
from knowledge.kit.settings import load_settings
from knowledge.kit.unit_of_work import unit_of_work
from tests.bot.handlers.contributing_world import ANNA, ROOM, ZOE, Desk, desk_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ADDRESS = "https://hub.lindenau.example"


class TestLink:
    async def test_signs_a_member_in_once(self, database: Database) -> None:
        settings = load_settings()
        hub = settings.hub.model_copy(update={"hub_url": ADDRESS})
        async with desk_of(database, replace(settings, hub=hub)) as desk:
            member = await desk.make_member(ANNA)

            said = await desk.write(ANNA, "/hub")
            assert "within 10 minutes" in said
            [path] = re.findall(rf"{ADDRESS}(/\S+)", said)
            async with unit_of_work(database) as unit:
                assert (await AccessLinks(unit.session).use(path.rpartition("/")[2])).member_id == member

            assert ADDRESS not in await desk.write(ANNA, "/hub", ROOM)
            assert "belong to the network" in await desk.write(ZOE, "/hub")

    async def test_without_an_address_it_says_so(self, desk: Desk) -> None:
        await desk.make_member(ANNA)

        assert "No address of the hub is set" in await desk.write(ANNA, "/hub")
