"""Waiting in order for the right to write."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from knowledge.kit.database import Database

Writing = Callable[[], AbstractAsyncContextManager[object]]


def write_turns(database: Database) -> Writing:
    """Return what to enter around each transaction that writes.

    SQLite has one writer at a time; to wait for it here, in order, is quicker and fairer than to poll its lock.
    """
    if not database.is_sqlite:
        return _at_once
    lock = asyncio.Lock()
    return lambda: lock


@asynccontextmanager
async def _at_once() -> AsyncIterator[None]:
    yield
