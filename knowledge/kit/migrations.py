"""Bringing a database to the version that this program needs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.kit.database import Database
from knowledge.kit.errors import Conflict
from knowledge.kit.language import _
from knowledge.kit.settings import PROJECT


def _config(connection: Connection | None = None) -> Config:
    config = Config(PROJECT / "alembic.ini")
    config.attributes["connection"] = connection
    return config


@cache
def _scripts(_project: Path) -> ScriptDirectory:
    """Return the migrations of a project; reading them takes a while."""
    return ScriptDirectory.from_config(_config())


def newest_version() -> str:
    """Return the version that this program needs."""
    head = _scripts(PROJECT).get_current_head()
    assert head is not None, "the project ships migrations"  # noqa: S101 - a broken installation, not input
    return head


def known_versions() -> set[str]:
    """Return all versions that this program can come from."""
    return {script.revision for script in _scripts(PROJECT).walk_revisions()}


async def current_version(database: Database) -> str | None:
    """Return the database's version, ``None`` for an empty one."""

    def read(connection: Connection) -> str | None:
        return MigrationContext.configure(connection).get_current_revision()

    async with database.engine.execution_options(writes=False).connect() as connection:
        return await connection.run_sync(read)


class RowsPointNowhere(Conflict):
    """After a migration, rows would refer to rows that are not there."""

    code = "database.rows_point_nowhere"

    def __init__(self, table: str) -> None:
        message = _("Rows of the table “{table}” refer to something that is not there. Nothing was changed.")
        super().__init__(message.format(table=table))


@asynccontextmanager
async def migration_transaction(database: Database) -> AsyncIterator[AsyncConnection]:
    """Yield a connection whose transaction may rebuild tables; leaving it commits, an exception rolls back.

    SQLite changes a table by copying it and dropping the old one, and dropping it would delete along all foreign
    keys. So they are off meanwhile, and checked before the commit instead (https://sqlite.org/lang_altertable.html,
    section 7). Raises ``RowsPointNowhere``.
    """
    async with database.engine.connect() as connection:
        if database.is_sqlite:
            await _enforce_foreign_keys(connection, enforce=False)
        try:
            async with connection.begin():
                yield connection
                if database.is_sqlite and (broken := await broken_references(connection)):
                    raise RowsPointNowhere(broken)
        finally:
            if database.is_sqlite:
                await _enforce_foreign_keys(connection, enforce=True)


async def _enforce_foreign_keys(connection: AsyncConnection, *, enforce: bool) -> None:
    """Switch SQLite's foreign keys, for which no transaction may be open."""
    raw = await connection.get_raw_connection()
    assert raw.driver_connection is not None  # noqa: S101 - it was opened just now
    await raw.driver_connection.execute(f"PRAGMA foreign_keys={'ON' if enforce else 'OFF'}")


async def broken_references(connection: AsyncConnection) -> str | None:
    """Return the name of a SQLite table with rows that refer to nothing, if there is one."""
    row = (await connection.execute(text("PRAGMA foreign_key_check"))).first()
    return str(row[0]) if row else None


async def upgrade_database(database: Database) -> None:
    """Migrate to the newest version; nothing happens where it is reached. Raises ``RowsPointNowhere``."""
    async with migration_transaction(database) as connection:
        await connection.run_sync(lambda sync: command.upgrade(_config(sync), "head"))


def upgrade(url: str) -> None:
    """Migrate the database at ``url`` to the newest version, from code that is not asynchronous."""

    async def run() -> None:
        database = Database(url)
        try:
            await upgrade_database(database)
        finally:
            await database.close()

    asyncio.run(run())
