"""A gap is closed by what answers it, once, for everybody; and opens again when that is gone."""

import asyncio

import pytest

from knowledge.conversations.service import ConversationService
from knowledge.gaps.closing import gap_job
from knowledge.gaps.jobs import GAP_JOB, keep_gaps
from knowledge.gaps.repository import GapRepository
from knowledge.gaps.states import GapStates
from knowledge.jobs.repository import JobRepository
from knowledge.jobs.worker import Worker
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.indexes.jobs import ask_for
from knowledge.models.document import Visibility
from knowledge.models.gap import GapState
from knowledge.models.question import OpenQuestionTopic
from knowledge.models.topic import Topic, TopicKind
from knowledge.watches.service import StillIndexing
from tests.knowledge.gaps.world import ANSWER, WORDINGS, World

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def opened(world: World) -> None:
    """Let three people ask the same."""
    await world.all_ask()
    await world.look()
    assert (await world.gap()).state is GapState.OPEN


class TestClosing:
    async def test_what_answers_it_closes_it_and_who_asked_is_forgotten(self, world: World) -> None:
        await opened(world)
        document = await world.publish("streusalz", ANSWER)
        await world.look()
        gap = await world.gap()
        assert (gap.state, gap.document_id, gap.salt, gap.askers) == (GapState.CLOSED, document, None, 3)
        assert {row.asker for row in await world.questions()} == {None}

    @SQLITE
    async def test_it_is_closed_once(self, world: World) -> None:
        await opened(world)
        document = await world.publish("streusalz", ANSWER)
        await world.look()
        closed_at = (await world.gap()).closed_at
        await world.publish("streusalz-auf-bruecken", f"{ANSWER} Das gilt auch für Stege.")
        await world.look()
        gap = await world.gap()
        assert (gap.document_id, gap.closed_at) == (document, closed_at)

    @SQLITE
    async def test_something_else_does_not(self, world: World) -> None:
        await opened(world)
        await world.publish("bruecken", "Die Brücken der Stadt werden alle sechs Jahre geprüft.")
        await world.look()
        assert (await world.gap()).state is GapState.OPEN

    @SQLITE
    async def test_what_is_for_one_house_closes_nothing_for_all(self, world: World) -> None:
        await opened(world)
        await world.publish("streusalz", ANSWER, visibility=Visibility.HOUSE)
        await world.look()
        assert (await world.gap()).state is GapState.OPEN

    @SQLITE
    async def test_it_waits_for_the_index(self, world: World) -> None:
        await opened(world)
        async with unit_of_work(world.database) as unit:
            await ask_for(unit.session, [new_id()])
        with pytest.raises(StillIndexing):
            await world.look()

    @SQLITE
    async def test_a_publication_asks_for_a_look_where_there_are_gaps(self, world: World) -> None:
        async def asked_for() -> int:
            async with unit_of_work(world.database, writes=False) as unit:
                return await JobRepository(unit.session).unfinished([GAP_JOB])

        assert await asked_for() == 0
        await opened(world)
        await world.publish("streusalz", ANSWER)
        await world.publish("bruecken", "Die Brücken der Stadt werden alle sechs Jahre geprüft.")
        assert await asked_for() == 1


@SQLITE
class TestOpeningAgain:
    async def test_when_the_document_is_withdrawn(self, world: World) -> None:
        await opened(world)
        await world.publish("streusalz", ANSWER)
        await world.look()
        await world.withdraw("streusalz")
        await world.look()
        gap = await world.gap()
        assert (gap.state, gap.document_id, gap.askers) == (GapState.OPEN, None, 3)

    async def test_when_three_others_were_not_helped_by_it(self, world: World) -> None:
        await opened(world)
        await world.publish("streusalz", ANSWER)
        await world.look()
        states = []
        for name in ("dana", "emil", "fred"):
            exchange = await world.ask(name, WORDINGS[0], answered=True)
            identity, _chat, _member = await world.person(name)
            async with unit_of_work(world.database) as unit:
                await ConversationService(unit.session).vote(exchange, identity, helpful=False)
            await world.look()
            states.append((await world.gap()).state)
        assert states == [GapState.CLOSED, GapState.CLOSED, GapState.OPEN]

    async def test_not_when_others_find_the_answer(self, world: World) -> None:
        await opened(world)
        await world.publish("streusalz", ANSWER)
        await world.look()
        for name in ("dana", "emil", "fred"):
            await world.ask(name, WORDINGS[0], answered=False)
        await world.look()
        assert (await world.gap()).state is GapState.CLOSED

    async def test_a_dismissed_gap_takes_in_what_is_like_it_unseen(self, world: World) -> None:
        await opened(world)
        async with unit_of_work(world.database) as unit:
            states = GapStates(unit.session)
            gap = await states.repository.locked((await world.gap()).id)
            assert gap is not None
            await states.dismiss(gap, None)
        for name in ("dana", "emil", "fred"):
            await world.ask(name, WORDINGS[0])
        await world.look()
        gap = await world.gap()
        assert (gap.state, gap.salt, len(await world.questions())) == (GapState.DISMISSED, None, 6)

    async def test_what_is_released_does_not_vanish_in_a_dismissed_gap(self, world: World) -> None:
        await opened(world)
        async with unit_of_work(world.database) as unit:
            states = GapStates(unit.session)
            gap = await states.repository.locked((await world.gap()).id)
            assert gap is not None
            await states.dismiss(gap, None)
        await world.release("dana", WORDINGS[0])
        await world.look()
        assert sorted(gap.state for gap in await world.gaps()) == [GapState.DISMISSED, GapState.OPEN]


@SQLITE
class TestTopics:
    async def test_those_of_what_was_released(self, world: World) -> None:
        question = await world.release("anna", WORDINGS[0])
        async with unit_of_work(world.database) as unit:
            topic = Topic(id=new_id(), key="winter", kind=TopicKind.FIELD, name_de="Winter", name_en="Winter")
            unit.session.add(topic)
            await unit.session.flush()
            unit.session.add(OpenQuestionTopic(open_question_id=question, topic_id=topic.id))
        await world.look()
        async with unit_of_work(world.database, writes=False) as unit:
            assert await GapRepository(unit.session).topics([(await world.gap()).id]) == [
                ((await world.gap()).id, topic.id)
            ]


@SQLITE
class TestTheJob:
    async def test_it_is_asked_for_again_and_again_and_does_all_of_it(self, world: World) -> None:
        await world.all_ask()
        stop = asyncio.Event()
        keeping = asyncio.create_task(keep_gaps(world.database, stop))
        worker = Worker(world.database, {GAP_JOB: gap_job(world.answers, world.database)}, name="here")
        async with asyncio.timeout(20):
            while not await worker.work_once(GAP_JOB):  # noqa: ASYNC110 - it is asked for beside this
                await asyncio.sleep(0.01)
        stop.set()
        await keeping
        assert (await world.gap()).state is GapState.OPEN
