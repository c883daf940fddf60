"""``allmende lessons``: lessons come in from a folder and are listed; what is broken is told on standard error."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub.cli.app import create_app
from knowledge.kit.language import choose_language
from tests.knowledge.lessons.writing import written


@pytest.fixture(autouse=True)
def _english() -> None:
    choose_language("en")


class TestImport:
    def test_what_is_broken_is_told_and_the_rest_comes(self, tmp_path: Path) -> None:
        folder = tmp_path / "lektionen"
        folder.mkdir()
        (folder / "gut.md").write_text(written("gut"), encoding="utf-8")
        (folder / "kaputt.md").write_text(written("kaputt", steps=["<b>x</b>"]), encoding="utf-8")
        app, runner = create_app(["lessons"]), CliRunner()
        done = runner.invoke(app, ["lessons", "import", str(folder), "--publish"], standalone_mode=False)
        assert done.return_value == 1
        assert (done.stdout, done.stderr) == (
            "1 new lesson, 0 changed, 0 as before, 0 paths\n",
            "kaputt.md:12: HTML is not allowed. Please write Markdown.\n",
        )
        again = runner.invoke(app, ["lessons", "import", str(folder), "--json"], standalone_mode=False)
        said = json.loads(again.stdout)
        assert (said["added"], said["unchanged"], said["problems"][0]["line"]) == ([], ["gut"], 12)
        listed = runner.invoke(app, ["lessons", "list", "--json"], standalone_mode=False)
        entries = {entry["key"]: entry for entry in map(json.loads, listed.stdout.splitlines())}
        assert (entries["gut"]["state"], entries["gut"]["shipped"]) == ("published", False)
        assert entries["ki-daten"]["shipped"]
        assert "gut: Lektion gut (published, de, 3 minutes)" in runner.invoke(app, ["lessons", "list"]).stdout

    def test_a_folder_that_is_not_there(self) -> None:
        result = CliRunner().invoke(create_app(["lessons"]), ["lessons", "import", "/nirgends"])
        assert result.exit_code == 2
