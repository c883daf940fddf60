"""A conversation by keyboard alone, with our script and without it."""

from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from bot.core.text import pack_text, rich
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.webchat.service import WebChatService, talking
from tests.browser import opened
from tests.hub.browser.hands import Keyboard
from tests.hub.browser.serving import RunningHub
from tests.hub.browser.stage import Stage

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


async def say_by_itself(hub: RunningHub, member: UUID, text: str) -> None:
    """Have the bot say something that nobody waits for, such as a colleague's answer."""
    async with unit_of_work(hub.database) as unit:
        values = {"blocks": pack_text(rich(text)), "choices": []}
        await WebChatService(unit.session).hear(talking(member).address, f"by itself: {text}", values)


async def looks(page: "Page", seconds: int) -> int:
    """Let so much time pass for a page; returns the status of what it asked meanwhile."""
    async with page.expect_response("**/chat/neues") as asked:
        await page.clock.run_for(1000 * seconds)
    return (await asked.value).status


class TestWhatComesLater:
    async def test_is_added_below_and_takes_nothing_away_from_whoever_types(
        self, chromium: "Browser", hub: RunningHub, stage: Stage
    ) -> None:
        async with opened(chromium) as page:
            await page.clock.install()
            member = stage.members["member"]
            await hub.sign_in(page, member)
            await page.goto(f"{hub.address}/chat")
            assert not await page.get_by_role("link", name=_("See new messages")).is_visible()
            await page.locator("#eingabe").fill("Ich tippe")
            before = await page.locator(".message").count()
            assert await looks(page, 11) == 304
            await say_by_itself(hub, member, "Eine Kollegin hat geantwortet.")
            assert await looks(page, 20) == 303
            came = page.locator("[role=log] .message").nth(before)
            await came.wait_for()
            assert "Eine Kollegin hat geantwortet." in await came.inner_text()
            assert await page.locator(".message").count() == before + 1
            assert await page.locator("#eingabe:focus").input_value() == "Ich tippe"
            # Read out once: by the list.
            assert await page.locator("[role=status]").inner_text() == ""

    async def test_is_a_link_away_without_a_script(self, chromium: "Browser", hub: RunningHub, stage: Stage) -> None:
        async with opened(chromium, script=False) as page:
            member = stage.members["member"]
            await hub.sign_in(page, member)
            await page.goto(f"{hub.address}/chat#eingabe")
            await say_by_itself(hub, member, "Noch eine Antwort.")
            async with page.expect_navigation():
                await page.get_by_role("link", name=_("See new messages")).click()
            assert "Noch eine Antwort." in await page.locator(":target").inner_text()

    async def test_nothing_is_asked_while_nobody_looks(
        self, chromium: "Browser", hub: RunningHub, stage: Stage
    ) -> None:
        async with opened(chromium) as page:
            await page.clock.install()
            await hub.sign_in(page, stage.members["member"])
            await page.goto(f"{hub.address}/chat")
            asked: list[str] = []
            page.on("request", lambda request: asked.append(request.url) if "/chat/neues" in request.url else None)
            await show(page, visible=False)
            await page.clock.run_for(600_000)
            hidden = list(asked)
            async with page.expect_response("**/chat/neues"):
                await show(page, visible=True)
                await page.clock.run_for(2_500)
        assert hidden == []
        assert len(asked) == 1


async def show(page: "Page", *, visible: bool) -> None:
    """Have a page believe that it came to the front, or went to the back."""
    await page.evaluate(
        """visible => {
            Object.defineProperty(document, "hidden", { configurable: true, get: () => !visible });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        visible,
    )


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
