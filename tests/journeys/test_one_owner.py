"""The indexes belong to one process; everybody else goes through it, waits for it, or takes over from it."""

import json
import os
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from tests.hub.shell import Shell, write_texts
from tests.journeys.processes import (
    Running,
    eventually,
    owner,
    passage_count,
    search,
    sources,
    stored,
    words_count,
    write_reports,
)

# Far beyond the 107 bytes that the address of a socket may have, within the 512 that SQLite takes.
LONG_PATH = Path(*["ein-sehr-langer-name-eines-ordners-" * 2] * 5)


@pytest.fixture(scope="class")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A library with a worker that owns its indexes, in a folder with a very long path."""
    folder = tmp_path_factory.mktemp("owned")
    shell = Shell(folder, {"ALLMENDE_DATA_DIR": str(folder / LONG_PATH)})
    shell.succeed("add", str(write_reports(folder / "texte", 12)))
    with owner(shell):
        yield shell


def say_to_owner(shell: Shell, message: bytes) -> bytes:
    """Write to the owner's socket and return its first line."""
    folder = os.open(Path(shell.environment["ALLMENDE_DATA_DIR"]) / "indexes", os.O_RDONLY)
    try:
        with socket.socket(socket.AF_UNIX) as talk:
            talk.settimeout(30)
            talk.connect(f"/proc/self/fd/{folder}/owner.sock")
            with suppress(BrokenPipeError, ConnectionResetError):  # it may hang up before it has heard all
                talk.sendall(message)
                talk.shutdown(socket.SHUT_WR)
                return talk.makefile("rb").readline()
            return b""
    finally:
        os.close(folder)


class TestBesideAnOwner:
    def test_searches_go_through_the_owner(self, beside: Shell) -> None:
        assert len(beside.environment["ALLMENDE_DATA_DIR"]) > 300
        reply = search(beside, ["Gärtnerei Tanne10"])[0]
        assert sources(reply)[0] == "bericht-010.md"

    def test_what_is_added_can_be_found_when_add_returns(self, beside: Shell) -> None:
        (beside.folder / "neu.md").write_text("# Neu\n\nDer Wasserturm in Quellbach wird saniert.\n", "utf-8")
        outcome = beside.json("add", "--json", "neu.md")
        assert outcome["result"] == "added"
        assert sources(search(beside, ["Wasserturm"])[0]) == ["neu.md"]
        beside.succeed("documents", "withdraw", "neu.md")
        assert search(beside, ["Wasserturm"])[0]["results"] == []

    def test_nobody_has_to_wait(self, beside: Shell) -> None:
        (beside.folder / "eilig.md").write_text("# Eilig\n\nDer Leuchtturm in Quellbach blinkt.\n", "utf-8")
        beside.succeed("add", "--no-wait", "eilig.md")
        eventually(lambda: sources(search(beside, ["Leuchtturm"])[0]) == ["eilig.md"])

    def test_nonsense_at_the_socket_harms_nobody(self, beside: Shell) -> None:
        wrong = [
            b"\n",
            b"\xff\xfe\n",
            b"[]\n",
            b'{"text": 5, "limit": 1, "access": null, "expansions": []}\n',
            b'{"text": "a", "limit": 1000000000, "access": null, "expansions": []}\n',
            b'{"text": "a", "limit": 1, "access": "all", "expansions": [7]}\n',
            b"[" * 100_000 + b"\n",
        ]
        for message in wrong:
            assert json.loads(say_to_owner(beside, message)).keys() == {"error"}, message[:50]
        assert say_to_owner(beside, b"x" * 5_000_000) == b""
        right = b'{"text": "Tanne10", "limit": 3, "access": null, "expansions": []}\n'
        assert json.loads(say_to_owner(beside, right))["hits"]["total"] >= 12

    def test_only_its_user_may_ask_the_owner(self, beside: Shell) -> None:
        folder = os.open(Path(beside.environment["ALLMENDE_DATA_DIR"]) / "indexes", os.O_RDONLY)
        try:
            assert os.stat("owner.sock", dir_fd=folder).st_mode & 0o077 == 0
        finally:
            os.close(folder)


class TestTakingOver:
    def test_when_the_owner_is_killed_the_next_one_answers(self, shell: Shell) -> None:
        shell.succeed("add", str(write_reports(shell.folder / "texte", 10)))
        with owner(shell) as first, Running(shell, "search") as second, Running(shell, "search") as third:
            for running in (second, third):
                running.type("Gärtnerei Erle3")
                assert sources(running.reply())[0] == "bericht-003.md"
            first.process.kill()
            first.process.wait()
            assert (shell.data / "indexes" / "owner.sock").exists(), "a socket that belongs to nobody"
            for running in (second, third):
                running.type("Gärtnerei Linde8")
                assert sources(running.reply())[0] == "bericht-008.md"
            # Whoever it was that took over, it also does the indexing for those who write.
            (shell.folder / "neu.md").write_text("# Neu\n\nDer Wasserturm in Quellbach.\n", "utf-8")
            shell.succeed("add", "neu.md")
            second.type("Wasserturm")
            assert sources(second.reply()) == ["neu.md"]

    def test_the_owner_ends_in_order(self, shell: Shell) -> None:
        shell.succeed("add", str(write_texts(shell.folder / "texte")))
        with owner(shell) as first, Running(shell, "search") as second:
            second.type("Gemeinde")
            assert len(sources(second.reply())) == 2
            code, printed, said = first.end(signal.SIGTERM)
            assert (code, printed, "Traceback" in said) == (0, "", False)
            second.type("Bäume")
            assert len(sources(second.reply())) == 2

    def test_an_owner_that_hangs_makes_others_wait_and_say_so(self, shell: Shell) -> None:
        shell.succeed("add", str(write_texts(shell.folder / "texte")))
        with owner(shell) as first:
            first.process.send_signal(signal.SIGSTOP)
            (shell.data / "indexes" / "owner.sock").unlink()
            with Running(shell, "ask", "Wie viele Bäume?", "--json") as asking:
                asking.wait_for("waiting until it is ready")
                first.process.kill()
                first.process.wait()
                printed, _said = asking.process.communicate(timeout=60)
                assert json.loads(printed).keys() >= {"answered", "confidence"}


class TestAtTheSameTime:
    def test_two_commands_in_a_new_folder_bring_each_text_in_once(self, shell: Shell) -> None:
        texts = str(write_reports(shell.folder / "texte", 25))
        with ThreadPoolExecutor(3) as people:
            results = list(people.map(lambda _number: shell.run("add", texts, "--json"), range(3)))
        assert [result.returncode for result in results] == [0, 0, 0], [result.stderr for result in results]
        outcomes = [json.loads(line)["result"] for result in results for line in result.stdout.splitlines()]
        assert sorted(set(outcomes)) == ["added", "unchanged"]
        assert outcomes.count("added") == 25
        assert stored(shell, "SELECT max(version), count(*) FROM documents") == [(1, 25)]
        assert stored(shell, "SELECT count(*) FROM document_versions") == [(25,)]
        assert words_count(shell) == passage_count(shell)

    def test_asking_during_a_long_add_is_never_wrong(self, shell: Shell) -> None:
        shell.succeed("add", str(write_reports(shell.folder / "erste", 5)))
        many = write_reports(shell.folder / "viele", 120)
        with Running(shell, "add", str(many)) as adding, Running(shell, "search") as searching:
            while adding.process.poll() is None:
                searching.type("Gärtnerei Erle3")
                found = sources(searching.reply())
                assert found[0] == "bericht-003.md"
            assert adding.process.wait() == 0
            searching.type("Gärtnerei Erle111")
            assert sources(searching.reply())[0] == "bericht-111.md"
