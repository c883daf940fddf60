"""Tests of looking after a library, as scripts and people call it."""

import ctypes
import json
import os
import random
import resource
import shutil
import signal
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from knowledge.kit.schema_version import SCHEMA_VERSION
from tests.hub.shell import Shell, write_texts
from tests.hub.warm import Command

# Bytes; SQLite itself needs 32 KB for what its processes share.
SMALL = 40_000
BAD_JOB = """
INSERT INTO jobs (kind, key, payload, state, attempts, run_at, error, created_at)
VALUES ('library.index_words', 'abc', '{}', 'dead', 8, '2026-01-01', 'OddError', '2026-01-01')
"""
MEMBER = """
INSERT INTO members (id, name, search_name, role, active, created_at)
VALUES (?, 'Ada', 'ada', 'member', 1, '2026-01-01 00:00:00.000000')
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, begun_template: Path) -> Shell:
    """A library with three texts that no test changes."""
    shell = Shell(tmp_path_factory.mktemp("library")).begun(begun_template)
    shell.succeed("add", str(write_texts(shell.folder / "texts", 3)), "--visibility", "public")
    return shell


@pytest.fixture
def shell(library: Shell, tmp_path: Path) -> Shell:
    """A copy of that library."""
    return library.copy_to(tmp_path)


@pytest.fixture(scope="module")
def saved(library: Shell) -> Path:
    """A backup of that library."""
    library.succeed("backup", "saved.zip")
    return library.folder / "saved.zip"


@pytest.fixture
def empty(tmp_path: Path) -> Shell:
    """A place with no library yet."""
    (tmp_path / "empty").mkdir()
    return Shell(tmp_path / "empty")


def in_database(shell: Shell, statement: str, *values: object) -> None:
    """Change the database behind the program's back."""
    connection = sqlite3.connect(shell.data / "allmende.db")
    connection.execute(statement, values)
    connection.commit()
    connection.close()


def wait_for_line(process: Command, words: str) -> str:
    """Wait until a process says a certain thing on standard error."""
    assert process.stderr is not None
    alarm = threading.Timer(60, process.kill)
    alarm.start()
    try:
        for line in process.stderr:
            if words in line:
                return line
    finally:
        alarm.cancel()
    raise AssertionError(f"it never said “{words}”")


@contextmanager
def running_worker(shell: Shell) -> Iterator[Command]:
    """Let a worker hold the indexes."""
    worker = shell.start("worker", "--indexes")
    try:
        wait_for_line(worker, "ready")
        yield worker
    finally:
        worker.terminate()
        worker.communicate(timeout=60)


class TestMigrate:
    def test_sets_up_an_empty_folder(self, empty: Shell) -> None:
        assert empty.json("migrate", "--json") == {"from": None, "to": SCHEMA_VERSION, "backup": None}
        assert SCHEMA_VERSION in empty.succeed("migrate")

    def test_a_newer_database_is_left_alone(self, shell: Shell) -> None:
        in_database(shell, "UPDATE alembic_version SET version_num = '2099_later'")
        for command in (("migrate",), ("documents", "list")):
            result = shell.run(*command)
            assert (result.returncode, result.stdout) == (1, "")
            assert "newer version" in result.stderr


class TestBackupAndRestore:
    def test_a_library_moves_to_an_empty_folder(self, library: Shell, empty: Shell) -> None:
        file = empty.folder / "backup.zip"
        result = library.run("backup", str(file))
        assert (result.returncode, result.stdout) == (0, f"{file}\n")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        restored = empty.json("restore", "backup.zip", "--json")
        assert restored["indexes"] == {"passages": 3, "emptied": True, "postponed": 0}
        assert empty.succeed("documents", "export") == library.succeed("documents", "export")
        (line,) = empty.succeed("search", text="Bäume\n").splitlines()
        assert len(json.loads(line)["results"]) == 3

    def test_the_usual_name_lies_in_the_callers_folder(self, shell: Shell) -> None:
        name = shell.succeed("backup").strip()
        assert name.startswith("allmende-backup-")
        assert (shell.folder / name).is_file()
        assert shell.json("doctor", "--json")["ok"]
        assert "0 days old" in shell.succeed("doctor")

    def test_into_a_folder_with_a_library_is_refused(self, library: Shell, saved: Path) -> None:
        result = library.run("restore", str(saved))
        assert (result.returncode, result.stdout) == (1, "")
        assert "ALLMENDE_DATA_DIR" in result.stderr

    def test_into_a_folder_in_use_is_refused(self, saved: Path, empty: Shell) -> None:
        with running_worker(empty):
            result = empty.run("restore", str(saved))
        assert (result.returncode, result.stdout) == (1, "")
        assert "Another Allmende process" in result.stderr
        assert empty.succeed("documents", "list", "--json") == ""

    def test_a_damaged_one_is_refused(self, saved: Path, empty: Shell) -> None:
        (empty.folder / "backup.zip").write_bytes(saved.read_bytes()[:-100])
        result = empty.run("restore", "backup.zip")
        assert (result.returncode, result.stdout) == (2, "")
        assert "damaged" in result.stderr

    def test_of_a_missing_file_is_refused(self, empty: Shell) -> None:
        result = empty.run("restore", "fehlt.zip")
        assert (result.returncode, result.stdout) == (1, "")
        assert "fehlt.zip" in result.stderr

    def test_a_damaged_database_is_told_apart(self, saved: Path, shell: Shell) -> None:
        for file in shell.data.glob("allmende.db*"):
            file.unlink()
        (shell.data / "allmende.db").write_bytes(b"this is no database" * 1000)
        result = shell.run("restore", str(saved))
        assert (result.returncode, result.stdout) == (1, "")
        assert "move it" in result.stderr
        (shell.data / "allmende.db").rename(shell.data / "allmende.db.damaged")
        assert shell.run("restore", str(saved), "--no-wait").returncode == 0
        assert len(shell.lines("documents", "list", "--json")) == 3

    def test_an_empty_folder_has_nothing_to_back_up(self, empty: Shell) -> None:
        result = empty.run("backup")
        assert (result.returncode, result.stdout) == (1, "")
        assert list(empty.folder.glob("*.zip")) == []

    def test_beside_a_worker(self, shell: Shell) -> None:
        with running_worker(shell):
            assert shell.json("backup", "backup.zip", "--json")["format"] == "allmende-backup"


class TestNoRoom:
    """A limit on the size of files is as good as a full disk, and needs no disk."""

    @staticmethod
    def small_files(size: int) -> Callable[[], None]:
        """Return what lets a process write no file beyond ``size`` bytes."""

        def limit() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

        return limit

    @pytest.fixture
    def large(self, shell: Shell) -> Shell:
        """A library with a text that no compression makes small."""
        chance = random.Random(7)
        words = " ".join(chance.randbytes(6).hex() for _ in range(15_000))
        (shell.folder / "large.md").write_text(f"# Kennungen\n\n{words}\n", encoding="utf-8")
        shell.succeed("add", "large.md", "--no-wait")
        return shell

    def test_a_backup_that_does_not_fit_leaves_nothing(self, large: Shell) -> None:
        backups = large.folder / "backups"
        backups.mkdir()
        result = large.run("backup", "backups/backup.zip", before=self.small_files(SMALL))
        assert (result.returncode, result.stdout) == (1, "")
        assert "no room" in result.stderr
        assert list(backups.iterdir()) == []

    def test_an_export_that_does_not_fit_leaves_nothing(self, large: Shell) -> None:
        exports = large.folder / "exports"
        exports.mkdir()
        result = large.run("documents", "export", "exports/all.jsonl", before=self.small_files(SMALL))
        assert (result.returncode, result.stdout) == (1, "")
        assert "no room" in result.stderr
        assert list(exports.iterdir()) == []


def without_override() -> None:
    """Give up, for a process to come, root's right to pass over the permissions of files."""
    drop_from_bounding_set, override, read_search = 24, 1, 2  # linux/prctl.h, linux/capability.h
    for capability in (override, read_search) if os.geteuid() == 0 else ():
        if ctypes.CDLL(None).prctl(drop_from_bounding_set, capability, 0, 0, 0) != 0:
            raise OSError("the right could not be given up")


class TestNoPermission:
    def test_a_backup_into_a_locked_folder_is_refused(self, shell: Shell) -> None:
        locked = shell.folder / "locked"
        locked.mkdir(mode=0o555)
        result = shell.run("backup", "locked/backup.zip", before=without_override)
        assert (result.returncode, result.stdout) == (1, "")
        assert f"No permission to write in “{locked}”" in result.stderr
        assert list(locked.iterdir()) == []

    def test_a_locked_data_folder_is_a_problem(self, shell: Shell) -> None:
        shell.data.chmod(0o555)
        try:
            result = shell.run("doctor", before=without_override)
        finally:
            shell.data.chmod(0o755)
        assert result.returncode == 1
        assert "[PROBLEM] The data folder" in result.stdout
        assert "Traceback" not in result.stderr

    def test_a_restore_into_a_locked_folder_is_refused(self, saved: Path, empty: Shell) -> None:
        empty.folder.chmod(0o555)
        try:
            result = empty.run("restore", str(saved), before=without_override)
        finally:
            empty.folder.chmod(0o755)
        assert (result.returncode, result.stdout) == (1, "")
        assert "No permission" in result.stderr


class TestDoctor:
    def test_all_is_well(self, library: Shell) -> None:
        result = library.run("doctor")
        assert result.returncode == 0
        assert "3 published documents" in result.stdout
        assert "holds all 3 passages" in result.stdout
        assert "PROBLEM" not in result.stdout

    def test_a_misspelt_setting_is_found(self, library: Shell) -> None:
        report = library.with_settings(ALLMENDE_EMBEDING_MODEL="none").json("doctor", "--json")
        (finding,) = [finding for finding in report["findings"] if finding["check"] == "settings.unknown"]
        assert finding["level"] == "warning"
        assert "ALLMENDE_EMBEDDING_MODEL" in finding["todo"]

    def test_dead_letters_are_shown_and_tried_again(self, shell: Shell) -> None:
        in_database(shell, BAD_JOB)
        result = shell.run("doctor")
        assert result.returncode == 1
        assert "library.index_words  abc  OddError (8×)" in result.stdout
        again = shell.run("doctor", "--retry")
        assert again.returncode == 0, again.stdout
        assert "1 jobs" in again.stderr

    def test_an_index_behind_is_found_and_not_mended(self, shell: Shell) -> None:
        shutil.rmtree(shell.data / "indexes" / "words")
        for _attempt in ("finds it", "finds it again"):
            report = shell.json("doctor", "--json")
            (finding,) = [finding for finding in report["findings"] if finding["check"] == "indexes.words"]
            assert (finding["level"], finding["facts"]["found"], finding["facts"]["expected"]) == ("warning", 0, 3)

    def test_a_damaged_index_is_a_problem_until_it_is_rebuilt(self, shell: Shell) -> None:
        next((shell.data / "indexes" / "words").glob("*.term")).write_bytes(b"")
        assert "words index is damaged" in shell.run("doctor").stdout
        assert shell.json("reindex", "--json") == {"passages": 3, "emptied": True, "postponed": 0}
        assert "holds all 3 passages" in shell.succeed("doctor")

    def test_asks_the_owner_where_one_runs(self, shell: Shell) -> None:
        with running_worker(shell):
            assert "holds the indexes and answers" in shell.succeed("doctor")

    def test_few_people_are_not_counted(self, shell: Shell) -> None:
        in_database(shell, MEMBER, "a" * 32)
        in_database(shell, MEMBER, "b" * 32)
        assert "<3 members" in shell.succeed("doctor")
        in_database(shell, MEMBER, "c" * 32)
        assert "3 members" in shell.succeed("doctor").replace("<3", "few")

    def test_a_damaged_database_is_a_problem(self, shell: Shell) -> None:
        content = bytearray((shell.data / "allmende.db").read_bytes())
        content[4096:40960] = b"\xff" * (40960 - 4096)
        (shell.data / "allmende.db").write_bytes(content)
        result = shell.run("doctor")
        assert result.returncode == 1
        assert "database file is damaged" in result.stdout

    def test_a_database_that_is_away_is_a_problem(self, empty: Shell) -> None:
        away = empty.with_settings(ALLMENDE_DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
        result = away.run("doctor")
        assert result.returncode == 1
        assert "database cannot be read" in result.stdout

    def test_a_chroma_server_that_is_away_is_a_problem(self, library: Shell) -> None:
        result = library.with_settings(ALLMENDE_CHROMA_URL="http://127.0.0.1:1").run("doctor")
        assert result.returncode == 1
        assert "Chroma server does not answer" in result.stdout


class TestWorker:
    def test_indexes_what_others_write_and_ends_when_told(self, shell: Shell) -> None:
        with running_worker(shell) as worker:
            more = write_texts(shell.folder / "more", 4)
            shell.succeed("add", str(more))
            assert "holds all 4 passages" in shell.succeed("doctor")
            worker.send_signal(signal.SIGTERM)
            output, errors = worker.communicate(timeout=60)
        assert (worker.returncode, output) == (0, "")
        assert "stopped" in errors

    def test_a_second_one_stands_by_and_takes_over(self, shell: Shell) -> None:
        with running_worker(shell) as first:
            second = shell.start("worker", "--indexes")
            try:
                wait_for_line(second, "stands by")
                first.kill()
                wait_for_line(second, "ready")
                second.send_signal(signal.SIGINT)
                second.communicate(timeout=60)
                assert second.returncode == 0
            finally:
                second.kill()
                second.communicate()

    def test_one_that_stands_by_ends_when_told(self, shell: Shell) -> None:
        with running_worker(shell):
            second = shell.start("worker", "--indexes")
            wait_for_line(second, "stands by")
            second.terminate()
            second.communicate(timeout=60)
            assert second.returncode == 0


class TestReindex:
    def test_beside_a_worker_everything_is_written_over(self, shell: Shell) -> None:
        with running_worker(shell):
            result = shell.run("reindex", "--json")
        assert json.loads(result.stdout) == {"passages": 3, "emptied": False, "postponed": 0}
        assert "end that process first" in result.stderr

    def test_waiting_after_a_failure_ends(self, shell: Shell) -> None:
        """A job that would be tried again in an hour must not leave its document behind."""
        key = shell.lines("documents", "list", "--json")[0]["document"].replace("-", "")
        late = (
            BAD_JOB.replace("'abc'", f"'{key}'")
            .replace("'dead'", "'waiting'")
            .replace("'2026-01-01', 'Odd", "'2099-01-01', 'Odd")
        )
        in_database(shell, late)
        assert shell.json("reindex", "--json")["postponed"] == 0
