"""What moderators do with topics, and what they cannot do."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.topic import TopicKind
from knowledge.topics.seeding import seed_topics
from knowledge.topics.service import (
    TopicForm,
    TopicService,
    TopicWordTaken,
    UnknownTopic,
    WrongPlace,
    topic_revision,
)
from knowledge.topics.tree import TopicEntry

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def add(service: TopicService, name: str, below: TopicEntry | None = None) -> TopicEntry:
    return await service.add(TopicForm(name_de=name, below=below.id if below else None), by=None)


async def move(service: TopicService, topic: TopicEntry, below: TopicEntry | None, *words: str) -> TopicEntry:
    tree = await service.tree()
    now = await service.get(topic.id)
    form = TopicForm(name_de=now.name_de, name_en=now.name_en, below=below.id if below else None, words=words)
    return await service.change(topic.id, form, revision=topic_revision(now, tree.words(topic.id)), by=None)


class TestPlaces:
    async def test_moved_with_what_lies_below(self, session: AsyncSession) -> None:
        service = TopicService(UnitOfWork(session))
        one, other = await add(service, "Eins"), await add(service, "Zwei")
        below = await add(service, "Drei", one)
        moved = await move(service, one, other)
        tree = await service.tree()
        assert moved.parent_id == other.id
        assert tree.above(below.id) == (below.id, one.id, other.id)

    async def test_not_below_itself_nor_too_deep(self, session: AsyncSession) -> None:
        service = TopicService(UnitOfWork(session))
        one = await add(service, "Eins")
        two = await add(service, "Zwei", one)
        three = await add(service, "Drei", two)
        with pytest.raises(WrongPlace):
            await move(service, one, three)
        with pytest.raises(WrongPlace):
            await move(service, one, one)
        with pytest.raises(WrongPlace):
            await add(service, "Vier", three)
        other = await add(service, "Andere")
        with pytest.raises(WrongPlace):
            await move(service, one, other)
        assert (await move(service, two, other)).parent_id == other.id

    async def test_goals_stay_where_they_are(self, session: AsyncSession) -> None:
        await seed_topics(session)
        service = TopicService(UnitOfWork(session))
        goal = next(entry for entry in (await service.tree()).entries if entry.kind is TopicKind.GOAL)
        field = await add(service, "Eins")
        with pytest.raises(WrongPlace):
            await move(service, goal, field)
        with pytest.raises(WrongPlace):
            await move(service, field, goal)
        assert await move(service, goal, None, "Ziel Nummer eins")


class TestWords:
    async def test_a_word_stands_for_one_topic(self, session: AsyncSession) -> None:
        service = TopicService(UnitOfWork(session))
        one, other = await add(service, "E-Akte"), await add(service, "Zwei")
        with pytest.raises(TopicWordTaken):
            await move(service, other, None, "eakte")
        await move(service, one, None, "DMS", "d.m.s.")
        tree = await service.tree()
        assert tree.words(one.id) == ("DMS",)
        await move(service, one, None)
        assert (await move(service, other, None, "DMS")).id == other.id

    async def test_nobody_changes_what_is_not_there(self, session: AsyncSession) -> None:
        service = TopicService(UnitOfWork(session))
        for act in (service.get(new_id()), service.retire(new_id(), by=None), service.restore(new_id(), by=None)):
            with pytest.raises(UnknownTopic):
                await act
