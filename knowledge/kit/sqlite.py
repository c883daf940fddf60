"""SQLite beside the event loop, with one hop to the connection's thread for a statement.

aiosqlite makes a cursor, runs the statement, fetches the rows and closes the cursor each in a hop of its own; a hop
costs more than most of our statements do. Here the first rows come with the statement, and making and closing a cursor,
which do not touch the file, need no hop. A transaction that only reads begins with its first statement and ends without
a hop: there is nothing to wait for.
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

    _conn: "QuickConnection"
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
        self._conn.begin_now()
        self._cursor.execute(sql, parameters)
        if self._cursor.description is None:
            return [], True
        rows = self._cursor.fetchmany(AT_ONCE)
        return rows, len(rows) < AT_ONCE

    async def executemany(self, sql: str, parameters: Iterable[Any]) -> "QuickCursor":
        """Run a statement once for each of the parameters. Raises what SQLite raises."""
        hop: Callable[..., Awaitable[None]] = self._execute
        await hop(self._run_many, sql, parameters)
        return self

    def _run_many(self, sql: str, parameters: Iterable[Any]) -> None:
        self._conn.begin_now()
        self._cursor.executemany(sql, parameters)

    async def fetchone(self) -> Any:
        """Return the next row, ``None`` after the last one."""
        return next(iter(await self.fetchmany(1)), None)

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        """Return the next rows: ``size`` of them, as long as there are so many, which SQLAlchemy relies on."""
        most = self.arraysize if size is None else size
        rows, self._rows = self._rows[:most], self._rows[most:]
        if len(rows) < most and not self._is_complete:
            rows += await super().fetchmany(most - len(rows))
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
    """A connection that makes its cursors without a hop, and reads without one for beginning and end."""

    _only_reads = False
    # Whether the transaction has not begun yet, as nothing was asked.
    _is_waiting = False
    # Whether somebody was cancelled whose statement may still be at work.
    _may_be_busy = False

    def cursor(self) -> Any:
        """Return a new cursor."""
        return QuickCursor(self, self._conn.cursor())

    def begin_with_first_statement(self) -> None:
        """Let the next statement begin a transaction that only reads."""
        self._only_reads = self._is_waiting = True

    def begin_now(self) -> None:
        """Begin the transaction that waits, if there is one; called in the connection's thread."""
        if self._is_waiting:
            self._is_waiting = False
            self._conn.execute("BEGIN")

    async def commit(self) -> None:
        """Keep what was changed."""
        if not self._ends_at_once(self._conn.commit):
            await super().commit()

    async def rollback(self) -> None:
        """Take back what was not committed, also where the task is cancelled: nobody gets a connection half clean."""
        if not self._ends_at_once(self._conn.rollback):
            await _to_its_end(super().rollback())

    def _ends_at_once(self, end: Callable[[], None]) -> bool:
        """End a transaction that only read, or that there is none, where nothing can hold that up.

        Returns whether that was so.
        """
        only_read, self._only_reads, self._is_waiting = self._only_reads, False, False
        if self._may_be_busy:
            return False
        # A pool rolls back each connection that comes back to it; mostly that has ended before.
        if not self._conn.in_transaction:
            return True
        if only_read:
            end()
        return only_read

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        hop: Callable[..., Awaitable[Any]] = super()._execute
        try:
            result = await hop(fn, *args, **kwargs)
        except asyncio.CancelledError:
            self._may_be_busy = True
            raise
        # The thread does one after the other: what was left before this is done.
        self._may_be_busy = False
        return result


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
