"""What every test has: a world of its own, no way out to the network, and a fresh database where it asks for one."""

import asyncio
import gc
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
import structlog
from sqlalchemy import event
from sqlalchemy.engine import URL, Dialect
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from knowledge.kit.clock import use_clock
from knowledge.kit.database import Database
from knowledge.kit.ids import use_ids
from knowledge.kit.language import choose_language
from knowledge.kit.migrations import upgrade
from knowledge.operations.migrating import migrate

pytest_plugins = [
    "tests.postgres",
    "tests.kept_postgres",
    "tests.browser",
    "tests.synapse",
    "tests.directory_server",
]

PROJECT = Path(__file__).resolve().parent.parent
# Settings of the test run itself; all other ALLMENDE_… variables are hidden from the tests.
KEPT = ("ALLMENDE_TEST_", "ALLMENDE_SHARED_DIR")
LOCALE = ("LANGUAGE", "LC_ALL", "LC_MESSAGES")

# Whoever runs the tests in the background may have Ctrl-C ignored; what they start would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Libraries that fetch models by name would try; child processes inherit this.
os.environ["HF_HUB_OFFLINE"] = "1"

# Every client for HTTP reads all the world's authorities, which takes as long as a test; here nobody meets them. In a
# folder they would be looked up only when they are asked for. Child processes inherit this, too.
os.environ.pop("SSL_CERT_FILE", None)
os.environ["SSL_CERT_DIR"] = os.devnull

# The test workers have the processors among them. Torch's threads would wait for each other by spinning, and take from
# both; here the models are small. Child processes inherit this, too.
os.environ["OMP_NUM_THREADS"] = "1"


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


def pytest_collection_finish() -> None:
    """Have the garbage collector leave alone what was there before the first test, and look less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


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


@pytest.fixture(scope="session")
def begun_template(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """A SQLite file to copy, as the first command leaves it: with the topics and lessons that come with the program."""
    path = tmp_path_factory.mktemp("begun") / "allmende.db"
    shutil.copyfile(sqlite_template, path)

    async def begin() -> None:
        database = Database(f"sqlite+aiosqlite:///{path}")
        await migrate(database)
        await database.close()

    with ThreadPoolExecutor(max_workers=1) as thread:  # it has an event loop of its own
        thread.submit(asyncio.run, begin()).result()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh migrated database; the test runs once on SQLite and once on PostgreSQL.

    Where one of them is enough: ``@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)``.
    """
    if request.param == "postgresql":
        with request.getfixturevalue("kept_postgres").fresh() as url:
            yield url
        return
    path = tmp_path / "allmende.db"
    shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
    yield f"sqlite+aiosqlite:///{path}"


@dataclass(slots=True)
class KeptEngine:
    """An engine for all tests, which remembers how statements are written out in SQL; it connects to ``url``."""

    engine: AsyncEngine
    url: URL

    def lead(self, dialect: Dialect, _record: Any, arguments: list[Any], named: dict[str, Any]) -> None:
        """Put another address in the place of the one that the engine was made with."""
        arguments[:], more = dialect.create_connect_args(self.url)
        named.update(more)


@pytest.fixture(scope="session")
def kept_engines() -> dict[str, KeptEngine]:
    """The engines, by kind of database."""
    return {}


def on_kept_engine(url: str, kept: dict[str, KeptEngine], *, purpose: str = "") -> Database:
    """Return a database on an engine that has had other tests; compiling statements anew takes longer than they do.

    Args:
        url: its address; until it is closed, no other of the same purpose and kind is open.
        kept: the engines that there are.
        purpose: which of the databases of a test it is.
    """
    opened = Database(url)
    kind = purpose + opened.url.get_backend_name()
    if kind not in kept:
        kept[kind] = KeptEngine(opened.engine, opened.url)
        event.listen(opened.engine.sync_engine, "do_connect", kept[kind].lead)
    kept[kind].url = opened.url
    opened.engine = kept[kind].engine
    return opened


@pytest_asyncio.fixture
async def database(database_url: str, kept_engines: dict[str, KeptEngine]) -> AsyncIterator[Database]:
    """A fresh migrated database, opened."""
    opened = on_kept_engine(database_url, kept_engines)
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def session(database: Database) -> AsyncIterator[AsyncSession]:
    """A session on a fresh database; what is not committed is gone afterwards."""
    async with database.session() as opened:
        yield opened
