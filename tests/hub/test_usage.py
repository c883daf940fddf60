"""The contract of the command line: results on standard output and nothing else, exit codes, both languages."""

import json
import signal

import pytest

from hub.cli.app import create_app
from knowledge.operations.program import program_version
from tests.hub.shell import Shell, write_texts
from tests.journeys.processes import Running

LOOKING_AFTER = ["migrate", "worker", "reindex", "doctor", "backup", "backup-key", "restore"]
COMMANDS = ["add", "ask", "search", "chat", "trace", "demo", "serve", "hub", "bot", "administrator", *LOOKING_AFTER]
GROUPS = ["documents", "organisations", "circle", "member", "lessons", "synonyms"]


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
        assert result.stderr.startswith("There is no command aks; ")

    @pytest.mark.parametrize("called", [(), ("ask",), ("organisations",), ("organisations", "domain", "add")])
    def test_no_line_is_left_in_the_parsers_own_language(self, shell: Shell, called: tuple[str, ...]) -> None:
        printed = shell.with_settings(ALLMENDE_LANGUAGE="de").succeed(*called, "--help")
        assert printed.startswith("Aufruf: allmende")
        assert "Diese Hilfe anzeigen." in printed
        assert "Show this" not in printed

    def test_no_command_at_all_but_an_option(self, shell: Shell) -> None:
        assert shell.succeed("--version").strip() == program_version()


class TestPureOutput:
    def test_json_is_all_that_is_printed(self, shell: Shell) -> None:
        one_document = [
            ["ask", "Bäume?", "--json"],
            ["documents", "show", "bericht-1.md", "--json", "--passages"],
            ["member", "add", "Ada", "--organisation", "ahorn", "--json"],
            ["synonyms", "add", "Kita", "Kindertagesstätte", "--json"],
            ["migrate", "--json"],
            ["reindex", "--json"],
            ["backup", "sicherung.zip", "--json"],
        ]
        for command in one_document:
            assert isinstance(shell.json(*command), dict), command

    def test_lists_are_json_lines(self, shell: Shell) -> None:
        lists = [
            ["add", "texte", "--json"],
            ["search", "--json"],
            ["documents", "list", "--json"],
            ["documents", "withdraw", "bericht-1.md", "--json"],
            ["documents", "restore", "bericht-1.md", "--json"],
            ["documents", "export"],
            ["organisations", "find", "Ahorn", "--json"],
        ]
        for command in lists:
            lines = shell.succeed(*command, text="Bäume\n").splitlines()
            assert [type(json.loads(line)) for line in lines] == [dict] * len(lines), command
            assert lines, command

    def test_doctor_too(self, shell: Shell) -> None:
        assert json.loads(shell.run("doctor", "--json").stdout)["findings"]


class TestLanguages:
    @pytest.mark.parametrize(
        ("surroundings", "words"),
        [
            ({"ALLMENDE_LANGUAGE": "", "LC_ALL": "en_US.UTF-8"}, "Please write"),
            ({"ALLMENDE_LANGUAGE": "", "LC_ALL": "xx_NOWHERE.UTF-8"}, "Bitte"),
            ({"ALLMENDE_LANGUAGE": "", "LC_ALL": "C", "PYTHONUTF8": "0"}, "Bitte"),
            ({"ALLMENDE_LANGUAGE": "de", "LC_ALL": "en_GB.UTF-8"}, "Bitte"),
        ],
    )
    def test_the_setting_decides_then_the_locale_then_german(
        self, surroundings: dict[str, str], words: str, shell: Shell
    ) -> None:
        result = shell.with_settings(**surroundings).run("ask", " ")
        assert (result.returncode, words in result.stderr) == (2, True), result.stderr


class TestWorker:
    def test_ctrl_c_ends_it_in_order(self, shell: Shell) -> None:
        with Running(shell, "worker") as worker:
            worker.wait_for("ready")
            code, printed, said = worker.end(signal.SIGINT)
        assert (code, printed) == (0, "")
        assert "Traceback" not in said
