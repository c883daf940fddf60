"""A real Chromium for the tests: the operating system's, which ``./allmende test`` installs where it is missing.

``ALLMENDE_TEST_CHROMIUM`` names another one. It never leaves this machine: nothing but loopback addresses resolve.
"""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest_asyncio

from tests.postgres import do_without

if TYPE_CHECKING:  # loaded by the tests that need it only
    from playwright.async_api import Browser, Page

VARIABLE = "ALLMENDE_TEST_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox",  # its own sandbox needs rights that containers lack, and it only ever sees our own pages
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)
DESKTOP, PHONE, NARROW = (1280, 900), (360, 780), (320, 640)
SECONDS_TO_WAIT = 15


class NoChromium(Exception):
    """There is no Chromium here; says in words why."""


def find_chromium() -> Path:
    """Return the program; raises ``NoChromium``."""
    given = os.environ.get(VARIABLE)
    found = next(filter(None, map(shutil.which, [given] if given else NAMES)), None)
    if found is None:
        raise NoChromium(f"Chromium is not installed (./allmende test does), and {VARIABLE} names none")
    return Path(found)


@asynccontextmanager
async def running_chromium() -> AsyncIterator["Browser"]:
    """Run a Chromium without a window; raises ``NoChromium``."""
    from playwright.async_api import async_playwright

    program = find_chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def opened(browser: "Browser", size: tuple[int, int] = DESKTOP, *, script: bool = True) -> AsyncIterator["Page"]:
    """Open a window of its own, in German, with nothing known from before.

    Args:
        browser: where.
        size: how large, in CSS pixels.
        script: whether JavaScript is on.
    """
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale="de-DE",
        reduced_motion="reduce",
        java_script_enabled=script,
    )
    context.set_default_timeout(SECONDS_TO_WAIT * 1000)
    try:
        yield await context.new_page()
    finally:
        await context.close()


# One for the whole run: its tests, and whatever serves their pages, run in the loop of the session.
@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator["Browser"]:
    """A Chromium for all tests of the run; skips where there is none, which in CI is a failure."""
    try:
        async with running_chromium() as browser:
            yield browser
    except NoChromium as missing:
        do_without(str(missing))
