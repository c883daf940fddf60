"""A database comes from nothing to the newest version, and the tables are what the code thinks they are."""

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from knowledge.kit.database import Database
from knowledge.kit.migrations import (
    current_version,
    known_versions,
    migration_transaction,
    newest_version,
    upgrade_database,
)
from knowledge.kit.schema_version import SCHEMA_VERSION
from knowledge.kit.settings import PROJECT
from knowledge.models import Base

FIRST_VERSION = "2026_11_21_library"
MOMENT, DOCUMENT = "2026-11-21 10:00:00+00:00", "0123456789abcdef0123456789abcdef"
SMALL_LIBRARY = (
    "INSERT INTO documents (id, source, kind, title, rights, language, visibility, access, status, topics, details, "
    "version, added_by, created_at, updated_at) VALUES "
    f"('{DOCUMENT}', 'radwege.md', 'experience', 'Radwege bauen', 'full', 'de', 'network', 'network', 'published', "
    f"'[]', '{{}}', 1, 'command line', '{MOMENT}', '{MOMENT}')",
    "INSERT INTO passages (document_id, position, text, headings, quotable) VALUES "
    f"('{DOCUMENT}', 0, 'Der Radweg ist fertig.', '[]', true)",
)
WHAT_IS_THERE = "SELECT d.title, d.circle_id, p.text FROM documents d JOIN passages p ON p.document_id = d.id"


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


class TestComingFromAnEarlierVersion:
    """A library of the first version keeps everything when the chat's tables come and documents get a column."""

    async def test_documents_and_what_belongs_to_them_are_kept(self, database: Database) -> None:
        await self._to(database, FIRST_VERSION)
        async with database.engine.begin() as connection:
            for statement in SMALL_LIBRARY:
                await connection.execute(text(statement))
        await upgrade_database(database)
        assert await current_version(database) == SCHEMA_VERSION
        async with database.engine.connect() as connection:
            row = (await connection.execute(text(WHAT_IS_THERE))).one()
        assert tuple(row) == ("Radwege bauen", None, "Der Radweg ist fertig.")

    async def test_there_is_a_way_back_and_forth(self, database: Database) -> None:
        for version in (FIRST_VERSION, "base", "head"):
            await self._to(database, version)
        assert await current_version(database) == SCHEMA_VERSION

    async def _to(self, database: Database, version: str) -> None:
        def move(connection: Connection) -> None:
            config = Config(PROJECT / "alembic.ini")
            config.attributes["connection"] = connection
            (command.upgrade if version == "head" else command.downgrade)(config, version)

        async with migration_transaction(database) as connection:
            await connection.run_sync(move)
