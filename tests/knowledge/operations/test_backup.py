"""Tests of backup and restore over real databases of both kinds."""

import asyncio
import shutil
import stat
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import select

from knowledge.jobs.repository import JobRepository
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.settings import with_driver
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.indexes.jobs import VECTORS_JOB
from knowledge.library.indexes.repository import ChangeRepository
from knowledge.library.indexes.schemas import Position
from knowledge.models import Base, Document, Organisation, Passage
from knowledge.models.job import JobState
from knowledge.models.organisation import OrganisationKind
from knowledge.operations.archive import BackupReader, Manifest
from knowledge.operations.backup import NothingToBackUp, backup_name, last_backup, note_backup, remove_old, write_backup
from knowledge.operations.encryption import SUFFIX, make_key, read_identities, read_recipients
from knowledge.operations.migrating import migrate
from knowledge.operations.repository import CHUNK
from knowledge.operations.restore import BackupFile, NotEmpty, restore_backup
from knowledge.operations.safe_file import FileExists, FileNotWritten, new_file
from knowledge.topics.jobs import LINK_JOB
from knowledge.topics.seeding import seed_topics
from tests.knowledge.operations.filling import (
    MOMENT,
    everything,
    fill_every_table,
    make_document,
    make_job,
    make_passage,
    set_version,
)
from tests.postgres import PostgresTemplate, in_own_loop

# Begun anew after a restore: work, how far the networks were read, what the indexes have to look at, signing in.
BUT_JOBS = frozenset({"jobs", "chat_cursors", "index_changes", "hub_sessions", "sign_in_links"})


def ignore(_left: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A library with something in every table, and what became of it: backed up on one kind of database, restored on
    the other."""

    document: UUID
    before: dict[str, list[dict[str, Any]]]
    manifest: Manifest
    told: list[int]
    url: str


@pytest.fixture(scope="module", params=["sqlite to postgresql", "postgresql to sqlite"])
def moved(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[Moved]:
    """A library that was moved; encrypted on the way to SQLite. Tests may look at it and add to it."""
    folder = tmp_path_factory.mktemp("moved")
    template: PostgresTemplate = request.getfixturevalue("postgres_template")
    shutil.copyfile(sqlite_template, folder / "source.db")
    sqlite = f"sqlite+aiosqlite:///{folder}"
    with template.clone() as postgres:
        if request.param == "sqlite to postgresql":
            yield in_own_loop(move(f"{sqlite}/source.db", with_driver(postgres), folder / "backup.zip"))
        else:
            yield in_own_loop(move(with_driver(postgres), f"{sqlite}/target.db", folder / "backup.zip.age"))


async def move(source_url: str, target_url: str, file: Path) -> Moved:
    """Fill a database, back it up, restore it elsewhere."""
    source, target = Database(source_url), Database(target_url)
    told: list[int] = []
    secret = make_key(file.with_name("secret.key"), MOMENT) if file.suffix == SUFFIX else None
    try:
        document = await fill_every_table(source, passages=1234)
        async with source.session() as session:
            session.add(make_job(key="f" * 32, state=JobState.DEAD))  # of an index that is no more
            await session.commit()
        before = await everything(source, but=BUT_JOBS)
        keys = read_recipients([secret] if secret else [])
        manifest = await write_backup(source, file, left=told.append, recipients=keys)
        given = BackupFile(file, read_identities(file.with_name("secret.key")) if secret else None)
        await restore_backup(target, given, room=file.parent, left=ignore)
    finally:
        await source.close()
        await target.close()
    return Moved(document.id, before, manifest, told, target_url)


@pytest_asyncio.fixture
async def restored(moved: Moved) -> AsyncIterator[Database]:
    """The database that it was restored into."""
    database = Database(moved.url)
    yield database
    await database.close()


@pytest_asyncio.fixture
async def empty(tmp_path: Path) -> AsyncIterator[Database]:
    """A database without tables."""
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}")
    yield database
    await database.close()


only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class TestRoundTrip:
    """A backup of either database is the same library again on the other."""

    async def test_brings_back_every_row_of_every_table(self, moved: Moved, restored: Database) -> None:
        assert all(moved.before.values()), "a table without rows would prove nothing"
        assert await everything(restored, but=BUT_JOBS) == moved.before
        assert {table.name for table in moved.manifest.tables} == set(Base.metadata.tables)

    async def test_new_rows_get_new_keys_afterwards(self, moved: Moved, restored: Database) -> None:
        async with restored.session() as session:
            known = set((await session.scalars(select(Passage.id))).all())
            document = await session.get_one(Document, moved.document)
            fresh = make_passage(document, 9999)
            session.add(fresh)
            await session.flush()
            assert fresh.id > max(known)

    async def test_asks_for_everything_to_be_indexed(self, moved: Moved, restored: Database) -> None:
        async with restored.session(writes=False) as session:
            jobs = JobRepository(session)
            assert await jobs.counts() == {
                (VECTORS_JOB, "waiting"): 1,
                (LINK_JOB, "waiting"): 1,
                ("other.work", "running"): 1,
            }
            assert await jobs.unfinished([VECTORS_JOB], [moved.document.hex]) == 1
            changes = await ChangeRepository(session).after(Position())
            assert [change.document for change in changes] == [moved.document]
            assert await jobs.is_due("other.work"), "whoever held it is not here"

    async def test_everybody_signs_in_anew(self, moved: Moved, restored: Database) -> None:
        """What somebody ended since the backup would be open again otherwise."""
        rows = await everything(restored)
        assert (rows["hub_sessions"], rows["sign_in_links"]) == ([], [])
        assert rows["credentials"]

    def test_a_large_library_goes_through_in_parts(self, moved: Moved) -> None:
        assert moved.told[0] > 1234
        assert len(set(moved.told)) > 1234 // CHUNK
        assert moved.told[-1] == 0
        assert moved.told == sorted(moved.told, reverse=True)


async def add_documents(database: Database, count: int, *, passages: int) -> None:
    """Keep documents with so many passages each."""
    async with database.session() as session:
        organisation = Organisation(key="ort", kind=OrganisationKind.OTHER, name="Ort", search_name="|ort|")
        session.add(organisation)
        await session.flush()
        for number in range(count):
            document = make_document(source=f"{number}.md", organisation_id=organisation.id)
            session.add(document)
            await session.flush()
            session.add_all(make_passage(document, position) for position in range(passages))
        await session.commit()


async def add_one_more(database: Database) -> None:
    """Keep another document with its one passage, in one transaction."""
    async with database.session() as session:
        document = make_document(id=new_id(), organisation_id=await session.scalar(select(Organisation.id)))
        document.source = f"{document.id}.md"
        session.add(document)
        await session.flush()
        session.add(make_passage(document, 0))
        await session.commit()


class TestBackupBesideOthers:
    async def test_shows_one_moment_while_others_go_on_writing(self, database: Database, tmp_path: Path) -> None:
        """Documents keep coming while the backup runs: none may be there without its passage, and none has to wait."""
        await add_documents(database, 2, passages=1000)
        begun, stop, written, seen = asyncio.Event(), asyncio.Event(), 0, list[int]()

        async def write() -> None:
            nonlocal written
            while not stop.is_set():
                await add_one_more(database)
                written += 1
                begun.set()

        writer = asyncio.create_task(write())
        await begun.wait()
        await write_backup(database, tmp_path / "backup.zip", left=lambda _left: seen.append(written))
        stop.set()
        await writer
        with BackupReader.open(tmp_path / "backup.zip") as backup:
            rows = {entry.name: list(backup.rows(entry)) for entry in backup.manifest.tables}
        assert {row["id"] for row in rows["documents"]} == {row["document_id"] for row in rows["passages"]}
        assert len(rows["documents"]) - 2 <= seen[0]
        assert seen[-1] > seen[0], "nobody could write while the backup was being written"

    @only_sqlite
    async def test_a_database_of_an_older_version_can_be_backed_up(self, database: Database, tmp_path: Path) -> None:
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
    async def test_an_empty_database_has_no_backup(self, empty: Database, tmp_path: Path) -> None:
        with pytest.raises(NothingToBackUp):
            await write_backup(empty, tmp_path / "backup.zip", left=ignore)
        assert not (tmp_path / "backup.zip").exists()


class TestRestoreOnlyIntoEmpty:
    async def test_a_library_is_never_overwritten(self, database: Database, tmp_path: Path) -> None:
        await add_documents(database, 1, passages=3)
        before = await everything(database)
        await write_backup(database, tmp_path / "backup.zip", left=ignore)
        with pytest.raises(NotEmpty):
            await restore_backup(database, tmp_path / "backup.zip", room=tmp_path, left=ignore)
        assert await everything(database) == before

    async def test_tables_with_nothing_but_what_comes_along_are_empty(
        self, database: Database, empty: Database, tmp_path: Path
    ) -> None:
        """Any command makes the tables and brings the topics; that must not stand in the way."""
        await migrate(empty)
        await write_backup(empty, tmp_path / "backup.zip", left=ignore)
        async with unit_of_work(database) as unit:
            await seed_topics(unit.session)
        await restore_backup(database, tmp_path / "backup.zip", room=tmp_path, left=ignore)
        assert (await everything(database))["topics"] == (await everything(empty))["topics"]


class TestOldBackups:
    def test_the_newest_stay_and_other_files_too(self, tmp_path: Path) -> None:
        days = [backup_name(datetime(2026, 11, day, 3, tzinfo=UTC), is_encrypted=day > 2) for day in range(1, 6)]
        others = ["allmende-backup-before-the-move.zip", "erasures.log", "allmende-backup-2026-11-01-030000.zip.txt"]
        for name in (*days, *others):
            (tmp_path / name).touch()
        assert [file.name for file in remove_old(tmp_path, keep=2)] == days[2::-1]
        assert {file.name for file in tmp_path.iterdir()} == {*days[3:], *others}

    def test_what_a_killed_backup_left_goes_and_a_running_one_stays(self, tmp_path: Path) -> None:
        left = tmp_path / f".{backup_name(MOMENT)}.abc.part"
        left.touch()
        with new_file(tmp_path / backup_name(MOMENT)) as stream:
            stream.write(b"half")
            remove_old(tmp_path, keep=1)
            assert not left.exists()
            assert len(list(tmp_path.iterdir())) == 1, "what is being written belongs to somebody"
        assert (tmp_path / backup_name(MOMENT)).read_bytes() == b"half"


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
