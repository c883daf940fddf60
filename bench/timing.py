"""Taking times: in milliseconds, one client, warm."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from statistics import median

from bench.figures import percentile

# Asked before the clock runs, so that files, caches and code are warm.
WARM_UP = 30


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds of one call after the other, and of processor time that all threads took for one on average."""

    values: list[float]
    processor: float = 0.0

    @property
    def middle(self) -> float:
        """Half of the calls were faster."""
        return median(self.values)

    @property
    def slow(self) -> float:
        """95 of 100 calls were faster."""
        return percentile(self.values, 0.95)


async def take_times(call: Callable[[str], Awaitable[object]], texts: Sequence[str], *, rounds: int = 1) -> Timings:
    """Call with each text in turn, ``rounds`` times over, after a warm-up."""
    for text in texts[:WARM_UP]:
        await call(text)
    values, spent = [], time.process_time()
    for text in [*texts] * rounds:
        began = time.perf_counter()
        await call(text)
        values.append((time.perf_counter() - began) * 1000)
    return Timings(values, (time.process_time() - spent) * 1000 / max(len(values), 1))
