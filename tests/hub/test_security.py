"""What browsers are told, what is refused before any page sees it, and whom is believed about what."""

from dataclasses import replace

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from hub.app import create_app
from hub.security.bodies import MOST_FIELDS
from hub.security.entrance import Entrance, read_networks
from hub.security.languages import preferred
from hub.services import HubServices
from knowledge.kit.settings import WrongSetting, load_settings
from tests.hub.probes import Probes, add_probes
from tests.hub.signed_in import Hub

SITE = "Sec-Fetch-Site"
FOREIGN: tuple[dict[str, str], ...] = (
    {SITE: "cross-site"},
    {SITE: "same-site"},
    {SITE: "cross-site", "Origin": "http://hub.test"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
)
OWN: tuple[dict[str, str], ...] = ({SITE: "same-origin"}, {SITE: "none"}, {"Origin": "http://hub.test"}, {})
URLENCODED = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def probes(hub: Hub) -> Probes:
    return add_probes(hub)


class TestHeaders:
    @pytest.mark.parametrize("path", ["/", "/nichts", "/probe/fails/otherwise", "/static/allmende.css", "/konto"])
    async def test_every_answer_has_them(self, hub: Hub, probes: Probes, path: str) -> None:
        async with hub.browser() as browser:
            headers = (await browser.get(path)).headers
        policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
        assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert "unsafe" not in headers["content-security-policy"]
        assert (headers["x-frame-options"], headers["x-content-type-options"]) == ("DENY", "nosniff")
        assert headers["referrer-policy"] == "same-origin"
        assert "strict-transport-security" not in headers
        assert "server" not in headers

    async def test_tls_is_to_stay(self, hub: Hub) -> None:
        async with hub.browser(address="https://hub.test") as browser:
            assert "max-age=31536000" in (await browser.get("/")).headers["strict-transport-security"]

    async def test_pages_of_people_are_not_stored(self, hub: Hub) -> None:
        async with hub.browser("member") as browser:
            assert "no-store" in (await browser.get("/konto")).headers["cache-control"]


class TestOrigins:
    async def test_forms_of_other_sites_do_nothing(self, hub: Hub, probes: Probes) -> None:
        async with hub.browser("moderator") as browser:
            for headers in FOREIGN:
                answer = await browser.post("/probe/form", data={"text": "x", "tags": "a"}, headers=headers)
                assert answer.status_code == 403, headers
            assert probes.texts == []
            for number, headers in enumerate(OWN):
                answer = await browser.post("/probe/form", data={"text": f"x{number}", "tags": "a"}, headers=headers)
                assert answer.status_code == 303, headers
        assert len(probes.texts) == len(OWN)

    async def test_links_from_other_sites_work(self, hub: Hub) -> None:
        async with hub.browser() as browser:
            assert (await browser.get("/", headers=FOREIGN[0])).status_code == 200


class TestBodies:
    async def test_other_kinds_of_content_are_refused(self, hub: Hub, probes: Probes) -> None:
        async with hub.browser("moderator") as browser:
            for kind in ("application/json", "text/plain", "application/xml", "", "multipart/mixed; boundary=x"):
                answer = await browser.post("/probe/form", content=b"{}", headers={"Content-Type": kind})
                assert answer.status_code == 415, kind
        assert probes.texts == []

    async def test_zero_characters_are_refused_everywhere(self, hub: Hub, probes: Probes) -> None:
        async with hub.browser("moderator") as browser:
            for path in ("/suche?q=%00", "/nichts%00", "/dokument/%00"):
                assert (await browser.get(path)).status_code == 400
            for sent in (
                {"data": {"text": "a\x00b", "tags": "a"}},
                {"files": {"text": (None, b"a\x00b"), "tags": (None, b"a")}},
            ):
                assert (await browser.post("/probe/form", **sent)).status_code == 400
        assert probes.texts == []

    async def test_too_much_is_refused_announced_or_not(self, hub: Hub, probes: Probes) -> None:
        chunks = [b"text="] + [b"x" * 65536] * 40
        taken = 0

        async def unannounced() -> object:
            nonlocal taken
            for chunk in chunks:
                taken += len(chunk)
                yield chunk

        async with hub.browser("moderator") as browser:
            announced = await browser.post("/probe/form", content=b"".join(chunks), headers=URLENCODED)
            assert announced.status_code == 413
            streamed = await browser.post("/probe/form", content=unannounced(), headers=URLENCODED)  # type: ignore[arg-type]  # an async generator
            assert streamed.status_code == 413
            many = await browser.post("/probe/form", content=b"a&" * (MOST_FIELDS + 1), headers=URLENCODED)
            assert many.status_code == 413
            fits = await browser.post("/probe/form", data={"text": "x" * 900_000, "tags": "a"})
            assert fits.status_code == 303

    async def test_files_are_taken_from_those_who_may_send_them(self, hub: Hub, probes: Probes) -> None:
        large = {"upload": ("a.pdf", b"x" * 3_000_000)}
        async with hub.browser("publisher") as browser:
            assert (await browser.post("/probe/files", files=large)).status_code == 303
        assert [len(file) for file in probes.files] == [3_000_000]
        for who in ("member", None):
            async with hub.browser(who) as browser:
                assert (await browser.post("/probe/files", files=large)).status_code == 413
        async with hub.browser("publisher") as browser:
            assert (await browser.post("/probe/form", files=large)).status_code == 413
        assert len(probes.files) == 1


def behind(hub: Hub, trusted: str) -> FastAPI:
    """Return a hub that trusts proxies."""
    settings = load_settings()
    changed = replace(settings, hub=settings.hub.model_copy(update={"hub_trusted_proxies": trusted}))
    services: HubServices = hub.app.state.services
    return create_app(replace(services, settings=changed))


class TestProxies:
    FORWARDED = {"X-Forwarded-Proto": "https", "X-Request-ID": "from-the-proxy-1"}  # noqa: RUF012 - never changed

    @pytest.mark.parametrize(
        ("trusted", "believed"), [("10.0.0.0/8, 192.0.2.7", True), ("192.0.2.7", False), ("", False)]
    )
    async def test_those_that_are_trusted_are_believed(self, hub: Hub, trusted: str, believed: bool) -> None:
        transport = ASGITransport(behind(hub, trusted), client=("10.1.2.3", 1))
        async with AsyncClient(transport=transport, base_url="http://hub.test") as browser:
            headers = (await browser.get("/", headers=self.FORWARDED)).headers
        assert (headers["x-request-id"] == "from-the-proxy-1") is believed
        assert ("strict-transport-security" in headers) is believed

    @pytest.mark.parametrize(
        ("forwarded", "caller"),
        [
            ("198.51.100.4", "198.51.100.4"),
            ("1.1.1.1, 198.51.100.4, 10.0.0.2", "198.51.100.4"),
            ("1.1.1.1, unknown, 10.0.0.2", "10.0.0.2"),
            ("", "10.0.0.1"),
        ],
    )
    async def test_the_caller_is_the_last_that_no_proxy_of_ours_is(self, forwarded: str, caller: str) -> None:
        seen = []

        async def app(scope: object, _receive: object, send: object) -> None:
            seen.append(scope)

        entrance = Entrance(app, trusted=read_networks("10.0.0.0/8"))
        scope = {"type": "http", "client": ("10.0.0.1", 1), "headers": [(b"x-forwarded-for", forwarded.encode())]}
        await entrance(scope, None, None)  # type: ignore[arg-type]  # nobody receives or sends here
        assert seen[0]["client"][0] == caller  # type: ignore[index]  # ASGI's loose types

    async def test_numbers_of_requests_are_harmless(self, hub: Hub) -> None:
        transport = ASGITransport(behind(hub, "127.0.0.1"))
        async with AsyncClient(transport=transport, base_url="http://hub.test") as browser:
            for odd in ("x", "a b c d e f g h", "<script>alert(1)</script>", "x" * 65):
                given = (await browser.get("/nichts", headers={"X-Request-ID": odd})).headers["x-request-id"]
                assert len(given) == 32

    def test_wrong_ones_are_noticed_at_start(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ALLMENDE_HUB_TRUSTED_PROXIES", "10.0.0.0/8, proxy.example")
        with pytest.raises(WrongSetting, match="ALLMENDE_HUB_TRUSTED_PROXIES"):
            load_settings()


class TestLanguages:
    @pytest.mark.parametrize(
        ("header", "language"),
        [
            ("de-DE,de;q=0.9,en;q=0.8", "de"),
            ("en-GB,en;q=0.9,de;q=0.8", "en"),
            ("fr, en;q=0.3, de;q=0.7", "de"),
            ("fr", None),
            ("", None),
            ("en;q=0, de;q=x", None),
        ],
    )
    def test_what_the_browser_prefers(self, header: str, language: str | None) -> None:
        assert preferred(header) == language

    async def test_what_was_chosen_stays(self, hub: Hub) -> None:
        async with hub.browser(language="de") as browser:
            assert '<html lang="de"' in (await browser.get("/")).text
            assert '<html lang="en"' in (await browser.get("/?sprache=en")).text
            assert '<html lang="en"' in (await browser.get("/")).text
            assert '<html lang="en"' in (await browser.get("/?sprache=<script>")).text
