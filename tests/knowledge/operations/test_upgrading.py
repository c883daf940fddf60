"""Tests of upgrading a library of the oldest version, and of the way back from it."""

import shutil
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import insert, select

from knowledge.kit.database import Database
from knowledge.kit.migrations import current_version, known_versions
from knowledge.kit.schema_version import SCHEMA_VERSION
from knowledge.kit.settings import with_driver
from knowledge.library.repository import DocumentRepository
from knowledge.models import Document, Member, Passage
from knowledge.operations.archive import BackupReader
from knowledge.operations.migrating import migrate, migration_transaction, move_to
from knowledge.operations.repository import TableRepository
from knowledge.operations.restore import restore_backup
from knowledge.operations.schema import ensure_schema
from knowledge.operations.upgrading import KEPT, NoRoomForBackup, back_up_before, is_behind
from knowledge.operations.values import row_reader, to_plain
from tests.knowledge.operations.filling import everything
from tests.knowledge.operations.test_backup import ignore

OLDEST = "2026_11_21_library"
WITH_CHAT = "2026_11_21_chat"
MOMENT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
HOUSE, TEXT, ADA = UUID(int=1), UUID(int=2), UUID(int=3)
# What a library of the first version has at least.
ROWS: Mapping[str, Mapping[str, Any]] = {
    "organisations": {
        "id": HOUSE,
        "key": "musterstadt",
        "kind": "other",
        "name": "Musterstadt",
        "search_name": "|musterstadt|",
        "unincorporated": False,
        "example": False,
    },
    "members": {"id": ADA, "name": "Ada", "search_name": "ada", "role": "member", "active": True, "created_at": MOMENT},
    "documents": {
        "id": TEXT,
        "source": "bäume.md",
        "kind": "literature",
        "title": "Bäume",
        "visibility": "public",
        "access": "public",
        "rights": "full",
        "status": "published",
        "language": "de",
        "topics": [],
        "details": {},
        "version": 1,
        "added_by": "command line",
        "created_at": MOMENT,
        "updated_at": MOMENT,
    },
    "passages": {
        "id": 1,
        "document_id": TEXT,
        "position": 0,
        "text": "Bäume an der Straße",
        "headings": [],
        "quotable": True,
    },
}


@pytest_asyncio.fixture(params=["sqlite", "postgresql"])
async def old(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A library as the version with the first chat left it, on either kind of database."""
    is_sqlite = request.param == "sqlite"
    url = f"sqlite+aiosqlite:///{tmp_path / 'old.db'}" if is_sqlite else request.getfixturevalue("empty_postgres")
    database = Database(with_driver(url))
    await make_old(database)
    yield database
    await database.close()


async def make_old(database: Database, version: str = WITH_CHAT) -> None:
    """Make the tables of an old version, with something in them."""
    async with migration_transaction(database) as connection:
        await move_to(connection, version)
        for table in await TableRepository(connection).tables():
            if table.name in ROWS:
                plain = {column.name: to_plain(ROWS[table.name].get(column.name)) for column in table.columns}
                await connection.execute(insert(table).values(row_reader(table)(plain)))


class TestUpgrade:
    async def test_what_was_there_is_there_and_the_program_works(self, old: Database) -> None:
        assert await is_behind(old)
        assert await migrate(old) == (WITH_CHAT, SCHEMA_VERSION)
        assert not await is_behind(old)
        await ensure_schema(old)
        async with old.session(writes=False) as session:
            document = await DocumentRepository(session).by_source("bäume.md")
            assert document is not None
            assert document.title == "Bäume"
            assert (await session.scalars(select(Passage.text))).all() == ["Bäume an der Straße"]
            assert (await session.scalars(select(Member.name))).all() == ["Ada"]

    async def test_leads_from_the_oldest_version_there_is(self, tmp_path: Path) -> None:
        assert {OLDEST, WITH_CHAT} <= known_versions()
        database = Database(f"sqlite+aiosqlite:///{tmp_path / 'oldest.db'}")
        await make_old(database, OLDEST)
        assert await migrate(database) == (OLDEST, SCHEMA_VERSION)
        assert len((await everything(database))["documents"]) == 1
        await database.close()


class TestWayBack:
    async def test_the_backup_before_has_the_older_tables(self, old: Database, tmp_path: Path) -> None:
        """The older program finds in it what it knows, whatever the migration did since."""
        file = await back_up_before(old, tmp_path, [], left=ignore)
        await migrate(old)
        with BackupReader.open(file) as backup:
            backup.verify(ignore)
            assert backup.manifest.version == WITH_CHAT
            rows = {entry.name: list(backup.rows(entry)) for entry in backup.manifest.tables}
        assert [row["title"] for row in rows["documents"]] == ["Bäume"]
        assert "registrations" not in rows

    async def test_the_newer_program_takes_it_as_well(
        self, old: Database, tmp_path: Path, sqlite_template: Path
    ) -> None:
        file = await back_up_before(old, tmp_path, [], left=ignore)
        shutil.copyfile(sqlite_template, tmp_path / "new.db")
        database = Database(f"sqlite+aiosqlite:///{tmp_path / 'new.db'}")
        await restore_backup(database, file, room=tmp_path, left=ignore)
        assert await current_version(database) == SCHEMA_VERSION
        async with database.session(writes=False) as session:
            assert (await session.scalars(select(Document.title))).all() == ["Bäume"]
        await database.close()

    async def test_the_newest_three_stay(self, tmp_path: Path) -> None:
        database = Database(f"sqlite+aiosqlite:///{tmp_path / 'old.db'}")
        await make_old(database)
        folder = tmp_path / "backups"
        folder.mkdir()
        for day in range(1, 5):
            (folder / f"allmende-before-migration-2026-01-0{day}-030000.zip").touch()
        (folder / "allmende-backup-2026-01-01-030000.zip").touch()
        file = await back_up_before(database, tmp_path, [], left=ignore)
        migrations = sorted(path for path in folder.iterdir() if "migration" in path.name)
        assert (len(migrations), migrations[-1]) == (KEPT, file)
        assert (folder / "allmende-backup-2026-01-01-030000.zip").exists(), "the nightly ones are not ours to delete"
        await database.close()

    async def test_without_room_nothing_is_begun(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        database = Database(f"sqlite+aiosqlite:///{tmp_path / 'old.db'}")
        await make_old(database)
        monkeypatch.setattr("shutil.disk_usage", lambda _folder: type("Usage", (), {"free": 10}))
        with pytest.raises(NoRoomForBackup) as caught:
            await back_up_before(database, tmp_path, [], left=ignore)
        assert "--no-backup" in caught.value.message
        assert list((tmp_path / "backups").iterdir()) == []
        assert await current_version(database) == WITH_CHAT
        await database.close()
