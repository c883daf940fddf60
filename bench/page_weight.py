"""What does a page of the hub weigh? ``python -m bench.page_weight [--all]``.

Opens every page of the hub in a Chromium that has seen none before, as the person for whom it is, and adds up what goes
over the line: the page itself, style sheet, script, pictures. Documents that somebody downloads do not count.
"""

import argparse
import asyncio
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.figures import print_table
from knowledge.kit.logs import configure_logs
from knowledge.kit.settings import Settings, load_settings
from tests.browser import opened, running_chromium
from tests.hub.browser.addresses import FURTHER, PAGES, Shown
from tests.hub.browser.serving import RunningHub, running_hub
from tests.hub.browser.stage import Stage

if TYPE_CHECKING:
    from playwright.async_api import Browser

ALL = {**PAGES, **FURTHER}
HEAVIEST = 100_000
SHOWN = 15
# Both as sent (with headers, compressed where it is) and unpacked; what the browser loads for a page is in the second.
SENT = """() => ["navigation", "resource"].flatMap((type) => performance.getEntriesByType(type))
    .map((entry) => [entry.name, entry.transferSize, entry.decodedBodySize])"""


@dataclass(frozen=True, slots=True)
class Weight:
    """A page's weight in bytes: as sent, unpacked, and how much of what was sent is the page itself."""

    sent: int
    unpacked: int
    page: int
    files: int

    @property
    def is_light(self) -> bool:
        """Whether it is what a page may weigh, even where nothing is compressed."""
        return 0 < self.unpacked <= HEAVIEST and self.sent <= HEAVIEST


async def weigh(browser: "Browser", hub: RunningHub, stage: Stage, shown: Shown) -> Weight:
    """Open one page in a window that has nothing kept. Raises ``AssertionError`` where it is not what it should be."""
    address, cookies = await _prepared(browser, hub, stage, shown)
    async with opened(browser) as page:
        await page.context.add_cookies(cookies)
        response = await page.goto(address)
        assert response is not None
        assert response.status == shown.status
        parts: list[tuple[str, int, int]] = await page.evaluate(SENT)
    return Weight(
        sent=sum(sent for _name, sent, _size in parts),
        unpacked=sum(size for _name, _sent, size in parts),
        page=parts[0][1],
        files=len(parts),
    )


async def _prepared(browser: "Browser", hub: RunningHub, stage: Stage, shown: Shown) -> tuple[str, list[Any]]:
    """Return a page's address and what its visitor's browser has to send; found out in a window of its own."""
    async with opened(browser) as page:
        if shown.role:
            await hub.sign_in(page, stage.members[shown.role], second_factor=shown.second_factor)
        address = hub.address + shown.address(stage)
        if shown.follow:
            await page.goto(address)
            async with page.expect_navigation():
                await page.click(shown.follow)
            address = page.url
        return address, list(await page.context.cookies())


async def weigh_all(browser: "Browser", hub: RunningHub, stage: Stage, pages: Mapping[str, Shown]) -> dict[str, Weight]:
    """Open all pages, one after the other."""
    return {name: await weigh(browser, hub, stage, shown) for name, shown in pages.items()}


async def _measure() -> dict[str, Weight]:
    stage = Stage()
    configure_logs(level="error", style="text")
    with tempfile.TemporaryDirectory() as folder:
        settings = _settings(Path(folder))
        stage.key_path = settings.hub_key_path
        async with running_hub(settings, stage.build) as hub, running_chromium() as browser:
            return await weigh_all(browser, hub, stage, ALL)


def _settings(folder: Path) -> Settings:
    os.environ |= {
        "ALLMENDE_ENV_FILE": os.devnull,
        "ALLMENDE_DATA_DIR": str(folder),
        "ALLMENDE_EMBEDDING_MODEL": "none",
        "ALLMENDE_HUB_PORT": "0",
        "ALLMENDE_LANGUAGE": "de",
    }
    return load_settings()


def report(weights: Mapping[str, Weight], *, shown: int = SHOWN) -> list[str]:
    """Print the heaviest pages and return the names of those that are too heavy."""
    heaviest = sorted(weights.items(), key=lambda one: one[1].sent, reverse=True)
    rows = [[name, *map(str, (one.sent, one.page, one.unpacked, one.files))] for name, one in heaviest[:shown]]
    print_table("Weight of pages, in bytes", rows, head=("page", "sent", "of it the page", "unpacked", "files"))
    return [name for name, weight in heaviest if not weight.is_light]


def main() -> None:
    """Weigh all pages; ends with an error where one is too heavy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="print every page, not only the heaviest")
    chosen = parser.parse_args()
    weights = asyncio.run(_measure())
    heavy = report(weights, shown=len(weights) if chosen.all else SHOWN)
    print(f"{len(weights)} pages; the heaviest may have {HEAVIEST} bytes; too heavy: {', '.join(heavy) or 'none'}")
    raise SystemExit(1 if heavy else 0)


if __name__ == "__main__":
    main()
