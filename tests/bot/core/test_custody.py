"""Each event once: taken before it is acknowledged, handled once, whatever happens in between."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.core.messages import Choice, EventKind
from bot.core.packing import pack_incoming
from bot.core.registry import Registry
from bot.core.text import rich
from bot.core.turn import ChoiceHandler, Command, Glance, Handler, Turn
from knowledge.chats.inbox import Inbox
from knowledge.chats.outbox import clean_up
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.errors import InvalidInput
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.chat import Chat, Network
from knowledge.models.message import Cursor, IncomingEvent, OutgoingMessage
from tests.bot.core.world import ANNA, BEN, ROOM, ChatNetwork, direct, echo, eventually, running, with_chats

ECHO = Registry(question=echo())
CHAT = direct(ANNA)
sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def _offer(turn: Turn) -> None:
    turn.say(rich("offer"), choices=(Choice("x:1", "One", "🌲"),))


async def _chosen(turn: Turn) -> None:
    turn.say(rich(f"chosen {turn.glance.choice}"))


OFFERING = Registry(question=Handler(_offer), choices=(ChoiceHandler("x", Handler(_chosen)),))
UNNOTED = (
    "CREATE TRIGGER killed BEFORE UPDATE ON outgoing_messages WHEN NEW.state = 'sent' "
    "BEGIN SELECT RAISE(ABORT, 'killed'); END"
)


@sqlite
class TestChosenBelowWhatIsNotNoted:
    """A process was killed after it had sent a message with a choice, and before it could note that."""

    async def test_it_counts_once_the_next_process_has_noted_the_message(self, database: Database) -> None:
        network = ChatNetwork()
        async with database.engine.begin() as connection:
            await connection.exec_driver_sql(UNNOTED)
        async with running(database, OFFERING, network):
            network.write(ANNA, CHAT, "eins")
            assert await network.said(1) == ["offer"]
        async with database.engine.begin() as connection:
            await connection.exec_driver_sql("DROP TRIGGER killed")
        network.takes_first = True
        # It comes with the first events, before which this network sends nothing.
        network.choose(ANNA, CHAT, "🌲", about="$sent-1")
        async with running(database, OFFERING, network) as bot:
            assert await network.settled(bot) == ["offer", "chosen 1"]

    async def test_below_others_messages_nothing_is_kept(self, database: Database) -> None:
        network = ChatNetwork()
        async with running(database, OFFERING, network) as bot:
            network.choose(ANNA, CHAT, "🌲", about="$others")
            assert await network.settled(bot) == []
        async with unit_of_work(database, writes=False) as unit:
            assert await unit.session.scalar(select(func.count()).select_from(IncomingEvent)) == 0


class TestTaking:
    async def test_an_event_that_comes_again_does_nothing(self, database: Database) -> None:
        network = ChatNetwork()
        async with running(database, ECHO, network) as bot:
            first, other = network.event(ANNA, CHAT, "eins"), network.event(ANNA, CHAT, "zwei")
            network.deliver(first, first, cursor="1")
            await network.settled(bot)
            network.deliver(first, other, cursor="2")
            await network.settled(bot)
        assert network.texts == ["Echo: eins", "Echo: zwei"]

    async def test_neither_after_a_restart(self, database: Database) -> None:
        network = ChatNetwork()
        first = network.event(ANNA, CHAT, "eins")
        for _each in range(2):
            async with running(database, ECHO, network) as bot:
                network.deliver(first, cursor="7")
                await network.settled(bot)
        assert network.texts == ["Echo: eins"]
        assert network.cursors == [None, "7"]

    async def test_the_cursor_is_kept_also_where_nothing_is_for_the_bot(self, database: Database) -> None:
        network = ChatNetwork()
        async with running(database, ECHO, network) as bot:
            network.deliver(network.event(BEN, ROOM, "Mahlzeit!"), cursor="9")
            await network.settled(bot)
        async with unit_of_work(database, writes=False) as unit:
            assert [(row.account, row.value) for row in await unit.session.scalars(select(Cursor))] == [
                (f"matrix:{network.account}", "9")
            ]
            assert await unit.session.scalar(select(func.count()).select_from(IncomingEvent)) == 0

    @sqlite
    async def test_another_account_begins_anew(self, database: Database) -> None:
        network = ChatNetwork()
        async with running(database, ECHO, network) as bot:
            network.deliver(cursor="9")
            await network.settled(bot)
        other = ChatNetwork(account="@other:ort")
        async with running(database, ECHO, other):
            pass
        assert other.cursors == ["9", None]

    @sqlite
    async def test_what_was_said_is_gone_from_the_table_once_it_is_handled(self, database: Database) -> None:
        network = ChatNetwork()
        async with running(database, ECHO, network) as bot:
            network.write(ANNA, CHAT, "geheim")
            await network.settled(bot)
        async with unit_of_work(database, writes=False) as unit:
            event = (await unit.session.scalars(select(IncomingEvent))).one()
            message = (await unit.session.scalars(select(OutgoingMessage))).one()
        assert event.payload is message.payload is None
        assert event.handled_at is not None


class TestLeftOver:
    async def test_what_a_killed_process_had_taken_is_answered_in_order(self, database: Database) -> None:
        network = ChatNetwork()
        rows = [network.event(ANNA, CHAT, f"Frage {number}") for number in range(5)]
        async with unit_of_work(database) as unit:
            await Inbox(unit.session).take(Network.MATRIX, [(row.event, pack_incoming(row)) for row in rows])
        async with running(database, ECHO, network):
            assert await network.said(5) == [f"Echo: Frage {number}" for number in range(5)]
        async with unit_of_work(database, writes=False) as unit:
            assert await Inbox(unit.session).unhandled(Network.MATRIX) == []

    @sqlite
    async def test_what_cannot_be_read_any_more_holds_nobody_up(self, database: Database) -> None:
        network = ChatNetwork()
        row = network.event(ANNA, CHAT, "zwei")
        async with unit_of_work(database) as unit:
            rows = [("$a", {"kind": "dream"}), ("$b", {}), (row.event, pack_incoming(row))]
            await Inbox(unit.session).take(Network.MATRIX, rows)
        async with running(database, ECHO, network):
            assert await network.said(1) == ["Echo: zwei"]

    async def test_a_question_that_is_stopped_in_the_middle_is_answered_once_after_the_restart(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bot.core.running.FINISH_SECONDS", 0.05)
        begun: list[str] = []

        async def prepare(glance: Glance) -> str:
            begun.append(glance.argument)
            if len(begun) == 1:
                await asyncio.sleep(60)
            return glance.argument

        async def act(turn: Turn) -> None:
            turn.say(rich(turn.prepared))

        network, registry = ChatNetwork(), Registry(question=Handler(act, prepare, asks=True))
        async with running(database, registry, network):
            network.write(ANNA, CHAT, "Frage")
            await eventually(lambda: bool(begun))
        assert network.texts == []
        async with running(database, registry, network):
            await network.said(1)
        assert network.texts == ["Frage"]


class TestFailing:
    async def test_a_refusal_is_told_and_nothing_of_the_act_remains(self, database: Database) -> None:
        async def act(turn: Turn) -> None:
            turn.say(rich("never"))
            await turn.unit.session.flush()
            raise InvalidInput("Please ask something else.")

        network = ChatNetwork()
        async with running(database, Registry(question=Handler(act, asks=True)), network) as bot:
            network.write(ANNA, CHAT, "eins")
            await network.settled(bot)
        assert network.texts == ["Please ask something else."]

    async def test_a_surprise_is_tried_again(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("bot.core.handling.PAUSES", (0.0, 0.0))
        tries: list[int] = []

        async def act(turn: Turn) -> None:
            tries.append(len(tries))
            turn.say(rich(f"try {len(tries)}"))
            if len(tries) < 3:
                raise ZeroDivisionError

        network = ChatNetwork()
        async with running(database, Registry(question=Handler(act, asks=True)), network):
            network.write(ANNA, CHAT, "eins")
            assert await network.said(1) == ["try 3"]

    @sqlite
    async def test_one_that_never_works_is_owned_up_to_and_the_rest_goes_on(
        self, database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr("bot.core.handling.PAUSES", (0.0, 0.0))

        async def prepare(glance: Glance) -> str:
            if glance.argument == "stolpern":
                raise ZeroDivisionError("secret")
            return glance.argument

        async def act(turn: Turn) -> None:
            turn.say(rich(turn.prepared))

        network = ChatNetwork()
        async with running(database, Registry(question=Handler(act, prepare, asks=True)), network):
            network.write(ANNA, CHAT, "stolpern", language="en")
            network.write(ANNA, CHAT, "gehen")
            said = await network.said(2)
        assert said[0].startswith("Something went wrong on my side")
        assert said[1] == "gehen"
        logged = capsys.readouterr().out
        assert "chat_event_failed" in logged
        assert "id=1" in logged
        assert ANNA.address not in logged


class TestOutage:
    async def test_what_is_old_gets_one_friendly_line_in_each_chat(self, database: Database) -> None:
        async def plant(turn: Turn) -> None:
            turn.say(rich("planted"))

        commands = (
            Command(("pflanzen",), lambda: "plant", Handler(plant)),
            Command(("hilfe",), lambda: "help", Handler(plant), informs=True),
        )
        network, long_ago = ChatNetwork(), now() - timedelta(hours=2)
        registry = Registry(question=echo(), commands=commands)
        async with running(database, registry, network) as bot:
            for text in ("eins", "/hilfe", "zwei", "/pflanzen"):
                network.write(ANNA, CHAT, text, sent_at=long_ago, language="en")
                await network.settled(bot)
            network.write(ANNA, ROOM, "drei", sent_at=long_ago, mentioned=True, language="en")
            await network.settled(bot)
            network.write(ANNA, CHAT, "frisch")
            await network.settled(bot)
        assert [text[:24] for text in network.texts] == [
            "I was away for a while a",
            "planted",
            "I was away for a while a",
            "Echo: frisch",
        ]

    @sqlite
    async def test_how_old_can_be_set_and_the_future_is_now(self, database: Database) -> None:
        network, settings = ChatNetwork(), with_chats(chat_fresh_minutes=600)
        async with running(database, ECHO, network, settings=settings) as bot:
            for hours in (-2, 48):
                network.write(ANNA, CHAT, f"in {hours} hours", sent_at=now() + timedelta(hours=hours))
                await network.settled(bot)
        assert network.texts == ["Echo: in -2 hours", "Echo: in 48 hours"]


class TestStoring:
    @sqlite
    async def test_an_event_with_an_endless_address_is_dropped(self, database: Database) -> None:
        network = ChatNetwork()
        async with running(database, ECHO, network) as bot:
            network.write(ANNA, CHAT, "eins", event="$" + "x" * 300)
            network.write(ANNA, CHAT, "zwei")
            assert await network.settled(bot) == ["Echo: zwei"]

    async def test_a_chat_that_others_join_is_a_group_from_then_on(self, database: Database) -> None:
        network = ChatNetwork()
        async with running(database, ECHO, network) as bot:
            network.write(ANNA, CHAT, "eins")
            await network.settled(bot)
            network.write(ANNA, ROOM.__class__(Network.MATRIX, CHAT.chat, ROOM.kind), "zwei", mentioned=True)
            await network.settled(bot)
        async with unit_of_work(database, writes=False) as unit:
            chat = (await unit.session.scalars(select(Chat))).one()
            assert (chat.kind, chat.identity_id) == (ROOM.kind, None)

    async def test_handled_events_are_forgotten_after_some_days(self, database: Database) -> None:
        network = ChatNetwork()
        async with running(database, ECHO, network) as bot:
            network.write(ANNA, CHAT, "eins")
            network.write(ANNA, CHAT, "weg", kind=EventKind.REDACTION, about="$1")
            await network.settled(bot)
        for days, left in ((1, 2), (8, 0)):
            async with unit_of_work(database) as unit:
                await clean_up(unit, now() + timedelta(days=days))
            async with unit_of_work(database, writes=False) as unit:
                assert await unit.session.scalar(select(func.count()).select_from(IncomingEvent)) == left
