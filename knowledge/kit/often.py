"""What may be done only so often: when there is room again."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from knowledge.kit.clock import now
from knowledge.kit.errors import AllmendeError

HOUR = timedelta(hours=1)


class TooOften(AllmendeError):
    """Somebody did something more often than they may; ``retry_after`` says how many seconds to wait.

    Args:
        message: what is too much, and what to do.
        wait: how long; an hour where it does not depend on time alone, such as on somebody's own open questions.
    """

    status = 429
    code = "too_often"

    def __init__(self, message: str, *, wait: timedelta = HOUR) -> None:
        super().__init__(message)
        self.retry_after = max(1, math.ceil(wait.total_seconds()))


def room_in(moments: Sequence[datetime], period: timedelta, most: int) -> timedelta:
    """Return after how long fewer than ``most`` of some moments lie within a period before the present one."""
    if len(moments) < most:
        return timedelta()
    return max(timedelta(), sorted(moments)[len(moments) - most] + period - now())


def room_for_house_in(moments: Sequence[datetime], period: timedelta, most: int) -> timedelta:
    """Return the same for what colleagues did: in whole hours, so that it does not tell when one of them did it."""
    return math.ceil(room_in(moments, period, most) / HOUR) * HOUR
