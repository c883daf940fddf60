"""The topics that come with the program, and what of them stays as moderators left it."""

from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.circles.service import LONGEST_TOPIC, read_topics
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.models.topic import Topic, TopicKind, TopicWord
from knowledge.operations.backup import write_backup
from knowledge.operations.migrating import migration_transaction, remove_tables
from knowledge.operations.restore import restore_backup
from knowledge.topics.seeding import SeededTopic, read_topics_file, seed_topics
from knowledge.topics.service import TopicForm, TopicService, topic_revision
from knowledge.topics.tree import load_tree
from knowledge.topics.words import check_words

FIELDS, GOALS = (read_topics_file(kind) for kind in (TopicKind.FIELD, TopicKind.GOAL))


class TestFiles:
    def test_there_are_fields_with_some_below_each_and_all_goals(self) -> None:
        roots = [topic.key for topic in FIELDS if topic.above is None]
        below = Counter(topic.above for topic in FIELDS if topic.above is not None)
        assert 12 <= len(roots) <= 18
        assert set(below) == set(roots)
        assert all(4 <= number <= 9 for number in below.values())
        assert [topic.key for topic in GOALS] == [f"sdg-{number:02}" for number in range(1, 18)]

    def test_each_lies_behind_the_one_above_it(self) -> None:
        keys = [topic.key for topic in FIELDS]
        assert len(set(keys)) == len(keys)
        assert all(keys.index(topic.above) < keys.index(topic.key) for topic in FIELDS if topic.above)

    def test_a_word_means_one_topic_and_circles_can_be_given_it(self) -> None:
        seen: dict[str, str] = {}
        for topic in (*FIELDS, *GOALS):
            for folded, word in check_words(self._words(topic)).items():
                assert seen.setdefault(folded, topic.key) == topic.key, word
                assert len(word) <= LONGEST_TOPIC
                assert read_topics(word) == [word]
        assert len(seen) > 800

    @staticmethod
    def _words(topic: SeededTopic) -> list[str]:
        return [topic.name_de, topic.name_en, *topic.words]


class TestSeeding:
    async def test_twice_is_once(self, session: AsyncSession) -> None:
        assert await seed_topics(session) == len(FIELDS) + len(GOALS)
        words = await session.scalar(select(func.count()).select_from(TopicWord))
        assert await seed_topics(session) == 0
        assert await session.scalar(select(func.count()).select_from(TopicWord)) == words
        tree = await load_tree(session)
        assert tree.resolve(["KI", "Kita", "SDG 13"]) == {
            topic.id for topic in (*FIELDS, *GOALS) if topic.key in ("digital.ai", "education.daycare", "sdg-13")
        }

    @pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
    async def test_what_moderators_did_stays(self, session: AsyncSession) -> None:
        await seed_topics(session)
        tree, service = await load_tree(session), TopicService(UnitOfWork(session))
        fire, culture = tree.find("Feuerwehr"), tree.find("Kultur und Tourismus")
        assert fire is not None
        assert culture is not None
        revision = topic_revision(fire, tree.words(fire.id))
        await service.change(fire.id, TopicForm(name_de="Brandwehr", below=culture.id), revision=revision, by=None)
        await service.retire(culture.id, by=None)

        assert await seed_topics(session) == 0
        after = (await load_tree(session)).get(fire.id)
        assert after is not None
        assert (after.name_de, after.parent_id, after.retired) == ("Brandwehr", culture.id, True)
        assert (await load_tree(session)).find("Freiwillige Feuerwehr") is None

    @pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
    async def test_a_topic_of_their_own_under_the_same_name_is_not_doubled(self, session: AsyncSession) -> None:
        own = await TopicService(UnitOfWork(session)).add(TopicForm(name_de="Bürgerservice"), by=None)
        await seed_topics(session)
        tree = await load_tree(session)
        assert [topic.id for topic in tree.entries if topic.name_de == "Bürgerservice"] == [own.id]
        wahlen = tree.find("Wahlen")
        assert wahlen is not None
        assert wahlen.parent_id == own.id


# Where a row must not refer to one that is not there yet.
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
class TestBackup:
    async def test_a_tree_comes_back_and_an_untouched_one_is_no_obstacle(
        self, database: Database, tmp_path: Path
    ) -> None:
        async with unit_of_work(database) as unit:
            await seed_topics(unit.session)
            # One that lies below another one that comes later in the order of the keys.
            keys = sorted(new_id() for _number in range(2))
            for key, parent in ((keys[1], None), (keys[0], keys[1])):
                row = Topic(id=key, key=key.hex, kind=TopicKind.FIELD, parent_id=parent, name_de="x", name_en="x")
                unit.session.add(row)
                await unit.session.flush()
            before = (await load_tree(unit.session)).entries
        await write_backup(database, tmp_path / "b.zip", left=lambda _left: None)
        async with migration_transaction(database) as connection:
            await remove_tables(connection)
        await restore_backup(database, tmp_path / "b.zip", room=tmp_path, left=lambda _left: None)
        async with unit_of_work(database) as unit:
            assert (await load_tree(unit.session)).entries == before
            await unit.session.execute(update(Topic).values(retired_at=None))
        assert len(before) == len(FIELDS) + len(GOALS) + 2
