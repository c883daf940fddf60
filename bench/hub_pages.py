"""How fast are the hub's pages? ``python -m bench.hub_pages``.

Every page of the hub with 10,000 documents, 100,000 passages, 2,000 contributions waiting and 20,000 privileged acts,
asked for by one person from another process; the way there and back is in the time.
"""

import argparse
import re
import time

import httpx

from bench.figures import percentile, print_table
from bench.filling import Shape
from bench.hubbing import WAITING, BigHub, fill_hub, serving_hub, sign_in
from bench.runs import scratch_library
from tests.hub.browser.addresses import FURTHER, PAGES, Shown

ROUNDS = 20
PAGE = {"Accept": "text/html"}
WARM_UP = 3


def measure_pages(big: BigHub, *, rounds: int = ROUNDS) -> dict[str, list[float]]:
    """Ask for every page so many times; returns milliseconds by the page's name.

    Raises ``AssertionError`` for a page that is not what it should be.
    """
    taken: dict[str, list[float]] = {}
    with serving_hub(big.library) as address:
        for name, shown in {**PAGES, **FURTHER}.items():
            with _browser(address, _cookies(big, shown)) as browser:
                path = _path(browser, big, shown)
                taken[name] = [_ask(browser, path, shown.status) for _each in range(WARM_UP + rounds)][WARM_UP:]
    return taken


def _browser(address: str, cookies: dict[str, str]) -> httpx.Client:
    # Without TLS there are no certificates to be loaded, which takes longer than a page.
    return httpx.Client(base_url=address, cookies=cookies, headers=PAGE, timeout=60, verify=False)


def _cookies(big: BigHub, shown: Shown) -> dict[str, str]:
    if not shown.role:
        return {}
    [cookies] = sign_in(big.library, [big.stage.members[shown.role]], second_factor=shown.second_factor)
    return cookies


def _path(browser: httpx.Client, big: BigHub, shown: Shown) -> str:
    """Return a page's path; that of a page without a fixed one is on another page."""
    path = shown.address(big.stage)
    if not shown.follow:
        return path
    beginning = shown.follow.split("'")[1]
    found = re.search(rf'href="({beginning}[^"]*)"', browser.get(path).text)
    assert found is not None, f"{path} leads nowhere"
    return found[1]


def _ask(browser: httpx.Client, path: str, status: int) -> float:
    began = time.perf_counter()
    answer = browser.get(path)
    assert answer.status_code == status, f"{path}: {answer.status_code}"
    return (time.perf_counter() - began) * 1000


def main() -> None:
    """Fill a scratch library and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=100_000)
    given = parser.parse_args()
    with scratch_library(ALLMENDE_EMBEDDING_MODEL="none") as library:
        big = fill_hub(library, Shape(given.passages, per_document=10))
        taken = measure_pages(big)
    rows = [
        (route, f"{percentile(values, 0.5):.0f} ms", f"{percentile(values, 0.95):.0f} ms")
        for route, values in sorted(taken.items(), key=lambda item: -percentile(item[1], 0.95))
    ]
    print_table(f"{given.passages} passages, {WAITING} waiting", rows, head=("page", "median", "p95"))


if __name__ == "__main__":
    main()
