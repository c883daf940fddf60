"""Each part taken away for a while under load, and given back: ``python -m bench.failing_parts``.

People search on two hosts, publish, ask in the chat and are sent mail, all the time. The table says for each part how
many searches were answered while it was away, how many were told why not, how many seconds it took until all was
caught up with after it came back (all that was published found on both hosts, all questions answered, all mail
delivered), and what was lost or there twice.
"""

import argparse
import os
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import print_table
from bench.job_kills import JobKills
from bench.load import Heard, Load
from bench.parts import World, titles, two_hosts, until
from tests.knowledge.library.indexes.chroma_server import ChromaServer
from tests.postgres import run_server

SECONDS = 60.0
# Seconds that people work before and after a part is away, and that a killed process lives before it is killed again.
BEFORE, LIFE = 3.0, 4.0
DAY = 24 * 60 * 60
HEAD = [
    "away",
    "searches answered",
    "told why not",
    "no reply",
    "wrong",
    "published",
    "chat",
    "mail",
    "caught up after",
    "lost",
    "doubled",
]


@dataclass(frozen=True, slots=True)
class Failing:
    """A part, and how it is taken away for so many seconds.

    ``account`` returns what was lost, and what came twice, of what was begun only to have this part fail.
    """

    name: str
    take_away: Callable[[World, float], None]
    account: Callable[[World], tuple[Counter[str], Counter[str]]] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of everything."""

    name: str
    heard: Heard
    published: int
    asked: int
    noticed: int
    caught_up: float
    lost: Counter[str]
    doubled: Counter[str]
    errors: tuple[str, ...]

    def row(self) -> list[str]:
        """Return the line of the table."""
        heard = self.heard
        searches = (heard.answered, heard.said_why, heard.silent, heard.wrong)
        rest = (self.published, self.asked, self.noticed)
        took = f"{self.caught_up:.1f} s"
        return [self.name, *map(str, searches), *map(str, rest), took, _in_words(self.lost), _in_words(self.doubled)]


def measure(world: World, part: Failing, seconds: float, *, before: float = BEFORE) -> Outcome:
    """Take a part away under load and give it back, then wait until all is caught up with."""
    load = Load(world)
    load.begin()
    try:
        time.sleep(before)
        part.take_away(world, seconds)
        given_back = time.monotonic()
        time.sleep(before)
    finally:
        load.end()
    for host in world.hosts:
        try:
            until(host.is_ready, "a host does not come back")
        except AssertionError as error:
            error.add_note(f"{part.name}; {host.folder.name} said last:\n" + "\n".join(host.said))
            raise
    with_lag = (
        lambda: not load.unfound(),
        lambda: all(load.replies()),
        lambda: load.mails >= load.noticed,
    )
    for holds in with_lag:
        # What does not come is counted below.
        with suppress(AssertionError):
            until(holds, "it does not catch up")
    caught_up = max(time.monotonic() - given_back - before, 0)
    lost, doubled = _account(world, load)
    if part.account is not None:
        more_lost, more_doubled = part.account(world)
        lost, doubled = lost + more_lost, doubled + more_doubled
    return Outcome(
        part.name,
        load.heard,
        len(load.published),
        len(load.asked),
        load.noticed,
        caught_up,
        lost,
        doubled,
        tuple(load.errors),
    )


def _account(world: World, load: Load) -> tuple[Counter[str], Counter[str]]:
    """Count by what it is what people never got, and what they got twice."""
    counts, replies, more_mails = titles(world), load.replies(), load.mails - load.noticed
    lost = {
        "documents": sum(not counts[name] for name in load.published),
        "not found": len(load.unfound()),
        "replies": replies.count(0),
        "mails": max(-more_mails, 0),
    }
    doubled = {
        "documents": sum(counts[name] > 1 for name in load.published),
        "replies": sum(count > 1 for count in replies),
        "mails": max(more_mails, 0),
    }
    return Counter(lost), Counter(doubled)


def _in_words(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items() if count) or "0"


def cut(name: str, wire: str) -> Failing:
    """Return a part whose connections end, and that takes no new ones."""

    def take_away(world: World, seconds: float) -> None:
        getattr(world, wire).cut()
        time.sleep(seconds)
        getattr(world, wire).mend()

    return Failing(name, take_away)


def held(name: str, wire: str) -> Failing:
    """Return a part that stays connected and says nothing."""

    def take_away(world: World, seconds: float) -> None:
        getattr(world, wire).hold()
        time.sleep(seconds)
        getattr(world, wire).mend()

    return Failing(name, take_away)


def chroma_killed(server: ChromaServer) -> Failing:
    """Return the vector index's server, killed and started again."""

    def take_away(_world: World, seconds: float) -> None:
        server.kill()
        time.sleep(seconds)
        server.start()

    return Failing("Chroma, killed", take_away)


def _hub_killed(world: World, seconds: float) -> None:
    world.south.kill()
    time.sleep(seconds)
    world.south.start()


def _worker_killed(world: World, seconds: float) -> None:
    """Kill the process that has all jobs and bots, again and again."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        world.north.kill()
        world.north.start()
        time.sleep(LIFE)


def _index_lost(world: World, seconds: float) -> None:
    world.south.kill()
    shutil.rmtree(world.south.folder / "indexes")
    time.sleep(seconds)
    world.south.start()


def _disk_full(world: World, seconds: float) -> None:
    """Fill the disk that the south's data folder lies on (a small one of its own) to the last byte."""
    ballast = world.south.folder / "ballast"
    with ballast.open("wb", buffering=0) as stream:
        try:
            while stream.write(bytes(1 << 16)):
                pass
        except OSError:
            pass
    time.sleep(seconds)
    ballast.unlink()


def _clock_jumps(world: World, seconds: float) -> None:
    """Let the clock of the host that has the jobs and the bots be a day ahead, a day behind, and right again."""
    clock = world.north.clock = world.north.shell.folder / "clock"
    clock.write_text("0", encoding="ascii")
    _start_again(world)
    for off in (DAY, -DAY, 0):
        clock.write_text(str(off), encoding="ascii")
        time.sleep(seconds / 3)
    world.north.clock = None


def _start_again(world: World) -> None:
    world.north.end()
    world.north.start()
    until(world.north.is_ready, "a host does not come back")


def parts(world: World, chroma: ChromaServer | None, *, small_disk: bool) -> Iterator[Failing]:
    """Give all parts that can be taken away here, and say which cannot."""
    yield cut("PostgreSQL, gone", "postgres")
    yield held("PostgreSQL, hanging", "postgres")
    if chroma is not None:
        yield chroma_killed(chroma)
    if world.matrix is not None:
        yield cut("Synapse, gone", "matrix")
        yield held("Synapse, hanging", "matrix")
    else:
        print("Without Matrix: there is no Synapse here (./allmende test installs it).")
    yield cut("Telegram, gone", "telegram")
    yield held("Telegram, hanging", "telegram")
    yield cut("mail server, gone", "mail")
    if small_disk:
        yield Failing("a host's disk, full", _disk_full)
    else:
        print("Without a full disk: only root may make a small one.")
    yield Failing("the clock, jumping by a day", _clock_jumps)
    kills = JobKills(vectors=chroma is not None)
    yield Failing("worker, killed in every kind of job", kills.kill_in_each, kills.account)
    yield Failing("worker and bots, killed again and again", _worker_killed)
    yield Failing("a hub, killed", _hub_killed)
    yield Failing("an index, lost", _index_lost)


@contextmanager
def small_disk_at(folder: Path) -> Iterator[bool]:
    """Put a disk of 96 MB at a folder; gives ``False`` where that is not allowed."""
    folder.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        folder.rmdir()
        yield False
        return
    try:
        yield True
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def main() -> None:
    """Take everything away, one after the other, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long each part is away")
    parser.add_argument("--only", default="", help="parts whose names hold this")
    parser.add_argument("--words-alone", action="store_true", help="without a language model and a Chroma server")
    parser.add_argument("--models", default=os.environ.get("ALLMENDE_MODELS_DIR", ""), help="prepared models")
    given = parser.parse_args()
    with TemporaryDirectory(prefix="allmende-bench-") as scratch, run_server() as server:
        folder = Path(scratch)
        server.execute("CREATE DATABASE allmende_bench")
        chroma = None if given.words_alone else ChromaServer(folder / "chroma")
        settings = {"ALLMENDE_EMBEDDING_MODEL": "none"}
        if chroma is not None:
            chroma.start()
            settings = {"ALLMENDE_EMBEDDING_MODEL": "default", "ALLMENDE_CHROMA_URL": chroma.url}
            # Beside the data folders: one of them lies on a small disk.
            settings["ALLMENDE_MODELS_DIR"] = given.models or str(folder / "models")
        try:
            with (
                small_disk_at(folder / "south") as small,
                two_hosts(folder, server.url("allmende_bench"), settings, on_synapse=True) as world,
            ):
                wanted = [part for part in parts(world, chroma, small_disk=small) if given.only in part.name]
                outcomes = [_told(measure(world, part, given.seconds)) for part in wanted]
        finally:
            if chroma is not None:
                chroma.kill()
    title = f"Each part away for {given.seconds:.0f} s under load, on two hosts with one PostgreSQL"
    print_table(title, [outcome.row() for outcome in outcomes], head=HEAD)


def _told(outcome: Outcome) -> Outcome:
    """Say at once what came of a part, for whoever waits."""
    print(*outcome.row(), sep=" | ", flush=True)
    for error in sorted(set(outcome.errors))[:5]:
        print("   met:", error[:200], flush=True)
    return outcome


if __name__ == "__main__":
    main()
