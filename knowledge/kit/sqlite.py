"""SQLite beside the event loop, with one hop to the connection's thread for a statement.

aiosqlite makes a cursor, runs the statement, fetches the rows and closes the cursor each in a hop of its own; a hop
costs more than most of our statements do. Here the first rows come with the statement, and making and closing a cursor,
which do not touch the file, need no hop.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from functools import partial
from typing import Any

import aiosqlite

# Rows that come with a statement; more are fetched when they are asked for, so that long results may stay lazy.
AT_ONCE = 500


class QuickCursor(aiosqlite.Cursor):
    """A cursor whose first rows come with the statement."""

    _rows: list[Any]
    _is_complete = True

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> "QuickCursor":
        """Run a statement, and keep its first rows. Raises what SQLite raises."""
        hop: Callable[..., Awaitable[tuple[list[Any], bool]]] = self._execute
        # Until it is known: whoever is cancelled meanwhile leaves a statement that goes on in the thread.
        self._rows, self._is_complete = [], False
        self._rows, self._is_complete = await hop(self._run, sql, () if parameters is None else parameters)
        return self

    def _run(self, sql: str, parameters: Any) -> tuple[list[Any], bool]:
        self._cursor.execute(sql, parameters)
        if self._cursor.description is None:
            return [], True
        rows = self._cursor.fetchmany(AT_ONCE)
        return rows, len(rows) < AT_ONCE

    async def fetchone(self) -> Any:
        """Return the next row, ``None`` after the last one."""
        return next(iter(await self.fetchmany(1)), None)

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        """Return the next rows, at most ``size``; none after the last one."""
        most = self.arraysize if size is None else size
        if not self._rows and not self._is_complete:
            return list(await super().fetchmany(most))
        rows, self._rows = self._rows[:most], self._rows[most:]
        return rows

    async def fetchall(self) -> list[Any]:
        """Return all rows that are left."""
        rows, self._rows = self._rows, []
        return rows if self._is_complete else [*rows, *await super().fetchall()]

    async def close(self) -> None:
        """Let go of the statement."""
        if self._is_complete:
            self._cursor.close()
        else:
            await super().close()


class QuickConnection(aiosqlite.Connection):
    """A connection that makes its cursors without a hop."""

    def cursor(self) -> Any:
        """Return a new cursor."""
        return QuickCursor(self, self._conn.cursor())

    async def rollback(self) -> None:
        """Take back what was not committed, also where the task is cancelled: nobody gets a connection half clean."""
        await _to_its_end(super().rollback())


async def _to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Wait until something is done; whoever is cancelled meanwhile is so once it is."""
    doing, cancelled = asyncio.ensure_future(work), False
    while not doing.done():
        try:
            await asyncio.shield(doing)
        except asyncio.CancelledError:
            cancelled = True
    task = asyncio.current_task()
    if cancelled and task is not None:
        # Counted once, or a timeout around it would not know its own cancellation.
        task.uncancel()
        task.cancel()
    doing.result()


async def connect(path: str, *, patience: float) -> QuickConnection:
    """Open a file.

    Args:
        path: of the database.
        patience: how long to wait for somebody else's lock, in seconds.

    Raises what SQLite raises.
    """
    # One thread at a time uses the connection, but making and closing a cursor is done in the event loop's.
    opening = partial(sqlite3.connect, path, timeout=patience, check_same_thread=False)
    connection = QuickConnection(opening, iter_chunk_size=AT_ONCE)
    # A program that ends without closing must not hang; SQLAlchemy does the same with connections that it opens.
    connection._thread.daemon = True
    await connection
    return connection
