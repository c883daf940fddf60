"""A colleague who offered help answers; both write to each other through the bot, and nobody is named without a yes."""

import pytest

from bot.core.messages import Person
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.contribution import Contribution, ContributionState
from knowledge.models.peer import Block
from knowledge.models.question import OpenAnswer, OpenAnswerMessage, OpenQuestionState, ReleasedAs
from knowledge.questions.service import QuestionService
from tests.bot.handlers.contributing_world import ANNA, BEN, FORUM, ROOM, TINA, TOM, ZOE, Desk, direct
from tests.bot.handlers.open_question_world import (
    QUESTION,
    make_circle,
    make_helper,
    open_question,
    release,
    suspend,
)

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
WORDS = "Wir haben die E-Akte im Bauamt 2023 eingeführt; der Aktenplan war die meiste Arbeit."


async def asked(desk: Desk) -> None:
    """Let Anna ask, and Ben be brought the question."""
    await desk.make_member(ANNA)
    await make_helper(desk, BEN)
    await release(desk, ANNA)


async def answered(desk: Desk) -> None:
    """Let Ben answer it, too."""
    await asked(desk)
    await desk.press(BEN, "Answer")
    await desk.write(BEN, WORDS)
    await desk.press(BEN, "Organisation only")
    await desk.tell()


def last(desk: Desk, person: Person) -> str:
    """Return what somebody was told last."""
    return desk.said(person)[-1]


class TestBroughtToOnePerson:
    async def test_with_who_asks_and_why(self, desk: Desk) -> None:
        await asked(desk)

        said = last(desk, BEN)

        assert QUESTION in said
        assert "Lindenau asks:" in said
        assert "offered help with “Electronic records" in said
        assert "Mitglied" not in said
        labels = [choice.label for choice in desk.offering("Answer", direct(BEN)).choices]
        assert labels == ["Answer", "I cannot", "Report it", "Nothing more from this person"]

    async def test_answering_in_three_messages(self, desk: Desk) -> None:
        await asked(desk)
        desk.counted.clear()

        await desk.press(BEN, "Answer")
        await desk.write(BEN, WORDS)
        thanks = await desk.press(BEN, "Anonymous")
        await desk.tell()

        assert desk.counted[BEN.address] == 3
        assert "on its way" in thanks
        assert "entry of the library" in thanks
        [answer] = await desk.rows(OpenAnswer)
        assert (answer.text, answer.answered_as) == (WORDS, ReleasedAs.ANONYMOUS)
        assert WORDS in last(desk, ANNA)
        assert "Mitglied" not in last(desk, ANNA)

    async def test_or_by_a_simple_reply(self, desk: Desk) -> None:
        await asked(desk)
        question = desk.event_of(desk.offering("Answer", direct(BEN)))

        whom = await desk.write(BEN, WORDS, reply_to=question, reply_to_bot=True)
        await desk.press(BEN, "With my name")
        await desk.tell()

        assert "As whom" in whom
        assert "Mitglied @ben:ort, Lindenau writes:" in last(desk, ANNA)

    async def test_personal_data_in_an_answer_is_shown_first(self, desk: Desk) -> None:
        await asked(desk)
        await desk.press(BEN, "Answer")

        shown = await desk.write(BEN, f"{WORDS} Fragen an petra.lang@ort.example.")
        whom = await desk.press(BEN, "Redact it")

        assert "petra.lang@ort.example" in shown
        assert "petra.lang" not in whom
        assert WORDS in whom

    async def test_a_question_withdrawn_meanwhile_gives_the_words_back(self, desk: Desk) -> None:
        await asked(desk)
        await desk.press(BEN, "Answer")
        await desk.write(BEN, WORDS)
        await desk.press(ANNA, "Withdraw it")
        await desk.press(ANNA, "Yes, withdraw it")

        said = await desk.press(BEN, "Organisation only")

        await desk.tell()

        assert "taken back meanwhile" in said
        assert WORDS in said
        assert await desk.rows(OpenAnswer) == []
        assert "was withdrawn" in last(desk, BEN)
        assert QUESTION not in last(desk, BEN)

    async def test_somebody_who_left_before_it_was_told_hears_nothing(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        helper = await make_helper(desk, BEN)
        before = len(desk.said(BEN))
        await desk.write(ANNA, f"/asknetwork {QUESTION}")
        await desk.press(ANNA, "Organisation only")
        await desk.press(ANNA, "Send it")
        await suspend(desk, helper)
        await desk.tell()

        assert len(desk.said(BEN)) == before

    async def test_nobody_answers_their_own(self, desk: Desk) -> None:
        await desk.make_member(TINA)
        await make_helper(desk, TOM)
        await release(desk, TINA)
        choice = desk.offering("Answer", direct(TOM)).choices[0].key

        said = await desk.write(TINA, f"/start antwort-{choice.removeprefix('reply:')}")

        assert "your own" in said


class TestBothWays:
    async def test_asking_back_and_the_answer_come_through_without_names(self, desk: Desk) -> None:
        await answered(desk)
        await desk.press(ANNA, "Ask back")
        assert "Passed on" in await desk.write(ANNA, "Wie viele Akten waren es?")
        await desk.tell()
        asked_back = desk.event_of(desk.offering("Reply", direct(BEN)))
        assert "Wie viele Akten waren es?" in last(desk, BEN)
        assert "Lindenau" not in last(desk, BEN)

        await desk.write(BEN, "Etwa dreitausend.", reply_to=asked_back, reply_to_bot=True)
        await desk.tell()

        assert "Etwa dreitausend." in last(desk, ANNA)
        assert [message.from_asker for message in await desk.rows(OpenAnswerMessage)] == [True, False]

    async def test_a_reply_to_the_answer_asks_back(self, desk: Desk) -> None:
        await answered(desk)
        answer = desk.event_of(desk.offering("Ask back", direct(ANNA)))

        await desk.write(ANNA, "Und was hat es gekostet?", reply_to=answer, reply_to_bot=True)
        await desk.tell()

        assert "Und was hat es gekostet?" in last(desk, BEN)

    async def test_to_somebody_who_left_it_is_given_back(self, desk: Desk) -> None:
        await answered(desk)
        [answer] = await desk.rows(OpenAnswer)
        await suspend(desk, answer.member_id)
        await desk.press(ANNA, "Ask back")

        said = await desk.write(ANNA, "Wie viele Akten waren es?")

        assert "does not take part any more" in said
        assert "Wie viele Akten waren es?" in said

    async def test_it_helped_and_the_answerer_hears_it(self, desk: Desk) -> None:
        await answered(desk)
        assert "stays open" in await desk.press(ANNA, "Did not help")
        assert (await open_question(desk)).state is OpenQuestionState.OPEN
        assert "Good to hear" in await desk.press(ANNA, "Helped")
        await desk.tell()

        assert "helped. Thank you!" in last(desk, BEN)
        assert "entry of the library" in last(desk, BEN)
        assert (await open_question(desk)).state is OpenQuestionState.ANSWERED


class TestKnowledge:
    async def test_a_yes_hands_it_to_the_moderators_and_the_asker_hears_of_it(self, desk: Desk) -> None:
        await answered(desk)

        said = await desk.press(BEN, "Yes, gladly")
        await desk.tell()

        assert "A moderator reads it now" in said
        [contribution] = await desk.rows(Contribution)
        assert contribution.state is ContributionState.WAITING
        assert "is to become an entry of the library" in last(desk, ANNA)

    async def test_who_cannot_stay_unknown_may_write_it_in_their_name(self, desk: Desk) -> None:
        await asked(desk)
        await desk.press(BEN, "Answer")
        await desk.write(BEN, WORDS)
        await desk.press(BEN, "Anonymous")

        assert "only become an entry in its name" in await desk.press(BEN, "Yes, gladly")
        assert await desk.rows(Contribution) == []
        assert "What came of it?" in await desk.press(BEN, "Write it in our name")

    async def test_a_no_and_later_leave_it(self, desk: Desk) -> None:
        await answered(desk)

        assert "Only the asker" in await desk.press(BEN, "Better not")
        assert "when it helped" in await desk.press(BEN, "Ask me later")
        assert await desk.rows(Contribution) == []


class TestAgainstUnpleasantness:
    async def test_a_question_can_be_reported(self, desk: Desk) -> None:
        await asked(desk)
        await desk.press(BEN, "Report it")

        assert "The moderators look at it" in await desk.press(BEN, "It is insulting")
        async with unit_of_work(desk.database, writes=False) as unit:
            [report] = await QuestionService(unit).open_reports()
        assert (report.words, report.reason) == (QUESTION, "offensive")

    async def test_nothing_more_of_somebody_after_a_second_yes(self, desk: Desk) -> None:
        await asked(desk)
        await desk.press(BEN, "Nothing more")
        assert await desk.rows(Block) == []

        await desk.press(BEN, "Yes, nothing more")
        before = len(desk.said(BEN))
        await release(desk, ANNA, "Wie lange dauert die Einführung einer E-Akte?", "Anonymous")

        assert len(await desk.rows(Block)) == 1
        assert len(desk.said(BEN)) == before


class TestCircle:
    async def test_it_is_posted_and_answered_by_a_reply(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await desk.make_member(ZOE)
        await make_circle(desk, ROOM, ZOE)
        await release(desk, ANNA)
        posted = desk.offering("Answer", ROOM)

        told = await desk.write(ZOE, WORDS, ROOM, reply_to=desk.event_of(posted), reply_to_bot=True)
        thanks = await desk.press(ZOE, "Organisation only", ROOM)
        await desk.tell()

        assert posted.text is not None
        assert "An open question for this circle" in posted.text.plain
        assert "Shall your reply go to the asker" in told
        assert "Mitglied" not in told
        assert "on its way" in thanks
        assert WORDS in last(desk, ANNA)

    async def test_nothing_is_passed_on_without_a_yes(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await desk.make_member(ZOE)
        await make_circle(desk, ROOM, ZOE)
        await release(desk, ANNA)
        event = desk.event_of(desk.offering("Answer", ROOM))
        await desk.write(ZOE, WORDS, ROOM, reply_to=event, reply_to_bot=True)

        # Somebody else presses: it is not theirs to say.
        await desk.press(BEN, "Organisation only", ROOM)
        assert await desk.rows(OpenAnswer) == []
        await desk.press(ZOE, "Cancel", ROOM)
        assert await desk.rows(OpenAnswer) == []

    async def test_strangers_are_told_how_to_join(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await make_circle(desk, ROOM, ZOE)
        await release(desk, ANNA)

        await desk.press(BEN, "Answer", ROOM)

        assert "!join" in last(desk, BEN)

    async def test_on_telegram_answering_alone_begins_by_a_link(self, desk: Desk) -> None:
        await desk.make_member(TINA)
        await desk.make_member(TOM)
        await make_circle(desk, FORUM, TOM)
        await release(desk, TINA)

        await desk.press(TOM, "Answer", FORUM)
        address = desk.offering("To our chat", FORUM).choices[0].address
        assert address is not None
        said = await desk.write(TOM, f"/start {address.partition('start=')[2]}")

        assert QUESTION in said
        assert "What do you answer?" in said
