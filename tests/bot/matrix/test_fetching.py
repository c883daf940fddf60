"""Reading what people wrote or sent, once more: in clear also where it was locked, and only as it stands now."""

from typing import Any

import httpx
import pytest
from nio.crypto import encrypt_attachment

from bot.core.adapter import FileRefused
from bot.core.messages import Incoming
from tests.bot.matrix.people import Bot, Person, place
from tests.bot.matrix.test_sending import room_with

pytestmark = pytest.mark.asyncio(loop_scope="session")
CONTENT = bytes(range(256)) * 20


@pytest.fixture
def bot(shared_bot: Bot) -> Bot:
    return shared_bot


@pytest.fixture
def anna(shared_anna: Person) -> Person:
    return shared_anna


async def upload(anna: Person, content: bytes) -> str:
    """Put a file on the homeserver, and return its address."""
    address = f"{anna.client.homeserver}/_matrix/media/v3/upload"
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {anna.client.access_token}"}) as http:
        return str((await http.post(address, content=content)).json()["content_uri"])


async def send_file(bot: Bot, anna: Person, *, encrypted: bool, **more: Any) -> Incoming:
    room = await room_with(bot, anna, encrypted=encrypted, direct=True)
    content: dict[str, Any] = {"msgtype": "m.file", "body": "bericht.md", "info": {"size": len(CONTENT)}}
    if encrypted:
        locked, keys = encrypt_attachment(CONTENT)
        content["file"] = {**keys, "url": await upload(anna, locked)}
    else:
        content["url"] = await upload(anna, CONTENT)
    event = await anna.send(room, {**content, **more})
    return await bot.core.wait_for(lambda incoming: incoming.event == event)


class TestFiles:
    @pytest.mark.parametrize("encrypted", [False, True])
    async def test_content_arrives_in_clear(self, bot: Bot, anna: Person, encrypted: bool) -> None:
        incoming = await send_file(bot, anna, encrypted=encrypted)
        assert "key" not in repr(incoming.files), "keys are not kept"
        assert await bot.adapter.fetch_file(incoming, incoming.files[0], most=2**20) == CONTENT

    async def test_too_large_and_gone(self, bot: Bot, anna: Person) -> None:
        incoming = await send_file(bot, anna, encrypted=False)
        with pytest.raises(FileRefused, match="MB"):
            await bot.adapter.fetch_file(incoming, incoming.files[0], most=100)
        await anna.client.room_redact(incoming.place.chat, incoming.event)
        with pytest.raises(FileRefused):
            await bot.adapter.fetch_file(incoming, incoming.files[0], most=2**20)


class TestMessages:
    @pytest.mark.parametrize("encrypted", [False, True])
    async def test_words_as_they_stand_now(self, bot: Bot, anna: Person, encrypted: bool) -> None:
        room = await room_with(bot, anna, encrypted=encrypted)
        event = await anna.say(room, "Meine Worte")
        await anna.say(room, "!hilfe")
        await bot.core.wait_for_text("/hilfe")
        found = await bot.adapter.read_message(place(room), event)
        assert found is not None
        assert (found.author.address, found.text, found.by_machine) == (anna.user, "Meine Worte", False)

        new = {"msgtype": "m.text", "body": "Andere Worte"}
        relation = {"rel_type": "m.replace", "event_id": event}
        await anna.say(room, "* Andere Worte", **{"m.new_content": new, "m.relates_to": relation})
        await anna.say(room, "!ueber")
        await bot.core.wait_for_text("/ueber")
        changed = await bot.adapter.read_message(place(room), event)
        assert changed is not None
        assert changed.text == "Andere Worte"

    async def test_deleted_ones_and_the_bots_own(self, bot: Bot, anna: Person) -> None:
        room = await room_with(bot, anna)
        event = await anna.say(room, "Meine Worte")
        await anna.client.room_redact(room, event)
        assert await bot.adapter.read_message(place(room), event) is None
        (own,) = await bot.say(place(room), "Von mir.", key=f"own-{room}")
        found = await bot.adapter.read_message(place(room), own)
        assert found is not None
        assert found.by_machine
