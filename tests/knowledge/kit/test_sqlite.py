"""Statements with one hop to the connection's thread: the same results, however they are fetched."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from knowledge.kit.database import Database
from knowledge.kit.sqlite import AT_ONCE, QuickConnection, connect

MANY = 2 * AT_ONCE + 7
NUMBERS = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY}) SELECT i FROM n"
# Long enough that nobody waits for its end.
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[QuickConnection]:
    opened = await connect(str(tmp_path / "some.db"), patience=1)
    yield opened
    await opened.close()


class TestFetching:
    async def test_all_rows_come_however_many(self, connection: QuickConnection) -> None:
        cursor = await connection.cursor().execute(NUMBERS)
        assert [row[0] for row in await cursor.fetchall()] == list(range(1, MANY + 1))
        assert await cursor.fetchall() == []
        await cursor.close()

    async def test_they_come_in_order_in_any_portions(self, connection: QuickConnection) -> None:
        cursor = await connection.cursor().execute(NUMBERS)
        rows = [await cursor.fetchone()]
        while more := await cursor.fetchmany(300):
            # Fewer than asked for mean the end: SQLAlchemy forgets what it has left of a portion when it asks again.
            assert len(more) == min(300, MANY - len(rows))
            rows += more
        assert [row[0] for row in rows] == list(range(1, MANY + 1))
        assert await cursor.fetchone() is None
        await cursor.close()

    async def test_what_returns_no_rows_has_none(self, connection: QuickConnection) -> None:
        cursor = await connection.cursor().execute("CREATE TABLE towns (name TEXT)")
        assert await cursor.fetchall() == []
        await cursor.executemany("INSERT INTO towns VALUES (?)", [("Kleinow",), ("Seefeld",)])
        assert cursor.rowcount == 2
        await cursor.execute("SELECT name FROM towns WHERE name = ?", ("Seefeld",))
        assert await cursor.fetchall() == [("Seefeld",)]

    async def test_a_mistake_is_told(self, connection: QuickConnection) -> None:
        cursor = connection.cursor()
        with pytest.raises(sqlite3.OperationalError, match="no such table"):
            await cursor.execute("SELECT * FROM nowhere")
        await cursor.close()


class Counted(QuickConnection):
    """A connection that counts its hops."""

    hops = 0

    async def _execute(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        self.hops += 1
        hop: Callable[..., Awaitable[Any]] = super()._execute
        return await hop(fn, *args, **kwargs)


class TestHops:
    async def test_a_statement_with_few_rows_takes_one(self, tmp_path: Path) -> None:
        connection = Counted(partial(sqlite3.connect, tmp_path / "some.db", check_same_thread=False), 64)
        async with connection:
            cursor = await connection.cursor().execute("SELECT 1")
            assert await cursor.fetchall() == [(1,)]
            await cursor.close()
            assert connection.hops == 1


class TestReading:
    @pytest.fixture
    async def other(self, connection: QuickConnection, tmp_path: Path) -> AsyncIterator[QuickConnection]:
        """Another connection to the same file, which has a table."""
        await connection.cursor().execute("PRAGMA journal_mode=WAL")
        await connection.cursor().execute("CREATE TABLE towns (name TEXT)")
        opened = await connect(str(tmp_path / "some.db"), patience=1)
        yield opened
        await opened.close()

    async def count(self, connection: QuickConnection) -> int:
        cursor = await connection.cursor().execute("SELECT count(*) FROM towns")
        return int((await cursor.fetchone())[0])

    async def test_a_transaction_sees_one_state_until_its_end(
        self, connection: QuickConnection, other: QuickConnection
    ) -> None:
        connection.begin_with_first_statement()
        assert await self.count(connection) == 0
        await other.cursor().execute("INSERT INTO towns VALUES ('Kleinow')")
        await other.commit()
        assert await self.count(connection) == 0
        await connection.rollback()
        assert await self.count(connection) == 1

    async def test_it_begins_with_its_first_statement(
        self, connection: QuickConnection, other: QuickConnection
    ) -> None:
        connection.begin_with_first_statement()
        assert not connection.in_transaction
        await other.cursor().execute("INSERT INTO towns VALUES ('Kleinow')")
        await other.commit()
        assert await self.count(connection) == 1
        assert connection.in_transaction
        await connection.commit()
        assert not connection.in_transaction

    async def test_one_that_asked_nothing_leaves_nothing_behind(self, connection: QuickConnection) -> None:
        connection.begin_with_first_statement()
        await connection.rollback()
        await connection.cursor().execute("BEGIN IMMEDIATE")
        assert connection.in_transaction
        await connection.rollback()

    async def test_it_ends_also_where_somebody_was_cancelled(self, connection: QuickConnection) -> None:
        connection.begin_with_first_statement()
        asking = asyncio.ensure_future(connection.cursor().execute(ENDLESS))
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        leaving = asyncio.ensure_future(connection.rollback())
        while not leaving.done():
            await connection.interrupt()
            await asyncio.wait([leaving], timeout=0.01)
        assert not connection.in_transaction


class TestCancelled:
    async def test_a_statement_that_nobody_waits_for_ends_and_the_connection_lives(
        self, connection: QuickConnection
    ) -> None:
        cursor = connection.cursor()
        asking = asyncio.ensure_future(cursor.execute(ENDLESS))
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        closing = asyncio.ensure_future(cursor.close())
        # Again and again, because it may not have begun yet: then there is nothing to interrupt.
        while not closing.done():
            await connection.interrupt()
            await asyncio.wait([closing], timeout=0.01)
        other = await connection.cursor().execute("SELECT 2")
        assert await other.fetchall() == [(2,)]

    async def test_taking_back_is_finished_first(self, connection: QuickConnection) -> None:
        cursor = await connection.cursor().execute("CREATE TABLE towns (name TEXT)")
        await cursor.execute("INSERT INTO towns VALUES ('Kleinow')")
        left: list[str] = []

        async def leave() -> None:
            await connection.rollback()
            left.append("rolled back")
            await asyncio.sleep(0)
            left.append("went on")

        leaving = asyncio.ensure_future(leave())
        await asyncio.sleep(0)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        assert left == ["rolled back"]
        assert not connection.in_transaction

    async def test_a_timeout_around_it_is_one_still(self, connection: QuickConnection) -> None:
        async def leave() -> None:
            async with asyncio.timeout(0):
                await connection.rollback()
                await asyncio.sleep(60)

        with pytest.raises(TimeoutError):
            await leave()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestStreaming:
    async def test_long_results_are_read_little_by_little(self, database: Database) -> None:
        async with database.session(writes=False) as session:
            result = await session.stream(text(NUMBERS).execution_options(yield_per=10))
            first = [row[0] async for row in result if row[0] <= MANY]
        assert first == list(range(1, MANY + 1))
