"""Messages are held back until Telegram's limits take them."""

import pytest

from bot.core.adapter import SendPostponed
from bot.telegram.pace import UNLIMITED, Limits, Pace, Rate


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def sent_at_once(pace: Pace, chats: list[int]) -> int:
    """Return how many messages go out before one is put off."""
    for count, chat in enumerate(chats):
        try:
            await pace.wait(chat)
        except SendPostponed:
            return count
    return len(chats)


class TestPace:
    async def test_short_burst_passes_then_one_a_second(self, clock: Clock) -> None:
        pace = Pace(longest_wait=0.0, clock=clock)
        assert await sent_at_once(pace, [7] * 10) == 3
        clock.now += 1.01
        assert await sent_at_once(pace, [7] * 10) == 1

    async def test_chats_do_not_wait_for_each_other(self, clock: Clock) -> None:
        pace = Pace(longest_wait=0.0, clock=clock)
        assert await sent_at_once(pace, [7, 7, 7, 7]) == 3
        assert await sent_at_once(pace, [8]) == 1

    async def test_all_together_send_thirty_a_second(self, clock: Clock) -> None:
        pace = Pace(longest_wait=0.0, clock=clock)
        assert await sent_at_once(pace, list(range(1, 100))) == 30
        clock.now += 0.5
        assert await sent_at_once(pace, list(range(100, 200))) == 15

    async def test_group_takes_twenty_a_minute(self, clock: Clock) -> None:
        pace = Pace(Limits(chat=None), longest_wait=0.0, clock=clock)
        assert await sent_at_once(pace, [-7] * 50) == 20
        clock.now += 30
        assert await sent_at_once(pace, [-7] * 50) == 10

    async def test_put_off_says_for_how_long(self, clock: Clock) -> None:
        pace = Pace(Limits(None, Rate(1, 60.0), None), clock=clock)
        await pace.wait(7)
        with pytest.raises(SendPostponed) as postponed:
            await pace.wait(7)
        assert postponed.value.seconds == pytest.approx(60)

    async def test_chat_that_telegram_holds(self, clock: Clock) -> None:
        pace = Pace(UNLIMITED, clock=clock)
        pace.hold(7, 17)
        assert await sent_at_once(pace, [7]) == 0
        assert await sent_at_once(pace, [8]) == 1
        clock.now += 17
        assert await sent_at_once(pace, [7]) == 1

    async def test_short_waits_are_waited(self) -> None:
        pace = Pace(Limits(None, Rate(1, 0.05), None))
        assert await sent_at_once(pace, [7] * 4) == 4

    async def test_lifted_limits(self, clock: Clock) -> None:
        assert await sent_at_once(Pace(UNLIMITED, clock=clock), [-7] * 500) == 500
