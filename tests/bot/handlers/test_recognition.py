"""„Fragen erkennen": what is clearly a question gets an offer; nothing else leaves a trace."""

from datetime import timedelta

import pytest

from bot.core.messages import Outgoing
from bot.handlers.recognition import clearly_asks
from knowledge.chats.service import ChatService
from knowledge.conversations.service import ConversationService
from knowledge.kit.clock import now, use_clock
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.answer import Question
from knowledge.models.chat import Circle
from knowledge.models.conversation import Exchange
from knowledge.models.message import IncomingEvent
from tests.bot.handlers.asking_world import ANNA, BEN, ROOM, World, labels, plain, rows

LED = "Wieviel Strom spart man mit LED-Straßenlampen?"

ASKS = [
    LED,
    "Hallo zusammen, hat jemand Erfahrung mit einem Mängelmelder für die Gemeinde?",
    "Kurze Frage: Welche Fristen gelten für die Wärmeplanung in kleinen Gemeinden?",
    "Wir wollen die E-Akte einführen. Mit welchem Amt fängt man am besten an?",
    "Which deadline applies to heat planning in small municipalities?",
    "Darf der Bauhof GPS-Sender in die Fahrzeuge einbauen?",
]
DOES_NOT_ASK = [
    "Kommst du heute zur Sitzung in den Ratssaal?",
    "Wann ist das nächste Treffen der Arbeitsgruppe Digitalisierung?",
    "Das ist doch wirklich eine gute Lösung für Gemeinden, oder?",
    "Was soll das denn mit der E-Akte in der Verwaltung???",
    "@ben Wie weit ist der Antrag für die Straßenbeleuchtung?",
    "Die Straßenbeleuchtung ist jetzt umgestellt.",
    "Wirklich?",
    "Wie geht es euch mit der Umstellung der Straßenbeleuchtung?",
    "Schau mal https://example.org/led – was hältst du von den Straßenlampen?",
    "> Wieviel Strom spart man mit LED-Straßenlampen?",
    "Hast du schon den Bericht zur Straßenbeleuchtung gelesen?",
]


class TestWhatAsks:
    @pytest.mark.parametrize("text", ASKS)
    def test_a_question_about_a_matter(self, text: str) -> None:
        assert clearly_asks(text)

    @pytest.mark.parametrize("text", DOES_NOT_ASK)
    def test_everything_else(self, text: str) -> None:
        assert not clearly_asks(text)


async def recognising(world: World) -> None:
    """Let the room be a circle's that wants its questions recognised."""
    await world.ask(ANNA, "/frage", ROOM)
    async with unit_of_work(world.database) as unit:
        room = await ChatService(unit.session).look_up_chat(ROOM.network, ROOM.chat, ROOM.kind)
        unit.session.add(Circle(name="Licht", search_name="licht", chat_id=room.id, recognises_since=now()))


async def overhear(world: World, text: str) -> list[Outgoing]:
    return await world.happen(BEN, ROOM, text, mentioned=False)


class TestOffers:
    async def test_an_offer_is_a_line_and_becomes_the_answer(self, world: World) -> None:
        await recognising(world)
        [offer] = await overhear(world, LED)
        assert plain(offer) == "The library may have an answer to this."
        [shown] = await world.choose(ANNA, offer, "Show")
        assert shown.edits == (world.event_of(offer),)
        assert "71 Prozent" in plain(shown)
        assert "Helped" in labels(shown)
        assert [row.text for row in await rows(world, Question)] == [LED]

    async def test_at_most_so_many_in_an_hour(self, world: World) -> None:
        await recognising(world)
        questions = [f"{LED[:-1]} in der Straße {number}?" for number in ("eins", "zwei", "drei", "vier")]
        offers = [await overhear(world, question) for question in questions]
        assert [len(offer) for offer in offers] == [1, 1, 1, 0]

    async def test_words_go_when_nobody_takes_the_offer_within_a_day(self, world: World) -> None:
        await recognising(world)
        await overhear(world, LED)
        tomorrow = now() + timedelta(days=1, minutes=1)
        use_clock(lambda: tomorrow)
        async with unit_of_work(world.database) as unit:
            assert await ConversationService(unit.session).expire() == 1
        assert await rows(world, Question) == await rows(world, Exchange) == []


class TestSilence:
    @pytest.mark.parametrize("text", ["Kommst du heute zur Sitzung?", "Wie viele Einwohner hat die Insel Island?"])
    async def test_nothing_is_said_or_stored(self, world: World, text: str) -> None:
        await recognising(world)
        before = len(await rows(world, IncomingEvent))
        assert await overhear(world, text) == []
        assert await rows(world, Question) == await rows(world, Exchange) == []
        assert len(await rows(world, IncomingEvent)) == before

    async def test_a_group_that_does_not_want_it(self, world: World) -> None:
        assert await overhear(world, LED) == []
        assert await rows(world, Question) == []
