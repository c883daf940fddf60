"""What goes out: after the commit, in order, until the network takes or refuses it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from bot.core.adapter import SendPostponed, SendRefused
from bot.core.messages import Choice, Outgoing, Person
from bot.core.packing import pack_outgoing
from bot.core.registry import Registry
from bot.core.running import Bot
from bot.core.text import rich
from bot.core.turn import Command, Handler, Said, Turn
from knowledge.chats.outbox import Outbox
from knowledge.chats.service import ChatService
from knowledge.conversations.schemas import Anchor
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.chat import Chat, ChatKind, Network
from knowledge.models.conversation import Exchange, SentMessage
from knowledge.models.message import OutgoingMessage, SendState
from tests.bot.core.world import (
    ANNA,
    BEN,
    ONLY_REACTIONS,
    ROOM,
    ChatNetwork,
    NetworkAdapter,
    direct,
    echo,
    eventually,
    running,
)

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CHAT = direct(ANNA)


async def _privately(turn: Turn) -> None:
    turn.say(rich("here"))
    turn.say_privately(rich("between us"))


async def _with_choice(turn: Turn) -> None:
    turn.say(rich("choose"), choices=(Choice("x:1", "One", "👍"), Choice("l", "Link", address="https://example.org")))


COMMANDS = (
    Command(("privat",), lambda: "private", Handler(_privately)),
    Command(("wahl",), lambda: "choose", Handler(_with_choice)),
)
REGISTRY = Registry(question=echo(), commands=COMMANDS)


class Tries:
    """Counts how often something was tried."""

    def __init__(self) -> None:
        self.count = 0

    def counting(self, work: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        """Return the same work, counted."""

        async def counted(*values: Any) -> None:
            self.count += 1
            await work(*values)

        return counted


def waiting_message(**values: Any) -> OutgoingMessage:
    """Return a message that waits for Anna's chat."""
    payload = {"message": pack_outgoing(Outgoing(CHAT, rich("eins"))), "has_exchange": False}
    return OutgoingMessage(network=CHAT.network, chat=CHAT.chat, payload=payload, **values)


async def states(database: Database) -> list[tuple[str, str | None]]:
    async with unit_of_work(database, writes=False) as unit:
        rows = await unit.session.scalars(select(OutgoingMessage).order_by(OutgoingMessage.id))
        return [(row.state.value, row.error) for row in rows]


class TestTryingAgain:
    async def test_a_postponed_message_goes_out_later_with_the_same_key_and_in_order(self, database: Database) -> None:
        network = ChatNetwork(trouble=[SendPostponed("later", seconds=0.01), SendPostponed("later", seconds=0.01)])
        async with running(database, REGISTRY, network) as bot:
            network.write(ANNA, CHAT, "eins")
            network.write(ANNA, CHAT, "zwei")
            assert await network.settled(bot) == ["Echo: eins", "Echo: zwei"]
        assert await states(database) == [("sent", None)] * 2
        assert len(set(network.keys)) == 2

    @sqlite
    async def test_another_chat_does_not_wait(self, database: Database) -> None:
        network = ChatNetwork(trouble=[SendPostponed("later", seconds=60)])
        async with running(database, REGISTRY, network):
            network.write(ANNA, CHAT, "eins")
            await eventually(lambda: not network.trouble)
            network.write(BEN, direct(BEN), "zwei")
            assert await network.said(1) == ["Echo: zwei"]

    @sqlite
    async def test_what_could_not_be_sent_goes_out_after_a_restart(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bot.core.running.FLUSH_SECONDS", 0.05)
        network = ChatNetwork(trouble=[SendPostponed("later", seconds=60)])
        async with running(database, REGISTRY, network):
            network.write(ANNA, CHAT, "eins")
            await eventually(lambda: not network.trouble)
        assert (network.texts, [state for state, _error in await states(database)]) == ([], ["waiting"])
        async with unit_of_work(database) as unit:
            await unit.session.execute(update(OutgoingMessage).values(run_at=OutgoingMessage.created_at))
        async with running(database, REGISTRY, network):
            assert await network.said(1) == ["Echo: eins"]

    @sqlite
    async def test_a_surprise_is_met_again_and_given_up_in_the_end(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bot.core.sending.FIRST_PAUSE", 0.001)
        network = ChatNetwork(trouble=[ZeroDivisionError()] * 6)
        async with running(database, REGISTRY, network) as bot:
            network.write(ANNA, CHAT, "eins")
            network.write(ANNA, CHAT, "zwei")
            assert await network.settled(bot) == ["Echo: zwei"]
        assert await states(database) == [("failed", "ZeroDivisionError"), ("sent", None)]


class TestAClockThatJumps:
    @sqlite
    async def test_what_was_written_while_it_ran_ahead_goes_out_at_once(self, database: Database) -> None:
        network = ChatNetwork()
        async with unit_of_work(database) as unit:
            unit.session.add(waiting_message(run_at=now() + timedelta(days=1)))
        async with running(database, REGISTRY, network):
            assert await network.said(1) == ["eins"]

    @sqlite
    async def test_what_was_put_off_while_it_ran_ahead_does_not_wait_for_a_day(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bot.core.sending.LONGEST_LEFT", 0.01)
        network = ChatNetwork()
        async with unit_of_work(database) as unit:
            unit.session.add(waiting_message(run_at=now() + timedelta(days=1), attempts=1))
        async with running(database, REGISTRY, network):
            assert await network.said(1) == ["eins"]


class TestAClockSetBack:
    @sqlite
    async def test_what_was_put_off_before_is_tried_when_its_pause_is_over(self, database: Database) -> None:
        network = ChatNetwork(trouble=[SendPostponed("later", seconds=0.5)])
        async with running(database, REGISTRY, network):
            network.write(ANNA, CHAT, "eins")
            while not [error for _state, error in await states(database) if error]:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.01)
            async with unit_of_work(database) as unit:
                await unit.session.execute(update(OutgoingMessage).values(run_at=now() + timedelta(days=1)))
            assert await network.said(1) == ["Echo: eins"]


class TestNotedLater:
    """The network took a message, and the database was away before that could be noted."""

    REFUSING = (
        "CREATE TRIGGER away BEFORE UPDATE ON outgoing_messages WHEN NEW.state = 'sent' "
        "BEGIN SELECT RAISE(ABORT, 'away'); END"
    )

    @sqlite
    async def test_it_is_noted_and_not_sent_again(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("bot.core.sending.FIRST_PAUSE", 0.01)
        tried = Tries()
        monkeypatch.setattr("bot.core.sending.Outbox.note_sent", tried.counting(Outbox.note_sent))
        network = ChatNetwork()
        async with running(database, REGISTRY, network) as bot:
            async with database.engine.begin() as connection:
                await connection.exec_driver_sql(self.REFUSING)
            network.write(ANNA, CHAT, "eins")
            await eventually(lambda: tried.count > 0)
            network.trouble.append(SendRefused("again"))
            await eventually(lambda: tried.count > 2)
            async with database.engine.begin() as connection:
                await connection.exec_driver_sql("DROP TRIGGER away")
            assert await network.settled(bot) == ["Echo: eins"]
        assert await states(database) == [("sent", None)]


class TestRefused:
    async def test_a_message_that_is_never_taken_holds_up_no_other(self, database: Database) -> None:
        network = ChatNetwork(trouble=[SendRefused("too odd")])
        async with running(database, REGISTRY, network) as bot:
            network.write(ANNA, CHAT, "eins")
            network.write(ANNA, CHAT, "zwei")
            assert await network.settled(bot) == ["Echo: zwei"]
        assert await states(database) == [("failed", "SendRefused"), ("sent", None)]

    async def test_a_chat_that_is_gone_is_forgotten_with_all_that_waits_for_it(self, database: Database) -> None:
        network = ChatNetwork(trouble=[SendRefused("blocked", gone=True)])
        async with unit_of_work(database) as unit:
            for number in range(3):
                said = Said(Outgoing(CHAT, rich(f"{number}")))
                await Bot.post(_nobody(), unit, [said])
            chats = ChatService(unit.session)
            await chats.keep_chat(await chats.look_up_chat(Network.MATRIX, CHAT.chat, CHAT.kind), of=None)
        async with running(database, REGISTRY, network) as bot:
            await eventually(lambda: not network.trouble)
            await bot.settle()
        assert network.texts == []
        assert await states(database) == [("failed", "SendRefused")] * 3
        async with unit_of_work(database, writes=False) as unit:
            assert (await unit.session.scalars(select(Chat))).all() == []


class _Nobody:
    """Stands for a process without networks, which only writes down what is to be said."""

    def wake(self, network: Network, chat: str) -> None:
        """There is nobody to wake."""


def _nobody() -> Bot:
    return _Nobody()  # type: ignore[return-value]  # post needs nothing else of it


class TestPrivately:
    async def test_the_direct_chat_is_made_first(self, database: Database) -> None:
        network = ChatNetwork()
        async with running(database, REGISTRY, network) as bot:
            network.write(ANNA, ROOM, "/privat")
            await network.settled(bot)
            assert (network.texts_in(ROOM), network.texts_in(CHAT)) == (["here"], ["between us"])
            network.write(ANNA, ROOM, "/privat")
            await network.settled(bot)
            assert network.texts_in(CHAT) == ["between us"] * 2
        async with unit_of_work(database, writes=False) as unit:
            known = {chat.address: chat for chat in await unit.session.scalars(select(Chat))}
            assert known[CHAT.chat].identity_id is not None
            assert known[ROOM.chat].identity_id is None

    @sqlite
    async def test_where_the_bot_cannot_it_is_given_up(self, database: Database) -> None:
        network = ChatNetwork(features=replace(ONLY_REACTIONS, can_write_first=False))
        async with running(database, REGISTRY, network) as bot:
            network.write(ANNA, ROOM, "/privat")
            assert await network.settled(bot) == ["here"]
        assert await states(database) == [("sent", None), ("failed", "SendRefused")]

    @sqlite
    async def test_who_made_one_in_the_same_moment_is_answered_there(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def make_meanwhile(_adapter: NetworkAdapter, person: Person) -> str:
            async with unit_of_work(database) as unit:
                chats = ChatService(unit.session)
                known = await chats.look_up_person(person.network, person.address)
                theirs = await chats.look_up_chat(CHAT.network, CHAT.chat, ChatKind.DIRECT)
                await chats.keep_chat(theirs, of=known.id)
            return "the bot's own"

        monkeypatch.setattr(NetworkAdapter, "direct_chat", make_meanwhile)
        network = ChatNetwork()
        async with running(database, REGISTRY, network) as bot:
            network.write(ANNA, ROOM, "/privat")
            await network.settled(bot)
            assert network.texts_in(CHAT) == ["between us"]


class TestRemembering:
    async def test_what_can_be_chosen_is_remembered_and_what_cannot_is_not(self, database: Database) -> None:
        network = ChatNetwork()
        async with running(database, REGISTRY, network) as bot:
            network.write(ANNA, CHAT, "eins")
            network.write(ANNA, CHAT, "/wahl")
            await network.settled(bot)
        async with unit_of_work(database, writes=False) as unit:
            rows = (await unit.session.scalars(select(SentMessage))).all()
        assert len(rows) == 1
        assert rows[0].choices == [["x:1", "👍"]]

    async def test_an_answer_whose_exchange_was_taken_back_is_never_sent(self, database: Database) -> None:
        anchor, exchange_id = Anchor(uuid4(), None, "$q"), uuid4()
        async with unit_of_work(database) as unit:
            chats = ChatService(unit.session)
            chat = await chats.keep_chat(await chats.look_up_chat(Network.MATRIX, CHAT.chat, CHAT.kind), of=None)
            moment = (await unit.session.scalars(select(Chat.created_at))).one()
            values = {"chat_id": chat.id, "question_event": anchor.question_event, "expires_at": moment}
            exchange = Exchange(id=exchange_id, **values)
            unit.session.add(exchange)
            await unit.session.flush()
            await Bot.post(_nobody(), unit, [Said(Outgoing(CHAT, rich("an answer")), exchange_id)])
            await Bot.post(_nobody(), unit, [Said(Outgoing(CHAT, rich("something else")))])
            await unit.session.delete(exchange)
        network = ChatNetwork()
        async with running(database, REGISTRY, network):
            assert await network.said(1) == ["something else"]

    @sqlite
    async def test_a_text_in_the_place_of_another_keeps_what_is_known_of_it(self, database: Database) -> None:
        async def correct(turn: Turn) -> None:
            turn.change(("$sent-1",), rich("better"), choices=(Choice("x:2", "Two"),))

        async def take_away(turn: Turn) -> None:
            turn.take_away(("$sent-1",))

        more = (
            Command(("besser",), lambda: "better", Handler(correct)),
            Command(("weg",), lambda: "away", Handler(take_away)),
        )
        network = ChatNetwork()
        async with running(database, Registry(commands=(*COMMANDS, *more)), network) as bot:
            for text, known in (("/wahl", [["x:1", "👍"]]), ("/besser", [["x:2", None]]), ("/weg", None)):
                network.write(ANNA, CHAT, text)
                await network.settled(bot)
                async with unit_of_work(database, writes=False) as unit:
                    sent = await unit.session.scalar(select(SentMessage.choices))
                    assert sent == known
                    assert (await Outbox(unit.session).sent(Network.MATRIX, "$sent-1") is None) is (known is None)


class TestOthersMessages:
    async def test_what_another_process_writes_is_sent_soon(self, database: Database) -> None:
        network = ChatNetwork()
        async with running(database, REGISTRY, network):
            async with unit_of_work(database) as unit:
                await Bot.post(_nobody(), unit, [Said(Outgoing(CHAT, rich("news")))])
            assert await network.said(1) == ["news"]
        assert SendState.SENT.value == (await states(database))[0][0]
