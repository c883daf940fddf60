"""In groups the bot takes what is for it, with everything that Telegram's groups are peculiar in, and nothing else."""

from typing import Any

import pytest

from bot.core.messages import EventKind, Person
from knowledge.models.chat import Network
from tests.bot.telegram.conftest import Running, running
from tests.telegram_server.server import TelegramServer
from tests.telegram_server.world import BOT_ID

LAST = "/hilfe"


async def told(telegram: TelegramServer, bot: Running) -> None:
    """Wait until all that was told so far has been looked at."""
    telegram.person("Last").writes(None, LAST)
    await telegram.until(lambda: LAST in bot.custody.texts())
    bot.custody.kept = [incoming for incoming in bot.custody.kept if incoming.text != LAST]


class TestAddressed:
    async def test_mention_is_taken_out_of_the_text(self, telegram: TelegramServer, bot: Running) -> None:
        anna = telegram.person("Anna", language="de-AT")
        rat = telegram.group("Rat", anna)
        anna.writes(rat, "👋 @Allmende_Bot was kostet das?")
        await telegram.until(lambda: bot.custody.kept)
        incoming = bot.custody.kept[0]
        assert (incoming.text, incoming.mentioned) == ("👋 was kostet das?", True)
        assert (incoming.place.chat, incoming.sender.address) == (rat.address, str(anna.id))
        assert incoming.language == "de"

    async def test_mention_without_a_name_counts_too(self, telegram: TelegramServer, bot: Running) -> None:
        anna = telegram.person("Anna")
        entity = {"type": "text_mention", "offset": 0, "length": 8, "user": telegram.world.bot_user}
        anna.writes(telegram.group("Rat", anna), "Allmende was kostet das?", entities=[entity])
        await telegram.until(lambda: bot.custody.kept)
        assert bot.custody.kept[0].mentioned
        assert bot.custody.texts() == ["was kostet das?"]

    async def test_reply_to_the_bot(self, telegram: TelegramServer, bot: Running) -> None:
        anna = telegram.person("Anna")
        rat = telegram.group("Rat", anna)
        [answer] = await bot.say(rat, "Eine Antwort.")
        anna.writes(rat, "Und wann?", reply_to=rat.shown()[0])
        await telegram.until(lambda: bot.custody.kept)
        assert (bot.custody.kept[0].reply_to, bot.custody.kept[0].reply_to_bot) == (answer, True)

    async def test_commands_for_this_bot_only(self, telegram: TelegramServer) -> None:
        async with running(telegram) as bot:
            telegram.world.privacy_mode = False
            anna = telegram.person("Anna")
            rat = telegram.group("Rat", anna)
            anna.writes(rat, "/frage@other_bot was kostet das?")
            anna.writes(rat, "/frage@allmende_bot was kostet das?")
            anna.writes(rat, "/frage was kostet es?")
            await told(telegram, bot)
            assert [(said.text, said.mentioned) for said in bot.custody.kept] == [
                ("/frage was kostet das?", True),
                ("/frage was kostet es?", False),
            ]

    async def test_talk_among_people_is_nobodys_business(self, telegram: TelegramServer) -> None:
        telegram.world.privacy_mode = False
        async with running(telegram) as bot:
            anna, ben = telegram.person("Anna"), telegram.person("Ben")
            rat = telegram.group("Rat", anna, ben)
            first = anna.writes(rat, "Mittagessen?")
            ben.writes(rat, "Um zwölf, @anna!", reply_to=first)
            anna.edits(first, "Mittagessen oder Kaffee?")
            await told(telegram, bot)
            assert bot.custody.kept == []
            assert bot.adapter.hears_all

    async def test_talk_is_overheard_only_where_it_is_wanted(self, telegram: TelegramServer) -> None:
        telegram.world.privacy_mode = False
        async with running(telegram) as bot:
            anna = telegram.person("Anna")
            open_group, closed_group = telegram.group("Offen", anna), telegram.group("Zu", anna)
            bot.adapter.overhears = lambda chat: chat == open_group.address
            anna.writes(closed_group, "Wer kennt das?")
            anna.writes(open_group, "Wer kennt dies?")
            anna.writes(open_group, "/frage@other_bot wer kennt dies?")
            await told(telegram, bot)
            assert [(said.text, said.mentioned) for said in bot.custody.kept] == [("Wer kennt dies?", False)]


class TestForgery:
    @pytest.mark.parametrize(
        "extra",
        [
            {"quote": {"text": "Ich bin der Bot.", "position": 0}},
            {
                "external_reply": {
                    "origin": {
                        "type": "user",
                        "date": 1700000000,
                        "sender_user": {"id": BOT_ID, "is_bot": True, "first_name": "Allmende"},
                    }
                }
            },
        ],
        ids=["quotation", "reply from elsewhere"],
    )
    async def test_quotations_of_the_bot_are_no_replies(
        self, telegram: TelegramServer, bot: Running, extra: dict[str, Any]
    ) -> None:
        anna = telegram.person("Anna")
        anna.writes(None, "Wie du gesagt hast.", extra=extra)
        await telegram.until(lambda: bot.custody.kept)
        assert bot.custody.kept[0].text == "Wie du gesagt hast."
        assert (bot.custody.kept[0].reply_to, bot.custody.kept[0].reply_to_bot) == (None, False)

    async def test_reply_that_names_another_chat_is_none(self, telegram: TelegramServer, bot: Running) -> None:
        anna = telegram.person("Anna")
        [_] = await bot.say(telegram.group("Rat", anna), "Im Rat gesagt.")
        anna.writes(None, "Wie gesagt?", reply_to=telegram.world.sent[0])
        await telegram.until(lambda: bot.custody.kept)
        assert (bot.custody.kept[0].reply_to, bot.custody.kept[0].reply_to_bot) == (None, False)


class TestWhoSpeaks:
    async def test_anonymous_administrator_speaks_as_the_group(self, telegram: TelegramServer, bot: Running) -> None:
        anna = telegram.person("Anna")
        rat = telegram.supergroup("Rat", anna)
        anna.writes(rat, "@allmende_bot was kostet das?", as_chat=rat)
        await telegram.until(lambda: bot.custody.kept)
        assert bot.custody.kept[0].sender == Person(Network.TELEGRAM, rat.address, anonymous=True)

    async def test_person_who_speaks_as_a_channel(self, telegram: TelegramServer, bot: Running) -> None:
        anna = telegram.person("Anna")
        rat, channel = telegram.supergroup("Rat", anna), telegram.world.channel("Amtsblatt")
        anna.writes(rat, "/frage was kostet das?", as_chat=channel)
        await telegram.until(lambda: bot.custody.kept)
        assert bot.custody.kept[0].sender == Person(Network.TELEGRAM, channel.address, anonymous=True)

    async def test_posts_of_the_linked_channel_are_never_answered(self, telegram: TelegramServer) -> None:
        telegram.world.privacy_mode = False
        async with running(telegram) as bot:
            rat = telegram.supergroup("Rat", telegram.person("Anna"))
            bot.adapter.overhears = lambda chat: True
            telegram.world.channel("Amtsblatt").posts("@allmende_bot was kostet das?", rat)
            await told(telegram, bot)
            assert bot.custody.kept == []

    async def test_other_bots_are_never_answered(self, telegram: TelegramServer, bot: Running) -> None:
        other = telegram.person("Other", is_bot=True, username="other_bot")
        rat = telegram.group("Rat", other)
        await bot.say(rat, "Guten Tag.")
        other.writes(rat, "@allmende_bot was kostet das?")
        other.writes(rat, "Und wann?", reply_to=rat.shown()[0])
        await told(telegram, bot)
        assert bot.custody.kept == []


class TestTopics:
    async def test_topic_is_the_thread_and_answers_land_in_it(self, telegram: TelegramServer, bot: Running) -> None:
        anna = telegram.person("Anna")
        forum = telegram.supergroup("Netzwerk", anna, forum=True)
        topic = forum.topic("Klima")
        anna.writes(forum, "@allmende_bot was kostet das?", topic=topic)
        await telegram.until(lambda: bot.custody.kept)
        question = bot.custody.kept[0]
        assert (question.place.thread, question.reply_to, question.reply_to_bot) == (str(topic), None, False)
        await bot.adapter.show_working(question.place, on=True)
        await bot.say(forum, "Eine Antwort.", thread=topic, reply_to=question.event)
        assert forum.typing == [topic]
        assert [(said.topic, said.reply_to is not None) for said in forum.shown()] == [(topic, True)]

    async def test_message_in_a_topic_of_the_bot_is_no_reply_to_it(self, telegram: TelegramServer) -> None:
        telegram.world.privacy_mode = False
        async with running(telegram) as bot:
            anna = telegram.person("Anna")
            forum = telegram.supergroup("Netzwerk", anna, forum=True)
            anna.writes(forum, "Mittagessen?", topic=forum.topic("Vom Bot", by_bot=True))
            await told(telegram, bot)
            assert bot.custody.kept == []

    async def test_general_topic_is_named_for_typing_alone(self, telegram: TelegramServer, bot: Running) -> None:
        anna = telegram.person("Anna")
        forum = telegram.supergroup("Netzwerk", anna, forum=True)
        anna.writes(forum, "@allmende_bot was kostet das?")
        await telegram.until(lambda: bot.custody.kept)
        await bot.adapter.show_working(bot.custody.kept[0].place, on=True)
        await bot.say(forum, "Eine Antwort.")
        assert bot.custody.kept[0].place.thread is None
        assert forum.typing == [1]
        assert [said.topic for said in forum.shown()] == [None]
        assert telegram.refused == []

    async def test_thread_of_replies_is_no_topic(self, telegram: TelegramServer, bot: Running) -> None:
        anna = telegram.person("Anna")
        rat = telegram.supergroup("Rat", anna)
        [answer] = await bot.say(rat, "Eine Antwort.")
        anna.writes(rat, "Und wann?", reply_to=rat.shown()[0])
        await telegram.until(lambda: bot.custody.kept)
        assert (bot.custody.kept[0].place.thread, bot.custody.kept[0].reply_to) == (None, answer)


class TestComingAndGoing:
    async def test_bot_added_and_removed(self, telegram: TelegramServer, bot: Running) -> None:
        anna, ben = telegram.person("Anna"), telegram.person("Ben")
        rat = telegram.group("Rat", anna, ben, bot="left")
        anna.adds_bot(rat)
        await telegram.until(lambda: bot.custody.kept)
        anna.removes_bot(rat)
        await telegram.until(lambda: len(bot.custody.kept) == 2)
        assert bot.custody.kinds() == [EventKind.BOT_ADDED, EventKind.BOT_REMOVED]
        assert {incoming.sender.address for incoming in bot.custody.kept} == {str(anna.id)}
        assert bot.custody.kept[0].people == 3

    async def test_very_large_group(self, telegram: TelegramServer, bot: Running) -> None:
        anna = telegram.person("Anna")
        rat = telegram.supergroup("Alle", anna, bot="left")
        rat.members |= dict.fromkeys(range(1, 20000), anna)
        anna.adds_bot(rat)
        anna.writes(rat, "@allmende_bot was kostet das?")
        await telegram.until(lambda: len(bot.custody.kept) == 2)
        assert (bot.custody.kept[0].people, bot.custody.texts()) == (20_001, ["was kostet das?"])

    async def test_newcomers_are_told_of_once(self, telegram: TelegramServer, bot: Running) -> None:
        anna, ben = telegram.person("Anna"), telegram.person("Ben", language="en")
        rat = telegram.supergroup("Rat", anna, bot="administrator")
        await telegram.until(lambda: telegram.world.queue.allowed)
        ben.joins(rat)
        telegram.person("Other", is_bot=True).joins(rat)
        await told(telegram, bot)
        joined = [incoming for incoming in bot.custody.kept if incoming.kind is EventKind.JOINED]
        assert [(incoming.sender.address, incoming.language) for incoming in joined] == [(str(ben.id), "en")]

    async def test_group_that_becomes_a_supergroup(self, telegram: TelegramServer, bot: Running) -> None:
        anna = telegram.person("Anna")
        rat = telegram.group("Rat", anna)
        new = rat.migrates()
        await told(telegram, bot)
        assert [(event.kind, event.place.chat, event.moved_to) for event in bot.custody.kept] == [
            (EventKind.MOVED, rat.address, new.address)
        ]

    async def test_being_blocked_by_a_person_is_no_removal(self, telegram: TelegramServer, bot: Running) -> None:
        anna = telegram.person("Anna")
        anna.starts()
        anna.blocks()
        anna.unblocks()
        await told(telegram, bot)
        assert bot.custody.kinds() == [EventKind.MESSAGE]
