"""How long to wait for a network that is away: a little longer each time."""

import asyncio
from dataclasses import dataclass
from random import uniform


@dataclass(slots=True)
class Pauses:
    """Pauses that double from ``first`` to ``longest`` seconds until something works again."""

    first: float = 0.5
    longest: float = 60.0
    _next: float = 0.0

    async def rest(self, stop: asyncio.Event | None = None, *, at_least: float = 0.0) -> None:
        """Wait for the next pause, or until ``stop`` is set."""
        self._next = min(max(self._next * 2, self.first), self.longest)
        # Not all bots of a network that comes back should ask at the same moment.
        seconds = max(self._next * uniform(0.8, 1.2), at_least)  # noqa: S311 - chance, not secrecy
        if stop is None:
            await asyncio.sleep(seconds)
            return
        try:
            await asyncio.wait_for(stop.wait(), seconds)
        except TimeoutError:
            return

    @property
    def is_first(self) -> bool:
        """Whether nothing was waited for yet: what is logged once asks this."""
        return self._next == 0.0

    def over(self) -> None:
        """Begin with the first pause again."""
        self._next = 0.0
