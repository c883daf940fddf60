"""A hundred people at once: ``python -m bench.hub_load``.

Each is signed in and opens a page every five seconds for a minute, from another process than the hub's: the start
page, a search, a document, their contributions; moderators among them the queue.
"""

import argparse
import asyncio
import random
import time
from dataclasses import dataclass, field

import httpx

from bench.figures import percentile, print_table
from bench.filling import Shape
from bench.hubbing import BigHub, fill_hub, serving_hub, sign_in
from bench.runs import scratch_library
from bench.synthetic import TextMaker

PEOPLE, EVERY, SECONDS = 100, 5.0, 60.0


@dataclass(slots=True)
class Load:
    """How it went: milliseconds of each click, and what was not a page."""

    clicks: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When somebody clicks first, how often then, and until when; in seconds."""

    first: float
    every: float
    end: float


def measure_load(big: BigHub, *, people: int = PEOPLE, seconds: float = SECONDS, every: float = EVERY) -> Load:
    """Let people click."""
    cookies = sign_in(big.library, big.people[:people])
    with serving_hub(big.library) as address:
        return asyncio.run(_click(address, big, cookies, seconds=seconds, every=every))


async def _click(address: str, big: BigHub, cookies: list[dict[str, str]], *, seconds: float, every: float) -> Load:
    load, limits = Load(), httpx.Limits(max_connections=None)
    # Without TLS there are no certificates to be loaded, which takes longer than a click.
    browsers = [
        httpx.AsyncClient(base_url=address, cookies=cookie, timeout=60, limits=limits, verify=False)
        for cookie in cookies
    ]
    end = time.monotonic() + seconds
    async with asyncio.TaskGroup() as tasks:
        for number, browser in enumerate(browsers):
            rhythm = Rhythm(every * number / len(cookies), every, end)
            tasks.create_task(_person(browser, _pages(big, number), load, rhythm))
    return load


def _pages(big: BigHub, number: int) -> list[str]:
    words = TextMaker(number + 10)
    document = big.stage.documents[number % len(big.stage.documents)]
    searched = [f"/suche?q={'+'.join(words.words(3))}" for _each in range(3)]
    return ["/", *searched, f"/dokument/{document}", "/beitraege", "/konto"]


async def _person(browser: httpx.AsyncClient, pages: list[str], load: Load, rhythm: Rhythm) -> None:
    chance = random.Random(rhythm.first)
    await asyncio.sleep(rhythm.first)
    async with browser:
        while time.monotonic() < rhythm.end:
            began, page = time.monotonic(), chance.choice(pages)
            try:
                answer = await browser.get(page)
                if answer.status_code != 200:
                    load.errors.append(f"{page}: {answer.status_code}")
            except httpx.HTTPError as error:
                load.errors.append(f"{page}: {type(error).__name__}")
            load.clicks.append((time.monotonic() - began) * 1000)
            await asyncio.sleep(max(0.0, rhythm.every - (time.monotonic() - began)))


def main() -> None:
    """Fill a scratch library and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=100_000)
    given = parser.parse_args()
    with scratch_library(ALLMENDE_EMBEDDING_MODEL="none") as library:
        load = measure_load(fill_hub(library, Shape(given.passages, per_document=10)))
    rows = [
        ("clicks", str(len(load.clicks))),
        ("errors", str(len(load.errors))),
        ("median", f"{percentile(load.clicks, 0.5):.0f} ms"),
        ("p95", f"{percentile(load.clicks, 0.95):.0f} ms"),
        ("slowest", f"{max(load.clicks):.0f} ms"),
    ]
    print_table(f"{PEOPLE} people, a click every {EVERY:.0f} s each", rows, head=("what", "measured"))
    for error in sorted(set(load.errors)):
        print(error)


if __name__ == "__main__":
    main()
