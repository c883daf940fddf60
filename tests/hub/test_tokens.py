"""``allmende token``: made, listed without its secret, ended."""

from pathlib import Path

from tests.hub.shell import Shell


class TestToken:
    def test_is_made_listed_and_ended(self, tmp_path: Path) -> None:
        shell = Shell(tmp_path)
        made = shell.json("token", "add", "Intranet", "--scope", "search:read", "--days", "30", "--json")
        listed = shell.run("token", "list").stdout
        shell.run("token", "revoke", made["id"])
        after = shell.run("token", "list").stdout

        assert made["token"].startswith("allmende_")
        assert made["scopes"] == ["search:read"]
        assert (made["id"] in listed, made["token"] in listed) == (True, False)
        assert after == ""
