"""The comfort that our script adds."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.browser import opened
from tests.hub.browser.hands import FOCUSED
from tests.hub.browser.serving import RunningHub
from tests.hub.browser.stage import Stage

if TYPE_CHECKING:
    from playwright.async_api import Browser, Dialog, Page

pytestmark = pytest.mark.asyncio(loop_scope="session")
TICKED = "input[name=documents]:checked"


@pytest_asyncio.fixture(loop_scope="session")
async def library(chromium: "Browser", hub: RunningHub, stage: Stage) -> AsyncIterator["Page"]:
    """The library, as a publisher sees it."""
    async with opened(chromium) as page:
        await hub.sign_in(page, stage.members["publisher"])
        await page.goto(f"{hub.address}/bibliothek")
        yield page


class TestSingleKeys:
    async def test_go_through_the_list_and_tick(self, library: "Page") -> None:
        titles = await library.locator("[data-item] a").all_inner_texts()
        seen = []
        for key in "jjk":
            await library.keyboard.press(key)
            seen.append(await library.evaluate(FOCUSED))
        await library.keyboard.press("x")
        assert seen == [titles[0], titles[1], titles[0]]
        assert await library.locator(TICKED).count() == 1

    async def test_mean_nothing_where_somebody_types(self, library: "Page") -> None:
        await library.locator("#q").focus()
        await library.keyboard.type("jxk")
        assert await library.locator("#q").input_value() == "jxk"
        assert await library.locator(TICKED).count() == 0

    async def test_stay_switched_off_on_the_next_page(self, library: "Page") -> None:
        await library.locator("[data-keys] input").uncheck()
        await library.reload()
        before = await library.evaluate(FOCUSED)
        await library.keyboard.press("j")
        assert await library.evaluate(FOCUSED) == before


class TestTickingAll:
    async def test_ticks_everything_on_the_page_and_nothing_again(self, library: "Page") -> None:
        count = await library.locator("input[name=documents]").count()
        ticked = []
        for _time in range(2):
            await library.locator("[data-select-all]").click()
            ticked.append(await library.locator(TICKED).count())
        assert ticked == [count, 0]


class TestUploading:
    async def test_each_file_has_its_own_progress_and_result(
        self, library: "Page", hub: RunningHub, tmp_path: Path
    ) -> None:
        await library.goto(f"{hub.address}/bibliothek/hochladen")
        good, bad = tmp_path / "hitze.md", tmp_path / "kaputt.pdf"
        good.write_text("# Hitze\n\nTrinkbrunnen kosten 9.000 Euro.", "utf-8")
        bad.write_text("%PDF-1.7 but no more than that", "utf-8")
        await library.locator("input[type=file]").set_input_files([good, bad])
        await library.locator("form[data-upload] button").click()
        lines = library.locator(".uploads li")
        await lines.nth(1).locator(".result:not(:empty)").wait_for()
        assert await lines.locator("progress").evaluate_all("bars => bars.map((bar) => bar.value)") == [1, 0]
        assert await lines.locator(".result.error").count() == 1
        assert await lines.first.locator("a[href^='/bibliothek/']").count() == 1


class TestTypedText:
    async def test_leaving_a_changed_form_asks_first(self, library: "Page", hub: RunningHub, stage: Stage) -> None:
        asked = []

        async def leave(dialog: "Dialog") -> None:
            asked.append(dialog.type)
            await dialog.accept()

        library.on("dialog", leave)
        await library.goto(f"{hub.address}/dokument/{stage.documents[0]}/melden")
        await library.locator("textarea").press_sequentially("Die Preise sind alt.")
        await library.locator(".brand").click()
        await library.wait_for_url(f"{hub.address}/")
        assert asked == ["beforeunload"]
