"""A conversation by keyboard alone, with our script and without it."""

from typing import TYPE_CHECKING

import pytest

from knowledge.kit.language import _
from tests.browser import opened
from tests.hub.browser.hands import Keyboard
from tests.hub.browser.serving import RunningHub

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = pytest.mark.asyncio(loop_scope="session")
ASKED, AGAIN = "Was hat die Erfassung der Straßen mit einer Kamera gekostet?", "Und wer war beteiligt?"
ANSWER = "14.800 Euro"


class Typist(Keyboard):
    """Somebody at a keyboard, on a page that need not be left."""

    async def reach(self, name: str, kind: str) -> None:
        """Go to something by Tab."""
        await self._reach(name, kind)


async def said(page: "Page", number: int) -> str:
    """Return the bot's answer of this number, once it is there."""
    answer = page.locator(".message.bot").nth(number)
    await answer.wait_for()
    return await answer.inner_text()


@pytest.mark.parametrize("script", [True, False])
class TestByKeyboard:
    async def test_asks_reads_the_source_goes_on_and_chooses(
        self, chromium: "Browser", hub: RunningHub, script: bool
    ) -> None:
        async with opened(chromium, script=script) as page:
            await page.goto(hub.address)
            hands = Typist(page)
            await hands.type(_("Your question"), ASKED)
            async with page.expect_navigation():
                await page.keyboard.press("Enter")
            assert ANSWER in await said(page, 0)

            source = page.locator(".message.bot a[href^='/dokument/']").first
            await hands.reach(await source.inner_text(), "a")
            if script:
                await page.keyboard.press("Enter")
                beside = page.locator("#quelle:focus")
                await beside.wait_for()
                assert ANSWER in await beside.inner_text()
                await page.keyboard.press("Escape")
                assert await source.evaluate("here => here === document.activeElement")
            else:
                async with page.expect_navigation():
                    await page.keyboard.press("Enter")
                assert ANSWER in await page.locator("#stelle").inner_text()
                await page.go_back()

            await hands.type(_("Your question or answer"), AGAIN)
            if script:
                await page.keyboard.press("Enter")
            else:
                await hands.press(_("Send"))
            assert AGAIN in await page.locator(".message.own").nth(1).inner_text()
            assert await said(page, 1)
            if script:
                assert await page.locator("#eingabe").input_value() == ""
                assert await page.locator("[role=status]").inner_text() == _("The answer is there.")

            await hands.reach(_("Helped"), "button")
            await page.keyboard.press("Enter")
            await page.locator(".message.own").nth(2).wait_for()
            assert await page.get_by_role("button", name="✓").count() == 1
