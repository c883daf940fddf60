"""A real Synapse for the tests: a process of its own, from an environment of its own, with its data thrown away.

It is never imported, and no part of what we ship. ``./allmende test`` installs it into ``.venv-synapse``;
``ALLMENDE_TEST_SYNAPSE_PYTHON`` names the Python of another environment.
"""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.ports import free_port
from tests.postgres import do_without

PYTHON_VARIABLE = "ALLMENDE_TEST_SYNAPSE_PYTHON"
OWN_PYTHON = Path(__file__).resolve().parent.parent / ".venv-synapse" / "bin" / "python"
SECONDS_TO_START = 60
PASSWORD = "a good password for tests"
NO_LIMIT = {"per_second": 100000, "burst_count": 100000}
LIMITS = (
    "message",
    "registration",
    "joins_per_room",
    "3pid_validation",
    "presence",
    "delayed_event_mgmt",
    "room_creation",
)


class NoSynapse(Exception):
    """There is no Synapse here; says in words why."""


def find_python() -> Path:
    """Return the Python that has Synapse; raises ``NoSynapse``."""
    given = os.environ.get(PYTHON_VARIABLE)
    python = Path(given) if given else OWN_PYTHON
    if not python.is_file():
        raise NoSynapse(f"Synapse is not installed (./allmende test does), and {PYTHON_VARIABLE} names no Python")
    return python


def configuration(folder: Path, port: int) -> dict[str, Any]:
    """Return Synapse's settings: one port for clients on loopback, no federation, no limits."""
    no_limits: dict[str, Any] = {f"rc_{name}": NO_LIMIT for name in LIMITS}
    no_limits["rc_login"] = {"address": NO_LIMIT, "account": NO_LIMIT, "failed_attempts": NO_LIMIT}
    no_limits["rc_joins"] = {"local": NO_LIMIT, "remote": NO_LIMIT}
    no_limits["rc_invites"] = {"per_room": NO_LIMIT, "per_user": NO_LIMIT, "per_issuer": NO_LIMIT}
    resources = [{"names": ["client"], "compress": False}]
    return {
        "server_name": "localhost",
        "public_baseurl": f"http://127.0.0.1:{port}/",
        "listeners": [{"port": port, "type": "http", "bind_addresses": ["127.0.0.1"], "resources": resources}],
        "database": {"name": "sqlite3", "args": {"database": str(folder / "homeserver.db")}},
        "media_store_path": str(folder / "media"),
        "signing_key_path": str(folder / "signing.key"),
        "log_config": str(folder / "logs.json"),
        "pid_file": str(folder / "homeserver.pid"),
        "macaroon_secret_key": "only for tests",
        "form_secret": "only for tests",
        "report_stats": False,
        "enable_registration": True,
        "enable_registration_without_verification": True,
        "trusted_key_servers": [],
        "federation_domain_whitelist": [],
        # The bot does not ask for it, and every request of everybody would be news for all.
        "presence": {"enabled": False},
        "bcrypt_rounds": 4,
        **no_limits,
    }


def logging_configuration() -> dict[str, Any]:
    """Return how Synapse logs: only what goes wrong, to standard error."""
    handler = {"class": "logging.StreamHandler", "level": "WARNING"}
    return {"version": 1, "handlers": {"console": handler}, "root": {"level": "WARNING", "handlers": ["console"]}}


@dataclass(slots=True)
class Synapse:
    """A homeserver that can be stopped and started again."""

    folder: Path
    port: int
    process: "subprocess.Popen[bytes] | None" = None
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, and wait until it answers; raises ``NoSynapse``."""
        command = [str(find_python()), "-m", "synapse.app.homeserver", "-c", str(self.folder / "homeserver.json")]
        if shutil.which("setpriv"):
            # So that it ends with the test run even if that is killed.
            command = ["setpriv", "--pdeathsig", "KILL", *command]
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self._wait_until_ready(self.process)

    def _wait_until_ready(self, process: "subprocess.Popen[bytes]") -> None:
        last_moment = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < last_moment and process.poll() is None:
            try:
                if httpx.get(f"{self.url}/_matrix/client/versions", timeout=5).is_success:
                    return
            except httpx.HTTPError:
                time.sleep(0.05)
        raise NoSynapse(f"Synapse did not start: {(self.folder / 'server.log').read_text(errors='replace')[-800:]}")

    def stop(self) -> None:
        """Stop at once; its database survives that."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(timeout=SECONDS_TO_START)
            self.process = None

    def register(self, name: str, *, password: str = PASSWORD) -> str:
        """Make an account under a name that is new in this run, without signing in; return its local part."""
        user = f"{name}{next(self.numbers)}"
        body = {
            "username": user,
            "password": password,
            "inhibit_login": True,
            "auth": {"type": "m.login.dummy"},
        }
        answer = httpx.post(f"{self.url}/_matrix/client/v3/register", json=body, timeout=30)
        assert answer.status_code == 200, answer.text
        return user


@contextmanager
def run_synapse() -> Iterator[Synapse]:
    """Start a server in a folder of its own; stop it and remove the folder at the end.

    Raises ``NoSynapse`` where that cannot be done.
    """
    python = find_python()
    folder = Path(tempfile.mkdtemp(prefix="allmende-synapse-"))
    server = Synapse(folder, free_port())
    try:
        (folder / "homeserver.json").write_text(json.dumps(configuration(folder, server.port)), "utf-8")
        (folder / "logs.json").write_text(json.dumps(logging_configuration()), "utf-8")
        _make_signing_key(python, folder)
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _make_signing_key(python: Path, folder: Path) -> None:
    """Write the server's key; Synapse could do it itself, but would need another second and a half to start for it."""
    code = "import sys; from signedjson.key import *; write_signing_keys(sys.stdout, [generate_signing_key('a_1')])"
    made = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise NoSynapse(f"no signing key: {made.stderr.strip()[-500:]}")
    (folder / "signing.key").write_text(made.stdout, "utf-8")


@pytest.fixture(scope="session")
def synapse() -> Iterator[Synapse]:
    """A running homeserver; skips where there is none, which is a failure in CI."""
    try:
        with run_synapse() as server:
            yield server
    except NoSynapse as reason:
        do_without(str(reason))
