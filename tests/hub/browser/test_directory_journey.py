"""In by the directory of one's town, out, and in again; at a real provider, in a real browser."""

from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from hub.pages.directory_sign_in import JOIN
from hub.pages.directory_sign_out import OFFER
from knowledge.access.keys import load_key
from knowledge.directories.providers import Providers
from knowledge.directories.schemas import ProviderWish
from knowledge.directories.signing_in import RETURN_PATH, SIGNED_OUT_PATH
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import unit_of_work
from tests.browser import NARROW, opened
from tests.directory_server import DirectoryServer
from tests.hub.browser.hands import WithoutScript
from tests.hub.browser.serving import RunningHub
from tests.hub.browser.stage import Stage
from tests.hub.browser.test_every_page import TOO_WIDE, faults

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = pytest.mark.asyncio(loop_scope="session")
NAME = "Gemeinde Seefeld"


async def enter(hub: RunningHub, stage: Stage, server: DirectoryServer) -> UUID:
    """Enter the town's directory, which may admit its people."""
    assert stage.key_path is not None
    out = [hub.address + SIGNED_OUT_PATH]
    client = server.register(hub.address + RETURN_PATH, post_logout_redirect_uris=out)
    wish = ProviderWish(
        organisation="seefeld",
        name=NAME,
        issuer=server.issuer,
        client_id=client.identifier,
        client_secret=client.secret,
        admits=True,
    )
    async with unit_of_work(hub.database) as unit:
        providers = Providers(unit.session, load_key(stage.key_path))
        added = await providers.add(wish, by=None)
        await providers.switch(added.id, on=True, by=None)
    return added.id


async def remove(hub: RunningHub, stage: Stage, provider: UUID) -> None:
    """Take it away again, so that other tests find the page for signing in as it was."""
    assert stage.key_path is not None
    async with unit_of_work(hub.database) as unit:
        await Providers(unit.session, load_key(stage.key_path)).remove(provider, by=None)


async def sign_in_there(page: "Page", hub: RunningHub, login: str) -> None:
    """Go to the directory from the page for signing in, and sign in there."""
    await page.goto(f"{hub.address}/anmelden?weiter=/konto")
    await page.get_by_role("button", name=_("Sign in with {name}").format(name=NAME)).click()
    await page.get_by_label("Name", exact=True).fill(login)
    await page.get_by_role("button", name="Anmelden").click()


async def holds_to_wcag_and_fits(page: "Page") -> None:
    """Look at a page on a phone."""
    await page.evaluate(AXE_SCRIPT)
    assert await faults(page) == []
    assert await page.evaluate(TOO_WIDE) == []


class TestJourney:
    async def test_somebody_joins_leaves_and_comes_back_without_script(
        self, chromium: "Browser", hub: RunningHub, stage: Stage, directory_server: DirectoryServer
    ) -> None:
        provider = await enter(hub, stage, directory_server)
        button = _("Sign in with {name}").format(name=NAME)
        async with opened(chromium, script=False) as page:
            hands = WithoutScript(page)
            await page.goto(f"{hub.address}/anmelden?weiter=/konto")
            await hands.press(button)
            await hands.type("Name", "anna")
            await hands.press("Anmelden")
            await hands.press(_("Join"))
            await page.wait_for_url(f"{hub.address}/konto")
            assert "Anna Muster" in await page.inner_text("main")
            await hands.press(_("Sign out"))
            await page.goto(f"{hub.address}/anmelden?weiter=/konto")
            await hands.press(button)
            # The directory remembers her: nothing has to be typed, and nobody joins twice.
            await page.wait_for_url(f"{hub.address}/konto")
            assert NAME in await page.inner_text("main")
        await remove(hub, stage, provider)

    async def test_the_page_for_joining_holds_to_wcag(
        self, chromium: "Browser", hub: RunningHub, stage: Stage, directory_server: DirectoryServer
    ) -> None:
        provider = await enter(hub, stage, directory_server)
        async with opened(chromium, NARROW) as page:
            await sign_in_there(page, hub, "Bert")
            await page.wait_for_url(hub.address + JOIN)
            await holds_to_wcag_and_fits(page)
        await remove(hub, stage, provider)

    async def test_signing_out_is_offered_there_too(
        self, chromium: "Browser", hub: RunningHub, stage: Stage, directory_server: DirectoryServer
    ) -> None:
        provider = await enter(hub, stage, directory_server)
        async with opened(chromium, NARROW) as page:
            await sign_in_there(page, hub, "Carla")
            await page.get_by_role("button", name=_("Join")).click()
            await page.get_by_role("button", name=_("Sign out")).click()
            await page.wait_for_url(hub.address + OFFER)
            await holds_to_wcag_and_fits(page)
            await page.get_by_role("link", name=_("Sign out at {name}, too").format(name=NAME)).click()
            # The directory asks, too.
            await page.get_by_role("button", name="Yes").click()
            await page.wait_for_url(f"{hub.address}/")
            assert _("You are signed out.") in await page.inner_text("main")
        await remove(hub, stage, provider)
