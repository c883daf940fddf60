"""The queue: what is in it for whom, in which order, and how much."""

from datetime import timedelta

import pytest

from knowledge.access.visibility import Viewer
from knowledge.contributions.schemas import Wishes
from knowledge.contributions.service import ContributionService
from knowledge.kit.clock import now, today
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models import Document
from knowledge.models.document import Visibility
from knowledge.review.queue import ReviewQueue, seeing
from knowledge.review.schemas import QueueFilter, Tab
from tests.knowledge.contributions.world import add_house, send
from tests.knowledge.review.world import World, add_reviewer, make_world

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class TestOrder:
    async def test_the_longest_waiting_comes_first_and_leads_to_the_next(self, database: Database) -> None:
        world = await make_world(database)
        young, old = await world.sent(title="Jung"), await world.sent(title="Alt")
        await world.set(old, waiting_since=now() - timedelta(days=3))
        view = await world.queue(world.anna)
        assert [line.title for line in view.lines] == ["Alt", "Jung"]
        assert view.counts.waiting == view.total == 2
        first, last = await world.row(old), await world.row(young)
        async with unit_of_work(database, writes=False) as unit:
            queue = ReviewQueue(unit.session, world.anna)
            assert await queue.next_after(first, QueueFilter()) == young
            assert await queue.next_after(last, QueueFilter()) == old
            assert await queue.next_after(first, QueueFilter(topic="gibt es nicht")) is None


class TestFilters:
    async def test_each_leaves_out_what_does_not_match(self, database: Database) -> None:
        world = await make_world(database)
        async with unit_of_work(database) as unit:
            other = await add_house(unit.session, "Birkenau")
        await world.sent(topics=["Straßen"])
        wanted = (await send(database, other.author, Wishes(visibility=Visibility.PUBLIC), topics=["Kita"])).id
        assert (await world.queue(world.anna)).total == 2
        for values in (
            {"organisation_id": other.id},
            {"topic": "KITA"},
            {"visibility": Visibility.PUBLIC},
        ):
            view = await world.queue(world.anna, **values)
            assert [line.id for line in view.lines] == [wanted]
            assert (view.total, view.counts.waiting) == (1, 2)


async def two_houses(database: Database) -> tuple[World, World]:
    """Return the same database as seen from two houses, each with something for itself alone."""
    world = await make_world(database)
    async with unit_of_work(database) as unit:
        other = await add_house(unit.session, "Birkenau")
    return world, World(database, other, world.anna, world.bert)


@on_sqlite
class TestScope:
    async def test_what_is_another_office_s_is_nowhere(self, database: Database) -> None:
        ours, theirs = await two_houses(database)
        secret = (await send(database, theirs.house.author, Wishes(visibility=Visibility.HOUSE))).id
        document = await theirs.published(title="Hausintern")
        await theirs.reported(document.id)
        async with unit_of_work(database) as unit:
            (await unit.session.get_one(Document, document.id)).review_by = today() - timedelta(days=1)
        scoped = await add_reviewer(database, "Cora", organisations=(ours.house.id,))
        allowed = await ours.sent()

        for tab in Tab:
            view = await ours.queue(scoped, tab=tab)
            counts = view.counts
            assert (counts.waiting, counts.asked, counts.postponed, counts.reports, counts.due) == (1, 0, 0, 0, 0)
            assert [line.id for line in view.lines] == ([allowed] if tab is Tab.WAITING else [])
            assert not view.reports
            assert not view.due
            assert all(name != "Birkenau" for _key, name in view.organisations)
        everything = await ours.queue(ours.anna, tab=Tab.REPORTS)
        assert (everything.counts.waiting, everything.counts.reports, everything.counts.due) == (2, 1, 1)
        async with unit_of_work(database, writes=False) as unit:
            queue = ReviewQueue(unit.session, scoped)
            assert await queue.next_after(None, QueueFilter()) == allowed
            assert secret != allowed

    async def test_a_topic_is_an_office_too(self, database: Database) -> None:
        world = await make_world(database)
        await world.sent(topics=["Haushalt"])
        wanted = await world.sent(topics=["Straßen und Wege"])
        scoped = await add_reviewer(database, "Cora", topics=("Strassen und Wege",))
        assert [line.id for line in (await world.queue(scoped)).lines] == [wanted]

    async def test_the_title_of_a_hidden_document_is_not_in_the_queue(self, database: Database) -> None:
        ours, theirs = await two_houses(database)
        document = await theirs.published(title="Hausintern")
        async with unit_of_work(database) as unit:
            service = ContributionService(unit)
            everything = Viewer(None)
            fields = {"suggestion": "Das Jahr stimmt nicht."}
            draft = await service.start(ours.house.author, corrects=document.id, fields=fields, viewer=everything)
            await service.submit(draft.id, ours.house.author)
            row = await unit.session.get_one(Document, document.id)
            row.visibility, row.access = Visibility.HOUSE, f"house:{theirs.house.id.hex}"
        scoped = await add_reviewer(database, "Cora", organisations=(ours.house.id,))
        lines = (await ours.queue(scoped)).lines
        assert len(lines) == 1
        assert "Hausintern" not in lines[0].title
        assert "Hausintern" in (await ours.queue(ours.anna)).lines[0].title

    async def test_neighbours_are_searched_among_what_one_sees(self, database: Database) -> None:
        ours, theirs = await two_houses(database)
        scoped = await add_reviewer(database, "Cora", organisations=(ours.house.id,))
        access = seeing(scoped).access
        assert access is not None
        assert f"house:{ours.house.id.hex}" in access
        assert f"house:{theirs.house.id.hex}" not in access
        assert seeing(ours.anna).access is None
