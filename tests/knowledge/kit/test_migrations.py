"""A database comes from nothing to the newest version, and the tables are what the code thinks they are."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from knowledge.kit.database import Database
from knowledge.kit.migrations import current_version, known_versions, newest_version, upgrade_database
from knowledge.kit.schema_version import SCHEMA_VERSION
from knowledge.models import Base


class TestVersions:
    def test_the_program_knows_the_newest_migration_without_reading_it(self) -> None:
        assert newest_version() == SCHEMA_VERSION
        assert SCHEMA_VERSION in known_versions()

    async def test_a_migrated_database_says_which_version_it_has(self, database: Database) -> None:
        assert await current_version(database) == SCHEMA_VERSION

    async def test_migrating_again_changes_nothing(self, database: Database) -> None:
        await upgrade_database(database)
        assert await current_version(database) == SCHEMA_VERSION


class TestTables:
    async def test_migrations_make_exactly_the_tables_of_the_code(self, database: Database) -> None:
        def differences(connection: Connection) -> list[object]:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            return list(compare_metadata(context, Base.metadata))

        async with database.engine.connect() as connection:
            assert await connection.run_sync(differences) == []
