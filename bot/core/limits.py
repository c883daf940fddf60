"""Fair use: how much one person and one group may ask in a minute, in memory only."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

MINUTE = 60.0
# Buckets that are full again say nothing; they are thrown away when there are so many.
MANY = 10_000


class Verdict(Enum):
    """Whether something is taken; the first refusal in a minute is told, further ones are not."""

    TAKEN = "taken"
    REFUSED = "refused"
    IGNORED = "ignored"


@dataclass(slots=True)
class _Bucket:
    left: float
    filled_at: float
    told_at: float | None = None


class FairUse:
    """A bucket of tokens for each person and each group; it fills up again within a minute.

    Args:
        person_limit: how much one person may ask in a minute.
        group_limit: how much may be asked in one group in a minute.
        clock: seconds that only go forward.
    """

    def __init__(self, person_limit: int, group_limit: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._person_limit, self._group_limit, self._clock = person_limit, group_limit, clock
        self._buckets: dict[str, _Bucket] = {}

    def check(self, person: str, group: str | None) -> Verdict:
        """Count something that ``person`` asks, in ``group`` or in a direct chat."""
        wanted = [(f"person {person}", self._person_limit)]
        if group is not None:
            wanted.append((f"group {group}", self._group_limit))
        moment = self._clock()
        buckets = [self._bucket(key, limit, moment) for key, limit in wanted]
        empty = next((bucket for bucket in buckets if bucket.left < 1), None)
        if empty is None:
            for bucket in buckets:
                bucket.left -= 1
            return Verdict.TAKEN
        if empty.told_at is not None and moment - empty.told_at < MINUTE:
            return Verdict.IGNORED
        empty.told_at = moment
        return Verdict.REFUSED

    def _bucket(self, key: str, limit: int, moment: float) -> _Bucket:
        if len(self._buckets) > MANY:
            self._buckets = {name: one for name, one in self._buckets.items() if moment - one.filled_at < MINUTE}
        bucket = self._buckets.setdefault(key, _Bucket(limit, moment))
        bucket.left = min(limit, bucket.left + (moment - bucket.filled_at) * limit / MINUTE)
        bucket.filled_at = moment
        return bucket
