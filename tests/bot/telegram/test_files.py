"""Files and words that people give the bot: fetched when they are wanted, handed over only by whoever wrote them."""

import pytest

from bot.core.adapter import FileRefused, SendPostponed
from bot.core.messages import HANDS_OVER, Choice, Incoming
from bot.core.text import rich
from bot.telegram.files import LARGEST
from tests.bot.telegram.conftest import Running
from tests.telegram_server.server import TelegramServer

YES = Choice(f"{HANDS_OVER}1", "Ja", "📌")


async def sent_file(telegram: TelegramServer, bot: Running, content: bytes) -> Incoming:
    anna = telegram.person("Anna")
    anna.sends_file(None, "bericht.md", content=content)
    await telegram.until(lambda: bot.custody.kept)
    return bot.custody.kept[-1]


class TestFetching:
    async def test_the_content_as_it_was_sent(self, telegram: TelegramServer, bot: Running) -> None:
        content = bytes(range(256)) * 10
        incoming = await sent_file(telegram, bot, content)
        assert await bot.adapter.fetch_file(incoming, incoming.files[0], most=LARGEST) == content

    async def test_too_large_is_refused_before_it_is_fetched(self, telegram: TelegramServer, bot: Running) -> None:
        incoming = await sent_file(telegram, bot, b"x" * 2_000_000)
        with pytest.raises(FileRefused, match="1 MB"):
            await bot.adapter.fetch_file(incoming, incoming.files[0], most=2**20)
        assert telegram.called("getFile") == []

    async def test_gone_and_away(self, telegram: TelegramServer, bot: Running) -> None:
        incoming = await sent_file(telegram, bot, b"Inhalt")
        telegram.world.files.clear()
        with pytest.raises(FileRefused):
            await bot.adapter.fetch_file(incoming, incoming.files[0], most=LARGEST)
        telegram.fail("getFile", 502, "Bad Gateway")
        with pytest.raises(SendPostponed):
            await bot.adapter.fetch_file(incoming, incoming.files[0], most=LARGEST)


class TestHandingOver:
    async def test_a_press_hands_over_the_pressers_own_words_alone(
        self, telegram: TelegramServer, bot: Running
    ) -> None:
        anna, ben = telegram.person("Anna"), telegram.person("Ben")
        rat = telegram.group("Rat", anna, ben)
        message = anna.writes(rat, "Meine Worte")
        await bot.say(rat, rich("Behalten?"), choices=(YES, Choice("vote:1", "Gut")), reply_to=message.event)
        asked = rat.shown()[0]
        for person, label in ((ben, "Ja"), (anna, "Gut"), (anna, "Ja")):
            person.presses(asked, label)
        await telegram.until(lambda: len(bot.custody.kept) == 3)
        assert [incoming.handed_over for incoming in bot.custody.kept] == [None, None, "Meine Worte"]

    async def test_a_command_names_the_author_and_holds_no_words_of_others(
        self, telegram: TelegramServer, bot: Running
    ) -> None:
        anna, ben = telegram.person("Anna"), telegram.person("Ben")
        rat = telegram.group("Rat", anna, ben)
        message = anna.writes(rat, "Meine Worte")
        ben.writes(rat, "/merken", reply_to=message)
        anna.writes(rat, "/merken", reply_to=message)
        anna.writes(rat, "/frage was", reply_to=message)
        await telegram.until(lambda: len(bot.custody.kept) == 3)
        others, own, question = bot.custody.kept
        assert others.reply_author is not None
        assert (others.reply_author.address, others.handed_over) == (str(anna.id), None)
        assert "Meine Worte" not in repr(others)
        assert (own.handed_over, question.handed_over) == ("Meine Worte", None)
