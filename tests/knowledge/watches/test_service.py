"""Watches on both databases: remembered, taken back, told once, expired."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.visibility import PUBLIC
from knowledge.chats.service import ChatService
from knowledge.kit.clock import now, use_clock
from knowledge.kit.database import Database
from knowledge.kit.settings import AnswerSettings, load_settings
from knowledge.library.answers.service import AnswerService
from knowledge.library.indexes.jobs import ask_for
from knowledge.library.indexes.owner import IndexOwner
from knowledge.models.answer import Question
from knowledge.models.chat import Network
from knowledge.models.conversation import Watch
from knowledge.models.document import Document, Status
from knowledge.models.job import Job
from knowledge.watches.jobs import WATCH_JOB, look_for_watches
from knowledge.watches.service import (
    MOST_PER_PERSON,
    FreshViewer,
    StillIndexing,
    TooManyWatches,
    WatchService,
    check_indexed,
)


async def person(session: AsyncSession, name: str = "@anna:ort") -> UUID:
    """Keep somebody."""
    chats = ChatService(session)
    return (await chats.keep_person(await chats.look_up_person(Network.MATRIX, name))).id


async def question(session: AsyncSession, text: str = "Was?") -> UUID:
    """Keep the words of a question."""
    row = Question(id=uuid4(), text=text, language="de", created_at=now())
    session.add(row)
    await session.flush()
    return row.id


class TestRemembering:
    async def test_twice_is_once_and_lasts_longer(self, session: AsyncSession) -> None:
        service, anna, asked = WatchService(session), await person(session), await question(session)
        first = await service.remember(asked, anna, chat_id=None, days=1)
        second = await service.remember(asked, anna, chat_id=None, days=90)
        assert first is not None
        assert second is not None
        assert (second.id, second.expires_at - first.expires_at > timedelta(days=88)) == (first.id, True)
        assert [watch.question for watch in await service.listed(anna)] == ["Was?"]

    async def test_there_is_an_end_to_it(self, session: AsyncSession) -> None:
        service, anna = WatchService(session), await person(session)
        for number in range(MOST_PER_PERSON):
            await service.remember(await question(session, str(number)), anna, chat_id=None, days=1)
        with pytest.raises(TooManyWatches):
            await service.remember(await question(session), anna, chat_id=None, days=1)

    async def test_erased_words_cannot_be_remembered(self, session: AsyncSession) -> None:
        assert await WatchService(session).remember(uuid4(), await person(session), chat_id=None, days=1) is None


class TestForgetting:
    async def test_only_ones_own(self, session: AsyncSession) -> None:
        service, anna, ben = WatchService(session), await person(session), await person(session, "@ben:ort")
        watch = await service.remember(await question(session), anna, chat_id=None, days=1)
        assert watch is not None
        assert [await service.forget(watch.id, who) for who in (ben, anna, anna)] == [False, True, False]

    async def test_what_is_over_is_erased(self, session: AsyncSession) -> None:
        service, anna = WatchService(session), await person(session)
        for days in (1, 90):
            await service.remember(await question(session, f"{days}"), anna, chat_id=None, days=days)
        later = now() + timedelta(days=2)
        use_clock(lambda: later)
        await service.expire()
        assert [watch.question for watch in await service.listed(anna)] == ["90"]
        assert len((await session.scalars(select(Watch))).all()) == 1


class TestTelling:
    async def test_once(self, session: AsyncSession) -> None:
        service, anna = WatchService(session), await person(session)
        watch = await service.remember(await question(session), anna, chat_id=None, days=1)
        assert watch is not None
        assert [await service.told(watch.id), await service.told(watch.id)] == [True, False]
        assert await service.listed(anna) == []


class TestTheJob:
    async def test_it_is_asked_for_only_where_somebody_waits(self, session: AsyncSession) -> None:
        await look_for_watches(session)
        assert (await session.scalars(select(Job.kind))).all() == []
        await WatchService(session).remember(await question(session), await person(session), chat_id=None, days=1)
        for _publication in range(3):
            await look_for_watches(session)
        assert (await session.scalars(select(Job.kind))).all() == [WATCH_JOB]

    async def test_it_waits_for_the_index(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ALLMENDE_EMBEDDING_MODEL", "none")
        owner = await IndexOwner.open(load_settings(), database, lambda _said: None)
        answers = AnswerService(database, owner, AnswerSettings())
        try:
            await check_indexed(answers)
            async with database.session() as session:
                await ask_for(session, [uuid4()])
                await session.commit()
            with pytest.raises(StillIndexing):
                await check_indexed(answers)
            await owner.follow_words()
            await check_indexed(answers)
        finally:
            await owner.close()


class TestFreshViewer:
    def test_only_what_changed_since_and_may_be_found(self) -> None:
        moment = now()
        viewer = FreshViewer(frozenset({PUBLIC}), None, moment)
        old, new = moment - timedelta(hours=1), moment + timedelta(hours=1)
        documents = [
            Document(status=Status.PUBLISHED, access=PUBLIC, updated_at=new),
            Document(status=Status.PUBLISHED, access=PUBLIC, updated_at=old),
            Document(status=Status.PUBLISHED, access="network", updated_at=new),
            Document(status=Status.WITHDRAWN, access=PUBLIC, updated_at=new),
        ]
        assert [viewer.may_find(document) for document in documents] == [True, False, False, False]
