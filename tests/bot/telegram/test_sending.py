"""Messages arrive where and as they should; what Telegram refuses or puts off is told apart."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.core.adapter import SendPostponed, SendRefused
from bot.core.messages import Attachment, Choice, EventKind, Outgoing
from bot.core.pictures import picture_words
from bot.core.text import quote, rich
from bot.telegram.pace import UNLIMITED, Pace
from tests.bot.pictures import ALT, PICTURE, PIXELS
from tests.bot.telegram.conftest import Running, place, running
from tests.telegram_server.faults import Trouble
from tests.telegram_server.server import TelegramServer
from tests.telegram_server.world import Chat, Person

VOTES = (Choice("vote:up", "👍"), Choice("vote:down", "👎"), Choice("open", "Privat", address="https://t.me/x?start=a"))


@pytest.fixture
def anna(telegram: TelegramServer) -> Person:
    person = telegram.person("Anna")
    person.direct.bot = "member"
    return person


@pytest.fixture
def rat(telegram: TelegramServer, anna: Person) -> Chat:
    return telegram.group("Rat", anna)


class TestTexts:
    async def test_events_name_chat_and_number(self, bot: Running, anna: Person) -> None:
        events = await bot.say(anna.direct, "Guten Tag.")
        assert events == [anna.direct.shown()[0].event]

    async def test_long_text_comes_in_parts(self, telegram: TelegramServer, bot: Running, anna: Person) -> None:
        events = await bot.say(anna.direct, rich(quote("Ein Satz mit 😀 Inhalt. " * 900)), choices=VOTES)
        parts = anna.direct.shown()
        assert [part.event for part in parts] == events
        assert len(parts) == 6
        assert [bool(part.buttons) for part in parts] == [False] * 5 + [True]
        assert all(part.styled("expandable_blockquote") == [part.text] for part in parts)
        assert telegram.refused == []

    async def test_reply_is_one_and_its_absence_is_no_harm(self, bot: Running, anna: Person, rat: Chat) -> None:
        question = anna.writes(rat, "/frage was?")
        await bot.say(rat, rich("Lang. " * 1000), reply_to=question.event)
        assert [part.reply_to for part in rat.shown()] == [question, None]
        question.deleted = True
        await bot.say(rat, "Trotzdem.", reply_to=question.event)
        assert rat.shown()[-1].reply_to is None

    async def test_part_that_failed_is_gone_on_from(self, telegram: TelegramServer, bot: Running, anna: Person) -> None:
        text = rich("Erster Teil. " * 300, "Zweiter Teil. " * 250)
        telegram.trouble(Trouble.SLOW, "sendMessage")
        telegram.fail("sendMessage", 502, "Bad Gateway")
        with pytest.raises(SendPostponed):
            await bot.say(anna.direct, text, key="k")
        events = await bot.say(anna.direct, text, key="k")
        assert events == [message.event for message in anna.direct.shown()]
        assert [message.text[:6] for message in anna.direct.shown()] == ["Erster", "Zweite"]

    async def test_nothing_to_say_is_nothing(self, telegram: TelegramServer, bot: Running, anna: Person) -> None:
        assert await bot.say(anna.direct, " \u202e ") == []
        assert telegram.called("sendMessage") == []


class TestChoices:
    async def test_press_comes_back_and_is_answered(self, telegram: TelegramServer, bot: Running, anna: Person) -> None:
        [event] = await bot.say(anna.direct, "Half das?", choices=VOTES)
        press = anna.presses(anna.direct.shown()[0], "👍")
        await telegram.until(lambda: telegram.world.presses[press])
        chosen = bot.custody.kept[0]
        assert (chosen.kind, chosen.about, chosen.choice) == (EventKind.CHOICE, event, "vote:up")
        assert (chosen.event, chosen.sender.address) == (f"choice/{press}", str(anna.id))

    async def test_press_in_a_topic_belongs_to_it(self, telegram: TelegramServer, bot: Running, anna: Person) -> None:
        forum = telegram.supergroup("Netzwerk", anna, forum=True)
        topic = forum.topic("Klima")
        await bot.say(forum, "Half das?", choices=VOTES, thread=topic)
        anna.presses(forum.shown()[0], "👎")
        await telegram.until(lambda: bot.custody.kept)
        assert bot.custody.kept[0].place.thread == str(topic)

    async def test_links_open_something(self, bot: Running, anna: Person) -> None:
        await bot.say(anna.direct, "Half das?", choices=VOTES)
        assert anna.direct.shown()[0].button("Privat")["url"] == "https://t.me/x?start=a"

    async def test_key_that_telegram_would_cut_is_refused(self, bot: Running, anna: Person) -> None:
        with pytest.raises(SendRefused):
            await bot.say(anna.direct, "Half das?", choices=(Choice("k" * 65, "x"),))


class TestChanging:
    async def test_shorter_text_takes_parts_away(self, bot: Running, anna: Person) -> None:
        first = await bot.say(anna.direct, rich("Lang. " * 1500), choices=VOTES)
        changed = await bot.say(anna.direct, "Kurz.", edits=tuple(first), choices=VOTES)
        assert changed == first[:1]
        assert anna.direct.said() == ["Kurz."]
        assert anna.direct.shown()[0].button("👍")

    async def test_longer_text_adds_parts(self, bot: Running, anna: Person) -> None:
        first = await bot.say(anna.direct, "Kurz.", choices=VOTES)
        changed = await bot.say(anna.direct, rich("Lang. " * 1000), edits=tuple(first), choices=VOTES)
        assert changed[0] == first[0]
        assert [bool(message.buttons) for message in anna.direct.shown()] == [False, True]

    async def test_same_text_again_is_no_error(self, bot: Running, anna: Person) -> None:
        first = await bot.say(anna.direct, "Kurz.")
        assert await bot.say(anna.direct, "Kurz.", edits=tuple(first)) == first

    async def test_buttons_alone(self, bot: Running, anna: Person) -> None:
        [event] = await bot.say(anna.direct, "Half das?", choices=VOTES)
        await bot.adapter.send(Outgoing(place(anna.direct), None, edits=(event,)), "k")
        assert anna.direct.shown()[0].buttons == []
        assert anna.direct.said() == ["Half das?"]

    async def test_message_that_is_gone_cannot_be_changed(self, bot: Running, anna: Person) -> None:
        first = await bot.say(anna.direct, "Kurz.")
        anna.direct.shown()[0].deleted = True
        with pytest.raises(SendRefused) as refusal:
            await bot.say(anna.direct, "Anders.", edits=tuple(first))
        assert not refusal.value.gone


class TestTakingAway:
    async def test_messages_are_deleted_and_gone_is_gone(self, bot: Running, anna: Person) -> None:
        events = tuple(await bot.say(anna.direct, rich("Lang. " * 1000)))
        for key in "ab":
            await bot.adapter.send(Outgoing(place(anna.direct), deletes=events), key)
        assert anna.direct.shown() == []

    async def test_what_is_too_old_loses_its_words(self, bot: Running, anna: Person) -> None:
        events = tuple(await bot.say(anna.direct, "Privates.", choices=VOTES))
        anna.direct.shown()[0].date -= 49 * 3600
        await bot.adapter.send(Outgoing(place(anna.direct), deletes=events), "k")
        assert (anna.direct.said(), anna.direct.shown()[0].buttons) == (["[…]"], [])

    async def test_leaving_twice(self, telegram: TelegramServer, bot: Running, rat: Chat) -> None:
        for key in "ab":
            assert await bot.adapter.send(Outgoing(place(rat), leaves=True), key) == ()
        assert rat.bot == "left"


class TestFiles:
    async def test_short_text_stands_below_the_file(self, bot: Running, anna: Person) -> None:
        file = Attachment("daten.json", "application/json", b"{}")
        await bot.say(anna.direct, "Ihre Daten.", attachment=file, choices=VOTES)
        [message] = anna.direct.shown()
        assert (message.file, message.text, bool(message.buttons)) == (("daten.json", b"{}"), "Ihre Daten.", True)

    async def test_long_text_comes_before_it(self, bot: Running, anna: Person) -> None:
        file = Attachment("daten.json", "application/json", b"{}")
        events = await bot.say(anna.direct, "Ihre Daten. " * 120, attachment=file)
        assert [bool(message.file) for message in anna.direct.shown()] == [False, True]
        assert len(events) == 2

    async def test_file_without_words(self, bot: Running, anna: Person) -> None:
        file = Attachment("daten.json", "application/json", b"{}")
        await bot.adapter.send(Outgoing(place(anna.direct), attachment=file), "k")
        assert [message.text for message in anna.direct.shown()] == [""]


class TestPictures:
    async def test_one_message_shows_it_says_what_it_shows_and_has_the_buttons(
        self, bot: Running, anna: Person
    ) -> None:
        await bot.say(anna.direct, "So geht es.", attachment=PICTURE, choices=VOTES)
        [message] = anna.direct.shown()
        assert (message.file, "photo" in message.extra) == (("steps.png", PIXELS), True)
        assert message.text == f"So geht es.\n\n{picture_words(PICTURE)}"
        assert message.buttons

    async def test_without_words_of_its_own(self, bot: Running, anna: Person) -> None:
        await bot.adapter.send(Outgoing(place(anna.direct), attachment=PICTURE), "k")
        assert anna.direct.said() == [picture_words(PICTURE)]

    async def test_a_long_text_comes_before_it(self, bot: Running, anna: Person) -> None:
        await bot.say(anna.direct, "So geht es. " * 120, attachment=PICTURE, choices=VOTES)
        text, photo = anna.direct.shown()
        assert text.text.endswith(ALT)
        assert ("photo" in photo.extra, bool(photo.buttons), bool(text.buttons)) == (True, True, False)

    async def test_what_is_too_narrow_for_a_photo_comes_as_a_file(self, bot: Running, anna: Person) -> None:
        await bot.say(anna.direct, "Schmal.", attachment=replace(PICTURE, width=41, height=2))
        [message] = anna.direct.shown()
        assert (message.file, "photo" in message.extra) == (("steps.png", PIXELS), False)


class TestOutOfReach:
    async def test_blocked_by_the_person(self, bot: Running, anna: Person) -> None:
        anna.blocks()
        with pytest.raises(SendRefused) as refusal:
            await bot.say(anna.direct, "Guten Tag.")
        assert refusal.value.gone

    async def test_never_opened_removed_and_unknown(self, telegram: TelegramServer, bot: Running, rat: Chat) -> None:
        rat.bot = "kicked"
        stranger = telegram.person("Stranger").direct
        unknown = Chat(telegram.world, 99, "private", "?")
        for chat in (rat, stranger, unknown):
            with pytest.raises(SendRefused) as refusal:
                await bot.say(chat, "Guten Tag.")
            assert refusal.value.gone

    async def test_topic_that_is_gone_or_closed(self, telegram: TelegramServer, bot: Running, anna: Person) -> None:
        forum = telegram.supergroup("Netzwerk", anna, forum=True)
        closed, deleted = forum.topic("Zu"), forum.topic("Weg")
        forum.closed_topics.add(closed)
        forum.delete_topic(deleted)
        for topic in (closed, deleted):
            with pytest.raises(SendRefused) as refusal:
                await bot.say(forum, "Eine Antwort.", thread=topic)
            assert not refusal.value.gone

    async def test_group_that_moved_unnoticed(self, telegram: TelegramServer, bot: Running, rat: Chat) -> None:
        [question] = await bot.say(rat, "Vorher.")
        new = telegram.supergroup("Rat", *rat.members.values())
        rat.moved_to = new.id
        [event] = await bot.say(rat, "Nachher.", reply_to=question)
        await bot.say(rat, "Und noch mehr.", reply_to=question)
        assert new.said() == ["Nachher.", "Und noch mehr."]
        assert event.startswith(f"{new.id}/")
        assert [(told.kind, told.moved_to) for told in bot.custody.kept] == [(EventKind.MOVED, new.address)]
        assert len([reason for reason in telegram.refused if "upgraded" in reason]) == 1

    async def test_person_who_has_opened_the_direct_chat(
        self, telegram: TelegramServer, bot: Running, rat: Chat
    ) -> None:
        ben = telegram.person("Ben")
        ben.writes(rat, "/frage was?")
        await telegram.until(lambda: bot.custody.kept)
        assert await bot.adapter.direct_chat(bot.custody.kept[0].sender) is None
        ben.starts("wort")
        assert await bot.adapter.direct_chat(bot.custody.kept[0].sender) == str(ben.id)


class TestPutOff:
    async def test_flood_says_how_long(self, telegram: TelegramServer, bot: Running, rat: Chat) -> None:
        telegram.flood(rat, 17)
        with pytest.raises(SendPostponed) as first:
            await bot.say(rat, "Guten Tag.")
        with pytest.raises(SendPostponed) as second:
            await bot.say(rat, "Guten Tag.")
        assert first.value.seconds == 17
        assert 10 < (second.value.seconds or 0) <= 17
        assert len(telegram.called("sendMessage")) == 1

    async def test_limit_of_groups(self, telegram: TelegramServer, bot: Running, rat: Chat, anna: Person) -> None:
        telegram.methods.group_limit = 3
        for _ in range(3):
            await bot.say(rat, "Guten Tag.")
        with pytest.raises(SendPostponed) as postponed:
            await bot.say(rat, "Guten Tag.")
        assert 50 < (postponed.value.seconds or 0) <= 60
        assert await bot.say(anna.direct, "Hier geht es.")

    @pytest.mark.parametrize("trouble", [Trouble.CUT, Trouble.NONSENSE])
    async def test_network_that_is_away(
        self, telegram: TelegramServer, bot: Running, anna: Person, trouble: Trouble
    ) -> None:
        telegram.trouble(trouble, "sendMessage", status=403)
        with pytest.raises(SendPostponed):
            await bot.say(anna.direct, "Guten Tag.", key="k")
        await bot.say(anna.direct, "Guten Tag.", key="k")
        assert anna.direct.said() == ["Guten Tag."]

    @pytest.mark.parametrize("status", [401, 500, 502])
    async def test_what_may_pass(self, telegram: TelegramServer, bot: Running, anna: Person, status: int) -> None:
        telegram.fail("sendMessage", status, "Trouble")
        with pytest.raises(SendPostponed):
            await bot.say(anna.direct, "Guten Tag.")

    async def test_answer_that_is_lost_doubles_rather_than_loses(
        self, telegram: TelegramServer, bot: Running, anna: Person
    ) -> None:
        telegram.trouble(Trouble.LOST_ANSWER, "sendMessage")
        with pytest.raises(SendPostponed):
            await bot.say(anna.direct, "Guten Tag.", key="k")
        await bot.say(anna.direct, "Guten Tag.", key="k")
        assert anna.direct.said() == ["Guten Tag."] * 2

    async def test_typing_never_raises(self, telegram: TelegramServer, bot: Running, anna: Person) -> None:
        for trouble in (Trouble.CUT, Trouble.NONSENSE):
            telegram.trouble(trouble, "sendChatAction")
            await bot.adapter.show_working(place(anna.direct), on=True)
        telegram.faults.missing.add("sendChatAction")
        await bot.adapter.show_working(place(anna.direct), on=True)
        await bot.adapter.show_working(place(anna.direct), on=False)
        assert len(telegram.called("sendChatAction")) == 3


class TestPlentiful:
    async def test_pace_of_groups_is_kept(self, telegram: TelegramServer) -> None:
        """Twenty in a minute, and the next one is put off without asking Telegram."""
        rat = telegram.group("Rat", telegram.person("Anna"))
        telegram.methods.group_limit = 20
        clock = datetime(2026, 1, 1).timestamp()  # noqa: DTZ001 - any number will do
        pace = Pace(longest_wait=0.0, clock=lambda: clock)
        async with running(telegram, pace=pace) as bot:
            sent = 0
            for _ in range(200):
                try:
                    await bot.say(rat, "Guten Tag.")
                    sent += 1
                except SendPostponed as postponed:
                    clock += timedelta(seconds=postponed.seconds or 0).total_seconds() + 0.001
                if sent == 20:
                    break
            assert sent == 20
        assert telegram.refused == []
        assert UNLIMITED.group is None
