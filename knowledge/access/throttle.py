"""Guessing becomes slow: after some tries in vain the next ones wait, twice as long each time, but never for good."""

from datetime import timedelta
from ipaddress import ip_address, ip_network

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.keys import AccessKey
from knowledge.access.repository import AttemptRepository
from knowledge.kit.clock import now
from knowledge.kit.language import _, ngettext
from knowledge.kit.often import TooOften

# Tries in vain without waiting, for one name and from one address (behind which a whole town hall may sit).
FREE_BY_NAME, FREE_BY_ADDRESS = 5, 30
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(days=1)


class TooManyAttempts(TooOften):
    """Somebody has to wait before they try again; ``retry_after`` says how many seconds."""

    code = "access.too_many_attempts"

    def __init__(self, wait: timedelta) -> None:
        seconds = max(1, int(wait.total_seconds()) + 1)
        minutes = -(-seconds // 60)
        text = ngettext(
            "These were too many tries in vain. Please wait {count} minute.",
            "These were too many tries in vain. Please wait {count} minutes.",
            minutes,
        )
        soon = _("These were too many tries in vain. Please wait {count} seconds.").format(count=seconds)
        super().__init__(soon if seconds < 60 else text.format(count=minutes), wait=timedelta(seconds=seconds))


class Throttle:
    """Counts what is tried, within the caller's transaction, which has to be committed also where the try failed.

    Args:
        session: that transaction.
        key: makes digests of names and addresses, which are not kept.
        purpose: what is tried, where it is counted apart from signing in.
    """

    def __init__(self, session: AsyncSession, key: AccessKey, *, purpose: str = "") -> None:
        self._repository = AttemptRepository(session)
        self._key = key
        self._purpose = purpose

    async def take(self, *, address: str, name: str | None = None) -> None:
        """Count a try before it is looked at. Raises ``TooManyAttempts`` where it has to wait."""
        moment, limits = now(), self._limits(address, name)
        known = await self._repository.of(list(limits))
        counts = {key: row.count for key in limits if (row := known.get(key)) and moment - row.since < FORGOTTEN_AFTER}
        waits = [known[key].since + waiting_time(count, limits[key]) - moment for key, count in counts.items()]
        longest = max(waits, default=timedelta())
        if longest > timedelta():
            raise TooManyAttempts(longest)
        for key in sorted(limits):
            await self._repository.set(key, counts.get(key, 0) + 1, moment)

    async def succeeded(self, *, address: str, name: str | None = None) -> None:
        """Note that a try was none in vain."""
        keys = self._limits(address, name)
        by_address = self._key_of("address", address)
        known = await self._repository.of([by_address])
        await self._repository.forget([key for key in keys if key != by_address])
        if (row := known.get(by_address)) is not None:  # an own account must not pay for guessing at others'
            await self._repository.set(by_address, max(0, row.count - 1), row.since)

    def _limits(self, address: str, name: str | None) -> dict[str, int]:
        limits = {self._key_of("address", address): FREE_BY_ADDRESS}
        if name is not None:
            limits[self._key_of("name", name)] = FREE_BY_NAME
        return limits

    def _key_of(self, kind: str, value: str) -> str:
        return self._key.digest(f"{self._purpose}{kind}:{neighbourhood(value) if kind == 'address' else value}")


def waiting_time(count: int, free: int) -> timedelta:
    """Return how long after the last of ``count`` tries the next one has to wait."""
    if count < free:
        return timedelta()
    return min(LONGEST_WAIT, FIRST_WAIT * (1 << min(count - free, 20)))


def neighbourhood(address: str) -> str:
    """Return what one household or town hall shares: with IPv6, a whole network."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((known, 64), strict=False)) if known.version == 6 else str(known)
