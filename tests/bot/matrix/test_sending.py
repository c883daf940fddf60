"""What the bot says, as it arrives on the server and in people's clients."""

import asyncio
from typing import Any

import httpx
import pytest

from bot.core.adapter import SendRefused
from bot.core.messages import Attachment, Choice, Outgoing
from bot.core.text import bold, paragraph, quote, rich
from bot.matrix.relations import AUTOMATIC_MARK, BOT_MARK
from knowledge.models.chat import ChatKind
from tests.bot.matrix.people import DEADLINE, Account, Bot, Person, place
from tests.bot.pictures import ALT, PICTURE, PIXELS

pytestmark = pytest.mark.asyncio(loop_scope="session")
HELPED = (Choice("helped:yes", "hat geholfen", "👍"), Choice("helped:no", "hat nicht geholfen", "👎"))


@pytest.fixture
def bot(shared_bot: Bot) -> Bot:
    return shared_bot


@pytest.fixture
def anna(shared_anna: Person) -> Person:
    return shared_anna


async def room_with(bot: Bot, anna: Person, **more: Any) -> str:
    room = await anna.make_room(bot.user, **more)
    await anna.wait_until_in(room, bot.user)
    return room


async def on_server(anna: Person, room: str, event: str) -> dict[str, Any]:
    """Return an event as the server has it."""
    address = f"{anna.client.homeserver}/_matrix/client/v3/rooms/{room}/event/{event}"
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {anna.client.access_token}"}) as http:
        return dict((await http.get(address)).json())


async def reactions(anna: Person, room: str, event: str) -> set[str]:
    """Return the emojis below a message."""
    address = f"{anna.client.homeserver}/_matrix/client/v1/rooms/{room}/relations/{event}/m.annotation"
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {anna.client.access_token}"}) as http:
        chunk = (await http.get(address)).json()["chunk"]
    return {each["content"]["m.relates_to"]["key"] for each in chunk}


class TestMessage:
    async def test_answer_stands_in_its_thread_as_a_marked_notice(self, bot: Bot, anna: Person) -> None:
        room = await room_with(bot, anna)
        root = await anna.say(room, "!frage Was gilt?")
        text = rich(paragraph(bold("<b>fett</b>")), quote("Zitat & mehr"))
        (said,) = await bot.say(place(room, root), text, key="thread", automatic=True, reply_to=root)
        content = (await on_server(anna, room, said))["content"]
        assert content["msgtype"] == "m.notice"
        assert (content[BOT_MARK], content[AUTOMATIC_MARK], content["m.mentions"]) == (1, True, {})
        assert content["m.relates_to"] == {
            "rel_type": "m.thread",
            "event_id": root,
            "is_falling_back": True,
            "m.in_reply_to": {"event_id": root},
        }
        assert "<strong>&lt;b&gt;fett&lt;/b&gt;</strong>" in content["formatted_body"]

    async def test_reply_outside_of_threads(self, bot: Bot, anna: Person) -> None:
        room = await room_with(bot, anna, direct=True)
        event = await anna.say(room, "Frage")
        there = place(room, kind=ChatKind.DIRECT)
        (said,) = await bot.say(there, "Antwort", key="reply", reply_to=event)
        content = (await on_server(anna, room, said))["content"]
        assert (content["msgtype"], content["m.relates_to"]) == ("m.text", {"m.in_reply_to": {"event_id": event}})

    @pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
    async def test_same_key_is_sent_once_also_after_a_restart(
        self, account: Account, anna: Person, encrypted: bool
    ) -> None:
        async with account.running() as bot:
            room = await room_with(bot, anna, encrypted=encrypted)
            first = await bot.say(place(room), "Einmal", key="same", choices=HELPED)
            again = await bot.say(place(room), "Einmal", key="same", choices=HELPED)
        async with account.running() as bot:
            after = await bot.say(place(room), "Einmal", key="same", choices=HELPED)
            await bot.say(place(room), "Schluss", key="end")
            await anna.wait_for_text("Schluss", room=room)
        assert first == again == after
        said = [event for event in anna.events if event["room_id"] == room and event["sender"] == bot.user]
        bodies = [event["content"]["body"] for event in said if "body" in event["content"]]
        assert [body.partition("\n")[0] for body in bodies] == ["Einmal", "Schluss"]

    async def test_long_text_arrives_whole_in_several_events(self, bot: Bot, anna: Person) -> None:
        room = await room_with(bot, anna, encrypted=True)
        words = " ".join(f"Wort{number} 😀." for number in range(4000))
        said = await bot.say(place(room), words, key="long")
        await anna.wait_for(lambda event: event.get("event_id") == said[-1])
        bodies = {event["event_id"]: event["content"]["body"] for event in anna.events if event.get("event_id") in said}
        assert len(said) > 1
        assert " ".join(bodies[event] for event in said).split() == words.split()

    @pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
    async def test_file_arrives(self, bot: Bot, anna: Person, encrypted: bool) -> None:
        room = await room_with(bot, anna, encrypted=encrypted)
        attachment = Attachment("meine-daten.json", "application/json", b"{}")
        (event,) = await bot.adapter.send(Outgoing(place(room), attachment=attachment), "file")
        content = (await anna.wait_for(lambda each: each.get("event_id") == event))["content"]
        assert (content["msgtype"], content["filename"]) == ("m.file", "meine-daten.json")
        assert ("file" in content) is encrypted

    @pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
    async def test_picture_stands_above_its_text_with_words_for_what_it_shows(
        self, bot: Bot, anna: Person, encrypted: bool
    ) -> None:
        room = await room_with(bot, anna, encrypted=encrypted)
        message = Outgoing(place(room), rich("So geht es."), HELPED, attachment=PICTURE)
        picture, text = await bot.adapter.send(message, f"picture-{encrypted}")
        shown = (await anna.wait_for(lambda each: each.get("event_id") == picture))["content"]
        assert (shown["msgtype"], shown["body"], shown["filename"]) == ("m.image", ALT, "steps.png")
        assert shown["info"] == {"mimetype": "image/png", "size": len(PIXELS), "w": 2, "h": 1}
        assert (shown[BOT_MARK], shown["m.mentions"], "file" in shown) == (1, {}, encrypted)
        said = (await anna.wait_for(lambda each: each.get("event_id") == text))["content"]
        assert said["body"].startswith("So geht es.")
        assert await reactions(anna, room, text) == {"👍", "👎"}


class TestChoices:
    async def test_bot_offers_reactions_and_says_what_they_mean(self, bot: Bot, anna: Person) -> None:
        room = await room_with(bot, anna)
        (said,) = await bot.say(place(room), "Antwort", key="offer", choices=(*HELPED, Choice("more:1", "Mehr dazu")))
        body = (await on_server(anna, room, said))["content"]["body"]
        assert "👍 hat geholfen · 👎 hat nicht geholfen" in body
        assert "3: Mehr dazu" in body
        assert await reactions(anna, room, said) == {"👍", "👎"}

    async def test_choices_that_an_edit_leaves_out_are_taken_back(self, bot: Bot, anna: Person) -> None:
        room = await room_with(bot, anna)
        sent = await bot.say(place(room), "Antwort", key="before", choices=HELPED)
        await bot.say(place(room), "Neu", key="after", edits=tuple(sent), choices=HELPED[:1])
        assert await reactions(anna, room, sent[0]) == {"👍"}


class TestChanges:
    @pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
    async def test_edit_replaces_what_was_said(self, bot: Bot, anna: Person, encrypted: bool) -> None:
        room = await room_with(bot, anna, encrypted=encrypted)
        sent = await bot.say(place(room), "Falsch", key="wrong")
        assert await bot.say(place(room), "Richtig", key="right", edits=tuple(sent)) == sent
        edit = await anna.wait_for_text("* Richtig", room=room)
        assert edit["content"]["m.relates_to"] == {"rel_type": "m.replace", "event_id": sent[0]}
        assert edit["content"]["m.new_content"]["body"] == "Richtig"

    async def test_shorter_edit_takes_the_rest_away(self, bot: Bot, anna: Person) -> None:
        room = await room_with(bot, anna)
        sent = await bot.say(place(room), "Lang. " * 2000, key="lang")
        assert len(sent) == 2
        assert await bot.say(place(room), "Kurz.", key="kurz", edits=tuple(sent)) == sent[:1]
        assert (await on_server(anna, room, sent[1]))["content"] == {}

    async def test_deleted_message_is_gone_also_when_tried_twice(self, bot: Bot, anna: Person) -> None:
        room = await room_with(bot, anna)
        sent = await bot.say(place(room), "Weg damit", key="x")
        for _try in range(2):
            assert await bot.adapter.send(Outgoing(place(room), deletes=tuple(sent)), "delete") == []
        assert (await on_server(anna, room, sent[0]))["content"] == {}

    async def test_bot_leaves_when_told(self, bot: Bot, anna: Person) -> None:
        room = await room_with(bot, anna)
        await bot.say(place(room), "Auf Wiedersehen", key="bye")
        assert await bot.adapter.send(Outgoing(place(room), leaves=True), "leave") == []
        members = (await anna.client.joined_members(room)).members
        assert [member.user_id for member in members] == [anna.user]


class TestRefusal:
    async def test_room_that_the_bot_was_thrown_out_of_is_gone(self, bot: Bot, anna: Person) -> None:
        room = await room_with(bot, anna)
        await bot.say(place(room), "Da", key="da")
        await anna.client.room_kick(room, bot.user)
        with pytest.raises(SendRefused) as refused:
            await bot.say(place(room), "Noch da?", key="noch da")
        assert refused.value.gone


class TestWorking:
    async def test_typing_is_shown_and_taken_back(self, bot: Bot, anna: Person) -> None:
        room = await room_with(bot, anna)
        await bot.say(place(room), "Da", key="typing")
        await bot.adapter.show_working(place(room), on=True)
        async with asyncio.timeout(DEADLINE):
            while bot.user not in anna.client.rooms[room].typing_users:
                await anna.sync(wait=200)
        await bot.adapter.show_working(place(room), on=False)

    async def test_nothing_is_raised_for_a_room_that_is_not_there(self, bot: Bot) -> None:
        await bot.adapter.show_working(place("!nowhere:localhost"), on=True)
