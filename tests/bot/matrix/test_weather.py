"""A homeserver that is away, slow, talks nonsense or asks to wait."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web

from bot.core.adapter import SendPostponed, SendRefused
from bot.matrix import adapter as adapter_module
from knowledge.kit.errors import Unavailable
from knowledge.models.chat import ChatKind
from tests.bot.matrix.people import DEADLINE, Account, Bot, Person, account_on, place, until
from tests.bot.matrix.weather import Weather, weather_before
from tests.synapse import Synapse

pytestmark = pytest.mark.asyncio(loop_scope="session")


def is_sync(request: web.Request) -> bool:
    return request.path.endswith("/sync")


def is_sending(request: web.Request) -> bool:
    return "/send/m.room" in request.path


def limited() -> web.Response:
    return web.json_response({"errcode": "M_LIMIT_EXCEEDED", "error": "slow", "retry_after_ms": 1500}, status=429)


BAD_ANSWERS: dict[str, Callable[[], web.Response]] = {
    "proxy error": lambda: web.Response(status=502, text="<html>Bad Gateway</html>"),
    "no JSON": lambda: web.Response(text="<html>Wartungsarbeiten</html>"),
    "not UTF-8": lambda: web.Response(body=b"\xff\xfe\x00", content_type="application/json"),
    "another JSON": lambda: web.json_response(["?"]),
    "empty": lambda: web.json_response({}),
    "wrong kinds": lambda: web.json_response({"next_batch": 5, "rooms": {"join": [1]}, "to_device": "x"}),
    "deep": lambda: web.Response(text='{"rooms":' * 20000, content_type="application/json"),
    "server error": lambda: web.json_response({"errcode": "M_UNKNOWN", "error": "x"}, status=500),
    "limit": limited,
    "lost place": lambda: web.json_response({"errcode": "M_UNKNOWN", "error": "x"}, status=400),
}


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


async def chat_with(bot: Bot, anna: Person) -> str:
    room = await anna.make_room(bot.user, direct=True)
    await anna.wait_until_in(room, bot.user)
    await bot.core.wait_for(lambda incoming: incoming.place.chat == room)
    return room


class TestListening:
    async def test_bot_survives_every_bad_answer_and_hears_what_was_said_meanwhile(
        self, account: Account, weather: Weather, anna: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(adapter_module, "LONGEST_PAUSE", 0.05)
        async with account.running() as bot:
            room = await chat_with(bot, anna)
            weather.fits = is_sync
            for name, answer in BAD_ANSWERS.items():
                weather.answer, weather.struck = answer, 0
                await anna.say(room, f"Trotz {name}")
                await until(lambda: weather.struck > 0)
                weather.clear_up()
                weather.fits = is_sync
                await bot.core.wait_for_text(f"Trotz {name}")
        assert bot.core.texts() == [f"Trotz {name}" for name in BAD_ANSWERS]

    async def test_server_that_has_lost_our_place_for_good_is_read_from_where_it_is(
        self, account: Account, weather: Weather, anna: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(adapter_module, "LONGEST_PAUSE", 0.02)
        async with account.running() as bot:
            room = await chat_with(bot, anna)
            weather.fits = lambda request: is_sync(request) and "since" in request.query
            weather.answer = BAD_ANSWERS["lost place"]
            await anna.say(room, "Verloren")
            await until(lambda: weather.struck >= adapter_module.REFUSALS_TO_START_ANEW)
            weather.clear_up()
            # What is said before the bot has begun anew is history to it.
            async with asyncio.timeout(DEADLINE):
                while "Gefunden" not in bot.core.texts():
                    await anna.say(room, "Gefunden")
                    await asyncio.sleep(0.2)

    async def test_start_says_that_the_server_is_away(self, account: Account, weather: Weather) -> None:
        weather.answer = BAD_ANSWERS["proxy error"]
        bot = account.bot()
        with pytest.raises(Unavailable):
            await bot.adapter.start(None)
        weather.clear_up()
        await bot.run()
        await bot.end()


class TestSending:
    async def test_slow_room_does_not_hold_up_another(self, account: Account, weather: Weather, anna: Person) -> None:
        async with account.running() as bot:
            slow, quick = await chat_with(bot, anna), await chat_with(bot, anna)
            weather.fits, weather.seconds = (lambda request: is_sending(request) and slow in request.path), 1.0
            waiting = asyncio.create_task(bot.say(place(slow), "Langsam", key="1"))
            await bot.say(place(quick), "Schnell", key="2")
            assert not waiting.done()
            await waiting
            await anna.wait_for_text("Langsam", room=slow)

    async def test_server_that_asks_to_wait_postpones(self, account: Account, weather: Weather, anna: Person) -> None:
        async with account.running() as bot:
            room = await chat_with(bot, anna)
            weather.fits, weather.answer = is_sending, limited
            with pytest.raises(SendPostponed) as postponed:
                await bot.say(place(room, kind=ChatKind.DIRECT), "Hallo", key="1")
        assert postponed.value.seconds == 1.5

    @pytest.mark.parametrize("name", ["proxy error", "no JSON", "another JSON", "empty", "server error"])
    async def test_bad_answer_postpones_and_the_next_try_does_not_double(
        self, account: Account, weather: Weather, anna: Person, name: str
    ) -> None:
        async with account.running() as bot:
            room = await chat_with(bot, anna)
            weather.fits, weather.answer, weather.after_the_deed = is_sending, BAD_ANSWERS[name], True
            with pytest.raises(SendPostponed):
                await bot.say(place(room, kind=ChatKind.DIRECT), "Hallo", key="1")
            weather.clear_up()
            await bot.say(place(room, kind=ChatKind.DIRECT), "Hallo", key="1")
            await bot.say(place(room, kind=ChatKind.DIRECT), "Schluss", key="2")
            await anna.wait_for_text("Schluss", room=room)
        said = [each for each in anna.events if each["room_id"] == room and each["sender"] == bot.user]
        assert [each["content"]["body"] for each in said if "body" in each["content"]] == ["Hallo", "Schluss"]

    async def test_message_that_the_server_finds_wrong_is_refused_but_the_room_is_not_gone(
        self, account: Account, weather: Weather, anna: Person
    ) -> None:
        async with account.running() as bot:
            room = await chat_with(bot, anna)
            weather.fits = is_sending
            weather.answer = lambda: web.json_response({"errcode": "M_TOO_LARGE", "error": "x"}, status=413)
            with pytest.raises(SendRefused) as refused:
                await bot.say(place(room, kind=ChatKind.DIRECT), "Hallo", key="1")
        assert not refused.value.gone
