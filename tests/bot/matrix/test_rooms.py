"""Coming into rooms, going with them, and leaving them."""

from pathlib import Path

import httpx
import pytest

from bot.core.messages import EventKind
from bot.core.messages import Person as Sender
from bot.matrix.rooms import allowed_servers
from knowledge.models.chat import ChatKind, Network
from tests.bot.matrix.people import Bot, Person, account_on, person_on, place
from tests.synapse import Synapse

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def bot(shared_bot: Bot) -> Bot:
    return shared_bot


@pytest.fixture
def anna(shared_anna: Person) -> Person:
    return shared_anna


async def upgrade(anna: Person, room: str) -> str:
    """Upgrade a room as current clients do, and return the room that it goes on in."""
    address = f"{anna.client.homeserver}/_matrix/client/v3/rooms/{room}/upgrade"
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {anna.client.access_token}"}) as http:
        return str((await http.post(address, json={"new_version": "11"})).json()["replacement_room"])


class TestInvitation:
    async def test_bot_tells_who_added_it(self, bot: Bot, anna: Person) -> None:
        room = await anna.make_room(bot.user)
        added = await bot.core.wait_for_kind(EventKind.BOT_ADDED)
        assert (added.sender.address, added.place, added.people) == (anna.user, place(room), 2)

    async def test_other_servers_invitations_are_turned_down(
        self, synapse: Synapse, anna: Person, tmp_path: Path
    ) -> None:
        account = account_on(synapse, tmp_path, matrix_allowed_servers="verwaltung.example")
        async with account.running() as bot:
            room = await anna.make_room(bot.user)
            left = await anna.wait_for(
                lambda event: (
                    event["room_id"] == room
                    and event["type"] == "m.room.member"
                    and event["content"]["membership"] == "leave"
                )
            )
        assert left["state_key"] == bot.user
        assert bot.core.incomings == []


class TestDirectChat:
    async def test_third_person_makes_it_a_group(self, synapse: Synapse, bot: Bot, anna: Person) -> None:
        room = await anna.make_room(bot.user, direct=True)
        await anna.say(room, "Unter uns")
        assert (await bot.core.wait_for_text("Unter uns")).place.kind is ChatKind.DIRECT
        async with person_on(synapse, "bernd") as bernd:
            await anna.client.room_invite(room, bernd.user)
            await anna.say(room, "!frage Zu dritt")
            assert (await bot.core.wait_for_text("/frage Zu dritt")).place.kind is ChatKind.GROUP

    async def test_bot_makes_an_encrypted_one_and_finds_it_again(self, synapse: Synapse, bot: Bot) -> None:
        async with person_on(synapse, "bernd") as bernd:
            chat = await bot.adapter.direct_chat(Sender(Network.MATRIX, bernd.user))
            assert chat is not None
            # Said before he accepts, and yet for him to read.
            await bot.say(place(chat, kind=ChatKind.DIRECT), "Etwas Neues", key="news")
            await bernd.client.join(chat)
            said = await bernd.wait_for_text("Etwas Neues")
            assert (said["decrypted"], said["content"]["msgtype"]) == (True, "m.text")
            assert await bot.adapter.direct_chat(Sender(Network.MATRIX, bernd.user)) == chat

    async def test_nobody_can_be_written_to_without_an_address(self, bot: Bot) -> None:
        assert await bot.adapter.direct_chat(Sender(Network.MATRIX, "bernd")) is None
        assert bot.adapter.direct_link("word") is None


class TestGoing:
    async def test_thrown_out_bot_tells(self, bot: Bot, anna: Person) -> None:
        room = await anna.make_room(bot.user)
        await anna.wait_until_in(room, bot.user)
        await bot.core.wait_for_kind(EventKind.BOT_ADDED)
        await anna.client.room_kick(room, bot.user)
        removed = await bot.core.wait_for_kind(EventKind.BOT_REMOVED)
        assert (removed.sender.address, removed.place.chat) == (anna.user, room)

    async def test_bot_leaves_a_room_that_all_others_left(self, bot: Bot, anna: Person) -> None:
        room = await anna.make_room(bot.user)
        await anna.wait_until_in(room, bot.user)
        await bot.core.wait_for_kind(EventKind.BOT_ADDED)
        await anna.client.room_leave(room)
        removed = await bot.core.wait_for_kind(EventKind.BOT_REMOVED)
        assert removed.place.chat == room

    async def test_bot_follows_a_room_that_was_upgraded(self, bot: Bot, anna: Person) -> None:
        room = await anna.make_room(bot.user, room_version="10")
        await anna.wait_until_in(room, bot.user)
        await bot.core.wait_for_kind(EventKind.BOT_ADDED)
        bot.core.incomings.clear()
        successor = await upgrade(anna, room)
        await anna.client.room_invite(successor, bot.user)
        moved = await bot.core.wait_for_kind(EventKind.MOVED)
        assert (moved.place.chat, moved.moved_to) == (room, successor)
        await anna.wait_until_in(successor, bot.user)
        await anna.say(successor, "!frage Und hier?")
        heard = await bot.core.wait_for_text("/frage Und hier?")
        assert heard.place.chat == successor
        assert EventKind.BOT_ADDED not in {each.kind for each in bot.core.incomings}

    async def test_room_that_only_claims_to_be_the_successor_is_not(self, bot: Bot, anna: Person) -> None:
        room = await anna.make_room(bot.user)
        await anna.wait_until_in(room, bot.user)
        await bot.core.wait_for_kind(EventKind.BOT_ADDED)
        bot.core.incomings.clear()
        other = await anna.make_room()
        await anna.client.room_invite(other, bot.user)
        await anna.client.room_put_state(room, "m.room.tombstone", {"body": "weiter", "replacement_room": other})
        await anna.wait_until_in(other, bot.user)
        await bot.core.wait_for(lambda incoming: incoming.place.chat == other)
        assert {each.kind for each in bot.core.incomings if each.kind is not EventKind.JOINED} == {EventKind.BOT_ADDED}


class TestAllowedServers:
    @pytest.mark.parametrize(
        ("setting", "allowed"),
        [
            (None, {"hier.example"}),
            ("A.example, b.example,", {"a.example", "b.example"}),
            ("*", {"*"}),
        ],
    )
    async def test_own_server_unless_named(self, setting: str | None, allowed: set[str]) -> None:
        assert allowed_servers(setting, "@bot:hier.example") == allowed
