"""Who waits for whom, and who does not."""

import asyncio

import pytest

from bot.core.messages import EventKind, Person, Place
from bot.core.registry import Registry
from bot.core.text import rich
from bot.core.turn import Command, Glance, Handler, Turn
from knowledge.kit.database import Database
from knowledge.models.chat import ChatKind, Network
from tests.bot.core.world import ANNA, BEN, ROOM, ROOM_2, ChatNetwork, direct, echo, eventually, running, with_chats

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class SlowQuestions:
    """Answers questions when they are let go, by their words."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.gates: dict[str, asyncio.Event] = {}
        self.together = self.most_together = 0

    def registry(self) -> Registry:
        hello = Command(("hilfe",), lambda: "help", echo(asks=False))
        question = Handler(_say_prepared, self._prepare, asks=True)
        return Registry(question=question, edited=question, redacted=Handler(_say_redacted), commands=(hello,))

    def let_go(self, *words: str) -> None:
        for word in words:
            self.gates.setdefault(word, asyncio.Event()).set()

    async def _prepare(self, glance: Glance) -> str:
        word = glance.incoming.text
        self.begun.append(word)
        self.together += 1
        self.most_together = max(self.most_together, self.together)
        try:
            await self.gates.setdefault(word, asyncio.Event()).wait()
        finally:
            self.together -= 1
        return f"about {word}"


async def _say_prepared(turn: Turn) -> None:
    turn.say(rich(turn.prepared))


async def _say_redacted(turn: Turn) -> None:
    turn.say(rich("redacted"))


class TestQuestions:
    async def test_in_a_chat_they_are_answered_in_order_whoever_asks(self, database: Database) -> None:
        network, slow = ChatNetwork(), SlowQuestions()
        async with running(database, slow.registry(), network):
            for person, word in ((ANNA, "a"), (BEN, "b"), (ANNA, "c")):
                network.write(person, ROOM, word, mentioned=True)
            slow.let_go("c", "b")
            await eventually(lambda: slow.begun == ["a"])
            slow.let_go("a")
            assert await network.said(3) == ["about a", "about b", "about c"]

    async def test_a_slow_one_stops_neither_other_chats_nor_commands(self, database: Database) -> None:
        network, slow = ChatNetwork(), SlowQuestions()
        async with running(database, slow.registry(), network):
            network.write(ANNA, ROOM, "slow", mentioned=True)
            await eventually(lambda: slow.begun == ["slow"])
            network.write(ANNA, ROOM, "/hilfe")
            assert await network.said(1) == ["Echo: /hilfe"]
            slow.let_go("quick")
            network.write(ANNA, ROOM_2, "quick", mentioned=True)
            assert (await network.said(2))[1] == "about quick"
            slow.let_go("slow")
            await network.said(3)

    async def test_so_many_are_worked_on_at_the_same_time(self, database: Database) -> None:
        network, slow = ChatNetwork(), SlowQuestions()
        people = [Person(Network.MATRIX, f"@{number}:ort") for number in range(8)]
        async with running(database, slow.registry(), network, settings=with_chats(chat_parallel=3)):
            for person in people:
                network.write(person, direct(person), person.address)
            await eventually(lambda: len(slow.begun) == 3)
            slow.let_go(*(person.address for person in people))
            await network.said(8)
        assert slow.most_together == 3

    async def test_there_is_a_sign_of_work_before_the_answer_and_none_after(self, database: Database) -> None:
        network, slow = ChatNetwork(), SlowQuestions()
        async with running(database, slow.registry(), network) as bot:
            network.write(ANNA, ROOM, "a", mentioned=True)
            await eventually(lambda: network.working == [(ROOM.chat, True)])
            slow.let_go("a")
            await network.settled(bot)
        assert network.working == [(ROOM.chat, True), (ROOM.chat, False)]

    async def test_two_hundred_at_once_are_all_answered_in_order(self, database: Database) -> None:
        network, settings = ChatNetwork(), with_chats(chat_person_limit=1000, chat_group_limit=1000)
        rooms = [Place(Network.MATRIX, f"!{number}", ChatKind.GROUP) for number in range(20)]
        people = [Person(Network.MATRIX, f"@{number}:ort") for number in range(50)]
        asked = [(people[number % 50], rooms[number % 20], f"question {number}") for number in range(200)]
        async with running(database, Registry(question=echo()), network, settings=settings):
            network.deliver(*(network.event(who, where, text, mentioned=True) for who, where, text in asked))
            await network.said(200)
        for room in rooms:
            expected = [f"Echo: {text}" for _who, where, text in asked if where == room]
            assert network.texts_in(room) == expected


class TestCorrections:
    async def test_one_that_overtakes_its_question_waits_for_it(self, database: Database) -> None:
        network, slow = ChatNetwork(), SlowQuestions()
        async with running(database, slow.registry(), network):
            first = network.write(ANNA, ROOM, "a", mentioned=True)
            network.write(ANNA, ROOM, "a, better", kind=EventKind.EDIT, about=first.event)
            await eventually(lambda: slow.begun == ["a"])
            slow.let_go("a", "a, better")
            assert await network.said(2) == ["about a", "about a, better"]

    async def test_what_is_taken_back_before_it_is_answered_is_not_answered(self, database: Database) -> None:
        network, slow = ChatNetwork(), SlowQuestions()
        async with running(database, slow.registry(), network) as bot:
            first = network.write(ANNA, ROOM, "a", mentioned=True)
            second = network.write(BEN, ROOM, "b", mentioned=True)
            await eventually(lambda: slow.begun == ["a"])
            for taken_back in (first, second):
                network.write(ANNA, ROOM, "", kind=EventKind.REDACTION, about=taken_back.event)
            network.write(BEN, ROOM, "c", mentioned=True)
            await network.all_taken()
            slow.let_go("a", "c")
            await network.settled(bot)
        assert network.texts == ["redacted", "redacted", "about c"]
        assert slow.begun == ["a", "c"]
