"""A real PostgreSQL for the tests.

Either the server that ``ALLMENDE_TEST_POSTGRES_URL`` names, or one that is started from the installed binaries for
the length of the test run and thrown away. Each test worker has its own server, and each test its own database,
cloned from one that was migrated once.
"""

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, NoReturn, TypeVar
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy.engine import URL, make_url

from knowledge.kit.migrations import upgrade
from tests.ports import free_port

URL_VARIABLE = "ALLMENDE_TEST_POSTGRES_URL"
DEBIAN = Path("/usr/lib/postgresql")
# The server refuses to run as root; these do it then.
STAND_INS = ("postgres", "nobody")
SECONDS_TO_START = 60
# Nothing here has to outlive a power cut.
SPEED = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off", "jit=off")

_T = TypeVar("_T")


class NoPostgres(Exception):
    """There is no PostgreSQL here; says in words why."""


def in_own_loop(work: Coroutine[Any, Any, _T]) -> _T:
    """Run ``work`` to its end, whether or not the calling thread has an event loop of its own."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, work).result()


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A server that runs, by the address of its maintenance database."""

    address: URL

    def url(self, database: str) -> str:
        """Return the address of a database for SQLAlchemy, with the password in it."""
        address = self.address.set(drivername="postgresql+asyncpg", database=database)
        return address.render_as_string(hide_password=False)

    def execute(self, statement: str) -> None:
        """Run one statement in the maintenance database, outside of a transaction."""
        in_own_loop(self._execute(statement))

    async def _execute(self, statement: str) -> None:
        dsn = self.address.set(drivername="postgresql").render_as_string(hide_password=False)
        connection = await asyncpg.connect(dsn)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


def find_binaries(versions: Path = DEBIAN) -> Path:
    """Return the folder with ``initdb`` and ``postgres``.

    Args:
        versions: where Debian keeps a folder for each version installed; the newest wins, and comes before others.

    Raises ``NoPostgres`` where there is none.
    """
    debian = sorted(versions.glob("*/bin"), key=lambda folder: float(folder.parent.name), reverse=True)
    folders = [*debian, *_configured_folder(), *map(Path, os.get_exec_path())]
    for folder in folders:
        if all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres")):
            return folder
    raise NoPostgres(
        f"PostgreSQL is not installed (Debian, Ubuntu: apt-get install postgresql), and {URL_VARIABLE} names no server"
    )


def _configured_folder() -> list[Path]:
    pg_config = shutil.which("pg_config")
    if pg_config is None:
        return []
    answer = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
    return [Path(answer.stdout.strip())] if answer.returncode == 0 else []


def _stand_in() -> pwd.struct_passwd | None:
    """Return the user to become before starting the server, ``None`` to stay who we are."""
    if os.geteuid() != 0:
        return None
    known = {user.pw_name: user for user in pwd.getpwall()}
    for name in STAND_INS:
        if name in known:
            return known[name]
    raise NoPostgres(f"PostgreSQL does not run as root, and there is no user {' or '.join(STAND_INS)}")


def _identity(user: pwd.struct_passwd | None) -> dict[str, Any]:
    """Return what ``subprocess`` needs to become ``user``."""
    if user is None:
        return {}
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@contextmanager
def run_server() -> Iterator[PostgresServer]:
    """Start a server in a folder of its own; stop it and remove the folder at the end.

    Raises ``NoPostgres`` where that cannot be done.
    """
    binaries, user = find_binaries(), _stand_in()
    folder = Path(tempfile.mkdtemp(prefix="allmende-postgres-"))
    try:
        if user is not None:
            os.chown(folder, user.pw_uid, user.pw_gid)
        _make_cluster(binaries, folder, user)
        port = free_port()
        with _running(binaries, folder, user, port=port):
            yield PostgresServer(make_url(f"postgresql://allmende@127.0.0.1:{port}/postgres"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _make_cluster(binaries: Path, folder: Path, user: pwd.struct_passwd | None) -> None:
    command = [str(binaries / "initdb"), "--pgdata", str(folder / "data"), "--username=allmende", "--auth=trust"]
    command += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    made = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, **_identity(user))
    if made.returncode != 0:
        raise NoPostgres(f"initdb failed: {made.stderr.strip()[-500:]}")


@contextmanager
def _running(binaries: Path, folder: Path, user: pwd.struct_passwd | None, *, port: int) -> Iterator[None]:
    settings = (*SPEED, f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}")
    command = [str(binaries / "postgres"), "-D", str(folder / "data")]
    for setting in settings:
        command += ["-c", setting]
    if shutil.which("setpriv"):
        # So that it ends with the test run even if that is killed.
        command = ["setpriv", "--pdeathsig", "QUIT", *command]
    log = folder / "server.log"
    with log.open("wb") as output:
        streams: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output}
        # In a session of its own, so that Ctrl-C leaves it running until the tests have cleaned up.
        server = subprocess.Popen(command, cwd=folder, start_new_session=True, **streams, **_identity(user))
    try:
        _wait_until_ready(server, port, log)
        yield
    finally:
        server.send_signal(signal.SIGQUIT)  # at once; nobody needs the data again
        server.wait(timeout=SECONDS_TO_START)


def _wait_until_ready(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    candidate = PostgresServer(make_url(f"postgresql://allmende@127.0.0.1:{port}/postgres"))
    last_moment = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < last_moment and server.poll() is None:
        try:
            candidate.execute("SELECT 1")
        except (OSError, asyncpg.CannotConnectNowError):
            time.sleep(0.05)
        else:
            return
    raise NoPostgres(f"the PostgreSQL server did not start: {log.read_text(errors='replace')[-500:]}")


@contextmanager
def server_for_tests() -> Iterator[PostgresServer]:
    """Give the server that the environment names, else one of our own.

    Raises ``NoPostgres`` where there is neither.
    """
    given = os.environ.get(URL_VARIABLE)
    if given:
        yield PostgresServer(make_url(given))
        return
    with run_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A running PostgreSQL; skips where there is none, which is a failure in CI."""
    try:
        with server_for_tests() as server:
            yield server
    except NoPostgres as reason:
        do_without(str(reason))


def do_without(reason: str) -> NoReturn:
    """Skip the test, saying why; in CI nothing may be skipped for want of a server."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@dataclass(frozen=True, slots=True)
class PostgresTemplate:
    """A migrated database on the server, from which others are cloned."""

    server: PostgresServer
    name: str
    numbers: Iterator[int]

    @contextmanager
    def clone(self) -> Iterator[str]:
        """Give the address of a fresh database, dropped at the end."""
        name = f"{self.name}_{next(self.numbers)}"
        self.server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{self.name}"')
        try:
            yield self.server.url(name)
        finally:
            self.server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> Iterator[PostgresTemplate]:
    """A migrated database to clone, under a name that no other test run uses."""
    name = f"allmende_test_{uuid4().hex[:12]}"
    postgres_server.execute(f'CREATE DATABASE "{name}"')
    try:
        with ThreadPoolExecutor(max_workers=1) as thread:
            thread.submit(upgrade, postgres_server.url(name)).result()
        yield PostgresTemplate(postgres_server, name, count(1))
    finally:
        postgres_server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def empty_postgres(postgres_server: PostgresServer) -> Iterator[str]:
    """The address of a database with nothing in it, for tests of the migrations."""
    name = f"allmende_test_{uuid4().hex[:12]}"
    postgres_server.execute(f'CREATE DATABASE "{name}"')
    try:
        yield postgres_server.url(name)
    finally:
        postgres_server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
