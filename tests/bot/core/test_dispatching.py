"""What the bot answers, to whom and where, and when it is silent."""

from typing import Any

import pytest
from sqlalchemy import func, select

from bot.core.messages import EventKind, FileNote, Person, Place
from bot.core.registry import Registry
from bot.core.text import rich
from bot.core.turn import ChoiceHandler, Command, Handler, Turn
from knowledge.chats.service import ChatService
from knowledge.kit.database import Database
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.chat import Chat, ChatIdentity, ChatKind, Network
from knowledge.models.message import IncomingEvent
from tests.bot.core.world import ANNA, BEN, ROOM, ChatNetwork, direct, echo, running, with_chats

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def says(text: str) -> Handler:
    async def act(turn: Turn) -> None:
        turn.say(rich(f"{text} {turn.glance.argument}".strip()))

    return Handler(act)


async def _pause(turn: Turn) -> None:
    await ChatService(turn.unit.session).change_chat(turn.chat.id, paused=turn.glance.argument != "off")
    turn.say(rich("ok"))


async def _say_language(turn: Turn) -> None:
    turn.say(rich(_("Sources")))


def command(*names: str, handler: Handler | None = None, **more: Any) -> Command:
    return Command(names, lambda: names[0], handler or says(names[0]), **more)


GROUP, DIRECT = frozenset({ChatKind.GROUP}), frozenset({ChatKind.DIRECT})
REGISTRY = Registry(
    commands=(
        command("frage", "ask", handler=echo()),
        command("hilfe", "help"),
        command("profil", "profile", where=DIRECT),
        command("sprache", "language", personal=True),
        command("kreis", "circle", where=GROUP),
        command("pause", handler=Handler(_pause)),
        command("weiter", "resume"),
        command("wo", handler=Handler(_say_language)),
    ),
    choices=(ChoiceHandler("x", says("chosen")),),
    question=echo(),
    joined=says("welcome"),
)


async def story(database: Database, *steps: tuple[Person, Place, str], **more: Any) -> list[str]:
    """Write one thing after the other, each when the one before is answered, and return all that the bot said."""
    network = ChatNetwork()
    async with running(database, REGISTRY, network, settings=with_chats(**more)) as bot:
        for person, place, text in steps:
            network.write(person, place, text, language="en")
            await network.settled(bot)
    return network.texts


class TestGroups:
    async def test_commands_mentions_and_replies_are_answered_and_nothing_else(self, database: Database) -> None:
        network = ChatNetwork()
        async with running(database, REGISTRY, network) as bot:
            network.write(ANNA, ROOM, "Mahlzeit!")
            network.write(ANNA, ROOM, "/frage eins")
            network.write(ANNA, ROOM, "zwei", mentioned=True)
            network.write(ANNA, ROOM, "drei", reply_to="$x", reply_to_bot=True)
            network.write(ANNA, ROOM, "/nochwas")
            network.write(ANNA, ROOM, "7")
            await network.said(3)
            await network.settled(bot)
        assert network.texts == ["Echo: eins", "Echo: zwei", "Echo: drei"]
        assert [message.reply_to for message in network.sent] == ["$2", "$3", "$4"]

    async def test_an_unknown_command_to_the_bot_gets_one_helpful_line(self, database: Database) -> None:
        network = ChatNetwork()
        async with running(database, REGISTRY, network):
            network.write(ANNA, ROOM, "/fragen", mentioned=True, language="en")
            assert "Did you mean /frage?" in (await network.said(1))[0]

    async def test_what_is_not_for_the_bot_is_stored_nowhere(self, database: Database) -> None:
        network = ChatNetwork()
        async with running(database, REGISTRY, network):
            for text in ("Mahlzeit!", "/nochwas", "5", "Wer kommt?"):
                network.write(BEN, ROOM, text)
            network.write(BEN, ROOM, "anders", kind=EventKind.EDIT, about="$1")
            network.write(BEN, ROOM, "", kind=EventKind.REDACTION, about="$1")
            network.choose(BEN, ROOM, "👍", about="$1")
            network.write(ANNA, direct(ANNA), "Frage")
            await network.said(1)
        async with unit_of_work(database, writes=False) as unit:
            assert await unit.session.scalar(select(func.count()).select_from(IncomingEvent)) == 1
            assert (await unit.session.scalars(select(ChatIdentity.address))).all() == [ANNA.address]
            assert (await unit.session.scalars(select(Chat.address))).all() == [direct(ANNA).chat]


class TestDirectChats:
    async def test_every_message_counts(self, database: Database) -> None:
        chat = direct(ANNA)
        said = await story(database, (ANNA, chat, "eins"), (ANNA, chat, "/ask two"), (ANNA, chat, "/help"))
        assert said == ["Echo: eins", "Echo: two", "hilfe"]

    async def test_odd_messages_get_a_decent_answer(self, database: Database) -> None:
        chat = direct(ANNA)
        texts = ("👍", "", "\u200b\u202e", "/xyzzy", "x" * 20_000, "\u202eabc", "a\x00b\ud800")
        said = await story(database, *((ANNA, chat, text) for text in texts), chat_person_limit=100)
        assert [text[:12] for text in said[:3]] == ["Please write"] * 3
        assert said[3].startswith("I do not know this command.")
        assert len(said[4]) > 20_000
        assert said[5:] == ["Echo: \u202eabc", "Echo: a\ufffdb\ufffd"]

    async def test_files_are_not_taken(self, database: Database) -> None:
        network = ChatNetwork()
        async with running(database, REGISTRY, network):
            note = FileNote("plan.dwg", None, 12, "ref")
            network.write(ANNA, direct(ANNA), "", files=(note,), language="en")
            assert "cannot read files" in (await network.said(1))[0]

    async def test_commands_for_the_other_kind_of_chat_say_so(self, database: Database) -> None:
        said = await story(database, (ANNA, direct(ANNA), "/kreis"), (ANNA, ROOM, "/profil"))
        assert said == ["This works only in a group.", "This works only in a direct chat with me."]


class TestPeople:
    async def test_bots_are_never_answered(self, database: Database) -> None:
        network, robot = ChatNetwork(), Person(Network.MATRIX, "@bot:ort", is_bot=True)
        async with running(database, REGISTRY, network) as bot:
            network.write(robot, ROOM, "Hallo Bot!", mentioned=True)
            network.write(robot, direct(robot), "/hilfe")
            network.write(Person(Network.MATRIX, network.account), ROOM, "/hilfe")
            await network.settled(bot)
        assert network.texts == []

    async def test_those_who_speak_as_the_group_have_nothing_personal(self, database: Database) -> None:
        network, everybody = ChatNetwork(), Person(Network.MATRIX, "1087968824", is_bot=True, anonymous=True)
        async with running(database, REGISTRY, network):
            network.write(everybody, ROOM, "/sprache en", language="en")
            network.write(everybody, ROOM, "/frage geht", language="en")
            assert sorted(await network.said(2)) == [
                "Echo: geht",
                "You write here in the name of the group, so I cannot tell who you are. Please write to me directly.",
            ]
        async with unit_of_work(database, writes=False) as unit:
            assert (await unit.session.scalars(select(ChatIdentity.address))).all() == ["group:!room"]


class TestLanguage:
    async def test_the_persons_own_goes_before_the_clients_and_german_is_the_last(self, database: Database) -> None:
        network, chat = ChatNetwork(), direct(ANNA)
        async with running(database, REGISTRY, network):
            network.write(ANNA, chat, "/wo")
            network.write(ANNA, chat, "/wo", language="en-GB")
            await network.said(2)
            async with unit_of_work(database) as unit:
                chats = ChatService(unit.session)
                person = await chats.look_up_person(Network.MATRIX, ANNA.address)
                await chats.change_person(person.id, language="de")
            network.write(ANNA, chat, "/wo", language="en")
            assert await network.said(3) == ["Quellen", "Sources", "Quellen"]


class TestPause:
    async def test_a_paused_chat_listens_to_two_commands_only(self, database: Database) -> None:
        texts = ("/pause", "/frage eins", "/hilfe", "/abbrechen", "/weiter")
        said = await story(database, *((ANNA, ROOM, text) for text in texts))
        assert said == ["ok", "hilfe", "weiter"]


class TestFairUse:
    async def test_a_flood_gets_one_answer_and_help_still_works(self, database: Database) -> None:
        chat = direct(ANNA)
        steps = [(ANNA, chat, f"Frage {number}") for number in range(5)] + [(ANNA, chat, "/hilfe")]
        said = await story(database, *steps, chat_person_limit=2)
        assert said == ["Echo: Frage 0", "Echo: Frage 1", said[2], "hilfe"]
        assert said[2].startswith("That is a lot at once.")


class TestNewcomers:
    async def test_they_are_noticed_only_where_the_bot_is_at_home(self, database: Database) -> None:
        network = ChatNetwork()
        async with running(database, REGISTRY, network) as bot:
            network.write(BEN, ROOM, "", kind=EventKind.JOINED)
            await network.settled(bot)
            assert network.texts == []
            network.write(ANNA, ROOM, "/hilfe")
            await network.said(1)
            network.write(BEN, ROOM, "", kind=EventKind.JOINED)
            assert await network.said(2) == ["hilfe", "welcome"]
        async with unit_of_work(database, writes=False) as unit:
            assert BEN.address not in (await unit.session.scalars(select(ChatIdentity.address))).all()
