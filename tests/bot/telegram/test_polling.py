"""Updates are fetched, acknowledged when they are in custody and not before, and whatever happens fetching goes on."""

import asyncio
import time

import httpx
import structlog

from bot.core.messages import EventKind
from bot.telegram.intake import Position
from knowledge.kit.clock import now
from tests.bot.telegram.conftest import Custody, Running, running
from tests.telegram_server.faults import Trouble
from tests.telegram_server.server import TelegramServer


class TestAcknowledging:
    async def test_update_is_acknowledged_when_it_was_taken(self, telegram: TelegramServer, bot: Running) -> None:
        telegram.person("Anna").writes(None, "Was kostet das?")
        await telegram.until(lambda: telegram.world.queue.acknowledged == 1)
        assert bot.custody.texts() == ["Was kostet das?"]

    async def test_what_could_not_be_taken_stays_with_telegram(self, telegram: TelegramServer, bot: Running) -> None:
        bot.custody.away = True
        telegram.person("Anna").writes(None, "Was kostet das?")
        await telegram.until(lambda: bot.custody.tries >= 3)
        assert telegram.world.queue.acknowledged == 0
        bot.custody.away = False
        await telegram.until(lambda: telegram.world.queue.acknowledged == 1)
        assert bot.custody.texts() == ["Was kostet das?"]

    async def test_wish_for_kinds_of_updates_is_told(self, telegram: TelegramServer, bot: Running) -> None:
        await telegram.until(lambda: telegram.world.queue.allowed)
        assert telegram.world.queue.allowed == {
            "message", "edited_message", "callback_query", "my_chat_member", "chat_member",
        }  # fmt: skip

    async def test_order_is_kept(self, telegram: TelegramServer, bot: Running) -> None:
        anna = telegram.person("Anna")
        for number in range(250):
            anna.writes(None, f"Frage {number}")
        await telegram.until(lambda: len(bot.custody.kept) == 250)
        assert bot.custody.texts() == [f"Frage {number}" for number in range(250)]


class TestRestarting:
    async def test_what_came_meanwhile_is_fetched_and_nothing_twice(self, telegram: TelegramServer) -> None:
        anna, custody = telegram.person("Anna"), Custody()
        async with running(telegram, custody=custody):
            anna.writes(None, "vorher")
            await telegram.until(lambda: custody.kept)
        anna.writes(None, "währenddessen")
        async with running(telegram, custody=custody, cursor=custody.cursors[-1]):
            await telegram.until(lambda: len(custody.kept) == 2)
        assert custody.texts() == ["vorher", "währenddessen"]

    async def test_stopping_does_not_wait_for_telegram(self, telegram: TelegramServer) -> None:
        async with running(telegram, poll_seconds=50):
            await asyncio.sleep(0.05)
            began = time.monotonic()
        assert time.monotonic() - began < 5

    def test_number_of_long_ago_is_not_trusted(self) -> None:
        """Telegram goes on counting from somewhere else after a week of silence."""
        today = int(now().timestamp())
        assert Position.read(f"17@{today - 3600}").offset == 17
        assert Position.read(f"17@{today - 7 * 86400}").offset is None
        assert Position.read(f"17@{today - 7 * 86400}").after(5).next_update == 6

    def test_strange_cursor_is_none(self) -> None:
        assert [Position.read(cursor).offset for cursor in (None, "", "s72594_4483", "@", "5@x")] == [None] * 5

    def test_position_never_goes_back(self) -> None:
        position = Position.read(f"17@{int(now().timestamp())}")
        assert position.after(11).next_update == 17
        assert position.after(20).next_update == 21


class TestTrouble:
    async def test_cut_network_is_waited_for(self, telegram: TelegramServer, bot: Running) -> None:
        with structlog.testing.capture_logs() as logs:
            telegram.cut_network()
            telegram.person("Anna").writes(None, "Noch da?")
            await telegram.until(lambda: len([call for call in telegram.calls if call.status == 0]) >= 3)
            telegram.mend_network()
            await telegram.until(lambda: bot.custody.kept)
        assert [log["event"] for log in logs] == ["telegram_away", "telegram_back"]

    async def test_nonsense_is_waited_for(self, telegram: TelegramServer, bot: Running) -> None:
        for body in (b"<html>", b"[]", b'{"ok": true}', b'{"ok": true, "result": 7}', b"\xff\xfe", b'{"ok": false}'):
            telegram.trouble(Trouble.NONSENSE, "getUpdates", body=body)
        telegram.trouble(Trouble.NONSENSE, "getUpdates", body=b'{"ok": true, "result": [1, {"message": 3}]}')
        telegram.fail("getUpdates", 502, "Bad Gateway")
        telegram.person("Anna").writes(None, "Noch da?")
        await telegram.until(lambda: telegram.world.queue.acknowledged == 1)
        assert bot.custody.texts() == ["Noch da?"]

    async def test_strange_update_spoils_no_other(self, telegram: TelegramServer, bot: Running) -> None:
        telegram.world.tell("message", {"message_id": "x", "date": "tomorrow", "chat": 7})
        telegram.world.tell("callback_query", {"id": 1})
        telegram.world.tell("message", {"message_id": 1, "date": 10**18, "chat": {"id": 1, "type": "private"}})
        telegram.person("Anna").writes(None, "Noch da?")
        await telegram.until(lambda: telegram.world.queue.acknowledged == 4)
        assert bot.custody.texts() == ["Noch da?"]

    async def test_second_process_is_named_in_the_log(self, telegram: TelegramServer, bot: Running) -> None:
        await telegram.until(lambda: telegram.world.queue.allowed)
        with structlog.testing.capture_logs() as logs:
            async with httpx.AsyncClient() as other:
                await other.post(f"{telegram.url}/bot{telegram.token}/getUpdates", data={"timeout": 0})
            await telegram.until(lambda: [log for log in logs if log["event"] == "telegram_other_process"])
            telegram.person("Anna").writes(None, "Noch da?")
            await telegram.until(lambda: bot.custody.kept)
        said = next(log for log in logs if log["event"] == "telegram_other_process")
        assert said["log_level"] == "error"
        assert "can run only once" in said["what_to_do"]

    async def test_expired_token_is_named_once_and_may_come_back(self, telegram: TelegramServer, bot: Running) -> None:
        token, telegram.token = telegram.token, "4200:another"
        with structlog.testing.capture_logs() as logs:
            telegram.cut_network()
            telegram.mend_network()
            await telegram.until(lambda: len([call for call in telegram.calls if call.status == 401]) >= 3)
            telegram.token = token
            telegram.person("Anna").writes(None, "Noch da?")
            await telegram.until(lambda: bot.custody.kept)
        refusals = [log for log in logs if log["event"] == "telegram_token_refused"]
        assert len(refusals) == 1
        assert "ALLMENDE_TELEGRAM_TOKEN" in refusals[0]["what_to_do"]

    async def test_clock_that_is_wrong_loses_nothing(self, telegram: TelegramServer, bot: Running) -> None:
        anna = telegram.person("Anna")
        for days in (400, -400, 0):
            telegram.world.ahead = days * 86400.0
            anna.writes(None, f"Wie spät ist es, {days}?")
        await telegram.until(lambda: telegram.world.queue.acknowledged == 3)
        assert len(bot.custody.texts()) == 3

    async def test_slow_server_is_waited_for(self, telegram: TelegramServer, bot: Running) -> None:
        telegram.trouble(Trouble.SLOW, "getUpdates", seconds=0.3)
        telegram.person("Anna").writes(None, "Noch da?")
        await telegram.until(lambda: bot.custody.texts(EventKind.MESSAGE) == ["Noch da?"])
