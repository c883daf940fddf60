"""What is near a contribution in the library, and only what its moderator may see of it."""

from collections.abc import Collection, Sequence

import pytest
from sqlalchemy import select

from knowledge.kit.database import Database
from knowledge.kit.errors import Unavailable
from knowledge.kit.settings import load_settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.answers.service import AnswerService
from knowledge.library.indexes.port import Embedded, IndexHits, IndexQuery
from knowledge.library.indexes.schemas import Hit
from knowledge.models import Document, Passage
from knowledge.models.document import Visibility
from knowledge.review.neighbours import Neighbours, find_neighbours
from knowledge.review.schemas import Reviewer
from tests.knowledge.contributions.world import add_house, entry_of
from tests.knowledge.review.world import World, add_reviewer, make_world

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class LeakyIndexes:
    """Find everything for everybody: what keeps a secret then is the check against the database."""

    def __init__(self, passages: Sequence[int]) -> None:
        self._hits = [Hit(key, 1.0) for key in passages]

    async def find(self, query: IndexQuery) -> IndexHits:
        del query
        return IndexHits(
            words=self._hits, vectors=[], frequencies={}, total=9, vectors_state="off", index_version="0", model="none"
        )

    async def embed(self, texts: Sequence[str]) -> Embedded | None:
        del texts
        return None

    async def words_waiting(self, keys: Collection[str] | None = None) -> int:
        del keys
        return 0


class AwayIndexes:
    """Cannot be asked."""

    async def find(self, query: IndexQuery) -> IndexHits:
        raise Unavailable(query.text[:0])

    async def embed(self, texts: Sequence[str]) -> Embedded | None:
        raise Unavailable("".join(texts)[:0])

    async def words_waiting(self, keys: Collection[str] | None = None) -> int:
        del keys
        return 0


async def house_only(world: World, name: str) -> Document:
    """Publish something of another house for that house alone."""
    async with unit_of_work(world.database) as unit:
        other = World(world.database, await add_house(unit.session, name), world.anna, world.bert)
    document = await other.published(title=f"Chatbot in {name}")
    async with unit_of_work(world.database) as unit:
        row = await unit.session.get_one(Document, document.id)
        row.visibility, row.access = Visibility.HOUSE, f"house:{other.house.id.hex}"
    return document


async def near(world: World, reviewer: Reviewer, *, leaky: bool = True) -> Neighbours:
    """Return what is near the usual contribution."""
    entry = await entry_of(world.database, await world.sent())
    async with unit_of_work(world.database, writes=False) as unit:
        passages = list(await unit.session.scalars(select(Passage.id)))
        indexes = LeakyIndexes(passages) if leaky else AwayIndexes()
        answers = AnswerService(world.database, indexes, load_settings().answers)
        return await find_neighbours(unit.session, answers, reviewer, entry)


class TestNeighbours:
    async def test_the_same_text_comes_first_and_is_said_to_be(self, database: Database) -> None:
        world = await make_world(database)
        await world.published(
            title="Etwas anderes", situation="Kein Wort gleich.", done="Ganz fern.", outcome="Nichts."
        )
        same = await world.published()
        found = await near(world, world.anna)
        assert found.documents[0].id == same.id
        assert [one.is_same for one in found.documents] == [True, False]

    async def test_what_is_another_house_s_is_not_among_them(self, database: Database) -> None:
        world = await make_world(database)
        secret = await house_only(world, "Birkenau")
        scoped = await add_reviewer(database, "Cora", house=world.house.id, organisations=(world.house.id,))
        open_one = await world.published()
        assert {one.id for one in (await near(world, world.anna)).documents} == {secret.id, open_one.id}
        assert {one.id for one in (await near(world, scoped)).documents} == {open_one.id}

    async def test_a_library_that_is_away_is_said_to_be(self, database: Database) -> None:
        world = await make_world(database)
        same = await world.published()
        found = await near(world, world.anna, leaky=False)
        assert found.is_away
        assert [one.id for one in found.documents] == [same.id]
