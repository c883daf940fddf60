"""The browser as a network: what one process takes or says, every other one shows, and once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from bot.core.adapter import FileRefused, SendRefused
from bot.core.messages import Attachment, Choice, EventKind, Outgoing, Place
from bot.core.registry import Registry
from bot.core.running import Bot, make_services
from bot.core.text import rich
from bot.web.adapter import UnknownWebMessage, WebAdapter, incoming_of
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.language import choose_language
from knowledge.kit.settings import load_settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.answers.service import AnswerService
from knowledge.models.chat import ChatKind, Network
from knowledge.webchat.schemas import SentFile, ShownMessage, Talker, WebTurn
from knowledge.webchat.service import WebChatService, new_token, visiting
from tests.bot.core.world import NoIndexes, echo

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CHOICES = (Choice("vote:+1", "Helped", "👍"), Choice("open:x", "Open", address="https://hub.example/x"))


def somebody() -> Talker:
    """Return a visitor."""
    talker = visiting(new_token())
    assert talker is not None
    return talker


def turn(talker: Talker, text: str = "Hallo", **more: Any) -> WebTurn:
    """Return what somebody does."""
    return WebTurn(talker, new_id().hex, "en", text, **more)


def message(talker: Talker, text: str = "", **more: Any) -> Outgoing:
    """Return something that the bot says to somebody."""
    return Outgoing(Place(Network.WEB, talker.address, ChatKind.DIRECT), rich(text) if text else None, **more)


async def shown(database: Database, talker: Talker) -> list[ShownMessage]:
    """Return what stands in somebody's conversation."""
    async with unit_of_work(database, writes=False) as unit:
        return list((await WebChatService(unit.session).transcript(talker)).messages)


def words(said: ShownMessage) -> str:
    """Return what a message says."""
    return "".join(span.text for block in said.blocks for span in block.spans)


@asynccontextmanager
async def process(database: Database) -> AsyncIterator[tuple[WebAdapter, Bot]]:
    """Run what one process of the hub has: a bot that says again what is said to it."""
    adapter = WebAdapter(database)
    settings = load_settings()
    services = make_services(settings, database, AnswerService(database, NoIndexes(), settings.answers), [adapter])
    async with Bot(services, [adapter], Registry(question=echo())) as bot:
        await bot.connected()
        yield adapter, bot


class TestSeveralProcesses:
    async def test_each_answers_what_it_was_asked_and_all_show_everything_once(self, database: Database) -> None:
        talker = somebody()
        async with process(database) as (one, first), process(database) as (other, second):
            for adapter, bot, text in ((one, first, "eins"), (other, second, "zwei"), (one, first, "drei")):
                incoming = await adapter.hand_over(turn(talker, text))
                assert await bot.answered(incoming, 20.0)
        said = [words(message) for message in await shown(database, talker)]
        assert said == ["eins", "Echo: eins", "zwei", "Echo: zwei", "drei", "Echo: drei"]

    async def test_what_is_done_twice_is_there_once(self, database: Database) -> None:
        talker = somebody()
        done = turn(talker)
        async with process(database) as (one, first), process(database) as (other, second):
            for adapter, bot in ((one, first), (other, second), (one, first)):
                assert await bot.answered(await adapter.hand_over(done), 20.0)
            await other.send(message(talker, "Noch da?"), "key")
            await one.send(message(talker, "Noch da?"), "key")
        assert [words(message) for message in await shown(database, talker)] == ["Hallo", "Echo: Hallo", "Noch da?"]

    @sqlite
    async def test_what_a_process_left_is_answered_by_the_next(self, database: Database) -> None:
        talker = somebody()
        async with process(database) as (adapter, bot):
            await bot.close()
            await adapter.hand_over(turn(talker))
        assert len(await shown(database, talker)) == 1
        async with process(database) as (_adapter, bot):
            await bot.settle()
        assert [words(message) for message in await shown(database, talker)] == ["Hallo", "Echo: Hallo"]

    async def test_what_a_killed_process_left_is_taken_up_by_those_that_live_and_answered_once(
        self, database: Database
    ) -> None:
        talker = somebody()
        async with process(database) as (_one, first), process(database) as (_other, second):
            async with process(database) as (adapter, killed):
                await killed.close()
                left = await adapter.hand_over(turn(talker))
            came = now()
            await first.take_up(Network.WEB, [left.event], came - timedelta(minutes=1))
            await first.settle()
            waiting = len(await shown(database, talker))
            later = came + timedelta(minutes=1)
            await asyncio.gather(*(bot.take_up(Network.WEB, [left.event], later) for bot in (first, second)))
            for bot in (first, second):
                await bot.settle()
        assert waiting == 1
        assert [words(message) for message in await shown(database, talker)] == ["Hallo", "Echo: Hallo"]


@sqlite
class TestSaying:
    async def test_what_is_said_again_stands_in_the_place_of_what_was(self, database: Database) -> None:
        talker = somebody()
        async with process(database) as (adapter, _bot):
            await adapter.hand_over(turn(talker, "/x"))
            await adapter.send(message(talker, "eins", choices=CHOICES), "a")
            await adapter.send(message(talker, "zwei"), "b")
            events = await adapter.send(message(talker, "neu", edits=("a", "b")), "c")
        said = await shown(database, talker)
        assert list(events) == ["a"]
        assert [(words(one), len(one.choices)) for one in said if one.key in "abc"] == [("neu", 0)]

    async def test_choices_alone_are_changed_and_what_was_pressed_is_marked(self, database: Database) -> None:
        talker = somebody()
        async with process(database) as (adapter, _bot):
            await adapter.hand_over(turn(talker))
            await adapter.send(message(talker, "eins", choices=CHOICES), "a")
            await adapter.hand_over(turn(talker, "", about="a", choice="vote:+1"))
            changed = (Choice("vote:+1", "Helped ✓"), CHOICES[1])
            await adapter.send(message(talker, choices=changed, edits=("a",)), "b")
        said = {one.key: one for one in await shown(database, talker)}
        assert [(one.label, one.pressed) for one in said["a"].choices] == [("Helped ✓", True), ("Open", False)]
        assert words(said["a"]) == "eins"

    async def test_what_is_taken_away_is_gone_and_nothing_is_said_into_the_void(self, database: Database) -> None:
        talker = somebody()
        async with process(database) as (adapter, _bot):
            await adapter.hand_over(turn(talker))
            await adapter.send(message(talker, "eins"), "a")
            assert list(await adapter.send(message(talker, deletes=("a",)), "b")) == []
            with pytest.raises(SendRefused) as refused:
                await adapter.send(message(somebody(), "Ist da wer?"), "c")
        assert refused.value.gone
        assert "a" not in {one.key for one in await shown(database, talker)}

    async def test_pictures_and_files_come_along(self, database: Database) -> None:
        talker = somebody()
        picture = Attachment("baum.png", "image/png", b"png", alt="Ein Baum", width=3, height=2)
        async with process(database) as (adapter, _bot):
            await adapter.hand_over(turn(talker))
            await adapter.send(message(talker, "Sehen Sie:", attachment=picture), "a")
        said = next(one for one in await shown(database, talker) if one.key == "a")
        async with unit_of_work(database, writes=False) as unit:
            stored = await WebChatService(unit.session).file(talker, said.id)
        assert said.file is not None
        assert (said.file.is_picture, said.file.alt, said.file.width, said.file.there) == (True, "Ein Baum", 3, True)
        assert stored.content == b"png"


@sqlite
class TestTaking:
    async def test_a_press_is_a_choice_and_only_in_ones_own_conversation(self, database: Database) -> None:
        talker, other = somebody(), somebody()
        async with process(database) as (adapter, _bot):
            for one in (talker, other):
                await adapter.hand_over(turn(one))
            await adapter.send(message(talker, "eins", choices=CHOICES), "a")
            pressed = await adapter.hand_over(turn(talker, "", about="a", choice="vote:+1"))
            for who, choice in ((other, "vote:+1"), (talker, "vote:-1")):
                with pytest.raises(UnknownWebMessage):
                    await adapter.hand_over(turn(who, "", about="a", choice=choice))
        assert (pressed.kind, pressed.about, pressed.choice) == (EventKind.CHOICE, "a", "vote:+1")

    async def test_a_file_is_fetched_by_its_own_message_alone(self, database: Database) -> None:
        choose_language("en")
        talker = somebody()
        sent = turn(talker, "", file=SentFile("bericht.md", "text/markdown", b"12345"))
        async with process(database) as (adapter, _bot):
            incoming = await adapter.hand_over(sent)
            note = incoming.files[0]
            assert await adapter.fetch_file(incoming, note, most=5) == b"12345"
            with pytest.raises(FileRefused, match="too large"):
                await adapter.fetch_file(incoming, note, most=4)
            with pytest.raises(FileRefused, match="not there"):
                await adapter.fetch_file(incoming_of(turn(talker)), note, most=5)
