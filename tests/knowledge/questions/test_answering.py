"""Answering, writing to and fro, thanks; two at the same second; what becomes of it."""

import asyncio

import pytest

from knowledge.models.contribution import Contribution, ContributionState
from knowledge.models.question import OpenAnswer, OpenAnswerMessage, OpenQuestionFollower, OpenQuestionState, ReleasedAs
from knowledge.questions import limits
from knowledge.questions.errors import (
    FindingsUndecided,
    OtherSideGone,
    OwnQuestion,
    TakesNoAnswers,
    TooManyQuestions,
    UnknownOpenAnswer,
)
from knowledge.questions.schemas import OpenQuestionEntry, ReleaseWishes, ReportedKind, Stage
from tests.knowledge.questions.network import ANSWER, NetworkOfTowns, Person

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def asked_and_answering(net: NetworkOfTowns) -> tuple[OpenQuestionEntry, Person]:
    """Release a question; return it with somebody who could answer."""
    helper = await net.person("Hanna Hasel", await net.town("120640001002", "Birkenau"))
    return await net.release("Wer weiß es?"), helper


class TestAtTheSameTime:
    async def test_two_answers_at_the_same_second_are_both_kept(self, net: NetworkOfTowns) -> None:
        released, one = await asked_and_answering(net)
        other = await net.person("Otto", await net.town("120640001003"))
        await asyncio.gather(net.answer(released, one, "Die eine."), net.answer(released, other, "Die andere."))
        async with net.questions() as questions:
            found = await questions.answers(released.id, net.kim.reader)
        assert {answer.text for answer in found} == {"Die eine.", "Die andere."}
        assert await net.told("question.answered") == [("question.answered", net.kim.id)] * 2

    async def test_joining_twice_at_once_is_joining_once(self, net: NetworkOfTowns) -> None:
        released, person = await asked_and_answering(net)

        async def join() -> None:
            async with net.questions() as questions:
                await questions.join(released.id, person.author)

        await asyncio.gather(join(), join(), join())
        assert len(await net.rows(OpenQuestionFollower)) == 1

    async def test_an_answer_and_taking_back_at_once_lose_no_words(self, net: NetworkOfTowns) -> None:
        released, helper = await asked_and_answering(net)

        async def withdraw() -> None:
            async with net.questions() as questions:
                await questions.withdraw(released.id, net.kim.author)

        done = await asyncio.gather(withdraw(), net.answer(released, helper), return_exceptions=True)
        given_back = [one.text for one in done if isinstance(one, TakesNoAnswers)]
        drafts = [row.fields["done"] for row in await net.rows(Contribution)]
        assert given_back + drafts == [ANSWER]
        assert (await net.row(released)).state is OpenQuestionState.WITHDRAWN

    async def test_questions_at_once_count_together(self, net: NetworkOfTowns) -> None:
        many = [net.release(f"Frage {number}?") for number in range(limits.MOST_A_WEEK + 3)]
        done = await asyncio.gather(*many, return_exceptions=True)
        refused = [one for one in done if isinstance(one, TooManyQuestions)]
        assert len(done) - len(refused) == limits.MOST_A_WEEK


@SQLITE
class TestAnswering:
    @pytest.mark.parametrize(
        ("answered_as", "answered_by"),
        [
            (ReleasedAs.NAME, "Hanna Hasel, Birkenau"),
            (ReleasedAs.ORGANISATION, "Birkenau"),
            (ReleasedAs.ANONYMOUS, None),
        ],
    )
    async def test_the_asker_reads_it_as_its_author_wants(
        self, net: NetworkOfTowns, answered_as: ReleasedAs, answered_by: str | None
    ) -> None:
        released, helper = await asked_and_answering(net)
        answer = await net.answer(released, helper, answered_as=answered_as)
        async with net.questions() as questions:
            found = await questions.find_answer(answer.id, net.kim.reader)
        assert (found.text, found.answered_by, found.asked_by_me, found.mine) == (ANSWER, answered_by, True, False)
        seen = await net.see(released)
        assert (seen.answers, seen.status.stage if seen.status else None) == (1, Stage.HAS_ANSWERS)

    async def test_the_same_answer_twice_is_one(self, net: NetworkOfTowns) -> None:
        released, helper = await asked_and_answering(net)
        first, second = await net.answer(released, helper), await net.answer(released, helper)
        assert first.id == second.id
        assert len(await net.told("question.answered")) == 1

    async def test_those_who_joined_are_told_too(self, net: NetworkOfTowns) -> None:
        released, helper = await asked_and_answering(net)
        joiner = await net.person("Jo", await net.town("120640001003"))
        async with net.questions() as questions:
            await questions.join(released.id, joiner.author)
            await questions.join(released.id, helper.author)
        await net.answer(released, helper)
        told = {who for _kind, who in await net.told("question.answered")}
        assert told == {net.kim.id, joiner.id}

    async def test_only_asker_and_those_who_joined_read_the_words(self, net: NetworkOfTowns) -> None:
        released, helper = await asked_and_answering(net)
        other = await net.person("Olga", await net.town("120640001003"))
        answer = await net.answer(released, helper)
        async with net.questions() as questions:
            assert await questions.answers(released.id, other.reader) == []
            with pytest.raises(UnknownOpenAnswer):
                await questions.find_answer(answer.id, other.reader)
            await questions.join(released.id, other.author)
            assert [one.id for one in await questions.answers(released.id, other.reader)] == [answer.id]
            assert [one.id for one in await questions.answers(released.id, helper.reader)] == [answer.id]

    async def test_personal_data_needs_a_yes_and_ones_own_question_no_answer(self, net: NetworkOfTowns) -> None:
        released, helper = await asked_and_answering(net)
        with pytest.raises(FindingsUndecided):
            await net.answer(released, helper, "Fragen Sie hanna@beispiel.de.")
        assert await net.answer(released, helper, "Fragen Sie hanna@beispiel.de.", knows_findings=True)
        with pytest.raises(OwnQuestion):
            await net.answer(released, net.kim)

    async def test_a_flood_of_answers_is_refused_with_the_words_kept(self, net: NetworkOfTowns) -> None:
        released, helper = await asked_and_answering(net)
        for number in range(limits.MOST_TO_ONE):
            await net.answer(released, helper, f"Antwort {number}.")
        with pytest.raises(TooManyQuestions) as refused:
            await net.answer(released, helper, "Noch eine.")
        assert refused.value.text == "Noch eine."

    async def test_who_is_blocked_does_not_notice_and_is_not_read(self, net: NetworkOfTowns) -> None:
        released, helper = await asked_and_answering(net)
        answer = await net.answer(released, helper, "Das ist eine Frechheit.")
        async with net.questions() as questions:
            await questions.block_author(net.kim.reader, ReportedKind.ANSWER, answer.id)
        await net.answer(released, helper, "Und noch eine.")
        async with net.questions() as questions:
            assert await questions.answers(released.id, net.kim.reader) == []
            assert len(await questions.answers(released.id, helper.reader)) == 2
        assert len(await net.told("question.answered")) == 1


@SQLITE
class TestWriting:
    async def test_to_and_fro_without_revealing_anybody(self, net: NetworkOfTowns) -> None:
        helper = await net.person("Hanna Hasel", await net.town("120640001002", "Birkenau"))
        released = await net.release("Wer weiß es?", wishes=ReleaseWishes(released_as=ReleasedAs.ANONYMOUS))
        answer = await net.answer(released, helper, answered_as=ReleasedAs.ANONYMOUS)
        async with net.questions() as questions:
            asked = await questions.write(answer.id, net.kim.author, "Was hat es gekostet?")
            said = await questions.write(answer.id, helper.author, "Etwa 5.000 Euro im Jahr.")
            message, about = await questions.find_message(said.id, net.kim.reader)
            of_helper = await questions.find_answer(answer.id, helper.reader)
        assert await net.told("question.message") == [("question.message", helper.id), ("question.message", net.kim.id)]
        assert (asked.mine, asked.from_asker, message.mine, message.from_asker) == (True, True, False, False)
        assert [one.text for one in about.messages] == ["Was hat es gekostet?", "Etwa 5.000 Euro im Jahr."]
        shown = repr((about, of_helper, message))
        assert not [name for name in ("Hasel", "Birkenau", "Kiefer", "Musterau") if name in shown]

    async def test_nobody_else_reads_or_writes_it(self, net: NetworkOfTowns) -> None:
        released, helper = await asked_and_answering(net)
        other = await net.person("Olga", await net.town("120640001003"))
        answer = await net.answer(released, helper)
        async with net.questions() as questions:
            message = await questions.write(answer.id, net.kim.author, "Wie teuer?")
            await questions.join(released.id, other.author)
            assert (await questions.find_answer(answer.id, other.reader)).messages == ()
            with pytest.raises(UnknownOpenAnswer):
                await questions.find_message(message.id, other.reader)
            with pytest.raises(UnknownOpenAnswer):
                await questions.write(answer.id, other.author, "Ich auch.")

    async def test_a_helper_who_left_is_not_written_to(self, net: NetworkOfTowns) -> None:
        released, helper = await asked_and_answering(net)
        answer = await net.answer(released, helper)
        await net.member(helper, active=False)
        async with net.questions() as questions:
            with pytest.raises(OtherSideGone) as refused:
                await questions.write(answer.id, net.kim.author, "Wie teuer?")
        assert refused.value.text == "Wie teuer?"

    async def test_many_messages_are_refused(self, net: NetworkOfTowns, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "MOST_MESSAGES", 1)
        released, helper = await asked_and_answering(net)
        answer = await net.answer(released, helper)
        async with net.questions() as questions:
            await questions.write(answer.id, net.kim.author, "Wie teuer?")
            with pytest.raises(TooManyQuestions):
                await questions.write(answer.id, net.kim.author, "Wie lange?")


@SQLITE
class TestThanks:
    async def test_several_may_help_and_each_hears_of_it_once(self, net: NetworkOfTowns) -> None:
        released, helper = await asked_and_answering(net)
        other = await net.person("Otto", await net.town("120640001003"))
        one, two = await net.answer(released, helper), await net.answer(released, other)
        async with net.questions() as questions:
            for helped in (True, False, True):
                await questions.mark_helped(one.id, net.kim.author, helped)
            await questions.mark_helped(two.id, net.kim.author, True)
            with pytest.raises(UnknownOpenAnswer):
                await questions.mark_helped(two.id, other.author, False)
        assert await net.told("question.helped") == [("question.helped", helper.id), ("question.helped", other.id)]
        seen = await net.see(released)
        assert (seen.state, seen.status.stage if seen.status else None) == (
            OpenQuestionState.ANSWERED,
            Stage.ANSWERED,
        )

    async def test_taking_it_back_opens_the_question_again(self, net: NetworkOfTowns) -> None:
        released, helper = await asked_and_answering(net)
        answer = await net.answer(released, helper)
        async with net.questions() as questions:
            await questions.mark_helped(answer.id, net.kim.author, True)
            marked = await questions.mark_helped(answer.id, net.kim.author, None)
        assert marked.helped is None
        row = await net.row(released)
        assert (row.state, row.closed_at) == (OpenQuestionState.OPEN, None)

    async def test_an_answer_taken_back_is_erased_with_all_about_it(self, net: NetworkOfTowns) -> None:
        released, helper = await asked_and_answering(net)
        answer = await net.answer(released, helper)
        async with net.questions() as questions:
            await questions.write(answer.id, net.kim.author, "Wie teuer?")
            await questions.mark_helped(answer.id, net.kim.author, True)
            for _twice in range(2):
                await questions.withdraw_answer(answer.id, helper.author)
            assert await questions.answers(released.id, net.kim.reader) == []
        assert [row.text for row in await net.rows(OpenAnswer)] == [""]
        assert await net.rows(OpenAnswerMessage) == []
        assert (await net.row(released)).state is OpenQuestionState.OPEN


@SQLITE
class TestContributing:
    async def test_it_goes_to_review_without_the_askers_house(self, net: NetworkOfTowns) -> None:
        helper = await net.person("Hanna", await net.town("120640001002", "Birkenau"))
        released = await net.release("Was nutzt man in Orten wie Musterau für den Rat?", "Ratsinformationssystem")
        answer = await net.answer(released, helper, "Liebe Musterauer, wir haben gewechselt.\nErgebnis: läuft gut.")
        async with net.questions() as questions:
            await questions.write(answer.id, helper.author, "Ach ja: 5.000 Euro im Jahr.")
            entry = await questions.contribute(answer.id, helper.author)
            again = await questions.contribute(answer.id, helper.author)
            found = await questions.find_answer(answer.id, net.kim.reader)
        assert (entry.state, entry.id) == (ContributionState.WAITING, again.id)
        assert entry.organisation_name == "Birkenau"
        assert entry.fields["outcome"] == "läuft gut."
        # What the two wrote to each other is for nobody else.
        assert "5.000 Euro" not in str(entry.fields)
        assert entry.fields["topics"] == ["Ratsinformationssystem"]
        assert "musterau" not in str(entry.fields).casefold()
        assert (found.contributed, found.contribution_id) == (True, None)
        assert await net.told("question.contributed") == [("question.contributed", net.kim.id)]

    async def test_it_can_stay_a_draft(self, net: NetworkOfTowns) -> None:
        released, helper = await asked_and_answering(net)
        answer = await net.answer(released, helper)
        async with net.questions() as questions:
            entry = await questions.contribute(answer.id, helper.author, submit=False)
            with pytest.raises(UnknownOpenAnswer):
                await questions.contribute(answer.id, net.kim.author)
        assert entry.state is ContributionState.DRAFT
        # Nobody reads it yet, so its asker is not told that somebody does.
        assert await net.told("question.contributed") == []
