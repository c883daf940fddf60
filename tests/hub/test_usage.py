"""The contract of the command line: results on standard output and nothing else, exit codes, both languages."""

import json
import signal

import pytest

from hub.cli.app import create_app
from tests.hub.shell import Shell, write_texts
from tests.journeys.processes import Running

LOOKING_AFTER = ["migrate", "worker", "reindex", "doctor", "backup", "restore"]
COMMANDS = ["add", "ask", "search", "chat", "trace", "demo", *LOOKING_AFTER]
GROUPS = ["documents", "organisations", "member", "synonyms"]


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Two texts and an organisation with a member."""
    shell = Shell(tmp_path_factory.mktemp("usage"))
    shell.succeed("add", str(write_texts(shell.folder / "texte")))
    shell.succeed("organisations", "add", "Gemeinde Ahorn (Beispiel)", "--key", "ahorn")
    return shell


class TestHelp:
    def test_all_commands_are_there(self, shell: Shell) -> None:
        printed = shell.succeed("--help")
        assert [name for name in COMMANDS + GROUPS if f"\n  {name} " not in printed] == []

    def test_a_command_alone_is_put_together_where_it_is_called(self) -> None:
        assert [command.name for command in create_app(["ask", "Warum?"]).registered_commands] == ["ask"]
        assert [group.name for group in create_app(["member", "list"]).registered_groups] == ["member"]
        everything = create_app(["nonsense"])
        assert [command.name for command in everything.registered_commands] == COMMANDS

    def test_a_command_that_does_not_exist(self, shell: Shell) -> None:
        result = shell.run("aks", "Warum?")
        assert (result.returncode, result.stdout) == (2, "")
        assert "aks" in result.stderr


class TestPureOutput:
    @pytest.mark.parametrize(
        ("command", "lines"),
        [
            (["add", "texte", "--json"], True),
            (["ask", "Bäume?", "--json"], False),
            (["search", "--json"], True),
            (["documents", "list", "--json"], True),
            (["documents", "show", "bericht-1.md", "--json", "--passages"], False),
            (["documents", "withdraw", "bericht-1.md", "--json"], True),
            (["documents", "restore", "bericht-1.md", "--json"], True),
            (["documents", "export"], True),
            (["organisations", "find", "Ahorn", "--json"], True),
            (["member", "add", "Ada", "--organisation", "ahorn", "--json"], False),
            (["member", "list", "--json"], True),
            (["synonyms", "add", "Kita", "Kindertagesstätte", "--json"], False),
            (["synonyms", "list", "--json"], True),
            (["migrate", "--json"], False),
            (["reindex", "--json"], False),
            (["backup", "sicherung.zip", "--json"], False),
        ],
        ids=lambda value: " ".join(value[:2]) if isinstance(value, list) else "",
    )
    def test_json_is_all_that_is_printed(self, command: list[str], lines: bool, shell: Shell) -> None:
        result = shell.run(*command, text="Bäume\n")
        assert result.returncode == 0, result.stderr
        documents = [json.loads(line) for line in result.stdout.splitlines()] if lines else [json.loads(result.stdout)]
        assert documents
        assert all(isinstance(document, dict) for document in documents)

    def test_doctor_too(self, shell: Shell) -> None:
        assert json.loads(shell.run("doctor", "--json").stdout)["findings"]


class TestLanguages:
    @pytest.mark.parametrize(
        ("surroundings", "words"),
        [
            ({"ALLMENDE_LANGUAGE": "", "LC_ALL": "en_US.UTF-8"}, "no file"),
            ({"ALLMENDE_LANGUAGE": "", "LC_ALL": "xx_NOWHERE.UTF-8"}, "keine Datei"),
            ({"ALLMENDE_LANGUAGE": "", "LC_ALL": "C", "PYTHONUTF8": "0"}, "keine Datei"),
            ({"ALLMENDE_LANGUAGE": "de", "LC_ALL": "en_GB.UTF-8"}, "keine Datei"),
        ],
    )
    def test_the_setting_decides_then_the_locale_then_german(
        self, surroundings: dict[str, str], words: str, shell: Shell
    ) -> None:
        (shell.folder / "leer").mkdir(exist_ok=True)
        result = shell.with_settings(**surroundings).run("add", "leer")
        assert (result.returncode, words in result.stderr) == (0, True), result.stderr


class TestWorker:
    def test_ctrl_c_ends_it_in_order(self, shell: Shell) -> None:
        with Running(shell, "worker") as worker:
            worker.wait_for("ready")
            code, printed, said = worker.end(signal.SIGINT)
        assert (code, printed) == (0, "")
        assert "Traceback" not in said
