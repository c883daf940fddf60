"""„In 5 Minuten lernen: …": at most one lesson below an answer, and only where it truly fits."""

from uuid import UUID

import pytest

from knowledge.access.visibility import anybody
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.language import choose_language
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.lessons.learning import LearningService
from knowledge.lessons.schemas import Learner
from knowledge.lessons.suggesting import suggest_lesson
from knowledge.models.document import Document, Kind, Rights, Status, Visibility
from knowledge.models.topic import DocumentTopic
from knowledge.topics.service import TopicForm, TopicService
from tests.knowledge.lessons.writing import a_stranger, publish, written

NOBODY = Learner(None, None, anybody())
ONLY_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def add_topics(unit: UnitOfWork, *names: str) -> list[UUID]:
    service = TopicService(unit)
    return [(await service.add(TopicForm(name_de=name), by=None)).id for name in names]


async def add_document(unit: UnitOfWork, *topics: UUID) -> UUID:
    key = new_id()
    unit.session.add(
        Document(
            id=key,
            source=key.hex,
            kind=Kind.OTHER,
            title="Ein Text",
            rights=Rights.FULL,
            visibility=Visibility.PUBLIC,
            access="public",
            status=Status.PUBLISHED,
            added_by="test",
            created_at=now(),
            updated_at=now(),
        )
    )
    await unit.session.flush()
    unit.session.add_all(DocumentTopic(document_id=key, topic_id=topic) for topic in topics)
    await unit.session.flush()
    return key


async def suggested(
    database: Database, documents: list[UUID], learner: Learner = NOBODY, further: tuple[UUID, ...] = ()
) -> str | None:
    async with unit_of_work(database) as unit:
        offer = await suggest_lesson(unit.session, documents, learner, further=further)
    return offer.key if offer else None


class TestSuggesting:
    async def test_the_best_fit_first_and_none_without_a_fit(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            water, forest, school = await add_topics(unit, "Wasser", "Wald", "Schule")
            wet, both, other = (
                await add_document(unit, water),
                await add_document(unit, water, forest),
                await add_document(unit, school),
            )
        cited = await publish(database, written("zitiert"), shelved=True)
        await publish(database, written("wasser", topics="[Wasser]"))
        await publish(database, written("wald", topics="[Wald, Wasser]"))
        assert cited.document_id is not None
        assert await suggested(database, [other]) is None
        assert await suggested(database, []) is None
        assert await suggested(database, [wet]) == "wasser"
        assert await suggested(database, [wet, both]) == "wald"
        assert await suggested(database, [wet, cited.document_id]) == "zitiert"
        assert await suggested(database, [wet], further=(cited.document_id,)) == "zitiert"

    @ONLY_SQLITE
    async def test_not_what_one_finished_or_may_not_find_or_in_another_language(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            (water,) = await add_topics(unit, "Wasser")
            wet = await add_document(unit, water)
        await publish(database, written("innen", topics="[Wasser]", visibility="network"))
        await publish(database, written("english", topics="[Wasser]", language="en"))
        assert await suggested(database, [wet]) is None
        lesson, learner = (
            await publish(database, written("kurz", steps=["x"], topics="[Wasser]")),
            await a_stranger(database),
        )
        assert await suggested(database, [wet], learner) == "kurz"
        async with unit_of_work(database) as unit:
            service = LearningService(unit)
            state = await service.begin(learner, lesson.id)
            await service.go_on(learner, state.run_id, 0)
        assert await suggested(database, [wet], learner) is None
        assert await suggested(database, [wet]) == "kurz"
        choose_language("en")
        assert await suggested(database, [wet]) == "english"
