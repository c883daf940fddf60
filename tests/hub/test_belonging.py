"""``allmende member invite``, ``organisations domain``, ``circle``: what administrators do so that people belong."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.hub.shell import Shell, write_texts

CODE = re.compile(r"([0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}")


@pytest.fixture
def shell(tmp_path: Path, begun_template: Path) -> Shell:
    return Shell(tmp_path).begun(begun_template)


class TestInviting:
    def test_a_code_is_printed_once_and_kept_nowhere(self, shell: Shell) -> None:
        shell.succeed("organisations", "add", "Lindenau")

        made = shell.run("member", "invite", "--role", "moderator", "--organisation", "lindenau", "--name", "Änne Öz")
        code = made.stdout.strip()
        assert CODE.fullmatch(code)
        assert f"/beitreten {code}" in made.stderr
        assert code.replace("-", "") not in (shell.data / "allmende.db").read_bytes().decode("latin-1").replace("-", "")

        shell.succeed("member", "add", "Ben")
        values = shell.json("member", "invite", "--member", "ben", "--days", "2", "--json")
        lasts = datetime.fromisoformat(values["expires_at"]) - datetime.now(UTC)
        assert CODE.fullmatch(values["code"])
        assert lasts.days in (1, 2)

    def test_what_cannot_be_is_refused(self, shell: Shell) -> None:
        for wrong, named in (
            (["--organisation", "nirgendwo"], "nirgendwo"),
            (["--member", "Ben", "--role", "moderator"], "--member"),
            (["--days", "0"], "--days"),
        ):
            result = shell.run("member", "invite", *wrong)
            assert result.returncode != 0
            assert result.stdout == ""
            assert named in result.stderr
            assert "Traceback" not in result.stderr


class TestDomains:
    def test_from_the_first_to_the_last(self, shell: Shell) -> None:
        shell.succeed("organisations", "add", "Lindenau")

        shell.succeed("organisations", "domain", "add", "lindenau", "@Grünau.DE")
        assert shell.lines("organisations", "domain", "list", "--json") == [
            {"domain": "xn--grnau-lva.de", "organisation_key": "lindenau", "organisation_name": "Lindenau"}
        ]
        assert "gmx.de" in shell.run("organisations", "domain", "add", "lindenau", "gmx.de").stderr
        shell.succeed("organisations", "domain", "remove", "grünau.de")
        assert "no mail domains" in shell.run("organisations", "domain", "list").stderr


class TestCircles:
    def test_a_circle_with_a_document_of_its_own(self, shell: Shell) -> None:
        texts = write_texts(shell.folder / "texte", 1)
        refused = shell.run("add", str(texts), "--visibility", "circle", "--circle", "Klima")
        assert (refused.returncode, "no circle “Klima”" in refused.stderr) == (2, True)

        assert CODE.fullmatch(shell.succeed("circle", "add", "Klima").strip())
        assert CODE.fullmatch(shell.succeed("circle", "code", "klima").strip())
        assert "no group" in shell.run("circle", "vouch", "Klima").stderr
        shell.succeed("add", str(texts), "--visibility", "circle", "--circle", "klima", "--no-wait")

        (document,) = shell.lines("documents", "list", "--json")
        assert (document["visibility"], document["circle"]) == ("circle", "Klima")
        assert "Klima" in shell.succeed("documents", "show", document["document"])
        assert shell.succeed("circle", "list").strip() == "Klima (no group, 1 document)"
