"""The database: SQLite by default, PostgreSQL where there is more than one process host."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from knowledge.kit.sqlite import QuickConnection, connect

# How long a writer waits for another one on SQLite, in seconds.
SQLITE_PATIENCE = 60
# Milliseconds that a statement may wait for a lock on PostgreSQL.
POSTGRESQL_LOCK_PATIENCE = 60_000


async def _open_sqlite(path: str, **_others: Any) -> QuickConnection:
    return await connect(path, patience=SQLITE_PATIENCE)


def _prepare_sqlite(connection: Any, _entry: ConnectionPoolEntry) -> None:
    """Set what SQLite forgets between connections, and take the transactions into our own hands."""
    connection.isolation_level = None  # the driver must not begin transactions by itself
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")  # a commit survives a power cut, too
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={SQLITE_PATIENCE * 1000}")
    cursor.execute("PRAGMA cache_size=-16384")  # in KiB, for each connection that is kept
    cursor.execute("PRAGMA secure_delete=ON")  # what was erased is overwritten, not only forgotten
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Begin as a writer unless the transaction only reads.

    A SQLite transaction that reads first and writes later fails at once, without waiting, when somebody else wrote
    in between.
    """
    if connection.get_execution_options().get("writes", True):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        opened: Any = connection.connection.driver_connection
        opened.begin_with_first_statement()


class Database:
    """One database with its pool of connections.

    Args:
        url: an SQLAlchemy address with an async driver (``sqlite+aiosqlite://`` or ``postgresql+asyncpg://``).
        pool: how many connections are kept open.
    """

    def __init__(self, url: str, *, pool: int = 10) -> None:
        self.url = make_url(url)
        self.engine = self._make_engine(pool)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def path(self) -> Path | None:
        """The file of a SQLite database."""
        return Path(self.url.database) if self.is_sqlite and self.url.database else None

    def _make_engine(self, pool: int) -> AsyncEngine:
        # Errors reach the logs, which must hold nobody's words: values stay out of them.
        if not self.is_sqlite:
            patience = {"lock_timeout": str(POSTGRESQL_LOCK_PATIENCE)}
            arguments = {"server_settings": patience}
            return create_async_engine(
                self.url, pool_size=pool, pool_pre_ping=True, hide_parameters=True, connect_args=arguments
            )
        opening: dict[str, Any] = {"async_creator_fn": _open_sqlite}
        # A connection beyond those that are kept is opened anew each time: it reads the schema, and has nothing cached.
        engine = create_async_engine(self.url, pool_size=pool, hide_parameters=True, connect_args=opening)
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return engine

    @asynccontextmanager
    async def session(self, *, writes: bool = True) -> AsyncIterator[AsyncSession]:
        """Open a session; whoever opened it commits, or nothing happened.

        Args:
            writes: ``False`` lets readers on SQLite go on beside a writer.
        """
        bind = self.engine.execution_options(writes=writes)
        async with AsyncSession(bind, expire_on_commit=False) as session:
            yield session

    async def close(self) -> None:
        """Give back all connections."""
        await self.engine.dispose()
