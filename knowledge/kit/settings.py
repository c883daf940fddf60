"""Settings by topic, read once from the environment (``ALLMENDE_…``) or from a file of the same lines.

Every setting is described in ``docs/operations.md`` and listed in ``allmende.env.example``; a test holds the three
together.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from knowledge.kit.errors import InvalidInput
from knowledge.kit.language import _

PROJECT = Path(__file__).resolve().parent.parent.parent
ENV_FILE = "ALLMENDE_ENV_FILE"
# A folder with one file a secret, named like its variable: as containers and systemd hand them over.
SECRETS_DIR = "ALLMENDE_SECRETS_DIR"


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


def _networks(value: str) -> str:
    for part in filter(None, (part.strip() for part in value.split(","))):
        ip_network(part, strict=False)  # says what is wrong with it
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


class ChatSettings(_Topic):
    """How the bot behaves in chats, on every network."""

    # Who runs this Allmende and how to reach them: shown by /ueber.
    operator: str | None = None
    operator_contact: str | None = None
    # Questions older than this when they arrive (after an outage) get one friendly line instead of an answer.
    chat_fresh_minutes: int = Field(default=60, ge=1, le=10080)
    # Questions and commands per minute that are taken from one person and in one group.
    chat_person_limit: int = Field(default=10, ge=1, le=100000)
    chat_group_limit: int = Field(default=30, ge=1, le=100000)
    # Questions that are worked on at the same time.
    chat_parallel: int = Field(default=2, ge=1, le=64)
    # How long an exchange can be come back to, and how long „Bescheid geben" lasts, in days.
    chat_thread_days: int = Field(default=14, ge=1, le=365)
    chat_watch_days: int = Field(default=90, ge=1, le=365)
    # How long the words of questions are kept, in days.
    chat_question_days: int = Field(default=365, ge=1, le=3650)
    # Offers per hour in a circle that has „Fragen erkennen" on.
    chat_offers_per_hour: int = Field(default=3, ge=1, le=60)


class MatrixSettings(_Topic):
    """The bot's account on Matrix; without a homeserver there is none."""

    matrix_homeserver: Annotated[str | None, AfterValidator(_web_address)] = None
    matrix_user: str | None = None
    matrix_password: SecretStr | None = None
    matrix_access_token: SecretStr | None = None
    # Servers whose people may invite the bot, parted by commas; "*" for all. Without it: the bot's own server.
    matrix_allowed_servers: str | None = None


class TelegramSettings(_Topic):
    """The bot's account on Telegram; without a token there is none."""

    telegram_token: SecretStr | None = None
    telegram_api_url: Annotated[str, AfterValidator(_web_address)] = "https://api.telegram.org"
    # Telegram calls this address instead of being polled; the bot listens on the port for it.
    telegram_webhook_url: Annotated[str | None, AfterValidator(_web_address)] = None
    telegram_webhook_port: int = Field(default=8443, ge=1, le=65535)
    telegram_webhook_secret: SecretStr | None = None
    # What may be shown on Telegram at most: it is a foreign house.
    telegram_visibility: Literal["public", "network"] = "public"


class MailSettings(_Topic):
    """The mail server; without one, people are verified by codes from moderators, and nobody is told by e-mail."""

    smtp_host: str | None = None
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    mail_from: str | None = None
    # Where mail comes back to that cannot be delivered, with "+" and a sign of whose it was before the "@".
    mail_bounces: str | None = None


class HubSettings(_Topic):
    """The hub: where it listens, how people reach it, and what it takes from them."""

    hub_host: str = "127.0.0.1"
    hub_port: int = Field(default=8000, ge=0, le=65535)
    # How people reach it; links from the bot begin with it. Without it: where it listens.
    hub_url: Annotated[str | None, AfterValidator(_web_address)] = None
    # Addresses or networks of proxies whose word about the caller counts, parted by commas.
    hub_trusted_proxies: Annotated[str, AfterValidator(_networks)] = ""
    # The largest upload, and everything else that is sent.
    hub_upload_mb: int = Field(default=200, ge=1, le=4000)
    hub_body_mb: int = Field(default=2, ge=1, le=100)
    # How long a session lasts at most, and how long when nobody comes back.
    hub_session_days: int = Field(default=7, ge=1, le=90)
    hub_idle_hours: int = Field(default=12, ge=1, le=720)
    # Requests a minute to the API: with a token, and from one address without one. Each process counts for itself.
    hub_api_rate: int = Field(default=600, ge=1, le=1_000_000)
    hub_api_open_rate: int = Field(default=60, ge=1, le=1_000_000)
    # The key of the second factors; several hosts with one database need the same.
    hub_key_file: Path | None = None

    @property
    def address(self) -> str:
        """Where people reach the hub, without a slash at the end."""
        if self.hub_url is not None:
            return self.hub_url.rstrip("/")
        host = "127.0.0.1" if self.hub_host in ("0.0.0.0", "::") else self.hub_host  # noqa: S104 - compared only
        return f"http://[{host}]:{self.hub_port}" if ":" in host else f"http://{host}:{self.hub_port}"


class OperatorSettings(_Topic):
    """Who runs this Allmende: what the pages about it say, for which law asks."""

    operator_name: str | None = None
    operator_address: str | None = None
    operator_email: str | None = None
    operator_phone: str | None = None
    # Who speaks for it, and what it is registered as.
    operator_representative: str | None = None
    operator_register: str | None = None
    operator_vat_id: str | None = None
    # Whom to write to about personal data, and who watches over that.
    operator_data_protection_contact: str | None = None
    operator_supervisory_authority: str | None = None
    # Whom to write to about barriers, and who helps where that was in vain.
    operator_accessibility_contact: str | None = None
    operator_enforcement_body: str | None = None


class MetricsSettings(_Topic):
    """Numbers about the running processes, for a monitoring system; off unless one of the two is set."""

    # Who names it gets /metrics of the hub, and of the port below.
    metrics_token: SecretStr | None = None
    # A port of its own for each process; on other addresses than this machine's own only with a token.
    metrics_port: int | None = Field(default=None, ge=0, le=65535)
    metrics_host: str = "127.0.0.1"


class BackupSettings(_Topic):
    """For whom backups are encrypted; for nobody, they are not."""

    # Public keys, parted by commas or line ends.
    backup_recipients: str = ""

    @property
    def recipients(self) -> Sequence[str]:
        """The public keys, each as it was written."""
        return [key.strip() for key in self.backup_recipients.replace("\n", ",").split(",") if key.strip()]


class ReviewSettings(_Topic):
    """When moderators are told that a contribution waits too long."""

    review_alert_days: int = Field(default=7, ge=1, le=365)


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
    chats: ChatSettings
    matrix: MatrixSettings
    telegram: TelegramSettings
    mail: MailSettings
    hub: HubSettings
    operator: OperatorSettings
    metrics: MetricsSettings
    backups: BackupSettings
    review: ReviewSettings
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
    def hub_key_path(self) -> Path:
        """Where the key of the second factors lies, absolute."""
        chosen = self.hub.hub_key_file
        return self.data_folder / "hub.key" if chosen is None else chosen.expanduser().absolute()

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
    ChatSettings,
    MatrixSettings,
    TelegramSettings,
    MailSettings,
    HubSettings,
    OperatorSettings,
    MetricsSettings,
    BackupSettings,
    ReviewSettings,
    LogSettings,
)
_T = TypeVar("_T", bound=_Topic)


def load_settings() -> Settings:
    """Read all settings.

    Raises ``WrongSetting`` naming the first variable that cannot be used and why.
    """
    env_file = os.environ.get(ENV_FILE) or str(PROJECT / ".env")

    secrets = os.environ.get(SECRETS_DIR) or None
    if secrets is not None and not Path(secrets).is_dir():
        raise WrongSetting(_("The folder that {name} names does not exist.").format(name=SECRETS_DIR))

    def topic(kind: type[_T]) -> _T:
        arguments: dict[str, Any] = {"_env_file": env_file, "_secrets_dir": secrets}
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
            chats=topic(ChatSettings),
            matrix=topic(MatrixSettings),
            telegram=topic(TelegramSettings),
            mail=topic(MailSettings),
            hub=topic(HubSettings),
            operator=topic(OperatorSettings),
            metrics=topic(MetricsSettings),
            backups=topic(BackupSettings),
            review=topic(ReviewSettings),
            logs=topic(LogSettings),
        )
    except ValidationError as error:
        first = error.errors()[0]
        name = f"ALLMENDE_{str(first['loc'][0]).upper()}"
        raise WrongSetting(
            _("The setting {name} cannot be used: {problem}.").format(name=name, problem=first["msg"].rstrip("."))
        ) from error
