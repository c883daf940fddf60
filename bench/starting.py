"""How long it takes until there is an answer: ``python -m bench.starting``.

1. ``allmende serve`` over a library of 100,000 passages, from the call until a search in the hub is answered.
2. ``--clone``: a fresh copy of the project, ``./allmende demo``, from the call to the first answer; the packages come
   from pip's cache, so run it twice where that is empty.
"""

import argparse
import os
import select
import shutil
import signal
import subprocess
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import httpx

from bench.chatting import PATIENCE, Served
from bench.figures import print_table
from bench.filling import Shape, fill
from bench.runs import Library, scratch_library
from bench.speed import busy
from knowledge.kit.settings import PROJECT
from tests.ports import free_port

PASSAGES, RUNS = 100_000, 3
SERVE_GOAL, CLONE_GOAL = 5.0, 90.0
# Longest that a fresh copy may take until its first answer, in seconds, before this gives up.
LONGEST_CLONE = 1200.0
WORD = "Straße"
# What stands above each answer of the demo.
FIRST_ANSWER = "Quellen"


def measure_serve(library: Library) -> tuple[float, float]:
    """Start ``serve`` and return the seconds until it answers at all, and until a search was answered."""
    port = free_port()
    began = time.perf_counter()
    served = Served(Library(library.folder, {**library.settings, "ALLMENDE_HUB_PORT": str(port)}))
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as browser:
            first = _until_answered(browser, "/health/live", began)
            return first, _until_answered(browser, f"/suche?q={WORD}", began)
    finally:
        served.end(signal.SIGTERM)


def _until_answered(browser: httpx.Client, path: str, began: float) -> float:
    while True:
        try:
            if browser.get(path).status_code == 200:
                return time.perf_counter() - began
        except httpx.TransportError:
            pass
        assert time.perf_counter() - began < PATIENCE, "it never answered"
        time.sleep(0.02)


def measure_clone() -> float:
    """Copy what git knows into a fresh folder, run the demo there, and return the seconds to its first answer."""
    with TemporaryDirectory(prefix="allmende-bench-") as scratch:
        folder = Path(scratch) / "allmende"
        _copy_tracked(folder)
        own = {name: value for name, value in os.environ.items() if not name.startswith(("ALLMENDE_", "VIRTUAL_ENV"))}
        began = time.perf_counter()
        process = subprocess.Popen(
            [str(folder / "allmende"), "demo"],
            cwd=folder,
            env=own,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            return _until_said(process, FIRST_ANSWER.encode(), began)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _until_said(process: "subprocess.Popen[bytes]", words: bytes, began: float) -> float:
    assert process.stdout is not None
    said = b""
    while words not in said:
        left = LONGEST_CLONE - (time.perf_counter() - began)
        ready, _, _ = select.select([process.stdout], [], [], max(left, 0))
        part = os.read(process.stdout.fileno(), 1 << 16) if ready else b""
        assert part, f"there was no answer: {said.decode(errors='replace')[-500:]}"
        said += part
    return time.perf_counter() - began


def _copy_tracked(folder: Path) -> None:
    """Copy the files as a clone would have them, with what is not committed yet."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (PROJECT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, folder / name)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=PASSAGES)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--clone", action="store_true", help="measure a fresh copy of the project, too")
    given = parser.parse_args()
    with scratch_library() as library:
        fill(library, Shape(given.passages, quick=True))
        times = [measure_serve(library) for _run in range(given.runs)]
    first, found = median(time[0] for time in times), median(time[1] for time in times)
    rows = [
        [f"serve, {given.passages:,} passages: first page", f"{first:.1f} s", ""],
        [f"serve, {given.passages:,} passages: first search answered", f"{found:.1f} s", f"≤ {SERVE_GOAL:.0f} s"],
    ]
    if given.clone:
        rows.append(["fresh copy to the first answer", f"{measure_clone():.0f} s", f"≤ {CLONE_GOAL:.0f} s"])
    print_table(f"Starting, {busy()}", rows, head=["what", "measured", "to reach"])


if __name__ == "__main__":
    main()
