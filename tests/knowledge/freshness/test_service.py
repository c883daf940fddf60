"""Tests of review dates: who looks after a document is asked before it grows stale."""

from datetime import timedelta
from uuid import UUID

import pytest

from knowledge.freshness.errors import NotLookedAfter
from knowledge.freshness.service import A_DAY, AGAIN_AFTER, HOLDS_FOR, FreshnessService, ask_caretakers
from knowledge.kit.clock import now, today
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models import Document, Member
from knowledge.models.document import Status
from tests.knowledge.contributions.world import House, add_house, add_member, notices, publish_it, send


async def due(database: Database, count: int = 1) -> tuple[House, list[UUID]]:
    """Return a house with documents that are to be looked at soon."""
    async with unit_of_work(database) as unit:
        house = await add_house(unit.session)
    documents = []
    for number in range(count):
        sent = await send(database, house.author, title=f"Erfahrung {number}")
        documents.append((await publish_it(database, sent.id)).id)
    async with unit_of_work(database) as unit:
        for document in documents:
            (await unit.session.get_one(Document, document)).review_by = today() + timedelta(days=20)
    return house, documents


class TestAsking:
    async def test_the_author_is_asked_once(self, database: Database) -> None:
        house, _documents = await due(database)
        assert await ask_caretakers(database, now()) == 1
        assert await ask_caretakers(database, now()) == 0
        assert await ask_caretakers(database, now() + AGAIN_AFTER + timedelta(days=1)) == 1
        asked = [to for kind, to in await notices(database) if kind == "document.review_due"]
        assert asked == [house.member.id] * 2

    async def test_a_few_a_day(self, database: Database) -> None:
        await due(database, A_DAY + 1)
        assert await ask_caretakers(database, now()) == A_DAY
        assert await ask_caretakers(database, now()) == 1

    async def test_a_successor_is_asked_and_nobody_who_is_gone(self, database: Database) -> None:
        house, [document, other] = await due(database, 2)
        async with unit_of_work(database) as unit:
            colleague = await add_member(unit.session, "Kollegin Beispiel", house.id)
            (await unit.session.get_one(Document, document)).steward_id = colleague.id
            (await unit.session.get_one(Member, house.member.id)).suspended_at = now()
        assert await ask_caretakers(database, now()) == 1
        assert [to for _kind, to in await notices(database)] == [colleague.id]
        async with unit_of_work(database, writes=False) as unit:
            assert (await unit.session.get_one(Document, other)).review_asked_at is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestAnswering:
    async def test_still_current_counts_for_a_year(self, database: Database) -> None:
        house, [document] = await due(database)
        async with unit_of_work(database) as unit:
            day = await FreshnessService(unit).still_current(document, house.member.id)
        assert day == today() + HOLDS_FOR
        assert await ask_caretakers(database, now()) == 0

    async def test_the_author_withdraws_for_good_and_a_successor_so_that_it_can_come_back(
        self, database: Database
    ) -> None:
        house, [own, taken_over] = await due(database, 2)
        async with unit_of_work(database) as unit:
            colleague = await add_member(unit.session, "Kollegin Beispiel", house.id)
            (await unit.session.get_one(Document, taken_over)).steward_id = colleague.id
        async with unit_of_work(database) as unit:
            await FreshnessService(unit).withdraw(own, house.author)
            author = House(house.id, colleague).author
            await FreshnessService(unit).withdraw(taken_over, author)
        async with unit_of_work(database, writes=False) as unit:
            first, second = [await unit.session.get_one(Document, key) for key in (own, taken_over)]
            assert first.status is second.status is Status.WITHDRAWN
            assert first.title != "Erfahrung 0"
            assert second.title == "Erfahrung 1"

    async def test_nobody_else_says_anything(self, database: Database) -> None:
        house, [document] = await due(database)
        async with unit_of_work(database) as unit:
            colleague = await add_member(unit.session, "Kollegin Beispiel", house.id)
            with pytest.raises(NotLookedAfter):
                await FreshnessService(unit).still_current(document, colleague.id)
