"""``allmende serve`` and ``allmende bot`` as an administrator calls them."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.hub.shell import Shell, write_texts
from tests.journeys.processes import Running, eventually
from tests.telegram_server.server import TelegramServer

STYLES = "/static/allmende.css"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, begun_template: Path) -> Shell:
    """A data folder with two public texts, words alone."""
    shell = Shell(tmp_path_factory.mktemp("serving")).begun(begun_template)
    shell.succeed("add", "--visibility", "public", str(write_texts(shell.folder / "texte")))
    return shell


@pytest.fixture
def shell(library: Shell, tmp_path: Path) -> Shell:
    """A copy of the library: a fresh Telegram numbers its messages anew, and they would seem to be known."""
    return library.copy_to(tmp_path)


@pytest.fixture
def telegram() -> Iterator[TelegramServer]:
    """A Telegram of the test's own."""
    with TelegramServer() as server:
        yield server


def on(shell: Shell, telegram: TelegramServer) -> Shell:
    return shell.with_settings(ALLMENDE_TELEGRAM_TOKEN=telegram.token, ALLMENDE_TELEGRAM_API_URL=telegram.url)


def hub_of(served: Running) -> str:
    """Wait until the hub is served, and return its address."""
    served.wait_for("The hub: http://127.0.0.1:")
    found = re.search(r"The hub: (\S+)", served.printed)
    assert found is not None
    return found[1]


class TestNotConfigured:
    @pytest.mark.parametrize(
        ("command", "named"),
        [
            (["bot", "telegram"], "ALLMENDE_TELEGRAM_TOKEN"),
            (["bot", "matrix"], "ALLMENDE_MATRIX_PASSWORD"),
            (["bot", "irc"], "matrix"),
        ],
    )
    def test_it_is_said_what_to_set(self, command: list[str], named: str, tmp_path: Path) -> None:
        result = Shell(tmp_path).run(*command)
        assert (result.returncode, result.stdout) == (2, "")
        assert named in result.stderr
        assert "Traceback" not in result.stderr


class TestServing:
    @pytest.mark.parametrize("command", [["serve"], ["bot", "telegram"]])
    def test_it_answers_until_it_is_told_to_end(
        self, command: list[str], shell: Shell, telegram: TelegramServer
    ) -> None:
        anna = telegram.person("Anna", language="en")
        with Running(on(shell, telegram), *command) as served:
            served.wait_for("Telegram: connected.")
            anna.writes(None, "Wie viele Bäume hat die Gemeinde Nummer 2 gepflanzt?")
            eventually(lambda: any("2 Bäume" in text for text in anna.direct.said()))
            code, printed, said = served.end(signal.SIGTERM)
        assert (code, printed) == (0, "")
        assert "Allmende has stopped." in said
        assert "Traceback" not in said
        assert telegram.refused == []

    def test_a_second_one_on_the_same_network_is_refused(self, shell: Shell, telegram: TelegramServer) -> None:
        with Running(on(shell, telegram), "serve") as first:
            first.wait_for("Telegram: connected.")
            second = on(shell, telegram).run("bot", "telegram")
            assert second.returncode == 1
            assert "Another Allmende process runs the bot on Telegram" in second.stderr

    def test_a_network_that_refuses_is_named_and_ctrl_c_ends_it(self, shell: Shell, telegram: TelegramServer) -> None:
        wrong = on(shell, telegram).with_settings(ALLMENDE_TELEGRAM_TOKEN="1:wrong")
        with Running(wrong, "serve") as served:
            served.wait_for("does not accept the bot's token")
            assert httpx.get(hub_of(served) + STYLES).status_code == 200
            code, _printed, said = served.end(signal.SIGINT)
        assert code == 0
        assert "Traceback" not in said


class TestHub:
    def test_it_is_served_without_any_chat_network(self, shell: Shell) -> None:
        # A browser that keeps its connection does not keep the hub from ending.
        with Running(shell, "serve") as served, httpx.Client(base_url=hub_of(served)) as browser:
            assert browser.get(STYLES).headers["content-type"].startswith("text/css")
            served.wait_for("Allmende is running.")
            code, printed, said = served.end(signal.SIGTERM)
        assert (code, printed) == (0, "")
        assert "ALLMENDE_MATRIX_HOMESERVER" in said
        assert "ALLMENDE_TELEGRAM_TOKEN" in said
        assert said.rstrip().endswith("Allmende has stopped.")
        assert "Traceback" not in said

    def test_the_key_of_the_second_factors_is_there_for_other_hosts_to_copy(self, shell: Shell) -> None:
        with Running(shell, "hub") as served:
            hub_of(served)
            assert (shell.data / "hub.key").stat().st_size == 32

    def test_a_damaged_key_keeps_no_page_away_that_needs_none(self, shell: Shell) -> None:
        (shell.data / "hub.key").write_bytes(b"short")
        with Running(shell, "hub") as served:
            assert httpx.get(hub_of(served) + STYLES).status_code == 200

    def test_a_port_that_is_taken_is_named(self, shell: Shell) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = str(other.getsockname()[1])
            result = shell.with_settings(ALLMENDE_HUB_PORT=port).run("serve")
        assert (result.returncode, result.stdout) == (1, "")
        assert f"Another program listens on 127.0.0.1, port {port}." in result.stderr
        assert "Traceback" not in result.stderr

    def test_an_address_of_another_machine_is_refused(self, shell: Shell) -> None:
        result = shell.with_settings(ALLMENDE_HUB_HOST="203.0.113.1").run("serve")
        assert result.returncode == 2
        assert "The hub cannot listen on 203.0.113.1" in result.stderr

    def test_the_bot_alone_loads_nothing_of_it(self) -> None:
        code = "import sys, hub.cli.serving; print([name for name in ('fastapi', 'uvicorn') if name in sys.modules])"
        loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert loaded.stdout == "[]\n"


class TestHubAlone:
    def test_it_serves_pages_speaks_in_no_chat_and_ends_when_told(self, shell: Shell, telegram: TelegramServer) -> None:
        with Running(on(shell, telegram), "hub") as served, Running(on(shell, telegram), "hub") as another:
            for hub in (served, another):
                address = hub_of(hub)
                hub.wait_for("Allmende is running.")
                assert httpx.get(address + "/health/ready").json() == {"status": "ready"}
                assert "Bericht 2" in httpx.get(address + "/suche", params={"q": "Gemeinde Nummer 2"}).text
            code, printed, said = served.end(signal.SIGTERM)
        assert (code, printed) == (0, "")
        assert "Telegram" not in said
        assert "Traceback" not in said
