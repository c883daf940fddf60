"""``allmende demo`` as a newcomer calls it: with a script around it, and at a terminal."""

import os
import pty
import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from hub.cli.demo import QUESTIONS
from tests.hub.shell import Shell
from tests.journeys.processes import PATIENCE, FromTheStart, Running, stored


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A folder for the demo, after it ran once without a terminal."""
    shell = Shell(tmp_path_factory.mktemp("demo"))
    return shell.with_settings(ALLMENDE_DEMO_DIR=str(shell.data))


@pytest.fixture(scope="module")
def printed(shell: Shell) -> str:
    """What the first run printed."""
    return shell.succeed("demo")


@contextmanager
def at_terminal(shell: Shell, *arguments: str) -> Iterator[tuple[Running, int]]:
    """Run a command at a terminal; gives it with the other end of the terminal."""
    ours, theirs = pty.openpty()
    try:
        with FromTheStart(shell, *arguments, ends=theirs) as running:
            yield running, ours
    finally:
        os.close(ours)
        os.close(theirs)


QUEUE = {"waiting": 5, "asked": 1, "postponed": 1}


def queue(shell: Shell) -> dict[str, int]:
    """Count the contributions by state."""
    return dict(stored(shell, "SELECT state, count(*) FROM contributions GROUP BY state"))


class TestWithoutTerminal:
    def test_it_ends_after_the_questions_and_opens_no_hub(self, printed: str) -> None:
        assert [question for question in QUESTIONS if question not in printed] == []
        assert "/anmelden/" not in printed

    def test_the_queue_is_filled(self, shell: Shell, printed: str) -> None:
        assert printed
        assert queue(shell) == QUEUE
        assert stored(shell, "SELECT count(*) FROM contributions WHERE kind = 'correction'") == [(1,)]
        assert stored(shell, "SELECT count(*) FROM reports WHERE closed_at IS NULL") == [(1,)]
        assert stored(shell, "SELECT count(*) FROM documents WHERE review_by < date('now')") == [(1,)]

    def test_whatever_is_in_it_says_that_it_is_an_example(self, shell: Shell, printed: str) -> None:
        assert printed
        names = [name for (name,) in stored(shell, "SELECT name FROM members")]
        assert len(names) > 3
        assert [name for name in names if "(Beispiel)" not in name] == []


class TestAtTerminal:
    def test_the_hub_is_open_as_long_as_somebody_talks(self, shell: Shell, printed: str) -> None:
        assert printed
        with at_terminal(shell, "demo") as (demo, terminal):
            demo.wait_for("/quit or Ctrl-C ends both.")
            link = re.search(r"(http://127\.0\.0\.1:\d+)/anmelden/link/\S+", demo.printed)
            assert link is not None
            assert httpx.get(f"{link[1]}/static/allmende.css").status_code == 200
            os.write(terminal, b"/quit\n")
            assert demo.process.wait(PATIENCE) == 0
            with pytest.raises(httpx.ConnectError):
                httpx.get(link[1])
        # What was there already is not there twice.
        assert queue(shell) == QUEUE
