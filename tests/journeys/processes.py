"""Commands that go on beside others, are stopped in the middle, or lose what they stand on."""

import json
import os
import select
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from knowledge.library.indexes.words import WordsIndex
from tests.hub.shell import Shell
from tests.hub.warm import Command

# Seconds; far more than anything here takes, also on a busy machine.
PATIENCE = 90
NAMES = ("Ahorn", "Birke", "Eiche", "Erle", "Esche", "Fichte", "Kiefer", "Lärche", "Linde", "Pappel", "Tanne", "Ulme")


def write_reports(folder: Path, count: int, *, paragraphs: int = 1) -> Path:
    """Write reports that differ in the word of their title and in their number; returns their folder."""
    folder.mkdir(exist_ok=True)
    for number in range(count):
        tree = NAMES[number % len(NAMES)]
        parts = [
            f"Die Gemeinde {tree}stadt hat im Jahr {1900 + number} am Weg Nummer {part} genau {number * 7 + 3} "
            f"Bäume gepflanzt. Den Auftrag bekam die Gärtnerei {tree}{number}."
            for part in range(paragraphs)
        ]
        text = f"# Bericht {number} aus {tree}stadt\n\n" + "\n\n".join(parts) + "\n"
        (folder / f"bericht-{number:03}.md").write_text(text, encoding="utf-8")
    return folder


class Running:
    """A command that goes on; killed when the ``with`` is left."""

    def __init__(self, shell: Shell, *arguments: str) -> None:
        self.process: Command | subprocess.Popen[str] = shell.start(*arguments)
        self.printed = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def type(self, line: str) -> None:
        """Write a line to its standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def line(self) -> str:
        """Wait for the next line of its standard output."""
        assert self.process.stdout is not None
        return _next_line(self.process.stdout)

    def reply(self) -> dict[str, Any]:
        """Wait for the next line of its standard output, which is JSON."""
        values: dict[str, Any] = json.loads(self.line())
        return values

    def wait_for(self, words: str) -> None:
        """Wait until it says ``words`` on standard error."""
        assert self.process.stderr is not None
        while words not in self.printed:
            line = _next_line(self.process.stderr)
            assert line, f"ended without {words!r}: {self.printed}"
            self.printed += line

    def end(self, number: signal.Signals) -> tuple[int, str, str]:
        """Send a signal and wait; returns exit code, standard output and standard error."""
        self.process.send_signal(number)
        printed, said = self.process.communicate(timeout=PATIENCE)
        return self.process.wait(), printed, self.printed + said


class FromTheStart(Running):
    """A command that starts with Python itself."""

    def __init__(self, shell: Shell, *arguments: str, ends: int = subprocess.PIPE, program: str = "hub.cli") -> None:
        """Start it.

        Args:
            shell: where.
            arguments: the command with its options.
            ends: what its standard input and output are.
            program: the module that Python runs.
        """
        self.process = subprocess.Popen(
            [sys.executable, "-m", program, *arguments],
            cwd=shell.folder,
            env=shell.environment,
            stdin=ends,
            stdout=ends,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        )
        self.printed = ""


def _next_line(stream: IO[str]) -> str:
    # Straight from the pipe: of two lines said at once, a buffer would keep the second from being seen.
    pipe, line = stream.fileno(), b""
    while not line.endswith(b"\n"):
        ready, _, _ = select.select([pipe], [], [], PATIENCE)
        assert ready, "nothing was said for too long"
        letter = os.read(pipe, 1)
        if not letter:
            break
        line += letter
    return line.decode()


@contextmanager
def owner(shell: Shell) -> Iterator[Running]:
    """Run a worker that owns the indexes."""
    with Running(shell, "worker", "--indexes") as worker:
        worker.wait_for("ready")
        yield worker


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.05)


def children(process: int) -> list[str]:
    """Return the processes that a process has started and that still run."""
    return Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()


def stored(shell: Shell, statement: str, *values: str) -> list[tuple[Any, ...]]:
    """Ask the database file of a data folder."""
    with closing(sqlite3.connect(shell.data / "allmende.db", timeout=PATIENCE)) as connection:
        return connection.execute(statement, values).fetchall()


def passage_count(shell: Shell) -> int:
    """Count the passages in the database."""
    count: int = stored(shell, "SELECT count(*) FROM passages")[0][0]
    return count


def words_count(shell: Shell) -> int:
    """Count the passages in the words index; nobody else may have it open."""
    with WordsIndex.open(shell.data / "indexes" / "words") as words:
        return words.count()


def vector_ids(shell: Shell) -> list[int]:
    """Return the passages in the embedded vector index, read from its files by a process of its own."""
    code = (
        "import chromadb, sys\n"
        "client = chromadb.PersistentClient(sys.argv[1])\n"
        "ids = client.list_collections()[0].get(include=[])['ids']\n"
        "print(*sorted(map(int, ids)))\n"
    )
    folder = str(shell.data / "indexes" / "vectors")
    done = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=True)
    return [int(key) for key in done.stdout.split()]


def search(shell: Shell, queries: Sequence[str], *options: str) -> list[dict[str, Any]]:
    """Send queries through one ``search``; every line of standard output must be a reply."""
    printed = shell.succeed("search", *options, text="".join(f"{query}\n" for query in queries))
    replies = [json.loads(line) for line in printed.splitlines()]
    assert [reply["query"] for reply in replies] == list(queries)
    return replies


def sources(reply: dict[str, Any]) -> list[str]:
    """Return where the results of a search are from, best first."""
    return [result["source"] for result in reply["results"]]
