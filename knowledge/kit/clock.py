"""The time of day, from one place so that tests can set it."""

from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

HOME = ZoneInfo("Europe/Berlin")


def _system_time() -> datetime:
    return datetime.now(UTC)


_source: ContextVar[Callable[[], datetime]] = ContextVar("clock", default=_system_time)


def now() -> datetime:
    """Return the present moment in UTC."""
    return _source.get()()


def today() -> date:
    """Return today's date where the municipalities are."""
    return now().astimezone(HOME).date()


def use_clock(source: Callable[[], datetime]) -> None:
    """Take the time from ``source`` from here on in this task (for tests)."""
    _source.set(source)
