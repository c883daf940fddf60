"""``allmende administrator`` and ``member link``: how the first people get into the hub."""

from pathlib import Path

import pytest

from tests.hub.shell import Shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path, {"ALLMENDE_HUB_URL": "https://hub.example/"})


class TestAdministrator:
    def test_the_first_one_is_made_and_gets_a_link(self, shell: Shell) -> None:
        made = shell.run("administrator", "Chris Berg")
        link = made.stdout.strip()
        assert link.startswith("https://hub.example/anmelden/link/")
        assert link.rpartition("/")[2] not in (shell.data / "allmende.db").read_bytes().decode("latin-1")

        again = shell.json("member", "link", "chris berg", "--json")
        assert again["link"].startswith("https://hub.example/anmelden/link/")
        assert again["link"] != link
