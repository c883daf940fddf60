"""Topics are suggested from the words in a text, and from what the library holds near it."""

import csv
from collections.abc import Collection, Sequence
from pathlib import Path

import pytest
import pytest_asyncio

from knowledge.access.visibility import Viewer, anybody
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.errors import Unavailable
from knowledge.kit.settings import load_settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.answers.service import AnswerService
from knowledge.library.indexes.port import Embedded, Indexes, IndexHits, IndexQuery
from knowledge.library.indexes.schemas import Hit
from knowledge.models.document import Document, Kind, Passage, Rights, Status, Visibility
from knowledge.topics.seeding import seed_topics
from knowledge.topics.service import TopicService
from knowledge.topics.suggesting import suggest_topics
from knowledge.topics.tree import TopicTree, load_tree
from tests.bot.core.world import NoIndexes

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TEXTS = Path(__file__).with_name("texts.csv")


class FindsAll:
    """Finds all passages for any question, the first one best, and asks nobody who may see them."""

    async def find(self, query: IndexQuery) -> IndexHits:
        """Find all."""
        words = [Hit(number, 9.0 - number) for number in range(1, 4)]
        return IndexHits(
            words=words, vectors=[], frequencies={}, total=9, vectors_state="off", index_version="0", model="none"
        )

    async def embed(self, texts: Sequence[str]) -> Embedded | None:
        """Know no model."""
        del texts
        return None

    async def words_waiting(self, keys: Collection[str] | None = None) -> int:
        """Have looked at everything."""
        del keys
        return 0


class Away(FindsAll):
    """Cannot be asked."""

    async def find(self, query: IndexQuery) -> IndexHits:
        """Fail."""
        raise Unavailable(query.text[:0])


@pytest_asyncio.fixture
async def tree(database: Database) -> TopicTree:
    """The tree that comes with the program, in the database."""
    async with unit_of_work(database) as unit:
        await seed_topics(unit.session)
        return await load_tree(unit.session)


async def suggested(
    database: Database, text: str, indexes: Indexes | None = None, viewer: Viewer | None = None
) -> list[str]:
    answers = AnswerService(database, indexes or NoIndexes(), load_settings().answers)
    return [topic.key for topic in await suggest_topics(answers, database, text, viewer or anybody())]


async def add_passage(database: Database, text: str, topic: str, access: str = "public") -> None:
    moment = now()
    async with unit_of_work(database) as unit:
        document = Document(
            source=text,
            kind=Kind.EXPERIENCE,
            title=text,
            rights=Rights.FULL,
            visibility=Visibility.PUBLIC if access == "public" else Visibility.NETWORK,
            access=access,
            status=Status.PUBLISHED,
            topics=[topic],
            added_by="test",
            created_at=moment,
            updated_at=moment,
        )
        unit.session.add(document)
        await unit.session.flush()
        unit.session.add(Passage(document_id=document.id, position=0, text=text, headings=[], quotable=True))


class TestWordsInTheText:
    async def test_the_right_field_is_among_three_for_four_of_five_texts(
        self, database: Database, tree: TopicTree
    ) -> None:
        with TEXTS.open(encoding="utf-8") as file:
            cases = [(row["field"], row["text"]) for row in csv.DictReader(file)]
        fields = {topic.id: topic.key.partition(".")[0] for topic in tree.entries}
        by_key = {topic.key: fields[topic.id] for topic in tree.entries}
        right = [field in [by_key[key] for key in await suggested(database, text)] for field, text in cases]
        assert len(right) >= 40
        assert sum(right) >= 0.8 * len(right)

    async def test_nothing_for_what_has_no_topic(self, database: Database, tree: TopicTree) -> None:
        assert tree.entries
        for text in ("", "  ", "Rezept für Kartoffelsuppe mit Würstchen", "Was ist das?", "🙂", "x" * 30_000):
            assert await suggested(database, text) == []

    async def test_what_lies_above_says_nothing_more(self, database: Database, tree: TopicTree) -> None:
        assert tree.entries
        found = await suggested(database, "Digitalisierung: die E-Akte in der digitalen Verwaltung")
        assert "digital.records" in found
        assert "digital" not in found

    async def test_what_is_not_offered_is_not_suggested(self, database: Database, tree: TopicTree) -> None:
        topic = tree.find("E-Akte")
        assert topic is not None
        async with unit_of_work(database) as unit:
            await TopicService(unit).retire(topic.id, by=None)
        assert "digital.records" not in await suggested(database, "Wer nutzt die E-Akte?")


class TestNearness:
    async def test_topics_of_what_is_found_near_it(self, database: Database, tree: TopicTree) -> None:
        assert tree.entries
        text = "Quietschende Krötenzäune knicken um"
        await add_passage(database, text, "Naturschutz")
        assert await suggested(database, text) == []
        assert await suggested(database, text, FindsAll()) == ["climate.nature"]

    async def test_only_what_the_viewer_may_find_speaks(self, database: Database, tree: TopicTree) -> None:
        assert tree.entries
        text = "Quietschende Krötenzäune knicken um"
        await add_passage(database, text, "Naturschutz", access="network")
        assert await suggested(database, text, FindsAll()) == []
        assert await suggested(database, text, FindsAll(), Viewer(frozenset({"network"}))) == ["climate.nature"]

    async def test_the_words_remain_where_nobody_can_be_asked(self, database: Database, tree: TopicTree) -> None:
        assert tree.entries
        assert await suggested(database, "Wer nutzt die E-Akte?", Away()) == ["digital.records"]
