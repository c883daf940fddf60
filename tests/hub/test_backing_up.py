"""Tests of backups as scripts and people call them: encrypted, checked, few enough, killed, and before a migration."""

import os
import random
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from knowledge.kit.database import Database
from knowledge.kit.schema_version import SCHEMA_VERSION
from tests.hub.shell import Shell, write_texts
from tests.knowledge.operations.test_upgrading import WITH_CHAT, make_old
from tests.postgres import in_own_loop


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, begun_template: Path) -> Shell:
    """A library with a text."""
    shell = Shell(tmp_path_factory.mktemp("library")).begun(begun_template)
    shell.succeed("add", str(write_texts(shell.folder / "texts", 1)), "--visibility", "public", "--no-wait")
    return shell


class TestEncrypted:
    def test_made_checked_and_restored_with_a_key_of_ones_own(self, library: Shell, tmp_path: Path) -> None:
        key = library.json("backup-key", str(tmp_path / "secret.key"), "--json")
        sealed = library.with_settings(ALLMENDE_BACKUP_RECIPIENTS=f"{key['recipient']},")
        file = sealed.succeed("backup", str(tmp_path)).strip()
        assert file.endswith(".zip.age")

        refused = library.run("backup", "--check", file)
        assert (refused.returncode, "--identity" in refused.stderr) == (2, True)
        checked = library.succeed("backup", "--check", file, "--identity", key["file"])
        assert "is whole" in checked

        (tmp_path / "new").mkdir()
        empty = Shell(tmp_path / "new")
        refused = empty.run("restore", file)
        assert (refused.returncode, "--identity" in refused.stderr) == (2, True)
        empty.succeed("restore", file, "--identity", key["file"], "--no-wait")
        assert empty.succeed("documents", "export") == library.succeed("documents", "export")

    def test_what_is_no_key_is_refused_before_anything_is_written(self, library: Shell, tmp_path: Path) -> None:
        result = library.run("backup", str(tmp_path), "--to", "age1nonsense")
        assert (result.returncode, result.stdout) == (2, "")
        assert "backup-key" in result.stderr
        assert list(tmp_path.iterdir()) == []


class TestKeep:
    def test_old_ones_go_when_a_new_one_is_there(self, library: Shell, tmp_path: Path) -> None:
        for day in range(1, 4):
            (tmp_path / f"allmende-backup-2026-01-0{day}-030000.zip").touch()
        newest = library.succeed("backup", str(tmp_path), "--keep", "2").strip()
        left = sorted(file.name for file in tmp_path.iterdir())
        assert left == ["allmende-backup-2026-01-03-030000.zip", Path(newest).name]

    def test_needs_a_folder(self, library: Shell, tmp_path: Path) -> None:
        result = library.run("backup", str(tmp_path / "backup.zip"), "--keep", "2")
        assert (result.returncode, list(tmp_path.iterdir())) == (2, [])


class TestKilled:
    def test_leaves_no_file_of_its_name_and_the_next_one_clears_up(self, library: Shell, tmp_path: Path) -> None:
        shell = library.copy_to(tmp_path)
        add_large_row(shell.data / "allmende.db")
        backups = tmp_path / "backups"
        backups.mkdir()
        process = shell.start("backup", str(backups))
        end = time.monotonic() + 60
        while not list(backups.iterdir()):
            assert process.poll() is None, "it ended before it could be stopped"
            assert time.monotonic() < end, "it never began"
        os.kill(process.pid, signal.SIGSTOP)
        (draft,) = backups.iterdir()
        process.kill()
        process.communicate(timeout=60)
        assert [file.name for file in backups.iterdir()] == [draft.name]
        assert draft.name.endswith(".part")
        newest = Path(shell.succeed("backup", str(backups), "--keep", "1").strip())
        assert list(backups.iterdir()) == [newest]


def add_large_row(database: Path) -> None:
    """Put something into a library that takes a while to be written."""
    noise = random.Random(3).randbytes(4_000_000).hex()
    with sqlite3.connect(database) as rows:
        rows.execute("UPDATE document_versions SET blocks = ?", (noise.encode(),))
    rows.close()


async def make_old_file(file: Path) -> None:
    """Make a database of an older version."""
    database = Database(f"sqlite+aiosqlite:///{file}")
    await make_old(database)
    await database.close()


class TestBeforeMigration:
    @pytest.fixture
    def old(self, tmp_path: Path) -> Shell:
        """A library of an older version."""
        shell = Shell(tmp_path)
        shell.data.mkdir()
        in_own_loop(make_old_file(shell.data / "allmende.db"))
        return shell

    def test_a_backup_is_written_that_leads_back(self, old: Shell) -> None:
        done = old.json("migrate", "--json")
        assert (done["from"], done["to"]) == (WITH_CHAT, SCHEMA_VERSION)
        backup = Path(done["backup"])
        assert backup.parent == old.data / "backups"
        checked = old.json("backup", "--check", str(backup), "--json")
        assert checked["version"] == WITH_CHAT
        assert old.json("migrate", "--json")["backup"] is None
        assert [document["title"] for document in old.lines("documents", "list", "--json")] == ["Bäume"]

    def test_none_where_it_is_not_wanted(self, old: Shell) -> None:
        assert old.json("migrate", "--no-backup", "--json")["backup"] is None
        assert not (old.data / "backups").exists()
