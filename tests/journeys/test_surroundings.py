"""What commands stand on gives way: a full disk, no permission, a database of another version or a damaged one."""

import ctypes
import os
import resource
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.hub.shell import Result, Shell, write_texts
from tests.journeys.processes import passage_count, stored, words_count, write_reports

PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2


def mount(*arguments: str) -> bool:
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0 or not mount("-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)):
        pytest.skip("only root can make a small disk; limited file sizes stand for it in the next test")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def assert_explained(result: Result, words: str) -> None:
    assert result.returncode == 1, result.stderr
    assert words in result.stderr, result.stderr
    assert "Traceback" not in result.stderr


class TestFullDisk:
    def test_what_was_finished_is_kept_and_the_rest_follows(self, tmp_path: Path, small_disk: Path) -> None:
        shell = Shell(tmp_path, {"ALLMENDE_DATA_DIR": str(small_disk / "data")})
        folder = str(write_reports(tmp_path / "texte", 60, paragraphs=40))
        assert_explained(shell.run("add", folder), "The disk is full")
        assert mount("-o", "remount,size=200m", str(small_disk))
        shell.succeed("add", folder)
        with closing(sqlite3.connect(small_disk / "data" / "allmende.db")) as connection:
            assert connection.execute("SELECT count(*), max(version) FROM documents").fetchone() == (60, 1)
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)

    def test_files_that_must_not_grow(self, shell: Shell) -> None:
        folder = str(write_reports(shell.folder / "texte", 40, paragraphs=40))
        shell.succeed("documents", "list")

        def limit() -> None:
            size = (shell.data / "allmende.db").stat().st_size + 100_000
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

        assert_explained(shell.run("add", folder, before=limit), "The disk is full")
        shell.succeed("add", folder)
        assert stored(shell, "SELECT count(*), max(version) FROM documents") == [(40, 1)]
        assert words_count(shell) == passage_count(shell)


def without_privileges() -> None:
    """Let root be stopped by permissions, too, as everybody else is (prctl(2), capabilities(7))."""
    if os.geteuid() == 0:
        for privilege in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, privilege)


class TestNoPermission:
    def test_a_data_folder_of_somebody_else(self, tmp_path: Path) -> None:
        shell = Shell(tmp_path)  # with nothing in it yet
        shell.data.mkdir(mode=0o000)
        assert_explained(shell.run("ask", "Warum?", before=without_privileges), "who owns")
        shell.data.chmod(0o500)
        assert_explained(shell.run("ask", "Warum?", before=without_privileges), "who owns")
        shell.data.chmod(0o700)
        shell.succeed("add", str(write_texts(shell.folder / "texte")))
        (shell.data / "indexes").chmod(0o500)
        (shell.data / "indexes" / "owner.lock").chmod(0o400)
        assert_explained(shell.run("ask", "Warum?", before=without_privileges), "who owns")
        (shell.data / "indexes").chmod(0o700)

    def test_files_and_folders_that_may_not_be_read(self, shell: Shell) -> None:
        texts = write_texts(shell.folder / "texte", 3)
        (texts / "bericht-1.md").chmod(0o000)
        (texts / "geheim").mkdir(mode=0o000)
        result = shell.run("add", "texte", before=without_privileges)
        (texts / "geheim").chmod(0o700)
        assert result.returncode == 1, result.stderr
        failed = [line for line in result.stdout.splitlines() if line.startswith("FAILED")]
        assert [line.split()[1] for line in failed] == ["bericht-1.md", "geheim"]
        assert result.stdout.count("new:") == 2


class TestDatabase:
    @pytest.fixture
    def filled(self, shell: Shell) -> Shell:
        shell.succeed("add", str(write_texts(shell.folder / "texte")))
        return shell

    def set_version(self, shell: Shell, version: str) -> None:
        with closing(sqlite3.connect(shell.data / "allmende.db")) as connection, connection:
            connection.execute("UPDATE alembic_version SET version_num = ?", (version,))

    def test_of_another_version(self, filled: Shell) -> None:
        (current,) = stored(filled, "SELECT version_num FROM alembic_version")[0]
        self.set_version(filled, "from_the_future")
        for command in (["ask", "Bäume?"], ["add", "texte"]):
            assert_explained(filled.run(*command), "newer version")
        self.set_version(filled, current)
        assert "bericht" in filled.succeed("ask", "Bäume in der Gemeinde Nummer 1?").lower()

    def test_damaged_or_no_database_at_all(self, filled: Shell) -> None:
        database = filled.data / "allmende.db"
        for name in ("allmende.db-wal", "allmende.db-shm"):
            (filled.data / name).unlink(missing_ok=True)
        sound = database.read_bytes()
        for damaged in (b"no database at all " * 500, sound[:4096] + os.urandom(len(sound) - 4096)):
            database.write_bytes(damaged)
            assert_explained(filled.run("ask", "Bäume?"), "damaged")
            assert database.read_bytes()[:19] == damaged[:19], "what may still be saved is left as it is"
        database.write_bytes(sound)
        assert "bericht" in filled.succeed("ask", "Bäume in der Gemeinde Nummer 1?").lower()

    def test_one_that_cannot_be_reached(self, shell: Shell) -> None:
        away = shell.with_settings(ALLMENDE_DATABASE_URL="postgresql://127.0.0.1:9/none")
        assert_explained(away.run("ask", "Bäume?"), "ALLMENDE_DATABASE_URL")
        wrong = shell.with_settings(ALLMENDE_DATABASE_URL="mysql://127.0.0.1/none").run("ask", "Bäume?")
        assert (wrong.returncode, "postgresql://" in wrong.stderr) == (2, True)
