"""What is kept of somebody about peers, shown to them and erased with them, and what others notice of it."""

import pytest

from knowledge.kit.database import Database
from knowledge.kit.language import choose_language
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.member import Findable, Member
from knowledge.models.peer import Block, ContactState
from knowledge.models.topic import MemberTopic, Stance
from knowledge.peers.privacy import erase_of, stored_of
from knowledge.peers.schemas import Outlook
from tests.knowledge.peers.asking import WORDS, Houses, open_houses


@pytest.fixture
async def houses(database: Database) -> Houses:
    choose_language("en")
    return await open_houses(database)


class TestStored:
    async def test_all_of_ones_own_and_nothing_of_others(self, houses: Houses) -> None:
        await houses.change(houses.ben, languages=["de", "pl"])
        await houses.ask(topic="E-Akte")
        async with unit_of_work(houses.database) as unit:
            stored = await stored_of(unit.session, houses.ben.id)
            asked = await stored_of(unit.session, houses.anna.id)

        assert stored["findable"] == "on"
        assert stored["languages"] == ["de", "pl"]
        assert stored["topics"] == {"helps": ["Digitalisierung › E-Akte"], "seeks": []}
        assert [one["text"] for one in stored["contacts_received"]] == [WORDS]
        assert [one["topic"] for one in asked["contacts_asked"]] == ["Digitalisierung › E-Akte"]
        assert "Anna" not in str(stored)
        assert "Ben" not in str(asked)

    async def test_does_not_tell_that_somebody_blocked_one(self, houses: Houses) -> None:
        async with houses.contacts() as contacts:
            block = Block(member_id=houses.ben.id, blocked_id=houses.anna.id, created_at=houses.moment)
            await contacts.repository.add_block(block)
        await houses.ask()
        async with unit_of_work(houses.database) as unit:
            asked = await stored_of(unit.session, houses.anna.id)
            hidden = await stored_of(unit.session, houses.ben.id)

        assert [sorted(one) for one in asked["contacts_asked"]] == [["created_at", "topic"]]
        assert asked["blocked_since"] == []
        assert hidden["contacts_received"] == []
        assert len(hidden["blocked_since"]) == 1


class TestErased:
    async def test_whoever_was_asked_goes_without_the_asker_noticing_when(self, houses: Houses) -> None:
        request = await houses.ask()
        async with unit_of_work(houses.database) as unit:
            await erase_of(unit.session, houses.ben.id)
            await unit.session.delete(await unit.session.get_one(Member, houses.ben.id))

        assert await houses.see(request, houses.anna) == request
        [row] = await houses.requests()
        assert (row.state, row.text, row.to_member_id) == (ContactState.UNDELIVERED, "", None)
        await houses.pass_by(days=15)
        assert (await houses.see(request, houses.anna)).outlook is Outlook.NOT_AVAILABLE

    async def test_nothing_is_left_of_the_asker(self, houses: Houses) -> None:
        request = await houses.ask()
        await houses.do("block", request, houses.ben)
        async with unit_of_work(houses.database) as unit:
            for member in (houses.anna, houses.ben):
                await erase_of(unit.session, member.id)
        assert await houses.requests() == []
        async with houses.database.session(writes=False) as session:
            assert await session.get(Block, (houses.ben.id, houses.anna.id)) is None
            member = await session.get_one(Member, houses.ben.id)
            topic = (houses.ben.id, houses.topics["E-Akte"], Stance.HELPS)
            assert await session.get(MemberTopic, topic) is None
        assert (member.findable, member.languages) == (Findable.OFF, [])
