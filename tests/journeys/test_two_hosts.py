"""Two hosts with a data folder each, one PostgreSQL and one Chroma server: what one publishes, the other finds."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from tests.hub.shell import Shell
from tests.journeys.hub_parts import ADDRESS, Part
from tests.journeys.processes import Running, eventually
from tests.knowledge.library.indexes.chroma_server import ChromaServer


@pytest.fixture
def chroma(tmp_path: Path) -> Iterator[ChromaServer]:
    """A Chroma server."""
    server = ChromaServer(tmp_path / "chroma")
    server.start()
    yield server
    server.kill()


class Host:
    """A machine with a data folder of its own: a worker, which owns the indexes there, and a hub."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.hub = Part(shell)
        self._running = ExitStack()
        self.processes: list[Running] = []

    def start(self) -> None:
        """Start both."""
        worker = self._running.enter_context(Running(self.shell, "worker"))
        self.processes = [worker, self._running.enter_context(self.hub.run())]
        worker.wait_for("ready")
        eventually(lambda: self.hub.answers("/health/ready"))

    def die(self) -> None:
        """End everything at once, as a machine does that loses its power."""
        for running in self.processes:
            running.process.kill()
        self._running.close()


@pytest.fixture
def place(
    tmp_path: Path, empty_postgres: str, chroma: ChromaServer, prepared_models: Path
) -> Iterator[Callable[[str], Host]]:
    """Make hosts that share the databases and nothing else."""
    hosts: list[Host] = []

    def make(name: str) -> Host:
        settings = {
            "ALLMENDE_DATA_DIR": str(tmp_path / name),
            "ALLMENDE_DATABASE_URL": empty_postgres,
            "ALLMENDE_CHROMA_URL": chroma.url,
            "ALLMENDE_EMBEDDING_MODEL": "default",
            "ALLMENDE_MODELS_DIR": str(prepared_models),
            "ALLMENDE_HUB_URL": ADDRESS,
            "ALLMENDE_HUB_TRUSTED_PROXIES": "127.0.0.0/8",
        }
        hosts.append(Host(Shell(tmp_path, settings)))
        return hosts[-1]

    yield make
    for host in hosts:
        host.die()


def words_are_complete(shell: Shell) -> bool:
    """Whether ``doctor`` says of a host's words index that it holds all passages, and has read all changes."""
    findings = json.loads(shell.run("doctor", "--json").stdout)["findings"]
    [found] = [finding["facts"] for finding in findings if finding["check"] == "indexes.words"]
    return bool(found["found"] == found["expected"] and found["changes"] == 0)


class TestTwoHosts:
    def test_each_finds_what_the_other_publishes_and_goes_on_alone(
        self, place: Callable[[str], Host], chroma: ChromaServer
    ) -> None:
        north, south = place("north"), place("south")
        north.shell.json("migrate", "--json")
        link = north.shell.succeed("administrator", "Chris Berg").strip()
        north.start()
        south.start()
        north.hub.sign_in(link)
        south.hub.cookie = north.hub.cookie
        north.hub.publish("kirschbaum.md", "# Kirschbäume\n\nLindenau pflegt 12 Kirschbäume am Dorfanger.\n")
        eventually(lambda: south.hub.finds("Kirschbäume Dorfanger", "Lindenau pflegt 12"))
        assert north.hub.finds("Kirschbäume Dorfanger", "Lindenau pflegt 12")
        south.hub.publish("birnbaum.md", "# Birnbäume\n\nGrünau pflegt 7 Birnbäume an der Schule.\n")
        eventually(lambda: north.hub.finds("Birnbäume Schule", "Grünau pflegt 7"))

        north.die()
        south.hub.publish("apfelbaum.md", "# Apfelbäume\n\nMühlbach pflegt 30 Apfelbäume am Bach.\n")
        eventually(lambda: south.hub.finds("Apfelbäume Bach", "Mühlbach pflegt 30"))
        assert south.hub.finds("Kirschbäume Dorfanger", "Lindenau pflegt 12")

        north.start()
        # Without the vectors, which both share, each has what its own words index holds.
        chroma.kill()
        eventually(lambda: north.hub.finds("Apfelbäume Bach", "Mühlbach pflegt 30"))
        [birnbaum] = [one for one in south.shell.lines("documents", "list", "--json") if one["title"] == "Birnbäume"]
        south.shell.succeed("documents", "withdraw", birnbaum["document"])
        for host in (north, south):
            assert not host.hub.finds("Birnbäume Schule", "Grünau pflegt 7"), "what is withdrawn is gone at once"
            eventually(partial(words_are_complete, host.shell))
