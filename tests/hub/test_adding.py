"""``allmende add``: what goes wrong costs nothing else, is told in words, and can be done again."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.hub.shell import Shell, write_texts
from tests.journeys.processes import (
    FromTheStart,
    Running,
    children,
    eventually,
    passage_count,
    stored,
    words_count,
    write_reports,
)


@pytest.fixture
def shell(tmp_path: Path, begun_template: Path) -> Shell:
    return Shell(tmp_path).begun(begun_template)


class TestWrongCalls:
    @pytest.mark.parametrize(
        ("options", "named"),
        [
            (["--year", "20255"], "20255"),
            (["--valid-from", "31.02.2026"], "31.02.2026"),
            (["--valid-from", "2026-05-01", "--valid-until", "2026-04-01"], "validity"),
            (["--visibility", "secret"], "--visibility"),
            (["--visibility", "house"], "--organisation"),
            (["--organisation", "no-such-place"], "no-such-place"),
            (["--state", "Atlantis"], "Atlantis"),
            (["--url", "javascript:alert(1)"], "https://"),
            (["--language", "deutsch"], "--language"),
            (["--title", " "], "title"),
        ],
    )
    def test_nothing_is_imported(self, options: list[str], named: str, shell: Shell) -> None:
        write_texts(shell.folder / "texte")
        result = shell.run("add", "texte", *options)
        assert (result.returncode, result.stdout) == (2, "")
        assert named in result.stderr
        assert "Traceback" not in result.stderr
        assert not (shell.data / "allmende.db").exists() or not stored(shell, "SELECT 1 FROM documents")

    def test_a_path_that_is_not_there(self, shell: Shell) -> None:
        write_texts(shell.folder / "texte")
        result = shell.run("add", "texte", "nirgendwo")
        assert (result.returncode, result.stdout) == (2, "")
        assert "nirgendwo" in result.stderr

    def test_the_words_are_german_for_germans(self, shell: Shell) -> None:
        german = shell.with_settings(ALLMENDE_LANGUAGE="de")
        result = german.run("add", "nirgendwo", "--year", "abc")
        assert result.returncode == 2
        assert "--year" in result.stderr
        assert "ganze Zahl" in result.stderr


class TestFolders:
    def test_an_empty_one(self, shell: Shell) -> None:
        (shell.folder / "leer").mkdir()
        result = shell.run("add", "leer")
        assert (result.returncode, result.stdout) == (0, "")
        assert "no file" in result.stderr

    def test_one_bad_file_in_a_hundred(self, shell: Shell) -> None:
        folder = write_reports(shell.folder / "texte", 99)
        (folder / "kaputt.pdf").write_bytes(b"%PDF-1.7 and then nothing of it")
        (folder / "tabelle.xyz").write_bytes(b"\x00\x01\x02")
        (folder / ".versteckt.md").write_text("# Versteckt\n\nGeheim.\n", "utf-8")
        (folder / "verweis.md").symlink_to(folder / "bericht-001.md")
        result = shell.run("add", "texte", "--json")
        outcomes = {line["source"]: line for line in map(json.loads, result.stdout.splitlines())}
        assert result.returncode == 1
        assert len(outcomes) == 101
        assert outcomes["kaputt.pdf"]["result"] == "failed"
        assert outcomes["kaputt.pdf"]["message"]
        assert outcomes["tabelle.xyz"]["result"] == "skipped"
        assert stored(shell, "SELECT count(*) FROM documents") == [(99,)]

    def test_names_that_are_no_text_or_steer_a_terminal(self, shell: Shell) -> None:
        folder = os.fsencode(write_texts(shell.folder / "texte"))
        for name in (b"\xff\xfe.md", b"\xfe\xff.md", b"\x1b[31mrot\x1b[0m.md", b"zwei\nzeilen.md"):
            with open(os.path.join(folder, name), "wb") as file:  # noqa: PTH118, PTH123 - names that are no text
                file.write(b"# Bericht\n\nDer Text von " + name.hex().encode() + b" steht hier.\n")
        result = shell.run("add", "texte")
        assert "\x1b" not in result.stdout + result.stderr
        lines = result.stdout.splitlines()
        assert len(lines) == 6
        assert sum("FAILED" in line and "same name" in line for line in lines) == 1, "two names that read alike"
        assert result.returncode == 1
        shell.succeed("documents", "list")

    def test_two_files_of_the_same_name_do_not_replace_each_other(self, shell: Shell) -> None:
        for name in ("a", "b"):
            (shell.folder / name).mkdir()
            (shell.folder / name / "lies.md").write_text(f"# Text {name}\n\nDas steht in {name}.\n", "utf-8")
        result = shell.run("add", "a", "b", "a/lies.md", "--json")
        outcomes = [json.loads(line)["result"] for line in result.stdout.splitlines()]
        assert (result.returncode, outcomes) == (1, ["added", "failed", "unchanged"])
        shell.succeed("add", ".")
        assert sorted(stored(shell, "SELECT source FROM documents")) == [("a/lies.md",), ("b/lies.md",), ("lies.md",)]


class TestInterrupted:
    def test_what_was_finished_is_kept_and_nothing_stays_behind(self, shell: Shell) -> None:
        write_reports(shell.folder / "texte", 80)
        with Running(shell, "add", "texte") as adding:
            for _file in range(10):
                assert adding.line().startswith("new:")
            helpers = children(adding.process.pid)
            assert helpers, "a process of its own reads the files"
            code, _printed, said = adding.end(signal.SIGINT)
        assert code == 130
        assert "Interrupted" in said
        assert "Traceback" not in said
        eventually(lambda: not any(Path(f"/proc/{helper}").exists() for helper in helpers))
        kept = stored(shell, "SELECT count(*) FROM documents")[0][0]
        assert 10 <= kept < 80
        shell.succeed("add", "texte")
        assert stored(shell, "SELECT count(*), max(version) FROM documents") == [(80, 1)]
        assert words_count(shell) == passage_count(shell)

    def test_at_any_moment_of_the_start(self, tmp_path: Path) -> None:
        shell = Shell(tmp_path)  # where the database is still to be made
        write_texts(shell.folder / "texte")
        for moment in (0.05, 0.4, 0.8, 1.2):
            with FromTheStart(shell, "add", "texte") as adding:
                try:
                    adding.process.wait(moment)
                except subprocess.TimeoutExpired:
                    code, _printed, said = adding.end(signal.SIGINT)
                    # Before it is our turn, Python itself may be interrupted, and says so.
                    assert code in (130, -signal.SIGINT, 0) or "Fatal Python error" in said
                    assert "hub/cli" not in said


class TestNearlyTheSame:
    def test_it_says_so(self, shell: Shell) -> None:
        text = " ".join(f"Satz {number} über die Sitzung des Rates am Montag." for number in range(60))
        (shell.folder / "eins.md").write_text(f"# Niederschrift\n\n{text}\n", "utf-8")
        (shell.folder / "zwei.md").write_text(f"# Niederschrift\n\n{text} Ende.\n", "utf-8")
        assert "nearly the same text as eins.md" in shell.succeed("add", "eins.md", "zwei.md")
