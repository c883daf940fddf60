"""Tests of moving a database between versions."""

from pathlib import Path

import pytest
from sqlalchemy import text

from knowledge.kit.database import Database
from knowledge.kit.migrations import current_version
from knowledge.kit.schema_version import SCHEMA_VERSION
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.lessons.seeding import seed_lessons
from knowledge.operations.migrating import RowsPointNowhere, migrate, migration_transaction
from knowledge.operations.schema import DatabaseAhead, DatabaseBehind, ensure_schema
from knowledge.topics.seeding import seed_topics
from knowledge.topics.tree import load_tree
from tests.knowledge.operations.filling import everything, fill_every_table, set_version
from tests.knowledge.operations.next_program import NEXT_VERSION, become_next_program

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class TestMigrate:
    async def test_an_empty_database_gets_all_tables(self, tmp_path: Path) -> None:
        database = Database(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}")
        assert await migrate(database) == (None, SCHEMA_VERSION)
        assert await current_version(database) == SCHEMA_VERSION
        async with database.session(writes=False) as session:
            assert (await load_tree(session)).find("E-Akte")
        await database.close()

    async def test_a_database_that_is_ready_stays_as_it_is(self, database: Database) -> None:
        assert await migrate(database) == (SCHEMA_VERSION, SCHEMA_VERSION)

    async def test_a_step_up_loses_no_row(
        self, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """On SQLite, rebuilding the documents' table must not delete what refers to documents."""
        await fill_every_table(database)
        async with unit_of_work(database) as unit:
            await seed_topics(unit.session)
            await seed_lessons(unit.session)
        before = await everything(database)
        assert before["passages"]
        become_next_program(tmp_path, monkeypatch)
        assert await migrate(database) == (SCHEMA_VERSION, NEXT_VERSION)
        assert await everything(database) == before
        async with database.session(writes=False) as session:
            assert (await session.scalars(text("SELECT colour FROM documents"))).all() == ["green"]

    async def test_a_newer_database_is_left_alone(self, database: Database) -> None:
        await set_version(database, NEXT_VERSION)
        with pytest.raises(DatabaseAhead):
            await migrate(database)
        assert await current_version(database) == NEXT_VERSION


class TestOneMigrationBehind:
    async def test_commands_say_what_to_do(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("knowledge.operations.schema.SCHEMA_VERSION", NEXT_VERSION)
        with pytest.raises(DatabaseBehind) as caught:
            await ensure_schema(database)
        assert "allmende migrate" in caught.value.message


@only_sqlite
class TestMigrationTransaction:
    async def test_rows_that_point_nowhere_undo_it(self, database: Database) -> None:
        await fill_every_table(database)
        before = await everything(database)
        with pytest.raises(RowsPointNowhere):
            async with migration_transaction(database) as connection:
                await connection.execute(text("DELETE FROM documents"))
        assert await everything(database) == before

    async def test_foreign_keys_are_on_again_afterwards(self, database: Database) -> None:
        async with migration_transaction(database) as connection:
            assert await connection.scalar(text("PRAGMA foreign_keys")) == 0
        async with database.session() as session:
            assert await session.scalar(text("PRAGMA foreign_keys")) == 1
