"""Questions without a good answer find together; who asked is counted and not kept."""

import pytest
from sqlalchemy import delete

from knowledge.conversations.service import ConversationService
from knowledge.gaps import collecting
from knowledge.gaps.states import asker_digest
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.answer import Question
from knowledge.models.gap import GapState
from knowledge.models.question import OpenQuestion, OpenQuestionState
from knowledge.privacy.service import PrivacyService
from tests.knowledge.gaps.world import ANSWER, WORDINGS, World

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class TestForming:
    async def test_three_people_make_a_gap(self, world: World) -> None:
        for number, text in enumerate(WORDINGS):
            await world.ask(f"person{number}", text)
            await world.look()
            gap = await world.gap()
            assert (gap.state, gap.askers) == (GapState.OPEN if number == 2 else GapState.FORMING, number + 1)
        assert gap.opened_at is not None

    @SQLITE
    async def test_one_person_asking_three_times_does_not(self, world: World) -> None:
        for text in WORDINGS:
            await world.ask("anna", text)
        await world.look()
        gap = await world.gap()
        assert (gap.state, gap.askers) == (GapState.FORMING, 1)
        assert len(await world.questions()) == 3

    @SQLITE
    async def test_other_questions_are_other_gaps(self, world: World) -> None:
        await world.all_ask([*WORDINGS, "Wie hoch ist die Hundesteuer für den zweiten Hund?"])
        await world.look()
        assert sorted(gap.askers for gap in await world.gaps()) == [1, 3]

    @SQLITE
    async def test_what_was_released_is_open_at_once(self, world: World) -> None:
        await world.release("anna", WORDINGS[0])
        await world.look()
        gap = await world.gap()
        assert (gap.state, gap.askers) == (GapState.OPEN, 1)

    @SQLITE
    async def test_the_digests_are_good_for_counting_only(self, world: World) -> None:
        await world.all_ask()
        await world.look()
        gap, questions = await world.gap(), await world.questions()
        assert gap.salt is not None
        members = {member for _identity, _chat, member in world.people.values()}
        assert {row.asker for row in questions} == {asker_digest(gap.salt, member) for member in members}


@SQLITE
class TestWhatIsCollected:
    async def test_what_was_answered_well_is_not(self, world: World) -> None:
        await world.ask("anna", WORDINGS[0], answered=True)
        await world.look()
        assert await world.gaps() == []

    async def test_what_did_not_help_is(self, world: World) -> None:
        exchange = await world.ask("anna", WORDINGS[0], answered=True)
        for name, helpful in (("ben", False), ("cleo", True), ("dana", False)):
            identity, _chat, _member = await world.person(name)
            async with unit_of_work(world.database) as unit:
                await ConversationService(unit.session).vote(exchange, identity, helpful=helpful)
            await world.look()
            assert len(await world.gaps()) == (name in ("ben", "dana") or 1)

    async def test_greetings_trials_and_follow_ups_are_not(self, world: World) -> None:
        await world.all_ask(["hallo", "Test 123", "???", "Wer bist du?"])
        await world.ask("anna", "Und was kostet das Streusalz?", follows=True)
        await world.look()
        assert await world.gaps() == []

    async def test_what_a_member_would_find_is_no_gap(self, world: World) -> None:
        await world.publish("streusalz", ANSWER)
        for name in ("anna", "ben", "cleo"):
            await world.ask_publicly(name, WORDINGS[0])
        await world.look()
        gap = await world.gap()
        assert (gap.state, gap.opened_at) == (GapState.CLOSED, None)

    async def test_again_adds_nothing(self, world: World) -> None:
        await world.all_ask()
        await world.look()
        before = [row.id for row in await world.questions()]
        await world.look()
        assert [row.id for row in await world.questions()] == before

    async def test_it_goes_on_where_it_was_killed(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        await world.all_ask()
        monkeypatch.setattr(collecting, "TOGETHER", 1)
        collector = collecting.Collector(world.answers, world.database)
        (first,) = await collector._asked(None)
        await collector._take([first])
        assert len(await world.questions()) == 1
        await world.look()
        assert (len(await world.questions()), (await world.gap()).askers) == (3, 3)


@SQLITE
class TestLeaving:
    async def test_a_question_that_its_asker_took_back(self, world: World) -> None:
        asked = await world.all_ask()
        await world.look()
        async with unit_of_work(world.database) as unit:
            await ConversationService(unit.session).erase(asked[0])
        await world.look()
        gap = await world.gap()
        assert (gap.state, gap.askers, gap.opened_at) == (GapState.FORMING, 2, None)

    async def test_a_gap_without_questions_vanishes(self, world: World) -> None:
        await world.all_ask()
        await world.look()
        async with unit_of_work(world.database) as unit:
            await unit.session.execute(delete(Question))
        await world.look()
        assert await world.gaps() == []

    async def test_what_was_released_and_taken_back(self, world: World) -> None:
        released = await world.release("anna", WORDINGS[0])
        await world.look()
        async with unit_of_work(world.database) as unit:
            row = await unit.session.get_one(OpenQuestion, released)
            row.state, row.text = OpenQuestionState.WITHDRAWN, ""
        await world.look()
        assert await world.gaps() == []

    async def test_nothing_of_an_erased_person_stays(self, world: World) -> None:
        asked = await world.all_ask()
        await world.look()
        identity, _chat, member = world.people["person0"]
        gap = await world.gap()
        assert gap.salt is not None
        digest = asker_digest(gap.salt, member)
        # The link to the first question is over, so the words stay; who asked must not be told by them.
        async with unit_of_work(world.database) as unit:
            row = await ConversationService(unit.session).repository.get(asked[0].id)
            assert row is not None
            row.asker_id = row.question_id = None
        assert digest in {row.asker for row in await world.questions()}
        async with unit_of_work(world.database) as unit:
            await PrivacyService(unit.session).erase(identity, everywhere=True)
        assert digest not in {row.asker for row in await world.questions()}
        gap = await world.gap()
        assert (len(await world.questions()), gap.askers, gap.state) == (3, 2, GapState.FORMING)
