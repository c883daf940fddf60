"""A hub in a process of its own, as a proxy reaches it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from tests.hub.pages.library_world import fields_of
from tests.hub.shell import Shell
from tests.journeys.processes import Running
from tests.ports import free_port

ADDRESS = "https://allmende.example"
UPLOAD = "/bibliothek/hochladen"


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
