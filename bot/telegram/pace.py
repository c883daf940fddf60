"""Telegram's limits for sending, kept before Telegram has to say so."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.core.adapter import SendPostponed
from knowledge.kit.language import _

# Chats whose pace is remembered; the ones that were written to longest ago are forgotten first.
_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """So many messages in so many seconds; all of them may come at once."""

    messages: int
    seconds: float


@dataclass(slots=True)
class _Meter:
    """When the next message fits a rate: each takes its share of the time, and the rate's time may be run ahead."""

    rate: Rate
    used_until: float = 0.0

    def ready_at(self, now: float) -> float:
        share = self.rate.seconds / self.rate.messages
        return max(now, self.used_until + share - self.rate.seconds)

    def take(self, at: float) -> None:
        self.used_until = max(self.used_until, at) + self.rate.seconds / self.rate.messages


@dataclass(frozen=True, slots=True)
class Limits:
    """What Telegram's FAQ asks of bots; ``None`` is no limit.

    Three in three seconds lets short bursts pass, as Telegram does.
    """

    overall: Rate | None = Rate(30, 1.0)
    chat: Rate | None = Rate(3, 3.0)
    group: Rate | None = Rate(20, 60.0)


UNLIMITED = Limits(None, None, None)


def _loop_time() -> float:
    return asyncio.get_running_loop().time()


@dataclass(slots=True)
class Pace:
    """Holds messages back until they fit.

    Waits of more than ``longest_wait`` seconds are handed back as ``SendPostponed``, so that stopping takes no longer.
    """

    limits: Limits = field(default_factory=Limits)
    longest_wait: float = 5.0
    clock: Callable[[], float] = _loop_time
    _overall: _Meter | None = None
    _meters: "OrderedDict[tuple[int, bool], _Meter]" = field(default_factory=OrderedDict)
    _held: dict[int, float] = field(default_factory=dict)

    async def wait(self, chat: int) -> None:
        """Return when a message to ``chat`` may go out; raises ``SendPostponed`` where that takes too long."""
        now = self.clock()
        meters = self._meters_of(chat)
        ready = max([self._held_until(chat, now), *(meter.ready_at(now) for meter in meters)])
        if ready - now > self.longest_wait:
            raise SendPostponed(_("Telegram asks to write more slowly."), seconds=ready - now)
        # Taken before waiting: whoever comes meanwhile queues up behind.
        for meter in meters:
            meter.take(ready)
        if ready > now:
            await asyncio.sleep(ready - now)

    def hold(self, chat: int, seconds: float) -> None:
        """Send nothing to ``chat`` for some seconds: Telegram said so."""
        self._held[chat] = self.clock() + seconds

    def _held_until(self, chat: int, now: float) -> float:
        until = self._held.get(chat, now)
        if until <= now:
            self._held.pop(chat, None)
        return max(until, now)

    def _meters_of(self, chat: int) -> list[_Meter]:
        found: list[_Meter] = []
        if self.limits.overall is not None:
            self._overall = self._overall or _Meter(self.limits.overall)
            found.append(self._overall)
        if self.limits.chat is not None:
            found.append(self._meter((chat, False), self.limits.chat))
        # Groups have negative numbers.
        if chat < 0 and self.limits.group is not None:
            found.append(self._meter((chat, True), self.limits.group))
        return found

    def _meter(self, key: tuple[int, bool], rate: Rate) -> _Meter:
        meter = self._meters.setdefault(key, _Meter(rate))
        self._meters.move_to_end(key)
        while len(self._meters) > _REMEMBERED:
            self._meters.popitem(last=False)
        return meter
