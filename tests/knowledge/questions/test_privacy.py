"""What one person has in open questions: shown, erased without losing others' words, and let go with time."""

from datetime import timedelta

import pytest

from knowledge.kit.clock import now
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.question import (
    OpenAnswer,
    OpenAnswerMessage,
    OpenQuestion,
    OpenQuestionFollower,
    OpenQuestionRoute,
    OpenQuestionState,
    ReleasedAs,
)
from knowledge.questions.privacy import StoredQuestions, erase_of, expire, stored_of
from knowledge.questions.schemas import OpenQuestionEntry, ReleaseWishes
from tests.knowledge.questions.network import ANSWER, NetworkOfTowns, Person

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
RIS = "Ratsinformationssystem"


async def lively(net: NetworkOfTowns) -> tuple[OpenQuestionEntry, Person, Person]:
    """Let a question be asked of a helper, joined, answered, and talked about."""
    helper = await net.person("Hanna", await net.town("120640001002", "Birkenau"), RIS)
    joiner = await net.person("Jo", await net.town("120640001003"))
    released = await net.release("Wer weiß es?", RIS, wishes=ReleaseWishes(released_as=ReleasedAs.NAME))
    answer = await net.answer(released, helper, answered_as=ReleasedAs.NAME)
    async with net.questions() as questions:
        await questions.join(released.id, joiner.author)
        await questions.write(answer.id, net.kim.author, "Wie teuer?")
        await questions.write(answer.id, helper.author, "Nicht sehr.")
    return released, helper, joiner


async def stored(net: NetworkOfTowns, person: Person) -> StoredQuestions:
    """Return what is kept about somebody."""
    async with unit_of_work(net.database, writes=False) as unit:
        return await stored_of(unit.session, person.id)


async def erase(net: NetworkOfTowns, person: Person) -> None:
    """Take somebody out."""
    async with unit_of_work(net.database) as unit:
        await erase_of(unit.session, person.id)


class TestOnePerson:
    @SQLITE
    async def test_everything_of_theirs_is_shown_and_nothing_of_others(self, net: NetworkOfTowns) -> None:
        _released, helper, joiner = await lively(net)
        of_kim, of_helper, of_joiner = [await stored(net, person) for person in (net.kim, helper, joiner)]
        assert [row.text for row in of_kim.questions] == ["Wer weiß es?"]
        assert [(row.as_asker, row.text) for row in of_kim.messages] == [(True, "Wie teuer?")]
        assert [(row.question, row.text) for row in of_helper.answers] == [("Wer weiß es?", ANSWER)]
        assert [row.question for row in of_helper.brought] == ["Wer weiß es?"]
        assert [row.question for row in of_joiner.joined] == ["Wer weiß es?"]
        assert ANSWER not in repr(of_joiner)

    async def test_an_answered_question_stays_without_its_author(self, net: NetworkOfTowns) -> None:
        released, helper, _joiner = await lively(net)
        await erase(net, net.kim)
        seen = await net.see(released, helper)
        assert (seen.text, seen.asked_by) == ("Wer weiß es?", "Musterau")
        assert [row.text for row in await net.rows(OpenAnswerMessage)] == ["Nicht sehr."]
        assert (await stored(net, net.kim)).questions == ()

    @SQLITE
    async def test_a_question_without_answers_loses_its_words(self, net: NetworkOfTowns) -> None:
        released = await net.release("Wer weiß es?")
        await erase(net, net.kim)
        row = await net.row(released)
        assert (row.text, row.state, row.member_id) == ("", OpenQuestionState.WITHDRAWN, None)

    @SQLITE
    async def test_an_answer_stays_without_its_author(self, net: NetworkOfTowns) -> None:
        released, helper, _joiner = await lively(net)
        await erase(net, helper)
        async with net.questions() as questions:
            found = await questions.answers(released.id, net.kim.reader)
        assert [(one.text, one.answered_by) for one in found] == [(ANSWER, "Birkenau")]
        assert await net.rows(OpenQuestionRoute) == []

    @SQLITE
    async def test_an_anonymous_ones_house_goes_too(self, net: NetworkOfTowns) -> None:
        helper = await net.person("Hanna", await net.town("120640001002"))
        released = await net.release("Wer weiß es?", wishes=ReleaseWishes(released_as=ReleasedAs.ANONYMOUS))
        await net.answer(released, helper)
        await erase(net, net.kim)
        row = await net.row(released)
        assert (row.organisation_id, row.released_as) == (None, ReleasedAs.ANONYMOUS)


class TestExpiry:
    async def test_messages_then_people_then_nothing_more(self, net: NetworkOfTowns) -> None:
        released, _helper, _joiner = await lively(net)
        closed = now()
        await net.set(OpenQuestion, released.id, state=OpenQuestionState.ANSWERED, closed_at=closed)
        async with unit_of_work(net.database) as unit:
            assert not any((await expire(unit.session, closed + timedelta(days=89))).values())
            gone = await expire(unit.session, closed + timedelta(days=91))
            assert gone == {"messages": 2, "withdrawn": 0, "links": 0, "reports": 0}
            assert (await expire(unit.session, closed + timedelta(days=366)))["links"] == 1
            assert not any((await expire(unit.session, closed + timedelta(days=366))).values())
        assert [(row.text, row.member_id) for row in await net.rows(OpenAnswer)] == [(ANSWER, None)]
        assert [row.member_id for row in await net.rows(OpenQuestion)] == [None]
        assert await net.rows(OpenQuestionFollower) == []

    @SQLITE
    async def test_what_was_taken_back_is_forgotten(self, net: NetworkOfTowns) -> None:
        released, _helper, _joiner = await lively(net)
        async with net.questions() as questions:
            await questions.withdraw(released.id, net.kim.author)
        async with unit_of_work(net.database) as unit:
            assert (await expire(unit.session, now() + timedelta(days=31)))["withdrawn"] == 1
        assert await net.rows(OpenQuestion) == []
