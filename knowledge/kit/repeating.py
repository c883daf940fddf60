"""Work that is done by the clock, as long as a process runs."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from knowledge.kit.logs import get_logger

# After a failure it is tried again sooner than after a success, if that is longer.
RETRY = timedelta(minutes=10)


async def repeat(work: Callable[[], Awaitable[object]], stop: asyncio.Event, *, every: timedelta, name: str) -> None:
    """Do something now and again and again until ``stop`` is set; a database or file that is away is tried again.

    Args:
        work: does what is due, however often it is called; several processes may do it at the same time.
        stop: ends it.
        every: the pause after it was done.
        name: of the work, for the log: ``<name>_failed``.
    """
    while not stop.is_set():
        pause = every
        try:
            await work()
        except (SQLAlchemyError, OSError) as error:
            get_logger().error(f"{name}_failed", error=type(error).__name__)
            pause = min(every, RETRY)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause.total_seconds())
