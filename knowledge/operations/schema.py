"""Seeing that the database has the version that this program needs."""

from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.kit.database import Database
from knowledge.kit.errors import Unavailable
from knowledge.kit.language import _
from knowledge.kit.schema_version import SCHEMA_VERSION


class DatabaseBehind(Unavailable):
    """The database has to be migrated first."""

    code = "database.behind"

    def __init__(self) -> None:
        super().__init__(_("The database is from an older version. Please run: allmende backup, then allmende migrate"))


class DatabaseAhead(Unavailable):
    """The database was migrated by a newer program."""

    code = "database.ahead"

    def __init__(self) -> None:
        super().__init__(_("The database is from a newer version of Allmende. Please update the program."))


async def ensure_schema(database: Database) -> None:
    """Set up an empty database; refuse one of another version.

    Raises ``DatabaseBehind`` or ``DatabaseAhead``.
    """
    version = await _version(database)
    if version == SCHEMA_VERSION:
        return
    # Alembic is slow to load and rarely needed.
    from knowledge.kit.migrations import known_versions
    from knowledge.operations.migrating import migrate

    if version is None:
        await migrate(database)
    elif version in known_versions():
        raise DatabaseBehind
    else:
        raise DatabaseAhead


async def has_our_version(database: Database) -> bool:
    """Whether the database answers and has the version of this program. Raises what connecting raises."""
    return await _version(database) == SCHEMA_VERSION


async def _version(database: Database) -> str | None:
    async with database.engine.execution_options(writes=False).connect() as connection:
        return await _stored_version(connection)


async def _stored_version(connection: AsyncConnection) -> str | None:
    has_table = await connection.run_sync(lambda sync: inspect(sync).has_table("alembic_version"))
    if not has_table:
        return None
    return (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar()
