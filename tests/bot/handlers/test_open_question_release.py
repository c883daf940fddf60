"""A question is given to the network by its asker, after a last look, in few messages."""

import pytest

from bot.core.messages import Choice
from knowledge.models.document import Visibility
from knowledge.models.question import OpenQuestion, OpenQuestionFollower, OpenQuestionTopic, ReleasedAs
from knowledge.questions.limits import MOST_A_WEEK
from tests.bot.handlers.contributing_world import ANNA, BEN, FORUM, ROOM, TINA, ZOE, Desk, direct
from tests.bot.handlers.open_question_world import QUESTION, open_question, release, topic_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
UNANSWERED = "Was kostet eine Drehleiter?"


class TestUsualWay:
    async def test_from_an_answer_in_at_most_five_messages(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await desk.write(ANNA, UNANSWERED)
        desk.counted.clear()

        whom = await desk.press(ANNA, "Ask the network")
        look = await desk.press(ANNA, "Organisation only")
        sent = await desk.press(ANNA, "Send it")

        assert desk.counted[ANNA.address] <= 5
        assert UNANSWERED in whom
        assert "Lindenau asks:" in look
        assert "not on Telegram" in look
        assert "on its way" in sent
        assert "stands in the hub" in sent
        question = await open_question(desk)
        assert (question.text, question.released_as) == (UNANSWERED, ReleasedAs.ORGANISATION)
        assert question.visibility is Visibility.NETWORK
        assert question.question_id is not None

    async def test_on_telegram_it_is_said_that_it_is_shown_there(self, desk: Desk) -> None:
        await desk.make_member(TINA)
        await desk.write(TINA, UNANSWERED)
        await desk.press(TINA, "Ask the network")

        look = await desk.press(TINA, "Anonymous")
        await desk.press(TINA, "Send it")

        assert "also shown on Telegram" in look
        assert (await open_question(desk)).visibility is Visibility.PUBLIC

    async def test_a_question_is_asked_for_where_there_was_none(self, desk: Desk) -> None:
        await desk.make_member(ANNA)

        assert "What would you like to ask" in await desk.write(ANNA, "/weitergeben")
        assert "I see no word" in await desk.write(ANNA, "…")
        assert "whose name" in await desk.write(ANNA, QUESTION)

    async def test_what_goes_on_from_another_question_is_to_stand_alone(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await desk.write(ANNA, UNANSWERED)
        await desk.write(ANNA, "Und wie lange hält die?")

        asked = await desk.press(ANNA, "Ask the network")
        whom = await desk.write(ANNA, "Wie lange hält eine Drehleiter?")

        assert "understand this alone" in asked
        assert "Und wie lange hält die?" in asked
        assert "Wie lange hält eine Drehleiter?" in whom


class TestLastLook:
    async def test_words_and_topics_can_be_changed(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        topic = await topic_of(desk)
        await desk.write(ANNA, "/asknetwork Und wie ist das bei euch?")
        await desk.press(ANNA, "Anonymous")
        await desk.press(ANNA, "Other words")
        look = await desk.write(ANNA, QUESTION)
        await desk.press(ANNA, "Other topics")
        unknown = await desk.write(ANNA, "Raumfahrt")
        await desk.write(ANNA, "E-Akte")
        again = await desk.press(ANNA, "That is right")
        await desk.press(ANNA, "Send it")

        assert QUESTION in look
        assert "“Raumfahrt”" in unknown
        assert "Electronic records" in again
        assert (await open_question(desk)).text == QUESTION
        assert [row.topic_id for row in await desk.rows(OpenQuestionTopic)] == [topic]

    async def test_personal_data_is_shown_and_can_be_redacted(self, desk: Desk) -> None:
        await desk.make_member(ANNA)

        shown = await desk.write(ANNA, "/asknetwork Wer kennt klaus.schmidt@ort.example und die E-Akte?")
        whom = await desk.press(ANNA, "Redact it")
        cancelled = await desk.press(ANNA, "Cancel")

        assert "klaus.schmidt@ort.example" in shown
        assert "klaus.schmidt" not in whom
        assert "E-Akte?" in whom
        assert "Nobody was asked" in cancelled
        assert await desk.rows(OpenQuestion) == []

    async def test_or_stays_as_the_asker_wants_it(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await desk.write(ANNA, "/asknetwork Wer kennt das Postfach info@ort.example?")
        await desk.press(ANNA, "Leave it")
        await desk.press(ANNA, "Organisation only")
        await desk.press(ANNA, "Send it")

        assert "info@ort.example" in (await open_question(desk)).text

    async def test_going_on_after_something_else(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await desk.write(ANNA, f"/asknetwork {QUESTION}")
        assert "put aside" in await desk.write(ANNA, "/help")

        again = await desk.write(ANNA, "/asknetwork")

        assert "go on where you left" in again
        assert QUESTION in again


class TestSimilar:
    async def test_the_same_question_is_joined_instead(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await desk.make_member(BEN)
        await release(desk, ANNA)

        shown = await desk.write(BEN, f"/asknetwork {QUESTION}")
        joined = await desk.press(BEN, "1: We have this, too")

        assert QUESTION in shown
        assert "Lindenau" in shown
        assert "you have this question, too" in joined
        assert len(await desk.rows(OpenQuestion)) == len(await desk.rows(OpenQuestionFollower)) == 1

    async def test_one_that_was_withdrawn_meanwhile_is_no_dead_end(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await desk.make_member(BEN)
        await release(desk, ANNA)
        await desk.write(BEN, f"/asknetwork {QUESTION}")
        await desk.press(ANNA, "Withdraw it")
        await desk.press(ANNA, "Yes, withdraw it")

        said = await desk.press(BEN, "1: We have this, too")

        assert "not any more" in said or "moved on" in said
        assert "With my name" in [choice.label for choice in desk.offering("With my name", direct(BEN)).choices]


class TestGroups:
    async def test_the_asker_goes_on_alone(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await desk.write(ANNA, UNANSWERED, ROOM, mentioned=True)

        await desk.press(ANNA, "Ask the network", ROOM)
        whom = await desk.press(ANNA, "Ask the network")

        assert UNANSWERED in desk.said(ANNA)[0]
        assert "whose name" in whom

    async def test_nobody_else_gives_it_on(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await desk.make_member(BEN)
        await desk.write(ANNA, UNANSWERED, ROOM, mentioned=True)

        await desk.press(BEN, "Ask the network", ROOM)

        assert "Somebody else asked this" in desk.said(BEN)[0]

    async def test_on_telegram_a_link_leads_to_the_direct_chat(self, desk: Desk) -> None:
        await desk.make_member(TINA)
        await desk.write(TINA, UNANSWERED, FORUM, mentioned=True)
        choice = link_choice(desk)

        whom = await desk.write(TINA, f"/start {word_of(choice)}")

        assert "whose name" in whom
        assert UNANSWERED in whom

    async def test_the_link_is_for_the_asker_alone(self, desk: Desk) -> None:
        await desk.make_member(TINA)
        await desk.write(TINA, UNANSWERED, FORUM, mentioned=True)

        said = await desk.write(ZOE, f"/start {word_of(link_choice(desk))}")

        assert "Somebody else asked this" in said


def link_choice(desk: Desk) -> Choice:
    """Return „Ask the network" below the newest answer in the group."""
    return next(choice for choice in desk.offering("Ask", FORUM).choices if choice.label == "Ask the network")


def word_of(choice: Choice) -> str:
    """Return what a link says in the direct chat."""
    assert choice.address is not None
    return choice.address.partition("start=")[2]


class TestRefused:
    async def test_strangers_are_told_how_to_join(self, desk: Desk) -> None:
        await desk.write(ZOE, UNANSWERED)

        said = await desk.press(ZOE, "Ask the network")

        assert "!join" in said
        assert await desk.rows(OpenQuestion) == []

    async def test_a_flood_is_refused_and_nothing_is_lost(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        for number in range(MOST_A_WEEK):
            await desk.write(ANNA, f"/asknetwork Was kostet das Gerät Nummer {number} im Einkauf {number * 7}?")
            if any(choice.label == "Something else, go on" for choice in newest(desk)):
                await desk.press(ANNA, "Something else")
            await desk.press(ANNA, "Anonymous")
            await desk.press(ANNA, "Send it")
        await desk.write(ANNA, f"/asknetwork {QUESTION}")
        await desk.press(ANNA, "Anonymous")

        refused = await desk.press(ANNA, "Send it")

        assert "within a week" in refused
        assert "is kept" in refused
        assert QUESTION in await desk.write(ANNA, "/asknetwork")
        assert len(await desk.rows(OpenQuestion)) == MOST_A_WEEK

    async def test_what_is_too_long_is_said(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await desk.write(ANNA, "/asknetwork")

        assert "at most" in await desk.write(ANNA, "lang " * 600)
        assert "whose name" in await desk.write(ANNA, QUESTION)


def newest(desk: Desk) -> tuple[Choice, ...]:
    """Return the choices below what was said to Anna last."""
    sent = [message for message in desk.networks[ANNA.network].sent if message.place.chat == direct(ANNA).chat]
    return sent[-1].choices
