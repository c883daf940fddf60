"""``allmende ask``, ``search``, ``chat`` and ``trace`` when things are odd."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hub.shell import Shell, write_texts
from tests.journeys.processes import PATIENCE, Running


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory, begun_template: Path) -> Shell:
    """Two texts, words alone."""
    shell = Shell(tmp_path_factory.mktemp("asking")).begun(begun_template)
    shell.succeed("add", str(write_texts(shell.folder / "texte")))
    return shell


class TestOddQuestions:
    def test_each_line_gets_its_reply(self, shell: Shell) -> None:
        queries = ["a", "🌳", "", "   ", "Straße " * 2857, "x" * 20_000, "x" * 20_001, "\x00\x1b[2J"]
        queries += ["'; DROP TABLE documents; --", "Gemeinde AND (", "{title}", "%s %d", "Bäume\u202egeplant"]
        printed = shell.succeed("search", text="".join(f"{query}\n" for query in queries))
        replies = [json.loads(line) for line in printed.splitlines()]
        assert [reply["query"] for reply in replies] == queries
        failing = [number for number, reply in enumerate(replies) if "error" in reply]
        assert failing == [2, 3, 6]
        assert all(reply.keys() == {"query", "confidence", "results"} for reply in replies if "error" not in reply)
        assert not {"\x1b", "\u202e", "\x00"} & set(printed)

    def test_bytes_that_are_no_text(self, shell: Shell) -> None:
        command = [sys.executable, "-m", "hub.cli"]
        asked = subprocess.run(
            [*command, "ask", b"B\xe4ume \xff", "--json"], env=shell.environment, capture_output=True, check=False
        )
        assert (asked.returncode, b"Traceback" in asked.stderr) == (0, False), asked.stderr
        assert json.loads(asked.stdout)["answer_id"]
        found = subprocess.run(
            [*command, "search"], env=shell.environment, input=b"B\xe4ume\n", capture_output=True, check=False
        )
        assert json.loads(found.stdout)["query"] == "B\ufffdume"
        listed = subprocess.run(
            [*command, "documents", "show", b"\xff"], env=shell.environment, capture_output=True, check=False
        )
        assert (listed.returncode, b"Traceback" in listed.stderr) in ((1, False), (2, False)), listed.stderr

    def test_too_long_and_empty_ones_are_explained(self, shell: Shell) -> None:
        for question, words in (("x" * 20_001, "shorten"), (" ", "Please write")):
            result = shell.run("ask", question)
            assert (result.returncode, result.stdout) == (2, "")
            assert words in result.stderr

    @pytest.mark.parametrize(
        ("options", "named"),
        [
            (["search", "--limit", "0"], "--limit"),
            (["search", "--limit", "viele"], "--limit"),
            (["search", "--as", "Nobody"], "Nobody"),
            (["ask", "Warum?", "--visibility", "house"], "--as"),
            (["trace", "zzzz"], "no answer"),
            (["ask"], "QUESTION"),
            (["ask", "a", "--no-such-option"], "--no-such-option"),
        ],
    )
    def test_wrong_calls_name_what_is_wrong(self, options: list[str], named: str, shell: Shell) -> None:
        result = shell.run(*options, text="x\n")
        assert result.returncode in (1, 2)
        assert result.stdout == ""
        assert named in result.stderr
        assert "Traceback" not in result.stderr


class TestPipes:
    @pytest.mark.parametrize("command", [["search"], ["documents", "list"], ["ask", "Bäume?"]])
    def test_a_reader_that_leaves_early(self, command: list[str], shell: Shell) -> None:
        with Running(shell, *command) as running:
            process = running.process
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdout.close()
            process.stdout = None
            _printed, said = process.communicate("Bäume\n" * 3)
        assert process.returncode == 128 + signal.SIGPIPE
        assert said.strip() == ""

    def test_a_full_device(self, shell: Shell) -> None:
        with Path("/dev/full").open("w") as full:
            result = subprocess.run(
                [sys.executable, "-m", "hub.cli", "ask", "Bäume?"],
                env=shell.environment,
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        assert result.returncode == 1
        assert "full" in result.stderr
        assert "Traceback" not in result.stderr

    @pytest.mark.parametrize("closed", ["<&-", ">&-"])
    def test_closed_ends(self, closed: str, shell: Shell) -> None:
        line = f"exec '{sys.executable}' -m hub.cli search {closed}"
        result = subprocess.run(
            ["/bin/sh", "-c", line],
            env=shell.environment,
            input="",
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        assert (result.returncode, result.stdout, "Traceback" in result.stderr) == (0, "", False), result.stderr


class TestInterrupted:
    @pytest.mark.parametrize("command", ["search", "chat"])
    def test_while_it_waits_for_a_line(self, command: str, shell: Shell) -> None:
        with Running(shell, command) as running:
            running.type("Bäume")
            assert running.line()
            code, _printed, said = running.end(signal.SIGINT)
        assert code == 130
        assert "Interrupted" in said
        assert "Traceback" not in said


class TestChat:
    @pytest.fixture
    def said(self, shell: Shell) -> str:
        lines = ["/hilfe", "", "Wie viele Bäume hat die Gemeinde Nummer 2 gepflanzt?", "x" * 30_000, "/nope", "Zebra?"]
        return shell.succeed("chat", text="\n".join([*lines, "/ENDE", "not asked any more"]))

    def test_a_conversation_reads_well_and_goes_on_after_an_error(self, said: str) -> None:
        parts = ["/quit ends", "where it knows nothing, I say so", "2 Bäume", "bericht-2.md", "Bericht 2", "shorten"]
        places = [said.find(part) for part in ("Hello", "2 Bäume", "shorten", "do not know this command", "Goodbye")]
        assert all(place >= 0 for place in places), said
        assert places == sorted(places)
        assert parts[0] in said
        assert "not asked any more" not in said
        assert "\n\n\n" not in said


class TestEmptyLibrary:
    def test_every_way_of_asking(self, tmp_path: Path) -> None:
        empty = Shell(tmp_path)
        answer = empty.json("ask", "Wie geht das?", "--json")
        assert (answer["answered"], answer["citations"], answer["suggestions"]) == (False, [], [])
        assert json.loads(empty.succeed("search", text="Wie?\n"))["results"] == []
        assert "does not know" in empty.succeed("chat", text="Wie geht das?\n")
        assert json.loads(empty.succeed("trace", answer["answer_id"], "--json"))["passages"] == []
        assert os.listdir(empty.data)  # noqa: PTH208
