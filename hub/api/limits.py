"""How often programs may ask: per token, and without one per address, told in the headers of every answer."""

import math
import time
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from knowledge.access.throttle import neighbourhood
from knowledge.kit.language import _
from knowledge.kit.often import TooOften


class TooManyRequests(TooOften):
    """Somebody asks more often than they may; ``retry_after`` says how many seconds to wait."""

    code = "api.too_many_requests"

    def __init__(self, retry_after: int) -> None:
        message = _("These were too many requests. Please wait {count} seconds.").format(count=retry_after)
        super().__init__(message, wait=timedelta(seconds=retry_after))


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left: of ``limit`` requests a minute ``remaining``, and in ``reset`` seconds there is more."""

    limit: int
    remaining: int
    reset: int
    is_spent: bool

    @property
    def headers(self) -> dict[str, str]:
        """The same, as the headers of an answer."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }


class Limits:
    """Counts requests in this process; each process of the hub counts for itself.

    Args:
        by_token: requests a minute with a token.
        by_address: requests a minute from one address without a token that works.
    """

    def __init__(self, *, by_token: int, by_address: int) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._by_token = RateLimitItemPerMinute(by_token)
        self._by_address = RateLimitItemPerMinute(by_address)

    def take_by_token(self, token: UUID) -> Allowance:
        """Count a request with a token."""
        return self._take(self._by_token, "token", token.hex)

    def take_by_address(self, address: str) -> Allowance:
        """Count a request without a token."""
        return self._take(self._by_address, "address", neighbourhood(address))

    def _take(self, item: RateLimitItemPerMinute, *key: str) -> Allowance:
        is_taken = self._limiter.hit(item, *key)
        stats = self._limiter.get_window_stats(item, *key)
        reset = max(1, math.ceil(stats.reset_time - time.time()))
        return Allowance(item.amount, max(0, stats.remaining), reset, not is_taken)
