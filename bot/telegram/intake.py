"""How far the stream of updates was taken, and handing over what is in it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.core.adapter import Take
from bot.core.messages import Incoming
from knowledge.kit.clock import now

# Telegram numbers updates on from somewhere else after a week of silence; then an old number would hide new ones.
_NUMBERS_HOLD = 6 * 86400.0


@dataclass(slots=True)
class Position:
    """The number that the next update is asked for by, and when it was set; written as ``<number>@<seconds>``."""

    next_update: int | None = None
    set_at: float = 0.0

    @classmethod
    def read(cls, cursor: str | None) -> "Position":
        """Return the position that a cursor holds; something else than a cursor holds none."""
        number, _, seconds = (cursor or "").partition("@")
        if number.isdecimal() and seconds.isdecimal():
            return cls(int(number), float(seconds))
        return cls()

    @property
    def cursor(self) -> str | None:
        """The position as a cursor."""
        return None if self.next_update is None else f"{self.next_update}@{int(self.set_at)}"

    @property
    def offset(self) -> int | None:
        """What to ask Telegram with; nothing where the number is too old to be trusted.

        Asking without a number gives all that Telegram has not seen acknowledged; what was taken before does nothing.
        """
        is_fresh = now().timestamp() - self.set_at < _NUMBERS_HOLD
        return self.next_update if is_fresh else None

    def after(self, update: int) -> "Position":
        """Return the position behind an update."""
        is_behind = self.offset is not None and self.offset > update
        return Position(self.next_update if is_behind else update + 1, now().timestamp())


@dataclass(slots=True)
class Intake:
    """Hands events over, one batch at a time, and knows how far that went."""

    position: Position = field(default_factory=Position)
    take: Take | None = None
    _waiting: list[Incoming] = field(default_factory=list)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def hand_over(self, incomings: Sequence[Incoming], last_update: int | None = None) -> None:
        """Give events into custody together with the position behind ``last_update``; raises what taking raises.

        Nothing is written where nothing is for the bot: such updates may come again and will be nothing again.
        """
        async with self._lock:
            position = self.position if last_update is None else self.position.after(last_update)
            # The same event may be told in two ways at once: a newcomer by the group and to its administrators.
            events = list({event.event: event for event in [*self._waiting, *incomings]}.values())
            if self.take is None:
                self._waiting = events
                return
            if events:
                await self.take(events, position.cursor)
            self._waiting = []
            self.position = position
