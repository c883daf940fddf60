"""Erasing members, and restoring, which says so where nobody could know who was erased since."""

import sqlite3
from pathlib import Path

from knowledge.privacy.erasure_log import ErasureLog
from tests.hub.shell import Shell


class TestRestore:
    def test_without_a_list_of_erasures_it_is_said(self, tmp_path: Path) -> None:
        shell = Shell(tmp_path)
        shell.succeed("member", "add", "Ada Özdemir")
        backup = tmp_path / "backups" / "old.zip"
        backup.parent.mkdir()
        shell.succeed("backup", str(backup))
        (tmp_path / "new").mkdir()
        restored = Shell(tmp_path / "new").run("restore", str(backup), "--no-wait")
        assert restored.returncode == 0
        assert "erasures.log" in restored.stderr


class TestMember:
    def test_somebody_who_has_left_is_erased_for_good(self, tmp_path: Path) -> None:
        shell = Shell(tmp_path)
        shell.succeed("member", "add", "Ada Özdemir")
        left = shell.run("member", "leave", "Ada Özdemir")
        assert "member erase" in left.stderr
        (member,) = shell.lines("member", "list", "--all", "--json")

        unsure = shell.run("member", "erase", "ada özdemir")
        assert (unsure.returncode, "--yes" in unsure.stderr) == (2, True)
        assert len(shell.lines("member", "list", "--all", "--json")) == 1

        erased = shell.run("member", "erase", member["id"][:8], "--yes")
        assert erased.returncode == 0
        assert shell.lines("member", "list", "--all", "--json") == []
        with sqlite3.connect(shell.data / "allmende.db") as rows:
            (act,) = rows.execute("SELECT action, actor_id, details FROM audit_entries").fetchall()
        assert act == ("members:erase", None, "{}")

        assert len(ErasureLog(shell.data).read()) == 1

    def test_the_last_administrator_stays(self, tmp_path: Path) -> None:
        shell = Shell(tmp_path)
        shell.succeed("member", "add", "Ada Özdemir", "--role", "administrator")
        refused = shell.run("member", "erase", "Ada Özdemir", "--yes")
        assert refused.returncode != 0
        assert "last administrator" in refused.stderr
        shell.succeed("member", "add", "Ben", "--role", "administrator")
        shell.succeed("member", "erase", "Ada Özdemir", "--yes")
