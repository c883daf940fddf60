"""Bringing a database to the version that this program needs."""

import asyncio

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from knowledge.kit.database import Database
from knowledge.kit.settings import PROJECT


def _config(connection: Connection | None = None) -> Config:
    config = Config(PROJECT / "alembic.ini")
    config.attributes["connection"] = connection
    return config


def newest_version() -> str:
    """Return the version that this program needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None, "the project ships migrations"  # noqa: S101 - a broken installation, not input
    return head


def known_versions() -> set[str]:
    """Return all versions that this program can come from."""
    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


async def current_version(database: Database) -> str | None:
    """Return the database's version, ``None`` for an empty one."""

    def read(connection: Connection) -> str | None:
        return MigrationContext.configure(connection).get_current_revision()

    async with database.engine.execution_options(writes=False).connect() as connection:
        return await connection.run_sync(read)


async def upgrade_database(database: Database) -> None:
    """Migrate to the newest version; nothing happens where it is reached."""

    def run(connection: Connection) -> None:
        command.upgrade(_config(connection), "head")

    async with database.engine.connect() as connection:
        await connection.run_sync(run)
        await connection.commit()


def upgrade(url: str) -> None:
    """Migrate the database at ``url`` to the newest version, from code that is not asynchronous."""

    async def run() -> None:
        database = Database(url)
        try:
            await upgrade_database(database)
        finally:
            await database.close()

    asyncio.run(run())
