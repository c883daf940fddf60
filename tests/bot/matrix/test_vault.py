"""Rooms with very many members, members who come later, and devices that nobody has verified."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import nio
import pytest
import pytest_asyncio
from aiohttp import web

from bot.core.messages import EventKind
from tests.bot.matrix.people import Account, Person, account_on, person_on, place
from tests.bot.matrix.weather import Weather, weather_before
from tests.synapse import Synapse

pytestmark = pytest.mark.asyncio(loop_scope="session")
CROWD = 20_000


@pytest_asyncio.fixture(loop_scope="session")
async def weather(synapse: Synapse) -> AsyncIterator[Weather]:
    async with weather_before(synapse) as proxy:
        yield proxy


@pytest.fixture
def account(synapse: Synapse, weather: Weather, tmp_path: Path) -> Account:
    return account_on(synapse, tmp_path, url=weather.url)


@pytest.fixture
def anna(shared_anna: Person) -> Person:
    return shared_anna


def crowd(*members: str) -> web.Response:
    """What the server says of a room with 20,000 more members, none of whom has a device."""
    users = [*members, *(f"@mensch{number}:localhost" for number in range(CROWD))]
    chunk = [
        {"type": "m.room.member", "state_key": user, "sender": user, "content": {"membership": "join"}}
        for user in users
    ]
    return web.Response(text=json.dumps({"chunk": chunk}), content_type="application/json")


class TestCrowd:
    async def test_encrypted_room_with_20_000_members_is_answered(
        self, account: Account, weather: Weather, anna: Person
    ) -> None:
        async with account.running() as bot:
            room = await anna.make_room(bot.user, encrypted=True)
            await anna.wait_until_in(room, bot.user)
            await anna.say(room, "!frage Was gilt?")
            heard = await bot.core.wait_for_text("/frage Was gilt?")
            weather.fits, weather.answer = (
                lambda request: request.path.endswith("/members"),
                lambda: crowd(anna.user, bot.user),
            )
            await bot.say(heard.place, "Das gilt.", key="1")
            answer = await anna.wait_for_text("Das gilt.", room=room)
        assert (answer["decrypted"], weather.struck) == (True, 1)

    async def test_plain_room_is_answered_without_asking_who_is_there(
        self, account: Account, weather: Weather, anna: Person
    ) -> None:
        async with account.running() as bot:
            room = await anna.make_room(bot.user)
            await anna.wait_until_in(room, bot.user)
            await bot.say(place(room), "Guten Tag.", key="1")
            await anna.wait_for_text("Guten Tag.", room=room)
        assert [path for path in weather.seen if "members" in path] == []


class TestComingAndGoing:
    async def test_newcomer_can_read_what_is_said_from_then_on(
        self, synapse: Synapse, account: Account, anna: Person
    ) -> None:
        async with account.running() as bot, person_on(synapse, "bernd") as bernd:
            room = await anna.make_room(bot.user, encrypted=True)
            await anna.wait_until_in(room, bot.user)
            await bot.say(place(room), "Vor Bernd", key="1")
            await anna.client.room_invite(room, bernd.user)
            await bernd.client.join(room)
            await bot.core.wait_for_kind(EventKind.JOINED)
            await bot.say(place(room), "Mit Bernd", key="2")
            assert (await bernd.wait_for_text("Mit Bernd", room=room))["decrypted"]

    async def test_who_has_left_cannot_read_on(self, synapse: Synapse, account: Account, anna: Person) -> None:
        async with account.running() as bot, person_on(synapse, "bernd") as bernd:
            room = await anna.make_room(bot.user, bernd.user, encrypted=True)
            await anna.wait_until_in(room, bot.user)
            await bernd.client.join(room)
            await bot.core.wait_for_kind(EventKind.JOINED)
            await bot.say(place(room), "Mit Bernd", key="1")
            await bernd.wait_for_text("Mit Bernd", room=room)
            sessions = {each.id for each in bernd.client.olm.inbound_group_store}
            await bernd.client.room_leave(room)
            await anna.say(room, "!frage Weiter?")
            await bot.core.wait_for_text("/frage Weiter?")
            await bot.say(place(room), "Ohne Bernd", key="2")
            assert (await anna.wait_for_text("Ohne Bernd", room=room))["decrypted"]
            await bernd.sync()
        assert {each.id for each in bernd.client.olm.inbound_group_store} == sessions


class TestUpkeep:
    async def test_used_one_time_keys_are_replaced(self, account: Account, weather: Weather, anna: Person) -> None:
        async with account.running() as bot:
            room = await anna.make_room(bot.user, direct=True, encrypted=True)
            await anna.wait_until_in(room, bot.user)
            await anna.say(room, "Verschlüsselt")
            await bot.core.wait_for_text("Verschlüsselt")
            await anna.say(room, "Noch einmal")
            await bot.core.wait_for_text("Noch einmal")
            uploads = [path for path in weather.seen if path.endswith("/keys/upload")]
        assert len(uploads) >= 2


class TestBrokenMessages:
    async def test_what_others_make_up_does_not_stop_the_bot(self, account: Account, anna: Person) -> None:
        async with account.running() as bot:
            room = await anna.make_room(bot.user, direct=True, encrypted=True)
            await anna.wait_until_in(room, bot.user)
            key = bot.adapter._vault.client.olm.account.identity_keys["curve25519"]
            for kind, body in ((0, "kein Base64 !"), (0, "AAAA"), (1, "AAAA"), (7, "x"), ("a", 5)):
                content = {
                    "algorithm": "m.olm.v1.curve25519-aes-sha2",
                    "sender_key": key,
                    "ciphertext": {key: {"type": kind, "body": body}},
                }
                await tell_device(anna, bot.user, "m.room.encrypted", content)
            await tell_device(anna, bot.user, "m.room_key_request", {"action": "request", "body": 5})
            plain = await anna.make_room(bot.user, direct=True)
            await anna.send(plain, {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "?"}, kind="m.room.encrypted")
            await anna.say(room, "Geht noch?")
            await bot.core.wait_for_text("Geht noch?")


async def tell_device(person: Person, user: str, kind: str, content: dict[str, Any]) -> None:
    """Send something to all devices of somebody."""
    await person.client.to_device(nio.ToDeviceMessage(kind, user, "*", content))
