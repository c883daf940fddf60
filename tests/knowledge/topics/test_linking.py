"""The topics of documents follow their words, and the words of topics."""

from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.jobs.repository import JobRepository
from knowledge.jobs.worker import Worker
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.library.indexes.jobs import ask_for
from knowledge.models.document import Document, Kind, Rights, Status, Visibility
from knowledge.models.topic import DocumentTopic
from knowledge.topics.jobs import LINK_JOB
from knowledge.topics.linking import link_job
from knowledge.topics.service import TopicForm, TopicService
from knowledge.topics.tree import load_tree


async def add_document(session: AsyncSession, *topics: str) -> UUID:
    key, moment = new_id(), now()
    document = Document(
        id=key,
        source=key.hex,
        kind=Kind.OTHER,
        title="Ein Text",
        rights=Rights.FULL,
        visibility=Visibility.PUBLIC,
        access="public",
        status=Status.PUBLISHED,
        topics=list(topics),
        added_by="test",
        created_at=moment,
        updated_at=moment,
    )
    session.add(document)
    await session.flush()
    await ask_for(session, [key])
    return key


async def work(database: Database) -> int:
    """Do what is asked for; returns how many jobs there were."""
    worker = Worker(database, {LINK_JOB: link_job(database)}, name="test")
    done = 0
    while taken := await worker.work_once(LINK_JOB):
        done += taken
    return done


async def names(database: Database, document: UUID) -> set[str]:
    async with database.session(writes=False) as session:
        tree = await load_tree(session)
        topics = await session.scalars(select(DocumentTopic.topic_id).where(DocumentTopic.document_id == document))
        return {entry.name_de for topic in topics if (entry := tree.get(topic)) is not None}


class TestLinking:
    async def test_documents_are_about_what_their_words_mean(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            service = TopicService(unit)
            records = await service.add(TopicForm(name_de="E-Akte", words=("DMS",)), by=None)
            await service.add(TopicForm(name_de="Scannen", below=records.id), by=None)
            document = await add_document(unit.session, "eakte", "dms", "Scannen", "Unbekanntes")
        assert await work(database) == 2  # one for this document, one for all
        assert await names(database, document) == {"E-Akte", "Scannen"}

        async with unit_of_work(database) as unit:
            row = await unit.session.get_one(Document, document)
            row.topics = ["Scannen", "Fuhrpark"]
            await ask_for(unit.session, [document])
        await work(database)
        assert await names(database, document) == {"Scannen"}

        async with unit_of_work(database) as unit:
            await TopicService(unit).add(TopicForm(name_de="Bauhof", words=("Fuhrpark",)), by=None)
        await work(database)
        assert await names(database, document) == {"Scannen", "Bauhof"}

    @pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
    async def test_again_changes_nothing_and_what_is_gone_is_passed_over(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            await TopicService(unit).add(TopicForm(name_de="E-Akte"), by=None)
            document = await add_document(unit.session, "E-Akte")
        for _time in range(2):
            async with unit_of_work(database) as unit:
                await ask_for(unit.session, [document, new_id()])
            await work(database)
            assert await names(database, document) == {"E-Akte"}
        async with unit_of_work(database, writes=False) as unit:
            assert await JobRepository(unit.session).unfinished([LINK_JOB]) == 0

    @pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
    async def test_a_change_that_is_taken_back_asks_for_nothing(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            await TopicService(UnitOfWork(unit.session)).add(TopicForm(name_de="E-Akte"), by=None)
            await unit.session.rollback()
        assert await work(database) == 0
