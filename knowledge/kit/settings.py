"""Settings by topic, read once from the environment (``ALLMENDE_…``) or from a file of the same lines.

Every setting is described in ``docs/operations.md`` and listed in ``allmende.env.example``; a test holds the three
together.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from knowledge.kit.errors import InvalidInput
from knowledge.kit.language import _

PROJECT = Path(__file__).resolve().parent.parent.parent
ENV_FILE = "ALLMENDE_ENV_FILE"


class WrongSetting(InvalidInput):
    """A setting has a value that cannot work."""

    code = "settings.wrong"


class _Topic(BaseSettings):
    """Base of the topic classes: no surprises from unknown or empty variables."""

    model_config = SettingsConfigDict(env_prefix="ALLMENDE_", extra="ignore", frozen=True, env_ignore_empty=True)


def _web_address(value: str | None) -> str | None:
    if value is not None and (urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname):
        raise ValueError("an address such as http://localhost:8001 is needed")
    return value


class StorageSettings(_Topic):
    """Where everything lies."""

    data_dir: Path = PROJECT / "data"


class DatabaseSettings(_Topic):
    """The database that leads; without an address it is SQLite in the data folder."""

    database_url: SecretStr | None = None
    database_pool: int = Field(default=10, ge=1, le=200)


class LanguageSettings(_Topic):
    """The language people are spoken to in; without it the locale decides, and German wins ties."""

    language: Literal["de", "en"] | None = None


class EmbeddingSettings(_Topic):
    """The model behind the vector index."""

    embedding_model: str = "default"
    models_dir: Path | None = None
    embedding_runtime: Literal["onnx", "torch"] = "onnx"
    embedding_query_prefix: str | None = None
    embedding_passage_prefix: str | None = None
    embedding_threads: int = Field(default=0, ge=0, le=64)


class ChromaSettings(_Topic):
    """The vector index: embedded in the data folder, or a Chroma server by its address."""

    chroma_url: Annotated[str | None, AfterValidator(_web_address)] = None
    chroma_token: SecretStr | None = None


class ImportSettings(_Topic):
    """Limits for files that are read."""

    import_max_mb: int = Field(default=100, ge=1, le=2000)
    import_seconds: int = Field(default=60, ge=1, le=3600)
    import_memory_mb: int = Field(default=1500, ge=256, le=64000)
    import_pages: int = Field(default=5000, ge=1, le=100000)
    import_workers: int = Field(default=1, ge=1, le=16)


class AnswerSettings(_Topic):
    """How the library finds and from which confidence on it answers."""

    thesaurus: str = "default"
    answer_line: float | None = Field(default=None, ge=0, le=1)


class JobSettings(_Topic):
    """How the worker goes about work that failed."""

    job_attempts: int = Field(default=8, ge=1, le=100)
    job_lease_seconds: int = Field(default=300, ge=10, le=86400)


class LogSettings(_Topic):
    """What is written to standard error."""

    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    log_format: Literal["text", "json"] = "text"


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one process."""

    storage: StorageSettings
    database: DatabaseSettings
    language: LanguageSettings
    embedding: EmbeddingSettings
    chroma: ChromaSettings
    imports: ImportSettings
    answers: AnswerSettings
    jobs: JobSettings
    logs: LogSettings

    @property
    def data_folder(self) -> Path:
        """The one folder that holds all data, absolute."""
        return self.storage.data_dir.expanduser().absolute()

    @property
    def models_folder(self) -> Path:
        """Where models that were prepared for this machine are kept, absolute."""
        chosen = self.embedding.models_dir
        return self.data_folder / "models" if chosen is None else chosen.expanduser().absolute()

    @property
    def database_url(self) -> str:
        """The database's address with its async driver."""
        if self.database.database_url is None:
            return f"sqlite+aiosqlite:///{self.data_folder / 'allmende.db'}"
        return with_driver(self.database.database_url.get_secret_value())


def with_driver(url: str) -> str:
    """Return a database address with the async driver that we use, whichever way it was written.

    Raises ``WrongSetting`` for databases other than SQLite and PostgreSQL.
    """
    scheme, separator, rest = url.partition("://")
    drivers = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
    driver = drivers.get(scheme.partition("+")[0])
    if driver is None or not separator:
        raise WrongSetting(_("ALLMENDE_DATABASE_URL must begin with sqlite:// or postgresql://."))
    return f"{driver}://{rest}"


TOPICS: tuple[type[_Topic], ...] = (
    StorageSettings,
    DatabaseSettings,
    LanguageSettings,
    EmbeddingSettings,
    ChromaSettings,
    ImportSettings,
    AnswerSettings,
    JobSettings,
    LogSettings,
)
_T = TypeVar("_T", bound=_Topic)


def load_settings() -> Settings:
    """Read all settings.

    Raises ``WrongSetting`` naming the first variable that cannot be used and why.
    """
    env_file = os.environ.get(ENV_FILE) or str(PROJECT / ".env")

    def topic(kind: type[_T]) -> _T:
        arguments: dict[str, Any] = {"_env_file": env_file}
        return kind(**arguments)

    try:
        return Settings(
            storage=topic(StorageSettings),
            database=topic(DatabaseSettings),
            language=topic(LanguageSettings),
            embedding=topic(EmbeddingSettings),
            chroma=topic(ChromaSettings),
            imports=topic(ImportSettings),
            answers=topic(AnswerSettings),
            jobs=topic(JobSettings),
            logs=topic(LogSettings),
        )
    except ValidationError as error:
        first = error.errors()[0]
        name = f"ALLMENDE_{str(first['loc'][0]).upper()}"
        raise WrongSetting(
            _("The setting {name} cannot be used: {problem}.").format(name=name, problem=first["msg"].rstrip("."))
        ) from error
