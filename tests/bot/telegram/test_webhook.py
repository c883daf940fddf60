"""By webhook, Telegram calls the bot, and believes an update delivered only when it is in custody."""

import asyncio
import socket

import httpx
import pytest
from pydantic import SecretStr

from bot.telegram.errors import TelegramRefused
from knowledge.kit.settings import TelegramSettings
from tests.bot.telegram.conftest import Custody, quick_adapter, running, settings_for
from tests.ports import free_port
from tests.telegram_server.faults import Trouble
from tests.telegram_server.server import TelegramServer


@pytest.fixture
def hooked(telegram: TelegramServer) -> TelegramSettings:
    port = free_port()
    return settings_for(
        telegram,
        telegram_webhook_url=f"http://127.0.0.1:{port}/hier",
        telegram_webhook_port=port,
        telegram_webhook_secret=SecretStr("geheim-1"),
    )


class TestWebhook:
    async def test_update_is_delivered(self, telegram: TelegramServer, hooked: TelegramSettings) -> None:
        async with running(telegram, settings=hooked) as bot:
            telegram.person("Anna").writes(None, "Was kostet das?")
            await telegram.until(lambda: telegram.world.queue.acknowledged == 1)
            assert bot.custody.texts() == ["Was kostet das?"]
        assert telegram.called("getUpdates") == []
        assert set(telegram.webhook_statuses) == {200}

    async def test_what_was_not_taken_comes_again(self, telegram: TelegramServer, hooked: TelegramSettings) -> None:
        async with running(telegram, settings=hooked, custody=Custody(away=True)) as bot:
            telegram.person("Anna").writes(None, "Was kostet das?")
            await telegram.until(lambda: bot.custody.tries >= 2)
            assert telegram.world.queue.acknowledged == 0
            bot.custody.away = False
            await telegram.until(lambda: telegram.world.queue.acknowledged == 1)
            assert bot.custody.texts() == ["Was kostet das?"]
        assert 500 in telegram.webhook_statuses

    async def test_strangers_are_turned_away(self, telegram: TelegramServer, hooked: TelegramSettings) -> None:
        address = str(hooked.telegram_webhook_url)
        header = "X-Telegram-Bot-Api-Secret-Token"
        async with running(telegram, settings=hooked) as bot, httpx.AsyncClient() as stranger:
            answers = [
                await stranger.post(address, json={"update_id": 1}),
                await stranger.post(address, json={"update_id": 1}, headers={header: "geraten"}),
                await stranger.post(address, content=b"{", headers={header: "geheim-1"}),
                await stranger.post(address, json=[], headers={header: "geheim-1"}),
            ]
            assert [answer.status_code for answer in answers] == [403, 403, 400, 500]
            assert bot.custody.kept == []

    async def test_secret_is_made_up_where_none_is_set(
        self, telegram: TelegramServer, hooked: TelegramSettings
    ) -> None:
        settings = hooked.model_copy(update={"telegram_webhook_secret": None})
        async with running(telegram, settings=settings) as bot:
            assert len(telegram.world.queue.webhook_secret) > 30
            telegram.person("Anna").writes(None, "Was kostet das?")
            await telegram.until(lambda: bot.custody.kept)

    async def test_polling_afterwards_takes_the_webhook_back(
        self, telegram: TelegramServer, hooked: TelegramSettings
    ) -> None:
        async with running(telegram, settings=hooked):
            pass
        telegram.person("Anna").writes(None, "Noch da?")
        async with running(telegram) as bot:
            await telegram.until(lambda: bot.custody.kept)
        assert telegram.world.queue.webhook == ""

    async def test_registering_waits_for_the_network(self, telegram: TelegramServer, hooked: TelegramSettings) -> None:
        telegram.trouble(Trouble.CUT, "setWebhook", times=2)
        async with running(telegram, settings=hooked) as bot:
            telegram.person("Anna").writes(None, "Noch da?")
            await telegram.until(lambda: bot.custody.kept)
        assert [call.status for call in telegram.called("setWebhook")] == [0, 0, 200]


class TestRefused:
    async def refusal(self, telegram: TelegramServer, settings: TelegramSettings) -> str:
        adapter = quick_adapter(telegram, settings=settings)
        await adapter.start(None)
        try:
            with pytest.raises(TelegramRefused) as refusal:
                await adapter.receive(Custody().take, asyncio.Event())
        finally:
            await adapter.close()
        return refusal.value.message

    async def test_secret_with_signs_that_telegram_does_not_take(
        self, telegram: TelegramServer, hooked: TelegramSettings
    ) -> None:
        settings = hooked.model_copy(update={"telegram_webhook_secret": SecretStr("mit Leerzeichen")})
        assert "unallowed characters" in await self.refusal(telegram, settings)

    async def test_port_that_is_taken(self, telegram: TelegramServer, hooked: TelegramSettings) -> None:
        with socket.socket() as taken:
            taken.bind(("0.0.0.0", 0))
            taken.listen()
            settings = hooked.model_copy(update={"telegram_webhook_port": taken.getsockname()[1]})
            assert "ALLMENDE_TELEGRAM_WEBHOOK_PORT" in await self.refusal(telegram, settings)
