"""A real OpenID Connect provider for the tests, as the directory of a town: a Node process of its own on loopback.

It is no part of what we ship. ``./allmende test`` installs it into ``.oidc-provider``; ``ALLMENDE_TEST_OIDC_PROVIDER``
names another folder with its ``node_modules``.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

from tests.postgres import do_without

FOLDER_VARIABLE = "ALLMENDE_TEST_OIDC_PROVIDER"
PROJECT = Path(__file__).resolve().parent.parent
SERVER = PROJECT / "tests" / "oidc_provider" / "server.mjs"
SECONDS = 30
WAY_BACK = "http://127.0.0.1:8000/anmelden/verzeichnis/rueckkehr"


class NoProvider(Exception):
    """There is no provider here; says in words why."""


@dataclass(frozen=True, slots=True)
class Client:
    """What an administrator gets from the directory."""

    identifier: str
    secret: str


@dataclass(frozen=True, slots=True)
class DirectoryServer:
    """A running provider."""

    issuer: str

    def register(self, way_back: str = WAY_BACK, **more: object) -> Client:
        """Make a client of the directory that people are sent back to at an address."""
        made = httpx.post(f"{self.issuer}/reg", json={"redirect_uris": [way_back], **more}, timeout=SECONDS)
        assert made.status_code == 201, made.text
        return Client(made.json()["client_id"], made.json()["client_secret"])


@dataclass(frozen=True, slots=True)
class Desk:
    """The browser of somebody at their directory; the directory knows it again."""

    browser: httpx.Client

    def visit(self, address: str, **typed: str) -> str:
        """Follow the way to the directory, type where it asks, and return the address that leads back to us.

        Args:
            address: where our page sends people.
            typed: ``login``, ``amr`` or ``denied``.
        """
        here, fields = address, dict(typed)
        for _step in range(8):
            answer = self.browser.get(here)
            if answer.status_code == 200:
                assert fields, answer.text
                answer, fields = self._type(here, fields), {}
            here = urljoin(here, answer.headers["location"])
            if "/anmelden/verzeichnis/" in here:
                return here
        raise AssertionError(f"the directory led nowhere: {here}")

    def _type(self, here: str, fields: Mapping[str, str]) -> httpx.Response:
        return self.browser.post(here, data=dict(fields))


@contextmanager
def at_desk() -> Iterator[Desk]:
    """Sit down somewhere where nobody is signed in at the directory."""
    with httpx.Client(timeout=SECONDS) as browser:
        yield Desk(browser)


def find_folder() -> Path:
    """Return where the provider is installed; raises ``NoProvider``."""
    folder = Path(os.environ.get(FOLDER_VARIABLE) or PROJECT / ".oidc-provider")
    if shutil.which("node") is None:
        raise NoProvider("Node.js is not installed (on Debian: nodejs npm)")
    if not (folder / "node_modules" / "oidc-provider").is_dir():
        raise NoProvider(f"oidc-provider is not installed (./allmende test does it) where {FOLDER_VARIABLE} says")
    return folder


@contextmanager
def run_provider() -> Iterator[DirectoryServer]:
    """Start a provider; it ends with this process, too. Raises ``NoProvider`` where that cannot be done."""
    command = ["node", str(SERVER), str(find_folder())]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            port = re.fullmatch(r"(\d+)\n", process.stdout.readline())  # ends with the process at the latest
            if port is None:
                raise NoProvider("the OpenID Connect provider did not start")
            yield DirectoryServer(f"http://127.0.0.1:{port[1]}")
        finally:
            process.kill()


@pytest.fixture(scope="session")
def directory_server() -> Iterator[DirectoryServer]:
    """A running provider; skips where there is none, which is a failure in CI."""
    try:
        with run_provider() as server:
            yield server
    except NoProvider as reason:
        do_without(str(reason))
