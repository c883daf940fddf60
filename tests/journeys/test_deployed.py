"""What docker-compose.yml starts, started directly with the same settings: two hubs, a worker, real databases."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.compose import settings_of
from tests.hub.pages.library_world import fields_of
from tests.hub.shell import Shell
from tests.journeys.processes import Running, eventually
from tests.knowledge.library.indexes.chroma_server import ChromaServer, free_port

ADDRESS = "https://allmende.example"
UPLOAD = "/bibliothek/hochladen"


@pytest.fixture
def chroma(tmp_path: Path) -> Iterator[ChromaServer]:
    """A Chroma server."""
    server = ChromaServer(tmp_path / "chroma")
    server.start()
    yield server
    server.kill()


@dataclass
class Part:
    """A hub as the proxy reaches it."""

    shell: Shell
    port: int = field(default_factory=free_port)
    cookie: str = ""

    def run(self) -> Running:
        """Start it."""
        return Running(self.shell.with_settings(ALLMENDE_HUB_PORT=str(self.port)), "hub")

    def asked(self, method: str, path: str, **form: object) -> httpx.Response:
        """Ask it for a page as the proxy does for a browser."""
        headers = {"Host": urlsplit(ADDRESS).netloc, "Origin": ADDRESS, "Cookie": self.cookie}
        headers |= {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7", "Accept-Language": "en"}
        options: dict[str, object] = {"headers": headers, "timeout": 60, **form}
        return _request(method, f"http://127.0.0.1:{self.port}{path}", options)

    def answers(self, path: str) -> bool:
        """Whether it answers there."""
        try:
            return self.asked("GET", path).status_code == 200
        except httpx.TransportError:
            return False

    def finds(self, words: str, source: str) -> bool:
        """Whether somebody who is not signed in finds a text."""
        page = httpx.get(f"http://127.0.0.1:{self.port}/suche", params={"q": words}, timeout=60)
        assert page.status_code == 200
        return source in page.text

    def sign_in(self, link: str) -> None:
        """Use a one-time link."""
        came = self.asked("POST", urlsplit(link).path)
        assert came.status_code == 303
        given = [cookie.partition(";")[0] for cookie in came.headers.get_list("set-cookie")]
        (self.cookie,) = [cookie for cookie in given if cookie.startswith("__Host-")]

    def publish(self, name: str, content: str) -> None:
        """Upload a text for everybody."""
        values = {**fields_of(self.asked("GET", UPLOAD), UPLOAD), "visibility": "public"}
        values.pop("files", None)
        sent = self.asked("POST", UPLOAD, data=values, files=[("files", (name, content.encode(), "text/markdown"))])
        assert "1 taken" in sent.text, sent.text[:2000]


def _request(method: str, address: str, options: dict[str, object]) -> httpx.Response:
    send: Callable[..., httpx.Response] = httpx.request
    return send(method, address, **options)


@pytest.fixture
def composed(
    tmp_path: Path, empty_postgres: str, chroma: ChromaServer, prepared_models: Path
) -> Callable[[str], Shell]:
    """What a service of docker-compose.yml is set to, with the addresses of this test in place of the containers'."""
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "allmende_database_url").write_text(empty_postgres + "\n", encoding="utf-8")

    def place(service: str) -> Shell:
        here = {
            "ALLMENDE_DATA_DIR": str(tmp_path / "data"),
            "ALLMENDE_HUB_HOST": "127.0.0.1",
            "ALLMENDE_HUB_URL": ADDRESS,
            "ALLMENDE_HUB_TRUSTED_PROXIES": "127.0.0.0/8",
            "ALLMENDE_CHROMA_URL": chroma.url,
            "ALLMENDE_SECRETS_DIR": str(tmp_path / "secrets"),
        }
        given = settings_of(service)
        assert here.keys() <= given.keys()
        model = {"ALLMENDE_EMBEDDING_MODEL": "default", "ALLMENDE_MODELS_DIR": str(prepared_models)}
        return Shell(tmp_path, {**given, **here, **model})

    return place


class TestInParts:
    def test_what_one_hub_takes_the_other_finds_and_goes_on_alone(self, composed: Callable[[str], Shell]) -> None:
        assert composed("migrate").json("migrate", "--json")["from"] is None
        link = composed("hub").succeed("administrator", "Chris Berg").strip()
        first, second = Part(composed("hub")), Part(composed("hub"))
        with ExitStack() as stack:
            worker = stack.enter_context(Running(composed("worker"), "worker"))
            worker.wait_for("ready")
            dying = stack.enter_context(first.run())
            stack.enter_context(second.run())
            eventually(lambda: first.answers("/health/ready") and second.answers("/health/ready"))
            assert first.answers("/health/live")
            first.sign_in(link)
            first.publish("kirschbaum.md", "# Kirschbäume\n\nLindenau pflegt 12 Kirschbäume am Dorfanger.\n")
            eventually(lambda: first.finds("Kirschbäume Dorfanger", "Lindenau pflegt 12"))
            eventually(lambda: second.finds("Kirschbäume Dorfanger", "Lindenau pflegt 12"))

            dying.process.kill()
            worker.process.kill()
            # The session is in the database, and whoever still lives takes the indexes over.
            second.cookie = first.cookie
            second.publish("birnbaum.md", "# Birnbäume\n\nGrünau pflegt 7 Birnbäume an der Schule.\n")
            eventually(lambda: second.finds("Birnbäume Schule", "Grünau pflegt 7"))
            assert second.finds("Kirschbäume Dorfanger", "Lindenau pflegt 12")
            assert not first.answers("/health/live")
