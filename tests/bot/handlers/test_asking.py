"""Asking, going on, correcting and taking back, through the whole bot over the sample library."""

from pathlib import Path

from bot.core.messages import EventKind
from knowledge.models.answer import Answer, Question
from knowledge.models.conversation import Exchange, Watch
from knowledge.models.document import Document
from tests.bot.handlers.asking_world import (
    ANNA,
    BEN,
    FORUM,
    ROOM,
    TINA,
    World,
    direct,
    labels,
    plain,
    publish,
    rows,
    withdraw,
)

LED = "Wieviel Strom spart man mit LED-Straßenlampen?"
CHATBOT = "chatbot erfahrungen falsche antworten"
LAW = """---
title: Zebrastreifen in Bayern
state: BY
---
Gemeinden müssen ihre Zebrastreifen nachts beleuchten.
"""
UNKNOWN = "Wie oft muss ein Spielplatz vom TÜV geprüft werden?"


class TestAnswers:
    async def test_quotations_come_first_then_the_source_and_the_label(self, world: World) -> None:
        answer = await world.ask(BEN, f"!frage {LED}", ROOM)
        text = plain(answer)
        assert text.index("71 Prozent") < text.index("Source: Vernetzte LED-Leuchten") < text.index("automatically")
        assert len(text) <= 900
        assert answer.automatic
        assert labels(answer) == ["Helped", "Did not help", "More about this", "Only for me"]

    async def test_it_lands_in_its_topic_as_a_reply(self, world: World) -> None:
        asked, [answer] = await world.happened(TINA, FORUM, f"/frage {LED}")
        assert (answer.place, answer.reply_to) == (FORUM, asked.event)
        assert labels(answer)[-1] == "Delete"

    async def test_question_and_person_are_kept_apart(self, world: World) -> None:
        await world.ask(ANNA, LED)
        [exchange] = await rows(world, Exchange)
        [question] = await rows(world, Question)
        assert (question.text, exchange.question_id) == (LED, question.id)
        assert not {"asker_id", "identity_id"} & set(Question.__table__.columns.keys())
        assert (exchange.expires_at - exchange.created_at).days == 14

    async def test_what_is_not_known_is_said_and_can_be_watched(self, world: World) -> None:
        answer = await world.ask(ANNA, UNKNOWN)
        assert "no answer that is certain enough" in plain(answer)
        assert labels(answer) == ["Tell me later", "Ask the network"]

    async def test_a_command_without_words_is_explained(self, world: World) -> None:
        assert "What would you like to know?" in plain(await world.ask(ANNA, "/frage"))
        assert await rows(world, Exchange) == []

    async def test_far_too_long(self, world: World) -> None:
        assert "20000 characters" in plain(await world.ask(ANNA, "wort " * 5000))


class TestIntroduction:
    async def test_somebody_new_reads_once_and_in_a_line_who_answers(self, world: World) -> None:
        first, second = plain(await world.ask(ANNA, LED)), plain(await world.ask(ANNA, UNKNOWN))
        assert first.startswith("I am a machine")
        assert "I am a machine" not in second

    async def test_a_group_is_not_told_with_each_answer(self, world: World) -> None:
        assert "I am a machine" not in plain(await world.ask(BEN, f"!frage {LED}", ROOM))


class TestGoingOn:
    async def test_next_message_in_a_direct_chat(self, world: World) -> None:
        await world.ask(ANNA, CHATBOT)
        assert "7.500 Euro" in plain(await world.ask(ANNA, "Und was hat das gekostet?"))
        assert "sechs Wochen" in plain(await world.ask(ANNA, "Und wie lange hat die Einrichtung gedauert?"))

    async def test_reply_to_the_answer_in_a_group(self, world: World) -> None:
        answer = await world.ask(BEN, f"!frage {CHATBOT}", ROOM)
        await world.ask(ANNA, f"!frage {LED}", ROOM)
        reply = {"reply_to": world.event_of(answer), "reply_to_bot": True}
        assert "7.500 Euro" in plain(await world.ask(ANNA, "Und was hat das gekostet?", ROOM, **reply))

    async def test_thread_that_began_with_the_question(self, world: World) -> None:
        asked, _answers = await world.happened(BEN, ROOM, f"!frage {CHATBOT}")
        thread = type(ROOM)(ROOM.network, ROOM.chat, ROOM.kind, asked.event)
        assert "7.500 Euro" in plain(await world.ask(ANNA, "Und was hat das gekostet?", thread))

    async def test_another_place_knows_nothing_of_it(self, world: World) -> None:
        await world.ask(ANNA, CHATBOT)
        answer = await world.ask(ANNA, "Und was hat das gekostet?", ROOM)
        assert "Chatbot" not in plain(answer)
        assert [row.follows_id for row in await rows(world, Exchange)] == [None, None]

    async def test_what_was_withdrawn_meanwhile_is_not_gone_back_to(self, world: World) -> None:
        await world.ask(ANNA, CHATBOT)
        await withdraw(world, "erfahrungen/chatbot-website.md")
        assert "7.500 Euro" not in plain(await world.ask(ANNA, "Und was hat das gekostet?"))
        assert len(await rows(world, Document)) > 1

    async def test_another_land_is_told_what_the_text_was_made_for(self, world: World, tmp_path: Path) -> None:
        await publish(world, tmp_path / "law", "zebrastreifen.md", LAW)
        first = await world.ask(ANNA, "Müssen Gemeinden ihre Zebrastreifen nachts beleuchten?")
        second = await world.ask(ANNA, "Gilt das auch in Brandenburg?")
        assert ["made for Bayern" in plain(answer) for answer in (first, second)] == [False, True]


class TestCorrecting:
    async def test_the_answer_is_corrected_in_place_and_the_old_words_are_erased(self, world: World) -> None:
        asked, [answer] = await world.happened(ANNA, direct(ANNA), CHATBOT)
        [corrected] = await world.happen(ANNA, direct(ANNA), LED, kind=EventKind.EDIT, about=asked.event)
        assert corrected.edits == (world.event_of(answer),)
        assert "71 Prozent" in plain(corrected)
        assert [row.text for row in await rows(world, Question)] == [LED]
        assert len(await rows(world, Answer)) == len(await rows(world, Exchange)) == 1

    async def test_what_hung_on_the_old_answer_goes(self, world: World) -> None:
        asked, [answer] = await world.happened(ANNA, direct(ANNA), LED)
        [more] = await world.choose(ANNA, answer, "More")
        changed, removed = await world.happen(ANNA, direct(ANNA), UNKNOWN, kind=EventKind.EDIT, about=asked.event)
        assert changed.edits == (world.event_of(answer),)
        assert removed.deletes == (world.event_of(more),)

    async def test_nobody_else_can_correct_it(self, world: World) -> None:
        asked, _answers = await world.happened(ANNA, ROOM, f"!frage {CHATBOT}")
        assert await world.happen(BEN, ROOM, f"!frage {LED}", kind=EventKind.EDIT, about=asked.event) == []

    async def test_the_same_words_again_change_nothing(self, world: World) -> None:
        asked, _answers = await world.happened(ANNA, direct(ANNA), LED)
        assert await world.happen(ANNA, direct(ANNA), LED, kind=EventKind.EDIT, about=asked.event) == []


class TestTakingBack:
    async def test_answer_and_everything_stored_go(self, world: World) -> None:
        asked, [answer] = await world.happened(ANNA, ROOM, f"!frage {UNKNOWN}")
        await world.choose(ANNA, answer, "Tell me later")
        [removed] = await world.happen(ANNA, ROOM, kind=EventKind.REDACTION, about=asked.event)
        assert removed.deletes == (world.event_of(answer),)
        assert [await rows(world, table) for table in (Exchange, Question, Answer, Watch)] == [[], [], [], []]


class TestWhatCannotBeTaken:
    async def test_encrypted_message_that_cannot_be_read(self, world: World) -> None:
        [said] = await world.happen(ANNA, direct(ANNA), kind=EventKind.UNREADABLE)
        assert "could not decrypt" in plain(said)
