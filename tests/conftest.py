"""What every test has: a world of its own, no way out to the network, and a fresh database where it asks for one."""

import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
import structlog
from sqlalchemy import event
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.clock import use_clock
from knowledge.kit.database import Database
from knowledge.kit.ids import use_ids
from knowledge.kit.language import choose_language
from knowledge.kit.migrations import upgrade

pytest_plugins = ["tests.postgres", "tests.browser", "tests.synapse"]

PROJECT = Path(__file__).resolve().parent.parent
# Settings of the test run itself; all other ALLMENDE_… variables are hidden from the tests.
KEPT = ("ALLMENDE_TEST_", "ALLMENDE_SHARED_DIR")
LOCALE = ("LANGUAGE", "LC_ALL", "LC_MESSAGES")

# Whoever runs the tests in the background may have Ctrl-C ignored; what they start would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Libraries that fetch models by name would try; child processes inherit this.
os.environ["HF_HUB_OFFLINE"] = "1"


class OutsideConnection(RuntimeError):
    """A test tried to leave this machine."""


def _is_inside(host: object) -> bool:
    if host in (None, "", "localhost", b"localhost"):
        return True
    try:
        return ip_address(host.decode() if isinstance(host, bytes) else str(host)).is_loopback
    except ValueError:
        return False


def _refuse_outside(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse connections and look-ups that go beyond the loopback interface; Unix sockets have no host."""
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    elif event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    if not _is_inside(host):
        raise OutsideConnection(f"a test tried to reach {host!r}")


# For the life of the process: Python has no way to take an audit hook away again.
sys.addaudithook(_refuse_outside)


@pytest.fixture(autouse=True)
def own_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hide the developer's settings and language; set time and identifiers back afterwards."""
    for name in os.environ:
        if name.startswith("ALLMENDE_") and not name.startswith(KEPT):
            monkeypatch.delenv(name)
    for name in LOCALE:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("ALLMENDE_ENV_FILE", os.devnull)
    monkeypatch.setenv("ALLMENDE_DATA_DIR", str(tmp_path / "data"))
    choose_language("de")
    yield
    choose_language("de")
    use_clock(lambda: datetime.now(UTC))
    use_ids(uuid4)
    structlog.reset_defaults()


def shared_by_workers(factory: pytest.TempPathFactory) -> Path:
    """Return a folder of this test run that all of its processes have in common."""
    base = factory.getbasetemp()
    return base.parent if base.name.startswith("popen-") else base


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """The folder of real texts and measured sets that lies beside some checkouts; skips where it does not."""
    folder = Path(os.environ.get("ALLMENDE_SHARED_DIR") or PROJECT.parent / "shared")
    if not folder.is_dir():
        pytest.skip(f"no real texts at {folder}; ALLMENDE_SHARED_DIR can name another folder")
    return folder


@pytest.fixture(scope="session")
def models_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where exported models are kept for all tests, of all test processes."""
    folder = shared_by_workers(tmp_path_factory) / "exported-models"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "allmende.db"
    with ThreadPoolExecutor(max_workers=1) as thread:  # it starts an event loop of its own
        thread.submit(upgrade, f"sqlite+aiosqlite:///{path}").result()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh migrated database; the test runs once on SQLite and once on PostgreSQL.

    Where one of them is enough: ``@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)``.
    """
    if request.param == "postgresql":
        with request.getfixturevalue("postgres_template").clone() as url:
            yield url
        return
    path = tmp_path / "allmende.db"
    shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
    yield f"sqlite+aiosqlite:///{path}"


@pytest.fixture(scope="session")
def kept_databases() -> dict[str, Database]:
    """By kind of database one ``Database`` for all tests: it remembers how statements are written out in SQL."""
    return {}


@pytest_asyncio.fixture
async def database(database_url: str, kept_databases: dict[str, Database]) -> AsyncIterator[Database]:
    """A fresh migrated database, opened."""
    url = make_url(database_url)
    kind = url.get_backend_name()
    if kind not in kept_databases:
        kept_databases[kind] = _leading_to_its_url(Database(database_url))
    opened = kept_databases[kind]
    opened.url = url
    yield opened
    await opened.close()


def _leading_to_its_url(database: Database) -> Database:
    """Let connections go where ``url`` says at that moment."""

    @event.listens_for(database.engine.sync_engine, "do_connect")
    def lead(dialect: Dialect, _record: Any, arguments: list[Any], named: dict[str, Any]) -> None:
        arguments[:], more = dialect.create_connect_args(database.url)
        named.update(more)

    return database


@pytest_asyncio.fixture
async def session(database: Database) -> AsyncIterator[AsyncSession]:
    """A session on a fresh database; what is not committed is gone afterwards."""
    async with database.session() as opened:
        yield opened
