"""Tests of ``allmende documents`` as scripts and people call it."""

import json
from pathlib import Path

import pytest

from tests.hub.shell import Shell, write_texts


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, begun_template: Path) -> Shell:
    """A library with two texts that no test changes."""
    shell = Shell(tmp_path_factory.mktemp("library")).begun(begun_template)
    shell.succeed("add", str(write_texts(shell.folder / "texts")), "--year", "2026", "--visibility", "public")
    return shell


@pytest.fixture
def shell(library: Shell, tmp_path: Path) -> Shell:
    """A copy of that library."""
    return library.copy_to(tmp_path)


def found(shell: Shell, query: str) -> list[str]:
    """Return the sources of what a search finds."""
    (line,) = (json.loads(text) for text in shell.succeed("search", text=f"{query}\n").splitlines())
    return [result["source"] for result in line["results"]]


class TestList:
    def test_a_table_for_people(self, library: Shell) -> None:
        result = library.run("documents", "list")
        head, *rows = result.stdout.splitlines()
        assert head.split() == ["key", "title", "kind", "year", "visible", "to", "status", "passages"]
        assert [row.split()[1:] for row in rows] == [
            ["Bericht", "1", "literature", "2026", "public", "published", "1"],
            ["Bericht", "2", "literature", "2026", "public", "published", "1"],
        ]
        assert result.stderr == ""

    def test_json_lines_for_scripts(self, library: Shell) -> None:
        rows = library.lines("documents", "list", "--json")
        assert [row["source"] for row in rows] == ["bericht-1.md", "bericht-2.md"]
        wanted = {"document", "title", "publisher", "organisation", "status", "version", "passages", "similar_to"}
        assert wanted <= rows[0].keys()

    def test_filters_work_together(self, library: Shell) -> None:
        rows = library.lines("documents", "list", "--json", "--text", "BERICHT 2", "--kind", "literature")
        assert [row["title"] for row in rows] == ["Bericht 2"]

    def test_nothing_found_is_said_beside_the_result(self, library: Shell) -> None:
        result = library.run("documents", "list", "--status", "withdrawn")
        assert (result.returncode, result.stdout) == (0, "")
        assert "No document" in result.stderr

    def test_an_unknown_member_is_an_error(self, library: Shell) -> None:
        result = library.run("documents", "list", "--as", "Nobody")
        assert (result.returncode, result.stdout) == (1, "")
        assert "Nobody" in result.stderr


class TestShow:
    def test_everything_about_one(self, library: Shell) -> None:
        shown = library.json("documents", "show", "bericht-1.md", "--json", "--passages")
        assert shown["title"] == "Bericht 1"
        assert [version["number"] for version in shown["versions"]] == [1]
        assert "Bäume" in shown["texts"][0]["text"]
        assert "Bericht 1" in shown["texts"][0]["locator"]

    def test_the_beginning_of_a_key_is_enough(self, library: Shell) -> None:
        key = library.lines("documents", "list", "--json")[0]["document"]
        assert "Bericht 1" in library.succeed("documents", "show", key[:8])

    def test_an_unknown_one_is_an_error_that_helps(self, library: Shell) -> None:
        result = library.run("documents", "show", "fehlt.md")
        assert (result.returncode, result.stdout) == (1, "")
        assert "documents list" in result.stderr


class TestWithdrawAndRestore:
    def test_withdrawn_is_not_found_until_restored(self, shell: Shell) -> None:
        assert "bericht-1.md" in found(shell, "Bäume Nummer 1")
        assert shell.succeed("documents", "withdraw", "bericht-1.md") == "withdrawn: bericht-1.md\n"
        assert "bericht-1.md" not in found(shell, "Bäume Nummer 1")
        (line,) = shell.lines("documents", "restore", "bericht-1.md", "--json")
        assert (line["status"], line["changed"]) == ("published", True)
        assert "bericht-1.md" in found(shell, "Bäume Nummer 1")

    def test_one_unknown_among_several_changes_nothing(self, shell: Shell) -> None:
        result = shell.run("documents", "withdraw", "bericht-1.md", "fehlt.md")
        assert (result.returncode, result.stdout) == (1, "")
        assert {row["status"] for row in shell.lines("documents", "list", "--json")} == {"published"}

    def test_a_second_time_says_so(self, shell: Shell) -> None:
        shell.succeed("documents", "withdraw", "bericht-1.md", "--no-wait")
        assert "already" in shell.succeed("documents", "withdraw", "bericht-1.md")


class TestExportAndImport:
    def test_an_empty_folder_gets_the_same_library(self, library: Shell, tmp_path: Path) -> None:
        lines = library.succeed("documents", "export")
        other = Shell(tmp_path)
        result = other.run("documents", "import", "-", "--json", text=lines)
        assert [json.loads(line)["result"] for line in result.stdout.splitlines()] == ["added", "added"]
        assert other.succeed("documents", "export") == lines
        assert sorted(found(other, "Bäume")) == ["bericht-1.md", "bericht-2.md"]

    def test_a_file_is_new_or_nothing(self, library: Shell, tmp_path: Path) -> None:
        file = tmp_path / "export.jsonl"
        result = library.run("documents", "export", str(file))
        assert (result.returncode, result.stdout) == (0, "")
        assert len(file.read_text("utf-8").splitlines()) == 2
        again = library.run("documents", "export", str(file))
        assert again.returncode == 1
        assert "exists already" in again.stderr

    def test_damaged_lines_are_named_and_the_others_kept(self, library: Shell, tmp_path: Path) -> None:
        first, second = library.succeed("documents", "export").splitlines()
        (tmp_path / "cut.jsonl").write_text(f"\ufeff{first}\n\nno JSON\n{second[:500]}", "utf-8")
        other = Shell(tmp_path)
        result = other.run("documents", "import", "cut.jsonl")
        assert result.returncode == 1
        assert result.stdout.splitlines()[0] == "new: bericht-1.md"
        assert [line.split(" – ")[0] for line in result.stdout.splitlines()[1:]] == ["FAILED: line 3", "FAILED: line 4"]
        assert "1 new, 0 changed, 0 unchanged, 2 failed" in result.stderr
        assert found(other, "Bäume") == ["bericht-1.md"]

    def test_a_missing_file_is_named(self, shell: Shell) -> None:
        result = shell.run("documents", "import", "fehlt.jsonl")
        assert (result.returncode, result.stdout) == (1, "")
        assert "fehlt.jsonl" in result.stderr

    def test_an_empty_export_is_said(self, shell: Shell) -> None:
        result = shell.run("documents", "import", "-", text="\n\n")
        assert (result.returncode, result.stdout) == (0, "")
        assert "no document" in result.stderr
