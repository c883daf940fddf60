"""Signing in: who the bot is, what an administrator reads when it does not work, and that no log knows the token."""

import asyncio
import logging

import pytest
import structlog
from pydantic import SecretStr

from bot.core.adapter import SendPostponed
from bot.telegram.errors import TelegramRefused
from knowledge.models.chat import Network
from tests.bot.telegram.conftest import Running, quick_adapter, running, settings_for
from tests.telegram_server.faults import Trouble
from tests.telegram_server.server import TelegramServer
from tests.telegram_server.world import Person

COMMANDS = {"de": [("frage", "Etwas fragen"), ("hilfe", "Hilfe")], "en": [("ask", "Ask something")]}


class TestSigningIn:
    async def test_bot_knows_its_name(self, telegram: TelegramServer) -> None:
        async with running(telegram) as bot:
            assert bot.adapter.account == "@allmende_bot"
            assert bot.adapter.network is Network.TELEGRAM
            assert not bot.adapter.hears_all

    @pytest.mark.parametrize("token", ["4200:revoked", "no token", "", "12:a\nb"])
    async def test_refused_token_says_what_to_do(self, telegram: TelegramServer, token: str) -> None:
        settings = settings_for(telegram, telegram_token=SecretStr(token))
        with pytest.raises(TelegramRefused, match="ALLMENDE_TELEGRAM_TOKEN") as refusal:
            await quick_adapter(telegram, settings=settings).start(None)
        assert not token or token not in f"{refusal.value.message} {refusal.value.detail}"

    async def test_no_token_at_all(self, telegram: TelegramServer) -> None:
        settings = settings_for(telegram, telegram_token=None)
        with pytest.raises(TelegramRefused, match="BotFather"):
            await quick_adapter(telegram, settings=settings).start(None)

    async def test_network_that_is_away_is_waited_for(self, telegram: TelegramServer) -> None:
        telegram.trouble(Trouble.CUT, "getMe", times=2)
        telegram.trouble(Trouble.NONSENSE, "getMe", status=502)
        telegram.fail("getMe", 500, "Internal Server Error")
        with structlog.testing.capture_logs() as logs:
            async with running(telegram) as bot:
                assert bot.adapter.account == "@allmende_bot"
        assert [log["event"] for log in logs].count("telegram_away") == 1

    async def test_address_may_end_with_a_slash(self, telegram: TelegramServer) -> None:
        async with running(telegram, settings=settings_for(telegram, telegram_api_url=f"{telegram.url}/")):
            assert telegram.refused == []

    async def test_closing_without_a_start(self, telegram: TelegramServer) -> None:
        await quick_adapter(telegram).close()


class TestMissingMethods:
    async def test_commands_are_offered_in_both_languages(self, telegram: TelegramServer) -> None:
        async with running(telegram) as bot:
            await bot.adapter.offer_commands(COMMANDS)
        assert telegram.world.commands == COMMANDS | {"": COMMANDS["de"]}

    async def test_what_no_menu_takes_is_left_out(self, telegram: TelegramServer) -> None:
        async with running(telegram) as bot:
            await bot.adapter.offer_commands({"de": [("löschen", "x"), ("frage", "y" * 300), ("leer", "")]})
        assert telegram.world.commands["de"] == [("frage", "y" * 256)]

    @pytest.mark.parametrize("method", ["setMyCommands", "deleteWebhook", "sendChatAction", "answerCallbackQuery"])
    async def test_server_without_a_method_serves_all_the_same(self, telegram: TelegramServer, method: str) -> None:
        telegram.faults.missing.add(method)
        anna = telegram.person("Anna")
        with structlog.testing.capture_logs() as logs:
            async with running(telegram) as bot:
                await bot.adapter.offer_commands(COMMANDS)
                anna.writes(None, "Was kostet das?")
                await telegram.until(lambda: bot.custody.kept)
                await bot.adapter.show_working(bot.custody.kept[0].place, on=True)
                await bot.say(anna.direct, "Eine Antwort.")
        assert anna.direct.said() == ["Eine Antwort."]
        said = [log for log in logs if log["event"] == "telegram_method_missing"]
        assert [log["method"] for log in said] == ([method] if method in ("setMyCommands", "deleteWebhook") else [])

    async def test_commands_wait_for_no_network(self, telegram: TelegramServer) -> None:
        async with running(telegram) as bot:
            telegram.trouble(Trouble.CUT, "setMyCommands")
            await bot.adapter.offer_commands(COMMANDS)
            await bot.adapter.offer_commands({})
        assert telegram.world.commands == {}


class TestSecrets:
    async def test_no_log_knows_the_token_or_the_texts(
        self, telegram: TelegramServer, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        secret = "Ein Geheimnis der Verwaltung"
        anna = telegram.person("Anna")
        with structlog.testing.capture_logs() as logs:
            async with running(telegram) as bot:
                bot.custody.away = True
                anna.writes(None, secret)
                telegram.world.tell("message", {"message_id": "x", "text": secret})
                await telegram.until(lambda: bot.custody.tries)
                bot.custody.away = False
                for trouble in (Trouble.CUT, Trouble.NONSENSE):
                    telegram.trouble(trouble)
                    telegram.trouble(trouble, "sendMessage", body=f'{{"{secret}"'.encode())
                    with pytest.raises(SendPostponed):
                        await asyncio.wait_for(self.say_until_it_fails(bot, anna, secret), 5)
                await telegram.until(lambda: bot.custody.kept)
        written = caplog.text + repr(logs)
        assert "telegram_updates_not_taken" in written
        assert telegram.token.partition(":")[2] not in written
        assert secret not in written

    async def say_until_it_fails(self, bot: Running, anna: Person, text: str) -> None:
        while True:
            await bot.say(anna.direct, text)
