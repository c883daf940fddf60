"""Nothing is lost and nothing is doubled, whatever happens between two syncs; and history stays history."""

import asyncio
from collections.abc import Sequence

import pytest

from bot.core.messages import EventKind, Incoming
from bot.matrix.keeping import Notes
from knowledge.models.chat import ChatKind
from tests.bot.matrix.people import DEADLINE, Account, Bot, Core, Person, person_on, place, until
from tests.synapse import Synapse

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def bot(shared_bot: Bot) -> Bot:
    return shared_bot


@pytest.fixture
def anna(shared_anna: Person) -> Person:
    return shared_anna


class Killed(Exception):
    """The process ends here."""


async def kill(bot: Bot) -> None:
    """Let go of everything at once, as a kill does."""
    if bot.task is not None:
        bot.task.cancel()
        await asyncio.gather(bot.task, return_exceptions=True)
    await bot.adapter.close()


async def run_until_killed(account: Account) -> None:
    """Run until the next events are to be taken, and die before they are."""
    bot = account.bot()
    await bot.adapter.start(account.core.cursor)

    async def take(incomings: Sequence[Incoming], cursor: str | None) -> None:
        if any(incoming.kind is EventKind.MESSAGE for incoming in incomings):
            raise Killed
        await account.core.take(incomings, cursor)

    with pytest.raises(Killed):
        await asyncio.wait_for(bot.adapter.receive(take, bot.stop), 8)
    await kill(bot)


class TestOutage:
    @pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
    async def test_what_was_asked_meanwhile_is_heard_once(
        self, account: Account, anna: Person, encrypted: bool
    ) -> None:
        async with account.running() as bot:
            room = await anna.make_room(bot.user, direct=True, encrypted=encrypted)
            await anna.wait_until_in(room, bot.user)
            await anna.say(room, "Vorher")
            await bot.core.wait_for_text("Vorher")
        await anna.say(room, "Währenddessen")
        async with account.running() as bot:
            await anna.say(room, "Nachher")
            await bot.core.wait_for_text("Nachher")
        assert account.core.texts() == ["Vorher", "Währenddessen", "Nachher"]

    async def test_killed_before_taking_loses_neither_message_nor_key(self, account: Account, anna: Person) -> None:
        async with account.running() as bot:
            room = await anna.make_room(bot.user, direct=True, encrypted=True)
            await anna.wait_until_in(room, bot.user)
            await bot.core.wait_for_kind(EventKind.BOT_ADDED)
        # The first message of a room comes with its key.
        await anna.say(room, "Erste")
        await run_until_killed(account)
        async with account.running() as bot:
            await bot.core.wait_for_text("Erste")
            await anna.say(room, "Zweite")
            await bot.core.wait_for_text("Zweite")
        assert account.core.texts() == ["Erste", "Zweite"]

    async def test_long_gap_is_filled(self, account: Account, anna: Person) -> None:
        async with account.running() as bot:
            room = await anna.make_room(bot.user, direct=True)
            await anna.wait_until_in(room, bot.user)
            await bot.core.wait_for_kind(EventKind.BOT_ADDED)
        texts = [f"Frage {number}" for number in range(120)]
        for text in texts:
            await anna.client.room_send(room, "m.room.message", {"msgtype": "m.text", "body": text})
        async with account.running() as bot:
            await bot.core.wait_for_text(texts[-1])
        assert account.core.texts() == texts


class TestHistory:
    async def test_new_installation_answers_nothing_old(self, account: Account, anna: Person) -> None:
        async with account.running() as bot:
            room = await anna.make_room(bot.user, direct=True)
            await anna.wait_until_in(room, bot.user)
        await anna.say(room, "Alt")
        again = Account(account.settings, account.folder, Core())
        async with again.running() as bot:
            await anna.say(room, "Neu")
            await bot.core.wait_for_text("Neu")
        assert again.core.texts() == ["Neu"]

    async def test_what_was_said_before_the_invitation_is_not_answered(self, bot: Bot, anna: Person) -> None:
        room = await anna.make_room()
        await anna.say(room, f"{bot.user} alt")
        await anna.client.room_invite(room, bot.user)
        await anna.wait_until_in(room, bot.user)
        await anna.say(room, f"{bot.user} neu")
        await bot.core.wait_for_text("neu")
        assert bot.core.texts() == ["neu"]

    async def test_what_was_said_between_invitation_and_joining_is_answered(self, bot: Bot, anna: Person) -> None:
        room = await anna.make_room(bot.user, direct=True)
        await anna.say(room, "Gleich gefragt")
        assert (await bot.core.wait_for_text("Gleich gefragt")).place.kind is ChatKind.DIRECT


class TestLocked:
    async def lock_out(self, anna: Person, room: str) -> str:
        """Say something whose key the bot is not given, and return the event."""
        anna.client.olm.create_outbound_group_session(room)
        session = anna.client.olm.outbound_group_sessions[room]
        session.shared = True
        return await anna.say(room, "Verschlossen")

    async def give_key(self, anna: Person, room: str, bot: str) -> None:
        """Answer the bot's request for the key, as current clients do."""
        olm = anna.client.olm
        outbound = olm.outbound_group_sessions[room]
        inbound = olm.inbound_group_store.get(room, olm.account.identity_keys["curve25519"], outbound.id)
        (device,) = olm.device_store.active_user_devices(bot)
        session = olm.session_store.get(device.curve25519)
        olm.outgoing_to_device_messages.append(olm._encrypt_forwarding_key(room, inbound, session, device))
        await anna.sync()

    async def prepare(self, bot: Bot, anna: Person) -> str:
        room = await anna.make_room(bot.user, direct=True, encrypted=True)
        await anna.wait_until_in(room, bot.user)
        await anna.say(room, "Offen")
        await bot.core.wait_for_text("Offen")
        return room

    async def test_key_is_asked_for_and_the_message_read_when_it_comes(self, bot: Bot, anna: Person) -> None:
        room = await self.prepare(bot, anna)
        await self.lock_out(anna, room)
        async with asyncio.timeout(DEADLINE):
            while not anna.asked_for_keys:
                await anna.sync(wait=200)
        await self.give_key(anna, room, bot.user)
        heard = await bot.core.wait_for_text("Verschlossen")
        assert heard.kind is EventKind.MESSAGE

    async def test_message_whose_key_never_comes_is_handed_over_as_unreadable(
        self, account: Account, anna: Person
    ) -> None:
        async with account.running(patience=0.5) as bot:
            room = await self.prepare(bot, anna)
            event = await self.lock_out(anna, room)
            heard = await bot.core.wait_for_kind(EventKind.UNREADABLE)
        assert (heard.event, heard.place) == (event, place(room, kind=ChatKind.DIRECT))

    async def test_group_is_told_once_not_for_each_of_its_messages(self, account: Account, anna: Person) -> None:
        async with account.running(patience=1.5) as bot:
            room = await anna.make_room(bot.user, encrypted=True)
            await anna.wait_until_in(room, bot.user)
            notes = Notes(account.folder / "unfinished.db")
            await self.lock_out(anna, room)
            await bot.core.wait_for_kind(EventKind.UNREADABLE)
            await anna.say(room, "Auch verschlossen")
            await until(lambda: bool(notes.locked()))
            await until(lambda: not notes.locked())
            notes.close()
        assert [incoming.kind for incoming in bot.core.incomings].count(EventKind.UNREADABLE) == 1

    async def test_wait_for_a_key_survives_a_restart(self, account: Account, anna: Person) -> None:
        async with account.running() as bot:
            room = await self.prepare(bot, anna)
            notes = Notes(account.folder / "unfinished.db")
            await self.lock_out(anna, room)
            await until(lambda: bool(notes.locked()))
        notes.close()
        async with account.running() as bot:
            await self.give_key(anna, room, bot.user)
            await bot.core.wait_for_text("Verschlossen")
        assert account.core.texts() == ["Offen", "Verschlossen"]


class TestServerRestart:
    async def test_bot_goes_on_when_the_server_is_back(self, synapse: Synapse, account: Account) -> None:
        async with account.running() as bot, person_on(synapse) as anna:
            room = await anna.make_room(bot.user, direct=True, encrypted=True)
            await anna.wait_until_in(room, bot.user)
            synapse.stop()
            synapse.start()
            await anna.say(room, "Wieder da?")
            heard = await bot.core.wait_for_text("Wieder da?")
            await bot.say(heard.place, "Ja.", key="1")
            assert (await anna.wait_for_text("Ja."))["decrypted"]
