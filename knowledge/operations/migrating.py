"""Moving a database between versions of its tables, in one transaction that leaves no half of it behind."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.kit.database import Database
from knowledge.kit.errors import Conflict
from knowledge.kit.language import _
from knowledge.kit.migrations import current_version, known_versions, newest_version
from knowledge.kit.settings import PROJECT
from knowledge.operations.repository import TableRepository
from knowledge.operations.schema import DatabaseAhead


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
        tables = TableRepository(connection)
        if database.is_sqlite:
            await tables.enforce_foreign_keys(False)
        try:
            async with connection.begin():
                yield connection
                if database.is_sqlite and (broken := await tables.broken_references()):
                    raise RowsPointNowhere(broken)
        finally:
            if database.is_sqlite:
                await tables.enforce_foreign_keys(True)


async def move_to(connection: AsyncConnection, version: str) -> None:
    """Upgrade to ``version`` (or ``head``) within the connection's transaction."""
    await connection.run_sync(lambda sync: command.upgrade(_config(sync), version))


async def remove_tables(connection: AsyncConnection) -> None:
    """Take all tables away within the connection's transaction."""
    await connection.run_sync(lambda sync: command.downgrade(_config(sync), "base"))


async def migrate(database: Database) -> tuple[str | None, str]:
    """Bring a database, also an empty one, to the version that this program needs.

    Returns the versions before and after. Raises ``DatabaseAhead``, ``RowsPointNowhere``; then nothing was changed.
    """
    before = await current_version(database)
    newest = newest_version()
    if before is not None and before not in known_versions():
        raise DatabaseAhead
    if before != newest:
        async with migration_transaction(database) as connection:
            await move_to(connection, "head")
    return before, newest


def _config(connection: Connection) -> Config:
    config = Config(PROJECT / "alembic.ini")
    config.attributes["connection"] = connection
    return config
