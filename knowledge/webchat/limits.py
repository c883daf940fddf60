"""How much visitors may ask from one address: counted in memory, under a digest, so that nothing of it is kept."""

from dataclasses import dataclass, field
from datetime import timedelta
from weakref import WeakKeyDictionary

from knowledge.kit.database import Database
from knowledge.kit.language import _
from knowledge.kit.often import TooOften
from knowledge.members.limits import Allowance, limits_of

# A whole town hall may have one address.
TURNS, TURNS_WITHIN = 60, timedelta(minutes=1)
CONVERSATIONS, CONVERSATIONS_WITHIN = 60, timedelta(hours=1)


class TooManyVisits(TooOften):
    """Too much was asked from one address by people who are not signed in."""

    code = "webchat.too_many"

    def __init__(self, wait: timedelta) -> None:
        message = _("A lot is being asked from your address. Please wait a minute, or sign in.")
        super().__init__(message, wait=wait)


@dataclass(slots=True)
class VisitLimits:
    """The counts of one process."""

    turns: Allowance = field(default_factory=lambda: Allowance(TURNS, TURNS_WITHIN))
    conversations: Allowance = field(default_factory=lambda: Allowance(CONVERSATIONS, CONVERSATIONS_WITHIN))


_limits: WeakKeyDictionary[Database, VisitLimits] = WeakKeyDictionary()


def count_visit(database: Database, address: str, *, begins: bool) -> None:
    """Count what a visitor does from an address; ``begins``: a conversation. Raises ``TooManyVisits``."""
    limits, key = _limits.setdefault(database, VisitLimits()), limits_of(database).key_of(address)
    for allowance in (limits.turns, *([limits.conversations] if begins else [])):
        if not allowance.take(key):
            raise TooManyVisits(allowance.period)
