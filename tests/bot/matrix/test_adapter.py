"""The bot among people on a real homeserver: what reaches it, and what reaches them."""

import pytest

from bot.core.messages import EventKind
from knowledge.models.chat import ChatKind
from tests.bot.matrix.people import Bot, Person, place

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def bot(shared_bot: Bot) -> Bot:
    return shared_bot


@pytest.fixture
def anna(shared_anna: Person) -> Person:
    return shared_anna


class TestDirectChat:
    async def test_simple_message_reaches_the_core_and_is_answered(self, bot: Bot, anna: Person) -> None:
        room = await anna.make_room(bot.user, direct=True)
        await anna.say(room, "Was kostet ein Hitzeschutzplan?")
        heard = await bot.core.wait_for_text("Was kostet ein Hitzeschutzplan?")
        assert (heard.kind, heard.sender.address, heard.place) == (
            EventKind.MESSAGE,
            anna.user,
            place(room, kind=ChatKind.DIRECT),
        )
        await bot.say(heard.place, "Das weiß ich nicht.", key=room)
        answer = await anna.wait_for_text("Das weiß ich nicht.", room=room)
        assert answer["sender"] == bot.user

    async def test_encrypted_message_reaches_the_core_and_is_answered_encrypted(self, bot: Bot, anna: Person) -> None:
        room = await anna.make_room(bot.user, direct=True, encrypted=True)
        await anna.wait_until_in(room, bot.user)
        await anna.say(room, "Geheime Frage?")
        heard = await bot.core.wait_for_text("Geheime Frage?")
        await bot.say(heard.place, "Geheime Antwort.", key=room)
        answer = await anna.wait_for_text("Geheime Antwort.", room=room)
        assert answer["decrypted"]
