"""Backing up a large library beside its readers: ``python -m bench.backups``.

A library is backed up plain and encrypted, checked and restored through ``allmende backup`` and ``allmende restore``,
each in a process of its own whose memory is watched. ``allmende serve`` answers searches meanwhile, and for as long
again without a backup: what counts is how much slower answers get. ``--database`` takes a PostgreSQL, an empty one, in
place of SQLite; the restore goes into SQLite all the same.
"""

import argparse
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from bench.figures import percentile, print_table
from bench.filling import WORDS_ALONE, Shape, fill
from bench.hubbing import serving_hub
from bench.runs import Library
from bench.synthetic import TextMaker
from knowledge.kit.clock import now
from knowledge.operations.encryption import make_key

PASSAGES, PAUSE = 100_000, 0.05
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Run:
    """One command: how long it took, and the most memory that it had."""

    seconds: float
    peak: int


def watched(library: Library, *arguments: str) -> Run:
    """Run a command to its end. Raises ``CalledProcessError``."""
    command, began = [sys.executable, "-m", "hub.cli", *arguments], time.perf_counter()
    process = subprocess.Popen(command, env=library.environment, stdout=subprocess.DEVNULL)
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Run(time.perf_counter() - began, used.ru_maxrss * 1024)


class Readers:
    """People who search, one after the other, until they are told to stop; remembers milliseconds."""

    def __init__(self, address: str, seed: int = 5) -> None:
        self.clicks: list[float] = []
        self._address, self._words = address, TextMaker(seed)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._search)

    def __enter__(self) -> "Readers":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _search(self) -> None:
        with httpx.Client(base_url=self._address, timeout=60, verify=False) as browser:
            while not self._stop.is_set():
                began = time.perf_counter()
                browser.get("/suche", params={"q": " ".join(self._words.words(3))}).raise_for_status()
                self.clicks.append((time.perf_counter() - began) * 1000)
                self._stop.wait(PAUSE)

    @property
    def p95(self) -> float:
        """Milliseconds that 95 of 100 searches stay within."""
        return percentile(self.clicks, 0.95)


def measure(library: Library, folder: Path) -> list[tuple[str, str]]:
    """Measure everything with a filled library; returns what it is and the figure."""
    public, key = make_key(folder / "secret.key", now()), str(folder / "secret.key")
    plain, secret = folder / "plain.zip", folder / "secret.zip.age"
    with serving_hub(library) as address:
        with Readers(address) as beside:
            backup = watched(library, "backup", str(plain))
        encrypted = watched(library, "backup", str(secret), "--to", public)
        with Readers(address) as alone:
            time.sleep(backup.seconds)
    check = watched(library, "backup", "--check", str(secret), "--identity", key)
    target = Library(folder / "restored", WORDS_ALONE)
    restore = watched(target, "restore", str(secret), "--identity", key, "--no-wait")
    return [
        ("backup", _told(backup)),
        ("encrypted backup", _told(encrypted)),
        ("its check", _told(check)),
        ("its restore, without building indexes", _told(restore)),
        ("size", f"{plain.stat().st_size / MEGABYTE:.1f} MB, encrypted {secret.stat().st_size / MEGABYTE:.1f} MB"),
        ("p95 of searches without a backup", f"{alone.p95:.0f} ms ({len(alone.clicks)})"),
        ("p95 of searches beside one", f"{beside.p95:.0f} ms ({len(beside.clicks)})"),
        ("ratio", f"{beside.p95 / alone.p95:.2f}"),
    ]


def _told(run: Run) -> str:
    return f"{run.seconds:.1f} s, at most {run.peak / MEGABYTE:.0f} MB of memory"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=PASSAGES)
    parser.add_argument("--database", help="an empty PostgreSQL (postgresql://…)")
    arguments = parser.parse_args()
    with TemporaryDirectory(prefix="allmende-bench-") as scratch:
        folder = Path(scratch)
        database = {"ALLMENDE_DATABASE_URL": arguments.database} if arguments.database else {}
        library = Library(folder / "data", {**WORDS_ALONE, **database})
        fill(library, Shape(arguments.passages), vectors=False)
        rows = measure(library, folder)
    print_table("Backups beside readers", rows, head=("what", f"{arguments.passages:,} passages"))


if __name__ == "__main__":
    main()
