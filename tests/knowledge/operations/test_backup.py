"""Tests of backup and restore over real databases of both kinds."""

import asyncio
import stat
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import select, text

from knowledge.jobs.repository import JobRepository
from knowledge.kit.database import Database
from knowledge.library.indexes.jobs import VECTORS_JOB, WORDS_JOB
from knowledge.models import Document, Passage
from knowledge.models.job import JobState
from knowledge.operations.archive import BackupReader
from knowledge.operations.backup import NothingToBackUp, backup_name, last_backup, note_backup, write_backup
from knowledge.operations.restore import NotEmpty, restore_backup
from knowledge.operations.safe_file import FileExists, FileNotWritten
from knowledge.topics.jobs import LINK_JOB
from tests.knowledge.operations.filling import (
    everything,
    fill_every_table,
    make_document,
    make_job,
    make_passage,
    set_version,
)

# Jobs and cursors are begun anew after a restore.
BUT_JOBS = frozenset({"jobs", "chat_cursors"})


def ignore(_left: int) -> None:
    """Progress that nobody watches."""


@pytest_asyncio.fixture(params=["sqlite", "postgresql"])
async def target(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database to restore into, on either kind of server."""
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path / 'target.db'}"
    else:
        url = request.getfixturevalue("empty_postgres")
    database = Database(url)
    yield database
    await database.close()


only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
# A backup does not say where it is from: each kind of database writes one and takes one.
crosswise = pytest.mark.parametrize(
    ("database_url", "target"), [("sqlite", "postgresql"), ("postgresql", "sqlite")], indirect=True
)
into_each = pytest.mark.parametrize(
    ("database_url", "target"), [("sqlite", "sqlite"), ("sqlite", "postgresql")], indirect=True
)


class TestRoundTrip:
    """A backup of either database is the same library again on either."""

    @crosswise
    async def test_brings_back_every_row_of_every_table(
        self, database: Database, target: Database, tmp_path: Path
    ) -> None:
        await fill_every_table(database)
        before = await everything(database, but=BUT_JOBS)
        assert all(before.values()), "a table without rows would prove nothing"
        manifest = await write_backup(database, tmp_path / "backup.zip", left=ignore)
        await restore_backup(target, tmp_path / "backup.zip", room=tmp_path, left=ignore)
        assert await everything(target, but=BUT_JOBS) == before
        assert {table.name: table.rows for table in manifest.tables}["passages"] == 3

    @into_each
    async def test_new_rows_get_new_keys_afterwards(self, database: Database, target: Database, tmp_path: Path) -> None:
        document = await fill_every_table(database)
        await write_backup(database, tmp_path / "backup.zip", left=ignore)
        await restore_backup(target, tmp_path / "backup.zip", room=tmp_path, left=ignore)
        async with target.session() as session:
            known = set((await session.scalars(select(Passage.id))).all())
            fresh = make_passage(document, 99)
            session.add(fresh)
            await session.flush()
            assert fresh.id > max(known)

    @crosswise
    async def test_asks_for_everything_to_be_indexed(
        self, database: Database, target: Database, tmp_path: Path
    ) -> None:
        document = await fill_every_table(database)
        async with database.session() as session:
            session.add(make_job(key="f" * 32, state=JobState.DEAD))  # of an index that is no more
            await session.commit()
        await write_backup(database, tmp_path / "backup.zip", left=ignore)
        await restore_backup(target, tmp_path / "backup.zip", room=tmp_path, left=ignore)
        async with target.session(writes=False) as session:
            jobs = JobRepository(session)
            assert await jobs.counts() == {
                (WORDS_JOB, "waiting"): 1,
                (VECTORS_JOB, "waiting"): 1,
                (LINK_JOB, "waiting"): 1,
                ("other.work", "running"): 1,
            }
            assert await jobs.unfinished([WORDS_JOB], [document.id.hex]) == 1
            assert await jobs.is_due("other.work"), "whoever held it is not here"

    @crosswise
    async def test_a_large_library_goes_through_in_parts(
        self, database: Database, target: Database, tmp_path: Path
    ) -> None:
        await fill_every_table(database, passages=1234)
        told: list[int] = []
        await write_backup(database, tmp_path / "backup.zip", left=told.append)
        await restore_backup(target, tmp_path / "backup.zip", room=tmp_path, left=ignore)
        assert len((await everything(target))["passages"]) == 1234
        assert told[0] > 1234
        assert told[-1] == 0
        assert told == sorted(told, reverse=True)


class TestBackupBesideOthers:
    async def test_shows_one_moment_while_others_write(self, database: Database, tmp_path: Path) -> None:
        """Documents keep coming while the backup runs: none may be there without its passage."""
        await fill_every_table(database, passages=2000)
        stop = asyncio.Event()

        async def write() -> int:
            written = 0
            while not stop.is_set():
                async with database.session() as session:
                    document = make_document(source=f"{written}.md")
                    document.organisation_id = (await session.scalars(select(Document.organisation_id))).first()
                    session.add(document)
                    await session.flush()
                    session.add(make_passage(document, 0))
                    await session.commit()
                written += 1
            return written

        writer = asyncio.create_task(write())
        await asyncio.sleep(0.1)
        manifest = await write_backup(database, tmp_path / "backup.zip", left=ignore)
        during = len((await everything(database))["documents"])
        stop.set()
        assert await writer > 0
        rows = {table.name: table.rows for table in manifest.tables}
        assert rows["passages"] - 2000 == rows["documents"] - 1
        assert rows["documents"] <= during

    @only_sqlite
    async def test_a_database_of_an_older_version_can_be_backed_up(self, database: Database, tmp_path: Path) -> None:
        await fill_every_table(database)
        await set_version(database, "1999_an_older_one")
        manifest = await write_backup(database, tmp_path / "backup.zip", left=ignore)
        assert manifest.version == "1999_an_older_one"


@only_sqlite
class TestTheFile:
    async def test_only_its_owner_may_read_it(self, database: Database, tmp_path: Path) -> None:
        await write_backup(database, tmp_path / "backup.zip", left=ignore)
        assert stat.S_IMODE((tmp_path / "backup.zip").stat().st_mode) == 0o600

    async def test_nothing_is_overwritten(self, database: Database, tmp_path: Path) -> None:
        file = tmp_path / "backup.zip"
        file.write_text("precious")
        with pytest.raises(FileExists):
            await write_backup(database, file, left=ignore)
        assert file.read_text() == "precious"

    async def test_a_missing_folder_is_named(self, database: Database, tmp_path: Path) -> None:
        with pytest.raises(FileNotWritten) as caught:
            await write_backup(database, tmp_path / "missing" / "backup.zip", left=ignore)
        assert str(tmp_path / "missing") in caught.value.message

    async def test_an_interrupted_backup_leaves_nothing(self, database: Database, tmp_path: Path) -> None:
        await fill_every_table(database)
        folder = tmp_path / "backups"
        folder.mkdir()

        def interrupt(left: int) -> None:
            if left == 0:
                assert list(folder.iterdir()), "by now there must be a draft"
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            await write_backup(database, folder / "backup.zip", left=interrupt)
        assert list(folder.iterdir()) == []

    async def test_says_what_is_in_it(self, database: Database, tmp_path: Path) -> None:
        written = await write_backup(database, tmp_path / "backup.zip", left=ignore)
        with BackupReader.open(tmp_path / "backup.zip") as backup:
            assert backup.manifest == written
        assert {table.name for table in written.tables} == set(await everything(database))


class TestNothingThere:
    async def test_an_empty_database_has_no_backup(self, target: Database, tmp_path: Path) -> None:
        with pytest.raises(NothingToBackUp):
            await write_backup(target, tmp_path / "backup.zip", left=ignore)
        assert not (tmp_path / "backup.zip").exists()


class TestRestoreOnlyIntoEmpty:
    async def test_a_library_is_never_overwritten(self, database: Database, tmp_path: Path) -> None:
        await fill_every_table(database)
        before = await everything(database)
        await write_backup(database, tmp_path / "backup.zip", left=ignore)
        with pytest.raises(NotEmpty):
            await restore_backup(database, tmp_path / "backup.zip", room=tmp_path, left=ignore)
        assert await everything(database) == before

    @into_each
    async def test_tables_without_rows_are_empty(self, database: Database, target: Database, tmp_path: Path) -> None:
        """Any command makes the tables; that must not stand in the way."""
        await fill_every_table(target_of_rows := database)
        await write_backup(target_of_rows, tmp_path / "backup.zip", left=ignore)
        async with target.session() as session:
            await session.execute(text("SELECT 1"))
        await restore_backup(target, tmp_path / "backup.zip", room=tmp_path, left=ignore)
        assert (await everything(target))["documents"]


class TestLastBackup:
    def test_is_remembered_in_the_data_folder(self, tmp_path: Path) -> None:
        moment = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
        note_backup(tmp_path, moment)
        assert last_backup(tmp_path) == moment

    def test_is_unknown_at_first(self, tmp_path: Path) -> None:
        assert last_backup(tmp_path) is None

    def test_the_usual_name_sorts_by_time(self) -> None:
        moment = datetime(2026, 11, 21, 9, 5, 7, tzinfo=UTC)
        assert backup_name(moment) == "allmende-backup-2026-11-21-090507.zip"
