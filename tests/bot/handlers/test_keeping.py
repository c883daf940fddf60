"""``/merken``: only the author's yes counts, and nothing of a message is stored before it."""

import json
from typing import Any

import pytest

from bot.core.messages import Incoming, Person
from knowledge.models.contribution import Contribution, ContributionState, KeepRequest
from knowledge.models.message import IncomingEvent, OutgoingMessage
from tests.bot.handlers.contributing_world import ANNA, BEN, FORUM, ROOM, TINA, TOM, ZOE, Desk, direct

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
WORDS = "Mit dem neuen Portal sind wir doppelt so schnell."
YES = "Yes, it is mine"


async def ask(desk: Desk, asker: Person, message: Incoming, **more: Any) -> str:
    """Let somebody write /merken in reply to a message."""
    known = {"reply_to": message.event, "reply_author": message.sender, **more}
    return await desk.write(asker, "/merken", message.place, **known)


async def stored(desk: Desk) -> str:
    """Return all that is stored of events, messages and questions, as text."""
    rows = [*await desk.rows(IncomingEvent), *await desk.rows(OutgoingMessage), *await desk.rows(KeepRequest)]
    return json.dumps([{name: str(value) for name, value in vars(row).items()} for row in rows])


class TestYes:
    async def test_the_author_says_yes_and_has_a_draft(self, desk: Desk) -> None:
        await desk.make_member(BEN)
        message = desk.group_message(BEN, ROOM, WORDS)

        asked = await ask(desk, ANNA, message)
        assert "Only whoever wrote it can say yes" in asked
        assert desk.networks[ROOM.network].sent[-1].reply_to == message.event
        assert WORDS not in await stored(desk)
        before = len(desk.networks[ROOM.network].texts_in(ROOM))
        await desk.press(BEN, YES, ROOM)

        assert WORDS in desk.said(BEN)[-1]
        assert len(desk.networks[ROOM.network].texts_in(ROOM)) == before, "the one who asked learns no more"
        assert desk.said(ANNA) == []
        entry = await desk.contribution()
        assert (entry.fields, entry.state) == ({"done": WORDS}, ContributionState.DRAFT)
        assert await desk.rows(KeepRequest) == []
        assert "What is it about?" in await desk.press(BEN, "Go on with it")

    async def test_the_press_of_others_is_silent(self, desk: Desk) -> None:
        for person in (ANNA, BEN):
            await desk.make_member(person)
        await ask(desk, ANNA, desk.group_message(BEN, ROOM, WORDS))

        for person in (ANNA, ZOE):
            assert await desk.press(person, YES, ROOM) == ""

        assert await desk.rows(Contribution) == []
        assert len(await desk.rows(KeepRequest)) == 1

    async def test_where_the_press_hands_the_words_over(self, desk: Desk) -> None:
        await desk.make_member(TOM)
        await ask(desk, TINA, desk.group_message(TOM, FORUM, WORDS))
        offered = desk.offering(YES, FORUM)
        assert [choice.address for choice in offered.choices] == [None, "https://chat.example/bot?start=merken"]

        assert await desk.press(TOM, YES, FORUM, handed_over=WORDS) == ""

        assert (await desk.contribution()).fields == {"done": WORDS}
        assert WORDS in await desk.write(TOM, "/start merken")

    async def test_an_author_who_does_not_belong_is_told_how_to_and_may_press_again(self, desk: Desk) -> None:
        await ask(desk, ANNA, desk.group_message(BEN, ROOM, WORDS))

        await desk.press(BEN, YES, ROOM)

        assert "!join" in desk.said(BEN)[-1]
        assert await desk.rows(Contribution) == []
        assert WORDS not in await stored(desk)
        await desk.make_member(BEN)
        await desk.press(BEN, YES, ROOM)
        assert len(await desk.rows(Contribution)) == 1

    async def test_a_message_deleted_meanwhile(self, desk: Desk) -> None:
        await desk.make_member(BEN)
        message = desk.group_message(BEN, ROOM, WORDS)
        await ask(desk, ANNA, message)
        del desk.networks[ROOM.network].written[message.event]

        await desk.press(BEN, YES, ROOM)

        assert "not there any more" in desk.said(BEN)[-1]
        assert await desk.rows(KeepRequest) == []

    async def test_after_a_week_it_is_forgotten(self, desk: Desk) -> None:
        await desk.make_member(BEN)
        message = desk.group_message(BEN, ROOM, WORDS)
        await ask(desk, ANNA, message)
        [request] = await desk.rows(KeepRequest)
        assert (request.expires_at - request.created_at).days == 7
        await desk.age(KeepRequest)

        assert await desk.press(BEN, YES, ROOM) == ""
        assert await desk.rows(Contribution) == []


class TestAsking:
    async def test_twice_about_one_message(self, desk: Desk) -> None:
        message = desk.group_message(BEN, ROOM, WORDS)
        await ask(desk, ANNA, message)

        assert "asked about this message already" in await ask(desk, ZOE, message)

    async def test_without_a_message_to_reply_to(self, desk: Desk) -> None:
        assert "reply with !keep" in await desk.write(ANNA, "/merken", ROOM)

    async def test_ones_own_message_needs_no_question(self, desk: Desk) -> None:
        await desk.make_member(ANNA)

        await ask(desk, ANNA, desk.group_message(ANNA, ROOM, WORDS))

        assert WORDS in desk.said(ANNA)[-1]
        assert (await desk.contribution()).fields == {"done": WORDS}
        assert await desk.rows(KeepRequest) == []

    async def test_machines_and_those_who_speak_as_the_group_are_not_asked(self, desk: Desk) -> None:
        machine = desk.group_message(Person(TINA.network, "77", is_bot=True), FORUM, WORDS)
        anonymous = desk.group_message(Person(TINA.network, FORUM.chat, anonymous=True), FORUM, WORDS)

        assert "A machine wrote this" in await ask(desk, TINA, machine)
        assert "whom to ask" in await ask(desk, TINA, anonymous)
        assert await desk.rows(KeepRequest) == []

    async def test_the_direct_chat_is_no_group(self, desk: Desk) -> None:
        assert "works only in a group" in await desk.write(ANNA, "/merken", direct(ANNA))
