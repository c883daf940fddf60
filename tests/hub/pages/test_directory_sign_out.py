"""Signing out here, and then at the directory, too: at a real OpenID Connect provider on loopback."""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qs, urljoin, urlsplit
from uuid import UUID

import pytest
import pytest_asyncio
from httpx import AsyncClient
from sqlalchemy import update

from knowledge.directories.client import read_metadata
from knowledge.directories.fetching import Fetched
from knowledge.directories.signing_in import SIGNED_OUT_PATH
from knowledge.models.directory import DirectoryProvider
from tests.directory_server import WAY_BACK, Client, Desk, DirectoryServer, at_desk
from tests.hub.pages.directory_world import enter_directory, link, set_out, sign_in
from tests.hub.signed_in import Hub

OFFER = "/anmelden/verzeichnis/abmelden"
# The hub, as the directory knows it.
HERE = WAY_BACK.partition("/anmelden")[0]
THERE = re.compile(r'<a class="button[^"]*" href="([^"]+)">Sign out at Stadt Lindenau, too</a>')
ISSUER = "https://login.stadt.example/realms/stadt"
FOUND = {
    "issuer": ISSUER,
    **{f"{name}_endpoint": f"{ISSUER}/{name}" for name in ("authorization", "token")},
    "jwks_uri": f"{ISSUER}/keys",
}


@pytest.fixture
def desk() -> Iterator[Desk]:
    with at_desk() as desk:
        yield desk


@pytest.fixture(scope="module")
def client(directory_server: DirectoryServer) -> Client:
    return directory_server.register(post_logout_redirect_uris=[HERE + SIGNED_OUT_PATH])


@pytest_asyncio.fixture
async def provider(hub: Hub, directory_server: DirectoryServer, client: Client, desk: Desk) -> UUID:
    """A directory where Anna is signed in, whose account is linked."""
    added = await enter_directory(hub, directory_server.issuer, client)
    async with hub.browser("member") as browser:
        assert (await link(browser, added, desk, login="anna")).headers["location"] == "/konto"
    return added


async def sign_out(browser: AsyncClient) -> str:
    """Sign out here, and return where that leads."""
    return (await browser.post("/abmelden")).headers["location"]


def sign_out_there(desk: Desk, address: str) -> str:
    """Say yes at the directory, and return where it leads."""
    asked = desk.browser.get(address)
    assert asked.status_code == 200, asked.text
    fields = dict(re.findall(r'name="(xsrf)" value="([^"]+)"', asked.text))
    action = re.findall(r'action="([^"]+)"', asked.text)[0]
    return desk.browser.post(urljoin(address, action), data={**fields, "logout": "yes"}).headers["location"]


def is_known(desk: Desk, way_there: str) -> bool:
    """Whether the directory lets somebody in again without asking who they are."""
    here = way_there
    for _step in range(8):
        answer = desk.browser.get(here)
        if answer.status_code == 200:
            return False
        here = urljoin(here, answer.headers["location"])
        if here.startswith(HERE):
            return True
    raise AssertionError(here)


class TestBoth:
    async def test_signing_out_here_leads_to_signing_out_there(self, hub: Hub, provider: UUID, desk: Desk) -> None:
        async with hub.browser() as browser:
            await sign_in(browser, provider, desk)
            assert await sign_out(browser) == OFFER
            # Here it is over, whatever comes next.
            assert (await browser.get("/konto")).headers["location"].startswith("/anmelden")
            there = unescape(THERE.findall((await browser.get(OFFER)).text)[0])
            assert is_known(desk, await set_out(browser, provider))
            back = sign_out_there(desk, there)
            assert not is_known(desk, await set_out(browser, provider))
            assert back.partition("?")[0] == HERE + SIGNED_OUT_PATH
            start = await browser.get(SIGNED_OUT_PATH)
            assert start.headers["location"] == "/"
            assert "You are signed out." in (await browser.get("/")).text
            assert (await browser.get(OFFER)).headers["location"] == "/"
        # No proof of who it is goes along, because none is kept.
        assert set(parse_qs(urlsplit(there).query)) == {"client_id", "post_logout_redirect_uri"}

    async def test_a_directory_that_is_off_changes_nothing(self, hub: Hub, provider: UUID, desk: Desk) -> None:
        async with hub.browser() as browser, hub.browser("administrator") as administrator:
            await sign_in(browser, provider, desk)
            await administrator.post(f"/verzeichnisse/{provider}/aus")
            assert await sign_out(browser) == OFFER
            assert (await browser.get(OFFER)).headers["location"] == "/"
            assert "You are signed out." in (await browser.get("/")).text

    async def test_a_directory_that_is_away_changes_nothing(self, hub: Hub, provider: UUID, desk: Desk) -> None:
        async with hub.browser() as browser:
            await sign_in(browser, provider, desk)
            async with hub.writing() as unit:
                await unit.session.execute(update(DirectoryProvider).values(issuer="http://127.0.0.1:9"))
            assert await sign_out(browser) == OFFER
            assert (await browser.get(OFFER)).headers["location"] == "/"
            assert (await browser.get("/konto")).headers["location"].startswith("/anmelden")

    async def test_who_signed_in_otherwise_is_led_nowhere_else(self, hub: Hub) -> None:
        async with hub.browser("member") as browser:
            assert await sign_out(browser) == "/"
            assert (await browser.get(OFFER)).headers["location"] == "/"


class TestWhere:
    @pytest.mark.parametrize("address", [f"{ISSUER}/logout", "https://login.stadt.example:8443/logout"])
    def test_is_what_the_directory_names_on_its_own_host(self, address: str) -> None:
        found = read_metadata(Fetched(200, {**FOUND, "end_session_endpoint": address}), ISSUER)
        assert found.end_session_endpoint == address

    @pytest.mark.parametrize(
        "address",
        [
            None,
            7,
            "",
            "javascript:alert(1)",
            "http://login.stadt.example/logout",
            "https://login.stadt.example.evil.example/logout",
            "https://evil.example/logout",
            "https://anna@login.stadt.example/logout",
            "http://127.0.0.1/logout",
        ],
    )
    def test_is_nowhere_where_that_cannot_be_trusted(self, address: object) -> None:
        found = read_metadata(Fetched(200, {**FOUND, "end_session_endpoint": address}), ISSUER)
        assert found.end_session_endpoint is None
