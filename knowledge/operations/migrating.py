"""Moving a database between versions of its tables, in one transaction that leaves no half of it behind."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from knowledge.kit.database import Database
from knowledge.kit.migrations import (
    RowsPointNowhere,
    current_version,
    known_versions,
    migration_transaction,
    newest_version,
)
from knowledge.kit.settings import PROJECT
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.lessons.seeding import seed_lessons
from knowledge.operations.schema import DatabaseAhead
from knowledge.topics.seeding import seed_topics

__all__ = ["RowsPointNowhere", "bring_topics", "migrate", "migration_transaction", "move_to", "remove_tables"]


async def move_to(connection: AsyncConnection, version: str) -> None:
    """Upgrade to ``version`` (or ``head``) within the connection's transaction."""
    await connection.run_sync(lambda sync: command.upgrade(_config(sync), version))


async def remove_tables(connection: AsyncConnection) -> None:
    """Take all tables away within the connection's transaction."""
    await connection.run_sync(lambda sync: command.downgrade(_config(sync), "base"))


async def migrate(database: Database) -> tuple[str | None, str]:
    """Bring a database, also an empty one, to the version that this program needs, with the topics and
    lessons that come with it.

    Returns the versions before and after. Raises ``DatabaseAhead``, ``RowsPointNowhere``; then nothing was changed.
    """
    before = await current_version(database)
    newest = newest_version()
    if before is not None and before not in known_versions():
        raise DatabaseAhead
    if before != newest:
        async with migration_transaction(database) as connection:
            await move_to(connection, "head")
            await bring_topics(connection)
    else:
        async with unit_of_work(database) as unit:
            await seed_topics(unit.session)
            await seed_lessons(unit.session)
    return before, newest


async def bring_topics(connection: AsyncConnection) -> None:
    """Bring the topics and lessons that come with the program within the connection's transaction."""
    # Closing a session that joined a transaction leaves that as it is: whoever began it commits.
    async with AsyncSession(connection) as session:
        await seed_topics(session)
        await seed_lessons(session)


def _config(connection: Connection) -> Config:
    config = Config(PROJECT / "alembic.ini")
    config.attributes["connection"] = connection
    return config
