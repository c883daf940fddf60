"""``/fragen`` says where everything stands, and leads to what can be done with it."""

import pytest

from knowledge.models.question import OpenAnswer, OpenQuestionFollower, OpenQuestionState
from tests.bot.handlers.contributing_world import ANNA, BEN, ROOM, TINA, ZOE, Desk
from tests.bot.handlers.open_question_world import QUESTION, make_circle, make_helper, open_question, release

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
WORDS = "Wir haben die E-Akte vor zwei Jahren eingeführt."


async def answer(desk: Desk) -> None:
    """Let Ben answer what was brought to him."""
    await desk.press(BEN, "Answer")
    await desk.write(BEN, WORDS)
    await desk.press(BEN, "Organisation only")
    await desk.tell()


class TestOwn:
    async def test_nothing_yet_says_how_to_ask(self, desk: Desk) -> None:
        await desk.make_member(ANNA)

        said = await desk.write(ANNA, "/fragen")

        assert "!asknetwork" in said
        assert "!profile" in said

    async def test_where_it_is_in_plain_words_as_it_goes_on(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await make_helper(desk, BEN)
        await release(desk, ANNA)
        first = await desk.write(ANNA, "/fragen")
        await answer(desk)
        second = await desk.write(ANNA, "/fragen")
        await desk.press(ANNA, "1. Wer hat")
        read = await desk.press(ANNA, "Read answers")
        await desk.press(ANNA, "Helped")
        third = await desk.write(ANNA, "/fragen")

        assert f"1. {QUESTION} – went to less than three colleagues; no answer so far" in first
        assert f"1. {QUESTION} – 1 answer" in second
        assert WORDS in read
        assert f"1. {QUESTION} – an answer helped" in third

    async def test_withdrawing_after_a_second_yes(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await release(desk, ANNA)
        await desk.write(ANNA, "/fragen")
        await desk.press(ANNA, "1. Wer hat")
        await desk.press(ANNA, "Withdraw it")
        assert "Everything stays" in await desk.press(ANNA, "Leave it as it is")
        await desk.press(ANNA, "Withdraw it")

        assert "is withdrawn" in await desk.press(ANNA, "Yes, withdraw it")
        question = await open_question(desk)
        assert (question.state, question.text) == (OpenQuestionState.WITHDRAWN, "")
        assert "withdrawn" in await desk.write(ANNA, "/fragen")

    async def test_what_was_joined_stands_there_and_can_be_left(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await desk.make_member(ZOE)
        await release(desk, ANNA)
        await desk.write(ZOE, f"/asknetwork {QUESTION}")
        await desk.press(ZOE, "1: We have this, too")

        listed = await desk.write(ZOE, "/fragen")
        await desk.press(ZOE, "1. Wer hat")
        await desk.press(ZOE, "Not our question any more")

        assert "(yours, too)" in listed
        assert await desk.rows(OpenQuestionFollower) == []


class TestHelping:
    async def test_what_one_could_answer_is_listed_and_answered_from_there(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await make_helper(desk, BEN)
        await release(desk, ANNA)

        listed = await desk.write(BEN, "/fragen")
        await desk.press(BEN, "1. Wer hat")
        await answer(desk)
        after = await desk.write(BEN, "/fragen")

        assert f"Open questions that you could help with\n\n1. {QUESTION} (Lindenau)" in listed
        assert "Your answers" in after
        assert len(await desk.rows(OpenAnswer)) == 1

    async def test_on_telegram_only_what_may_be_shown_there(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await make_helper(desk, TINA)
        await release(desk, ANNA)

        assert QUESTION not in "\n".join(desk.said(TINA))
        assert QUESTION not in await desk.write(TINA, "/fragen")

    async def test_one_s_own_answer_can_be_withdrawn(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await make_helper(desk, BEN)
        await release(desk, ANNA)
        await answer(desk)
        await desk.write(BEN, "/fragen")
        await desk.press(BEN, "1. Wer hat")
        await desk.press(BEN, "Withdraw it")

        assert "withdrawn" in await desk.press(BEN, "Yes, withdraw it")
        [row] = await desk.rows(OpenAnswer)
        assert row.text == ""


class TestGroups:
    async def test_a_circle_sees_what_is_about_its_topics(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await desk.make_member(ZOE)
        await make_circle(desk, ROOM, ZOE)
        await release(desk, ANNA)

        listed = await desk.write(ZOE, "/fragen", ROOM)
        shown = await desk.press(ZOE, "1. Wer hat", ROOM)

        assert QUESTION in listed
        assert "Lindenau asks:" in shown
        labels = [choice.label for choice in desk.offering("Answer", ROOM).choices]
        assert labels == ["Answer", "We have this, too"]
