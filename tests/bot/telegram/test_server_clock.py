"""How old a message is does not hang on our own clock."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from bot.telegram.server_clock import ServerClock
from knowledge.kit.clock import now
from tests.bot.telegram.conftest import running
from tests.telegram_server.server import TelegramServer
from tests.telegram_server.world import World

DAY = timedelta(days=1)
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def answer(date: str | None, status: int = 200) -> httpx.Response:
    return httpx.Response(status, headers={} if date is None else {"date": date})


class TestAClockThatIsOff:
    @pytest.mark.parametrize("off", [DAY, -DAY])
    async def test_a_message_of_this_moment_is_of_this_moment(
        self, telegram: TelegramServer, monkeypatch: pytest.MonkeyPatch, off: timedelta
    ) -> None:
        monkeypatch.setattr("bot.telegram.server_clock.now", lambda: now() + off)
        async with running(telegram) as bot:
            telegram.person("Anna").writes(None, "Was kostet das?")
            await telegram.until(lambda: bot.custody.kept)
        assert abs(now() + off - bot.custody.kept[0].sent_at) < timedelta(minutes=5)

    async def test_one_that_came_while_nobody_fetched_stays_as_old_as_it_is(
        self, telegram: TelegramServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bot.telegram.server_clock.now", lambda: now() + DAY)
        monkeypatch.setattr(World, "now", lambda _world: (now() - timedelta(hours=3)).timestamp())
        telegram.person("Anna").writes(None, "Was kostet das?")
        async with running(telegram) as bot:
            await telegram.until(lambda: bot.custody.kept)
        assert abs(now() + DAY - timedelta(hours=3) - bot.custody.kept[0].sent_at) < timedelta(minutes=5)


class TestServerClock:
    async def test_nothing_is_moved_for_seconds(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("bot.telegram.server_clock.now", lambda: NOON + timedelta(seconds=20))
        clock = ServerClock()
        await clock.note(answer("Tue, 03 Mar 2026 12:00:00 GMT"))
        assert clock.ours(NOON) == NOON

    async def test_our_clock_set_right_counts_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = ServerClock()
        for ours in (NOON + DAY, NOON):
            monkeypatch.setattr("bot.telegram.server_clock.now", lambda ours=ours: ours)
            await clock.note(answer("Tue, 03 Mar 2026 12:00:00 GMT"))
        assert clock.ours(NOON) == NOON

    @pytest.mark.parametrize(
        "date", [None, "", "yesterday", "Tue, 03 Mar 99999 12:00:00 GMT", "Tue, 03 Mar 2026 12:00:00"]
    )
    async def test_what_is_no_date_tells_nothing(self, date: str | None) -> None:
        clock = ServerClock()
        await clock.note(answer(date))
        assert clock.ours(NOON) == NOON

    async def test_a_refusal_by_whoever_stands_between_tells_nothing(self) -> None:
        clock = ServerClock()
        await clock.note(answer("Tue, 03 Mar 2015 12:00:00 GMT", status=502))
        assert clock.ours(NOON) == NOON
