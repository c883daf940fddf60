"""Every page in a real Chromium: nothing against WCAG 2.2 AA, nothing too wide, nothing too heavy."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Literal

import pytest
import pytest_asyncio
from axe_playwright_python.base import AXE_SCRIPT

from hub.app import methods_of, routes
from tests.browser import DESKTOP, NARROW, opened
from tests.hub.browser.addresses import FURTHER, NOT_SHOWN, PAGES, Shown
from tests.hub.browser.serving import RunningHub
from tests.hub.browser.stage import Stage

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = pytest.mark.asyncio(loop_scope="session")
ALL = {**PAGES, **FURTHER}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AXE_OPTIONS = json.dumps({"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"], "preload": False})
# Each size and each set of colours once: what is wrong with colours is so in every size. What sticks out does so most
# where there is least room.
LOOKS: tuple[tuple[tuple[int, int], Literal["light", "dark"]], ...] = ((DESKTOP, "light"), (NARROW, "dark"))
HEAVIEST = 100_000
# Of the page and all that it loads, unpacked.
WEIGHT = """() => ["navigation", "resource"].flatMap((type) => performance.getEntriesByType(type))
    .reduce((sum, entry) => sum + entry.decodedBodySize, 0)"""
# What sticks out to the right, unless it lies in something that scrolls by itself.
TOO_WIDE = """() => {
    const wide = [...document.querySelectorAll("main *, header *, footer *")].filter((element) => (
        element.getBoundingClientRect().right > innerWidth + 1 && !element.closest(".scroll, .unseen, .skip")
    ));
    const [needed, sticking] = [document.scrollingElement.scrollWidth, wide.map((e) => e.outerHTML.slice(0, 120))];
    return needed > innerWidth ? [`${needed} pixels`, ...sticking] : [];
}"""


class Windows:
    """A window for each kind of visitor, which goes from page to page as people do; that is also much quicker."""

    def __init__(self, chromium: "Browser", hub: RunningHub, stage: Stage) -> None:
        self.stack = AsyncExitStack()
        self._chromium, self._hub, self._stage = chromium, hub, stage
        self._open: dict[tuple[str, bool, bool], Window] = {}

    async def of(self, shown: Shown) -> "Window":
        """Return the window in which a page is looked at, with nothing said in it yet."""
        # Which language somebody chose is remembered.
        kind = shown.role, shown.second_factor, "sprache" in shown.address(self._stage)
        if kind not in self._open:
            page = await self.stack.enter_async_context(opened(self._chromium, DESKTOP))
            if shown.role:
                await self._hub.sign_in(page, self._stage.members[shown.role], second_factor=shown.second_factor)
            self._open[kind] = Window(page)
        self._open[kind].errors.clear()
        return self._open[kind]


class Window:
    """A page, and what went wrong in it."""

    def __init__(self, page: "Page") -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    async def open(self, address: str, follow: str) -> tuple[int, bool]:
        """Go to a page, there click on something where that is needed; returns the status and whether it is HTML."""
        await self.page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
        response = await self.page.goto(address)
        if follow:
            async with self.page.expect_navigation() as going:
                await self.page.click(follow)
            response = await going.value
        assert response is not None
        return response.status, "text/html" in response.headers["content-type"]

    async def faults(self) -> dict[str, list[str]]:
        """Return what axe-core holds against the page in each size and set of colours."""
        await self.page.evaluate(AXE_SCRIPT)
        seen = {}
        for size, scheme in LOOKS:
            await self.page.set_viewport_size({"width": size[0], "height": size[1]})
            await self.page.emulate_media(color_scheme=scheme)
            seen[f"{size[0]} {scheme}"] = await faults(self.page)
        return {where: found for where, found in seen.items() if found}

    async def sticks_out(self) -> list[str]:
        """Return what is too wide for the narrowest window."""
        assert self.page.viewport_size == {"width": NARROW[0], "height": NARROW[1]}, "faults() looks at it before"
        found: list[str] = await self.page.evaluate(TOO_WIDE)
        return found


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def windows(chromium: "Browser", hub: RunningHub, stage: Stage) -> AsyncIterator[Windows]:
    """Windows for all kinds of visitors."""
    made = Windows(chromium, hub, stage)
    async with made.stack:
        yield made


async def faults(page: "Page") -> list[str]:
    """Return what axe-core holds against the page as it is shown."""
    result: dict[str, Any] = await page.evaluate(f"axe.run(document, {AXE_OPTIONS})")
    assert result["passes"], "axe-core looked at nothing"
    found = [(fault["id"], node) for fault in result["violations"] for node in fault["nodes"]]
    return [f"{name}: {node['target']} {node['html'][:160]} {node.get('failureSummary')}" for name, node in found]


class TestList:
    async def test_names_every_page_that_there_is(self) -> None:
        shown = {route.path for route in routes() if "GET" in methods_of(route)}
        assert shown == PAGES.keys() | NOT_SHOWN


@pytest.mark.parametrize("name", ALL)
class TestEveryPage:
    async def test_holds_to_wcag_fits_and_is_light(
        self, windows: Windows, hub: RunningHub, stage: Stage, name: str
    ) -> None:
        shown = ALL[name]
        window = await windows.of(shown)
        assert await window.open(hub.address + shown.address(stage), shown.follow) == (shown.status, True)
        # Before the colours change, with which plots are loaded once more.
        assert 0 < await window.page.evaluate(WEIGHT) <= HEAVIEST
        assert await window.faults() == {}
        assert await window.sticks_out() == []
        # That the page itself is an error is what Chromium says about it, too.
        assert [said for said in window.errors if shown.status == 200 or "Failed to load resource" not in said] == []
