"""How often somebody may try: counted in memory, so that nothing of it is kept.

A restart forgets the counts; at 60 bits a code, that helps nobody guess.
"""

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from knowledge.kit.clock import now
from knowledge.kit.database import Database

# Wrong codes from one person, and mails to one person or address.
WRONG_CODES, WRONG_CODES_WITHIN = 5, timedelta(hours=1)
MAILS, MAILS_WITHIN = 3, timedelta(days=1)
# So many people at once are no people; the oldest counts are forgotten first.
MOST_COUNTED = 10_000


@dataclass(slots=True)
class Allowance:
    """``most`` times within ``period``, for each key of its own."""

    most: int
    period: timedelta
    _times: defaultdict[Hashable, list[datetime]] = field(default_factory=lambda: defaultdict(list))

    def is_left(self, key: Hashable) -> bool:
        """Whether ``key`` may try once more."""
        return len(self._recent(key)) < self.most

    def take(self, key: Hashable) -> bool:
        """Count a try of ``key``; returns whether it was still allowed (and counts only then)."""
        recent = self._recent(key)
        if len(recent) >= self.most:
            return False
        self._times.pop(key, None)
        self._times[key] = [*recent, now()]
        while len(self._times) > MOST_COUNTED:
            del self._times[next(iter(self._times))]
        return True

    def _recent(self, key: Hashable) -> list[datetime]:
        earliest = now() - self.period
        return [moment for moment in self._times.get(key, ()) if moment > earliest]


@dataclass(slots=True)
class Limits:
    """The counts of one process; addresses are counted under a digest with a salt that nobody keeps."""

    wrong_codes: Allowance = field(default_factory=lambda: Allowance(WRONG_CODES, WRONG_CODES_WITHIN))
    mails: Allowance = field(default_factory=lambda: Allowance(MAILS, MAILS_WITHIN))
    _salt: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def key_of(self, address: str) -> bytes:
        """Return what ``address`` is counted under."""
        return hashlib.blake2b(address.casefold().encode(), key=self._salt).digest()


_limits: WeakKeyDictionary[Database, Limits] = WeakKeyDictionary()


def limits_of(database: Database) -> Limits:
    """Return the counts of this process for the people of ``database``."""
    return _limits.setdefault(database, Limits())
