"""What an administrator is told about the bot's account on Matrix."""

from pathlib import Path

import pytest

from bot.matrix.doctor import DEVICE_CHANGED, FILE, NEEDS_PASSWORD, explain, matrix_findings, note_problems
from bot.matrix.keeping import make_folder
from knowledge.kit.language import choose_language
from knowledge.kit.settings import MatrixSettings
from knowledge.operations.findings import Level

SETTINGS = MatrixSettings(matrix_homeserver="https://matrix.example")


@pytest.fixture(autouse=True)
def english() -> None:
    choose_language("en")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "matrix"
    make_folder(made)
    return made


class TestFindings:
    def test_nothing_is_said_where_matrix_is_not_set_up(self, folder: Path) -> None:
        note_problems(folder, [DEVICE_CHANGED])
        assert list(matrix_findings(MatrixSettings(), folder)) == []

    def test_bot_that_never_ran_is_not_judged(self, folder: Path) -> None:
        assert list(matrix_findings(SETTINGS, folder / "none")) == []

    def test_verified_device_is_fine(self, folder: Path) -> None:
        note_problems(folder, [])
        (finding,) = matrix_findings(SETTINGS, folder)
        assert (finding.check, finding.level) == ("matrix", Level.OK)

    def test_each_problem_says_what_to_do(self, folder: Path) -> None:
        note_problems(folder, [NEEDS_PASSWORD, DEVICE_CHANGED, "from a later version"])
        findings = list(matrix_findings(SETTINGS, folder))
        assert [finding.level for finding in findings] == [Level.WARNING, Level.PROBLEM]
        assert all("ALLMENDE_MATRIX_" in (finding.todo or "") for finding in findings)

    def test_folder_that_others_can_read_is_a_problem(self, folder: Path) -> None:
        note_problems(folder, [])
        folder.chmod(0o755)
        assert [finding.check for finding in matrix_findings(SETTINGS, folder)] == ["matrix.folder", "matrix"]

    def test_damaged_note_is_no_error(self, folder: Path) -> None:
        (folder / FILE).write_text("{", "utf-8")
        assert list(matrix_findings(SETTINGS, folder)) == []


class TestExplanation:
    def test_names_become_sentences(self) -> None:
        assert "ALLMENDE_MATRIX_PASSWORD" in explain(NEEDS_PASSWORD)
        assert explain("unknown") == "unknown"
