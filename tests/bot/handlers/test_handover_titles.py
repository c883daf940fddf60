"""What stands in titles of the library is said nowhere where it may not be shown: on Telegram, or to other circles."""

import pytest

from knowledge.handover.service import HandoverService
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models import Contribution, Document
from tests.bot.handlers.contributing_world import ANNA, BEN, TINA, Desk
from tests.bot.handlers.test_handover import published

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class TestTitles:
    async def test_are_not_said_on_telegram(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        tina = await desk.make_member(TINA)
        document = await published(desk)
        async with unit_of_work(desk.database) as unit:
            (await unit.session.get_one(Document, document.id)).steward_id = tina
        told = await desk.write(TINA, "/uebergabe")
        assert "you look after 1 document" in told
        assert document.title not in told

    async def test_of_a_circle_are_not_told_to_the_house(self, desk: Desk) -> None:
        anna = await desk.make_member(ANNA)
        await desk.make_member(BEN)
        document = await published(desk)
        circle = await desk.add_circle("Kreis")
        async with unit_of_work(desk.database) as unit:
            (await unit.session.get_one(Document, document.id)).access = f"circle:{circle.hex}"
            await HandoverService(unit.session).begin(anna, None)
        await desk.tell()
        told = desk.said(BEN)[-1]
        assert "Succession open" in told
        assert document.title not in told
        assert len(await desk.rows(Contribution)) == 1
