"""Tests of looking at what surrounds the library."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from knowledge.kit.clock import use_clock
from knowledge.kit.settings import TOPICS, load_settings
from knowledge.operations.backup import note_backup
from knowledge.operations.findings import Level
from knowledge.operations.house_checks import (
    GIGABYTE,
    check_backup_age,
    check_folder,
    check_model,
    check_program,
    check_room,
    check_settings,
    known_settings,
)

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


class TestSettings:
    def test_every_setting_of_every_topic_is_known(self) -> None:
        names = {f"ALLMENDE_{field.upper()}" for topic in TOPICS for field in topic.model_fields}
        assert len(names) > 10
        assert names <= set(known_settings())

    def test_a_misspelt_one_in_the_file_is_found(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        file = tmp_path / "allmende.env"
        file.write_text("ALLMENDE_LANGUAGE=en\nALLMENDE_CROMA_URL=http://localhost:8001\n")
        monkeypatch.setenv("ALLMENDE_ENV_FILE", str(file))
        (finding,) = check_settings()
        assert finding.level is Level.WARNING
        assert finding.facts["name"] == "ALLMENDE_CROMA_URL"
        assert "ALLMENDE_CHROMA_URL" in str(finding.todo)

    def test_a_file_that_is_not_there_is_said(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ALLMENDE_ENV_FILE", str(tmp_path / "missing.env"))
        assert [finding.check for finding in check_settings()] == ["settings.file", "settings.unknown"]


class TestRoom:
    @pytest.mark.parametrize(
        ("free", "level"),
        [(2 * GIGABYTE, Level.OK), (GIGABYTE // 2, Level.WARNING), (GIGABYTE // 20, Level.PROBLEM)],
    )
    def test_less_room_is_worse(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, level: Level) -> None:
        monkeypatch.setattr("shutil.disk_usage", lambda _folder: type("Usage", (), {"free": free}))
        assert check_room(tmp_path).level is level


class TestFolder:
    def test_one_that_can_be_written(self, tmp_path: Path) -> None:
        assert check_folder(tmp_path).level is Level.OK
        assert list(tmp_path.iterdir()) == []

    def test_one_that_is_none(self, tmp_path: Path) -> None:
        assert check_folder(tmp_path / "missing").level is Level.PROBLEM


class TestBackupAge:
    def test_none_is_worth_a_note(self, tmp_path: Path) -> None:
        assert check_backup_age(tmp_path).level is Level.WARNING

    @pytest.mark.parametrize(("days", "level"), [(0, Level.OK), (7, Level.OK), (8, Level.WARNING)])
    def test_an_old_one_is_worth_a_note(self, tmp_path: Path, days: int, level: Level) -> None:
        use_clock(lambda: NOW)
        note_backup(tmp_path, NOW - timedelta(days=days))
        finding = check_backup_age(tmp_path)
        assert finding.level is level
        assert str(days) in finding.message


class TestProgram:
    def test_everything_is_installed_here(self) -> None:
        assert check_program().level is Level.OK


class TestModel:
    def test_the_default_one_is_checked(self) -> None:
        finding = check_model(load_settings())
        assert finding.level is Level.OK
        assert finding.facts["model"] == "all-MiniLM-L6-v2"

    def test_a_folder_without_a_model_is_a_problem(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ALLMENDE_EMBEDDING_MODEL", str(tmp_path))
        assert check_model(load_settings()).level is Level.PROBLEM

    @pytest.mark.parametrize("name", ["none", "intfloat/multilingual-e5-small"])
    def test_one_that_is_only_named_is_not_fetched(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        monkeypatch.setenv("ALLMENDE_EMBEDDING_MODEL", name)
        assert check_model(load_settings()).level is Level.OK
