"""What tests of signing in with a directory have in common: a directory that is entered, and the way there and back."""

import re
from dataclasses import replace
from urllib.parse import urlsplit
from uuid import UUID

from httpx import AsyncClient, Response

from hub.services import HubServices
from knowledge.directories.providers import Providers
from knowledge.directories.schemas import ProviderWish
from tests.directory_server import Client, Desk
from tests.hub.signed_in import HOUSE, Hub

REFRESH = re.compile(r"0; url=(.+)")


def services_of(hub: Hub) -> HubServices:
    """Return what the hub's pages work with."""
    services: HubServices = hub.app.state.services
    return services


async def enter_directory(
    hub: Hub, issuer: str, client: Client, wish: ProviderWish | None = None, *, on: bool = True
) -> UUID:
    """Enter a directory as an administrator does, and switch it on; returns its identifier.

    Args:
        hub: where.
        issuer: its address.
        client: what it gave us.
        wish: whom it admits and how far it is relied on.
        on: whether it is switched on.
    """
    wish = replace(wish or ProviderWish(), organisation=HOUSE, name="Stadt Lindenau", issuer=issuer)
    wish = replace(wish, client_id=client.identifier, client_secret=client.secret)
    async with hub.writing() as unit:
        providers = Providers(unit.session, services_of(hub).access_key)
        added = await providers.add(wish, by=hub.people["administrator"].id)
        if on:
            await providers.switch(added.id, on=True, by=hub.people["administrator"].id)
    return added.id


async def set_out(browser: AsyncClient, provider: UUID, *, links: bool = False, way: str = "/") -> str:
    """Press the button, and return where our page leads."""
    path = f"/konto/verzeichnis/{provider}" if links else f"/anmelden/verzeichnis/{provider}"
    page = await browser.post(path, data={"weiter": way})
    assert page.status_code == 200, page.headers.get("location", page.text)
    led = REFRESH.fullmatch(page.headers["refresh"])
    assert led is not None
    assert 'href="' + led[1].replace("&", "&amp;") + '"' in page.text
    return led[1]


def ours(address: str) -> str:
    """Return an address of ours without its host."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


async def sign_in(browser: AsyncClient, provider: UUID, desk: Desk, *, way: str = "/", **typed: str) -> Response:
    """Go there, type, and come back; returns what our page answers."""
    there = await set_out(browser, provider, way=way)
    return await browser.get(ours(desk.visit(there, **typed)))


async def link(browser: AsyncClient, provider: UUID, desk: Desk, **typed: str) -> Response:
    """Link an account to whoever is signed in."""
    there = await set_out(browser, provider, links=True)
    return await browser.get(ours(desk.visit(there, **typed)))


async def told(browser: AsyncClient, answer: Response) -> tuple[int, str]:
    """Return the status and text of the page that says what went wrong."""
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith("/anmelden/verzeichnis/problem?art="), answer.headers["location"]
    page = await browser.get(answer.headers["location"])
    return page.status_code, page.text
