"""Settings are read from the environment, checked at once, and all of them are documented."""

import re
from pathlib import Path

import pytest

from knowledge.kit.settings import PROJECT, TOPICS, WrongSetting, load_settings, with_driver


class TestReading:
    def test_without_any_everything_lies_below_the_project(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("ALLMENDE_DATA_DIR")
        assert load_settings().data_folder == PROJECT / "data"
        assert load_settings().database_url == f"sqlite+aiosqlite:///{PROJECT / 'data' / 'allmende.db'}"

    def test_a_file_of_settings_is_read_and_the_environment_wins(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = tmp_path / "settings.env"
        file.write_text("ALLMENDE_JOB_ATTEMPTS=3\nALLMENDE_IMPORT_PAGES=10\n", encoding="utf-8")
        monkeypatch.setenv("ALLMENDE_ENV_FILE", str(file))
        monkeypatch.setenv("ALLMENDE_IMPORT_PAGES", "20")
        settings = load_settings()
        assert (settings.jobs.job_attempts, settings.imports.import_pages) == (3, 20)

    def test_a_folder_of_secrets_is_read_and_the_environment_wins(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "allmende_database_url").write_text("postgresql://h/x\n", encoding="utf-8")
        (tmp_path / "allmende_smtp_password").write_text("aus der Datei", encoding="utf-8")
        monkeypatch.setenv("ALLMENDE_SECRETS_DIR", str(tmp_path))
        monkeypatch.setenv("ALLMENDE_SMTP_PASSWORD", "aus der Umgebung")
        settings = load_settings()
        assert settings.database_url == "postgresql+asyncpg://h/x"
        assert settings.mail.smtp_password is not None
        assert settings.mail.smtp_password.get_secret_value() == "aus der Umgebung"

    def test_a_folder_of_secrets_that_is_missing_is_named(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ALLMENDE_SECRETS_DIR", str(tmp_path / "fehlt"))
        with pytest.raises(WrongSetting, match="ALLMENDE_SECRETS_DIR"):
            load_settings()

    def test_a_secret_is_not_shown_by_accident(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ALLMENDE_DATABASE_URL", "postgresql://allmende:geheim@localhost/allmende")
        assert "geheim" not in repr(load_settings())


class TestWrongValues:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("ALLMENDE_JOB_ATTEMPTS", "0"),
            ("ALLMENDE_IMPORT_MAX_MB", "viel"),
            ("ALLMENDE_CHROMA_URL", "localhost:8000"),
            ("ALLMENDE_LANGUAGE", "fr"),
            ("ALLMENDE_ANSWER_LINE", "1.5"),
        ],
    )
    def test_a_wrong_value_is_named(self, name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(name, value)
        with pytest.raises(WrongSetting, match=name):
            load_settings()

    @pytest.mark.parametrize("url", ["mysql://localhost/x", "allmende.db", ""])
    def test_other_databases_are_refused(self, url: str) -> None:
        with pytest.raises(WrongSetting):
            with_driver(url)

    @pytest.mark.parametrize(
        ("url", "expected"),
        [
            ("postgres://h/x", "postgresql+asyncpg://h/x"),
            ("postgresql+psycopg://h/x", "postgresql+asyncpg://h/x"),
            ("sqlite:///a.db", "sqlite+aiosqlite:///a.db"),
        ],
    )
    def test_any_driver_becomes_ours(self, url: str, expected: str) -> None:
        assert with_driver(url) == expected


def documented_names() -> list[str]:
    """All settings that the program reads."""
    return [f"ALLMENDE_{name.upper()}" for topic in TOPICS for name in topic.model_fields]


class TestDocumentation:
    def test_there_are_settings_to_look_for(self) -> None:
        assert len(documented_names()) > 10

    @pytest.mark.parametrize("file", ["docs/operations.md", "allmende.env.example"])
    def test_every_setting_is_documented_and_no_other(self, file: str) -> None:
        text = (PROJECT / file).read_text(encoding="utf-8")
        missing = [name for name in documented_names() if not re.search(rf"\b{name}\b", text)]
        assert missing == []

    def test_the_sample_file_names_nothing_that_is_not_read(self) -> None:
        text = (PROJECT / "allmende.env.example").read_text(encoding="utf-8")
        named = set(re.findall(r"^#?\s?(ALLMENDE_\w+)=", text, flags=re.MULTILINE))
        assert named - set(documented_names()) == set()
        assert named
