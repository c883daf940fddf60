"""Restoring says so where nobody could know who was erased since."""

from pathlib import Path

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
