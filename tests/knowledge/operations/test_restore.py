"""Tests of restoring what is old, new, damaged or hostile: all of it, or nothing changes."""

import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from knowledge.kit.database import Database
from knowledge.kit.errors import AllmendeError
from knowledge.kit.migrations import current_version
from knowledge.kit.schema_version import SCHEMA_VERSION
from knowledge.operations.archive import MANIFEST, BackupDamaged, BackupFromNewerProgram, BackupReader, BackupWriter
from knowledge.operations.backup import write_backup
from knowledge.operations.repository import TableRepository
from knowledge.operations.restore import NoRoom, RowDoesNotFit, restore_backup
from knowledge.operations.schema import DatabaseAhead
from tests.knowledge.operations.filling import MOMENT, everything, fill_every_table, set_version
from tests.knowledge.operations.next_program import NEXT_VERSION, become_next_program
from tests.knowledge.operations.test_backup import BUT_JOBS, ignore, only_sqlite
from tests.postgres import in_own_loop

Manifest = dict[str, Any]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """A backup with something in every table."""
    folder = tmp_path_factory.mktemp("written")
    shutil.copyfile(sqlite_template, folder / "source.db")

    async def write() -> None:
        source = Database(f"sqlite+aiosqlite:///{folder / 'source.db'}")
        await fill_every_table(source)
        await write_backup(source, folder / "backup.zip", left=ignore)
        await source.close()

    in_own_loop(write())
    return folder / "backup.zip"


@pytest.fixture
def backup(written: Path, tmp_path: Path) -> Path:
    """A copy of that backup, to be damaged."""
    return Path(shutil.copy(written, tmp_path))


@pytest_asyncio.fixture
async def empty(tmp_path: Path, sqlite_template: Path) -> AsyncIterator[Database]:
    """A database with nothing in its tables."""
    shutil.copyfile(sqlite_template, tmp_path / "empty.db")
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}")
    yield database
    await database.close()


def all_rows(backup: Path) -> dict[str, list[dict[str, Any]]]:
    """Return what a backup holds, once it was verified."""
    with BackupReader.open(backup) as reader:
        reader.verify(ignore)
        return {table.name: list(reader.rows(table)) for table in reader.manifest.tables}


def write_small(file: Path) -> Path:
    """Write a backup of two short tables, of which every byte can be tried."""
    with file.open("wb") as stream, BackupWriter(stream) as writer:
        for name in ("members", "notices"):
            with writer.table(name) as rows:
                rows.add({"id": number, "name": f"Ada {number}"} for number in range(3))
        writer.finish(program="1", version=SCHEMA_VERSION, database="sqlite", created_at=MOMENT)
    return file


def cut(file: Path, share: float) -> None:
    """Leave only the first part of a file."""
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * share)])


def rewritten(backup: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """Return a copy of a backup whose members were changed."""
    with zipfile.ZipFile(backup) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    copy = backup.with_name("changed.zip")
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return copy


def with_manifest(backup: Path, change: Callable[[Manifest], None]) -> Path:
    """Return a copy of a backup whose manifest was changed."""

    def edit(members: dict[str, bytes]) -> None:
        manifest = json.loads(members[MANIFEST])
        change(manifest)
        members[MANIFEST] = json.dumps(manifest).encode()

    return rewritten(backup, edit)


def with_rows(backup: Path, table: str, change: Callable[[dict[str, Any]], None]) -> Path:
    """Return a copy of a backup with other rows and a manifest that vouches for them."""

    def edit(members: dict[str, bytes]) -> None:
        rows = [json.loads(line) for line in members[f"tables/{table}.jsonl"].splitlines()]
        for row in rows:
            change(row)
        content = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
        members[f"tables/{table}.jsonl"] = content
        manifest = json.loads(members[MANIFEST])
        entry = next(entry for entry in manifest["tables"] if entry["name"] == table)
        entry |= {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        members[MANIFEST] = json.dumps(manifest).encode()

    return rewritten(backup, edit)


async def assert_refused(database: Database, file: Path, error: type[AllmendeError]) -> str:
    """Check that a backup is refused and leaves no trace; returns what the person reads."""
    before = await current_version(database)
    with pytest.raises(error) as caught:
        await restore_backup(database, file, room=file.parent, left=ignore)
    assert await current_version(database) == before
    assert await first_with_rows(database) is None
    return caught.value.message


async def first_with_rows(database: Database) -> str | None:
    """Return the name of a table that has anything in it."""
    async with database.engine.connect() as connection:
        return await TableRepository(connection).first_with_rows()


class TestOlderBackup:
    async def test_is_brought_to_the_newest_version(
        self, backup: Path, empty: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        become_next_program(tmp_path, monkeypatch)
        await restore_backup(empty, backup, room=tmp_path, left=ignore)
        assert await current_version(empty) == NEXT_VERSION
        rows = await everything(empty, but=BUT_JOBS)
        assert all(rows.values())
        assert len(rows["passages"]) == 3

    async def test_fits_into_tables_of_the_newest_version(
        self, backup: Path, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        become_next_program(tmp_path, monkeypatch)
        await restore_backup(database, backup, room=tmp_path, left=ignore)
        async with database.session(writes=False) as session:
            assert (await session.scalars(text("SELECT colour FROM documents"))).all() == ["green"]


class TestNewerBackup:
    async def test_of_newer_tables_is_refused(self, backup: Path, empty: Database) -> None:
        def age(manifest: Manifest) -> None:
            manifest |= {"version": NEXT_VERSION, "program": "9.9"}

        assert "9.9" in await assert_refused(empty, with_manifest(backup, age), BackupFromNewerProgram)

    async def test_of_a_newer_format_is_refused(self, backup: Path, empty: Database) -> None:
        """A later format may have a manifest that this program cannot read at all."""

        def age(manifest: Manifest) -> None:
            manifest.clear()
            manifest.update(format="allmende-backup", format_version=2, program="9.9", parts=[])

        assert "9.9" in await assert_refused(empty, with_manifest(backup, age), BackupFromNewerProgram)

    @only_sqlite
    async def test_into_a_newer_database_is_refused(self, backup: Path, database: Database) -> None:
        await set_version(database, NEXT_VERSION)
        await assert_refused(database, backup, DatabaseAhead)


class TestDamagedBackup:
    @pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
    async def test_cut_off_is_refused(self, backup: Path, empty: Database, share: float) -> None:
        cut(backup, share)
        assert "backup.zip" in await assert_refused(empty, backup, BackupDamaged)

    def test_a_flipped_byte_is_noticed_or_means_nothing(self, tmp_path: Path) -> None:
        """Some bytes of an archive, such as a time of day, are of no consequence; all others must be noticed."""
        small = write_small(tmp_path / "small.zip")
        content, right, noticed = small.read_bytes(), all_rows(small), 0
        for position in range(len(content)):
            changed = bytearray(content)
            changed[position] ^= 0xFF
            small.write_bytes(changed)
            try:
                assert all_rows(small) == right
            except (BackupDamaged, BackupFromNewerProgram):
                noticed += 1
        assert noticed > len(content) / 2

    async def test_other_content_than_vouched_for_is_refused(self, backup: Path, empty: Database) -> None:
        def swap(members: dict[str, bytes]) -> None:
            members["tables/members.jsonl"] = members["tables/members.jsonl"].replace(b"Ada", b"Eve")

        await assert_refused(empty, rewritten(backup, swap), BackupDamaged)

    async def test_a_missing_table_is_refused(self, backup: Path, empty: Database) -> None:
        def forget(members: dict[str, bytes]) -> None:
            del members["tables/passages.jsonl"]
            manifest = json.loads(members[MANIFEST])
            manifest["tables"] = [entry for entry in manifest["tables"] if entry["name"] != "passages"]
            members[MANIFEST] = json.dumps(manifest).encode()

        await assert_refused(empty, rewritten(backup, forget), BackupDamaged)

    @pytest.mark.parametrize(
        "change",
        [
            {"created_at": "yesterday"},
            {"created_at": 7},
            {"created_at": "2026-13-01"},
            {"surprise": 1},
        ],
    )
    async def test_a_row_that_cannot_be_read_undoes_everything(
        self, backup: Path, empty: Database, change: dict[str, Any]
    ) -> None:
        await assert_refused(empty, with_rows(backup, "documents", lambda row: row.update(change)), BackupDamaged)

    async def test_a_row_that_does_not_fit_undoes_everything(self, backup: Path, empty: Database) -> None:
        file = with_rows(backup, "documents", lambda row: row.update(source=None))
        assert "documents" in await assert_refused(empty, file, RowDoesNotFit)

    async def test_rows_that_refer_to_nothing_undo_everything(self, backup: Path, empty: Database) -> None:
        file = with_rows(backup, "passages", lambda row: row.update(document_id="0" * 32))
        with pytest.raises(AllmendeError):
            await restore_backup(empty, file, room=file.parent, left=ignore)
        assert await first_with_rows(empty) is None

    async def test_another_file_is_refused(self, empty: Database, tmp_path: Path) -> None:
        (tmp_path / "letter.txt").write_text("Sehr geehrte Damen und Herren")
        assert "letter.txt" in await assert_refused(empty, tmp_path / "letter.txt", BackupDamaged)

    async def test_another_archive_is_refused(self, empty: Database, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
            archive.writestr("photo.jpg", b"\xff\xd8")
        await assert_refused(empty, tmp_path / "photos.zip", BackupDamaged)


class TestHostileBackup:
    @pytest.mark.parametrize("name", ["../outside.txt", "/tmp/outside.txt", "tables/../../outside.txt"])
    async def test_members_that_lead_elsewhere_are_refused(self, backup: Path, empty: Database, name: str) -> None:
        file = rewritten(backup, lambda members: members.update({name: b"gotcha"}))
        await assert_refused(empty, file, BackupDamaged)
        assert not list(backup.parent.parent.rglob("outside.txt"))

    async def test_table_names_that_lead_elsewhere_are_refused(self, backup: Path, empty: Database) -> None:
        def rename(manifest: Manifest) -> None:
            manifest["tables"][0]["name"] = "../documents"

        await assert_refused(empty, with_manifest(backup, rename), BackupDamaged)

    async def test_links_are_refused(self, backup: Path, empty: Database) -> None:
        with zipfile.ZipFile(backup, "a") as archive:
            link = zipfile.ZipInfo("tables/link")
            link.external_attr = 0o120777 << 16
            archive.writestr(link, "/etc/passwd")
        await assert_refused(empty, backup, BackupDamaged)

    async def test_more_than_the_disk_holds_is_refused_before_reading(self, backup: Path, empty: Database) -> None:
        """A bomb says how large it is, or its sizes do not agree: either way nothing is unpacked."""

        def swell(manifest: Manifest) -> None:
            manifest["tables"][0]["size"] = 2**60

        with pytest.raises(BackupDamaged):
            BackupReader.open(with_manifest(backup, swell))

    async def test_a_disk_too_small_is_said(
        self, backup: Path, empty: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        free = os.statvfs(backup.parent)
        assert free.f_bavail > 0
        monkeypatch.setattr("shutil.disk_usage", lambda _folder: type("Usage", (), {"free": 10}))
        await assert_refused(empty, backup, NoRoom)

    async def test_bytes_of_endless_zeros_stay_out_of_memory(self, backup: Path, empty: Database) -> None:
        def fill(members: dict[str, bytes]) -> None:
            members[MANIFEST] = b" " * (2 << 20) + members[MANIFEST]

        await assert_refused(empty, rewritten(backup, fill), BackupDamaged)
