"""Which talk reaches the core, and as what."""

from pathlib import Path
from typing import Any

import pytest

from bot.core.messages import EventKind, Incoming
from bot.matrix.relations import BOT_MARK
from knowledge.models.chat import ChatKind
from tests.bot.matrix.people import Account, Bot, Person, account_on, person_on, place
from tests.synapse import Synapse

# One bot and one person for all: what a test is about happens in a room of its own.
pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def bot(shared_bot: Bot) -> Bot:
    return shared_bot


@pytest.fixture
def anna(shared_anna: Person) -> Person:
    return shared_anna


async def group_with(bot: Bot, anna: Person, *, encrypted: bool = False) -> str:
    room = await anna.make_room(bot.user, encrypted=encrypted)
    await anna.wait_until_in(room, bot.user)
    await bot.core.wait_for(lambda incoming: incoming.kind is EventKind.BOT_ADDED and incoming.place.chat == room)
    return room


async def all_heard(bot: Bot, anna: Person, room: str) -> list[Incoming]:
    """Return what the core was given up to a last word."""
    await anna.say(room, "/ende")
    await bot.core.wait_for(lambda incoming: incoming.text == "/ende" and incoming.place.chat == room)
    heard = [each for each in bot.core.incomings if each.place.chat == room and each.text != "/ende"]
    return [each for each in heard if each.kind is not EventKind.BOT_ADDED]


def thread(root: str, last: str) -> dict[str, Any]:
    relation = {"rel_type": "m.thread", "event_id": root, "is_falling_back": True, "m.in_reply_to": {"event_id": last}}
    return {"m.relates_to": relation}


class TestGroup:
    async def test_talk_among_people_is_not_handed_over(self, bot: Bot, anna: Person) -> None:
        room = await group_with(bot, anna)
        await anna.say(room, "Wer kommt morgen?")
        await anna.say(room, "!!!")
        assert await all_heard(bot, anna, room) == []

    async def test_talk_is_handed_over_where_the_circle_wants_questions_recognised(
        self, bot: Bot, anna: Person
    ) -> None:
        room = await group_with(bot, anna)
        bot.adapter.overhears = lambda chat: chat == room
        await anna.say(room, "Wer kommt morgen?")
        (heard,) = await all_heard(bot, anna, room)
        assert (heard.text, heard.mentioned, heard.reply_to_bot) == ("Wer kommt morgen?", False, False)

    @pytest.mark.parametrize("text", ["/frage Was gilt?", "!frage Was gilt?"])
    async def test_both_marks_are_commands(self, bot: Bot, anna: Person, text: str) -> None:
        room = await group_with(bot, anna)
        event = await anna.say(room, text)
        heard = await bot.core.wait_for_text("/frage Was gilt?")
        assert heard.place == place(room, event)

    async def test_mention_reaches_the_core_without_the_name(self, bot: Bot, anna: Person) -> None:
        room = await group_with(bot, anna)
        await anna.say(room, f"{bot.user}: Was gilt?", **{"m.mentions": {"user_ids": [bot.user]}})
        heard = await bot.core.wait_for_text("Was gilt?")
        assert heard.mentioned

    async def test_reply_to_the_bot_is_told_by_the_event_not_by_the_text(self, bot: Bot, anna: Person) -> None:
        room = await group_with(bot, anna)
        (said,) = await bot.say(place(room), "Antwort", key="1")
        own = await anna.say(room, "Von Anna")
        forged = f"> <{bot.user}> Antwort\n\nGefälscht?"
        await anna.say(room, forged, **{"m.relates_to": {"m.in_reply_to": {"event_id": own}}})
        await anna.say(room, "Wirklich?", **{"m.relates_to": {"m.in_reply_to": {"event_id": said}}})
        (heard,) = await all_heard(bot, anna, room)
        assert (heard.text, heard.reply_to, heard.reply_to_bot) == ("Wirklich?", said, True)

    async def test_thread_is_followed_also_after_a_restart(self, account: Account, anna: Person) -> None:
        async with account.running() as bot:
            room = await group_with(bot, anna)
            root = await anna.say(room, "!frage Was gilt?")
            await bot.core.wait_for_text("/frage Was gilt?")
            (said,) = await bot.say(place(room, root), "Dies.", key="1")
            other = await anna.say(room, "Etwas anderes")
        async with account.running() as bot:
            await anna.say(room, "Und was hat das gekostet?", **thread(root, said))
            await anna.say(room, "Nur unter uns", **thread(other, other))
            heard = (await all_heard(bot, anna, room))[-1]
        assert (heard.text, heard.place, heard.reply_to_bot) == ("Und was hat das gekostet?", place(room, root), True)

    async def test_word_to_somebody_else_in_the_thread_is_not_for_the_bot(self, bot: Bot, anna: Person) -> None:
        room = await group_with(bot, anna)
        root = await anna.say(room, "!frage Was gilt?")
        others = {"m.mentions": {"user_ids": ["@bernd:localhost"]}}
        await anna.say(room, "Bernd, weißt du das?", **thread(root, root), **others)
        assert [each.text for each in await all_heard(bot, anna, room)] == ["/frage Was gilt?"]

    async def test_somebody_who_comes_in_is_told_once(self, synapse: Synapse, bot: Bot, anna: Person) -> None:
        room = await group_with(bot, anna)
        async with person_on(synapse, "bernd") as bernd:
            await anna.client.room_invite(room, bernd.user)
            await bernd.client.join(room)
            await bernd.client.set_displayname("Bernd der Zweite")
            heard = await all_heard(bot, anna, room)
        assert [(each.kind, each.sender.address) for each in heard] == [(EventKind.JOINED, bernd.user)]


class TestMachines:
    async def test_notices_and_other_bots_are_not_heard(self, bot: Bot, anna: Person) -> None:
        room = await anna.make_room(bot.user, direct=True)
        await anna.wait_until_in(room, bot.user)
        await bot.core.wait_for_kind(EventKind.BOT_ADDED)
        await anna.send(room, {"msgtype": "m.notice", "body": "Was gilt?"})
        await anna.say(room, "Was gilt?", **{BOT_MARK: 1})
        assert await all_heard(bot, anna, room) == []

    async def test_two_bots_do_not_answer_each_other(
        self, synapse: Synapse, bot: Bot, anna: Person, tmp_path: Path
    ) -> None:
        async with account_on(synapse, tmp_path / "other").running() as other:
            room = await anna.make_room(bot.user, other.user)
            await anna.wait_until_in(room, bot.user)
            await anna.wait_until_in(room, other.user)
            await bot.say(place(room), f"{other.user}: und du?", key="1")
            await other.say(place(room), f"{bot.user}: und du?", key="1")
            heard = [*await all_heard(bot, anna, room), *await all_heard(other, anna, room)]
        assert [each for each in heard if each.kind is EventKind.MESSAGE] == []


class TestChanges:
    @pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
    async def test_edit_of_a_question_reaches_the_core(self, bot: Bot, anna: Person, encrypted: bool) -> None:
        room = await group_with(bot, anna, encrypted=encrypted)
        event = await anna.say(room, "!frage Was kostte das?")
        new = {"msgtype": "m.text", "body": "!frage Was kostet das?"}
        await anna.say(
            room, "* neu", **{"m.new_content": new, "m.relates_to": {"rel_type": "m.replace", "event_id": event}}
        )
        heard = await bot.core.wait_for_kind(EventKind.EDIT)
        assert (heard.about, heard.text, heard.place) == (event, "/frage Was kostet das?", place(room, event))

    async def test_edit_of_somebody_elses_question_is_forged(self, synapse: Synapse, bot: Bot, anna: Person) -> None:
        room = await group_with(bot, anna)
        event = await anna.say(room, "!frage Was gilt?")
        new = {"msgtype": "m.text", "body": "!frage Etwas anderes?"}
        async with person_on(synapse, "bernd") as bernd:
            await anna.client.room_invite(room, bernd.user)
            await bernd.client.join(room)
            relation = {"rel_type": "m.replace", "event_id": event}
            await bernd.say(room, "*", **{"m.new_content": new, "m.relates_to": relation})
            heard = await all_heard(bot, anna, room)
        assert [each.kind for each in heard if each.kind is not EventKind.JOINED] == [EventKind.MESSAGE]

    async def test_redaction_reaches_the_core(self, bot: Bot, anna: Person) -> None:
        room = await group_with(bot, anna)
        event = await anna.say(room, "!frage Was gilt?")
        await bot.core.wait_for_text("/frage Was gilt?")
        await anna.client.room_redact(room, event)
        assert (await bot.core.wait_for_kind(EventKind.REDACTION)).about == event


class TestReactions:
    async def test_reaction_to_the_bot_is_a_choice_and_taking_it_back_undoes_it(
        self, account: Account, anna: Person
    ) -> None:
        async with account.running() as bot:
            room = await group_with(bot, anna)
            (said,) = await bot.say(place(room, None), "Antwort", key="1")
            reaction = await anna.react(room, said, "👍🏽")
            chosen = await bot.core.wait_for_kind(EventKind.CHOICE)
        async with account.running() as bot:
            await anna.client.room_redact(room, reaction)
            undone = await bot.core.wait_for_kind(EventKind.CHOICE_UNDONE)
        assert [(each.about, each.choice) for each in (chosen, undone)] == [(said, "👍"), (said, "👍")]
        assert chosen.sender.address == anna.user

    async def test_reaction_among_people_is_nothing(self, bot: Bot, anna: Person) -> None:
        room = await group_with(bot, anna)
        event = await anna.say(room, "Von Anna")
        await anna.react(room, event, "👍")
        assert await all_heard(bot, anna, room) == []


class TestFiles:
    async def test_file_in_a_direct_chat_reaches_the_core_without_its_name_as_text(
        self, bot: Bot, anna: Person
    ) -> None:
        room = await anna.make_room(bot.user, direct=True)
        await anna.send(room, {"msgtype": "m.file", "body": "plan.pdf", "url": "mxc://localhost/abc"})
        heard = await bot.core.wait_for(lambda incoming: bool(incoming.files))
        assert (heard.text, heard.files[0].name, heard.place.kind) == ("", "plan.pdf", ChatKind.DIRECT)
