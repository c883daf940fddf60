"""A Chroma server that goes away and comes back: answers go on from words alone, the vectors catch up."""

import httpx

from tests.hub.shell import Shell
from tests.journeys.processes import Running, eventually, passage_count, sources, stored, write_reports
from tests.knowledge.library.indexes.chroma_server import ChromaServer

COLLECTIONS = "/api/v2/tenants/default_tenant/databases/default_database/collections"


def vectors_on(server: ChromaServer) -> int:
    """Count what the server holds."""
    collections = httpx.get(server.url + COLLECTIONS).json()
    if not collections:
        return 0
    count: int = httpx.get(f"{server.url}{COLLECTIONS}/{collections[0]['id']}/count").json()
    return count


class TestServerGoesAway:
    def test_answers_go_on_and_the_vectors_catch_up(self, meaning: Shell) -> None:
        server = ChromaServer(meaning.folder / "chroma")
        server.start()
        try:
            shell = meaning.with_settings(ALLMENDE_CHROMA_URL=server.url)
            shell.succeed("add", str(write_reports(shell.folder / "erste", 4)))
            assert vectors_on(server) == passage_count(shell)
            with Running(shell, "search") as searching:
                searching.type("Gärtnerei Erle3")
                assert sources(searching.reply())[0] == "bericht-003.md"
                server.kill()
                searching.type("Gärtnerei Erle3")
                assert sources(searching.reply())[0] == "bericht-003.md"
            asked = shell.run("ask", "Wie viele Bäume hat Erlestadt gepflanzt?")
            assert (asked.returncode, "Traceback" in asked.stderr) == (0, False)
            assert "by words alone" in asked.stdout
            added = shell.run("add", str(write_reports(shell.folder / "zweite", 6)))
            assert added.returncode == 0
            assert "until it is back" in added.stderr
            waiting = stored(shell, "SELECT DISTINCT kind, state FROM jobs")
            assert waiting == [("library.index_vectors", "waiting")]
            server.start()
            with Running(shell, "worker", "--indexes") as worker:
                worker.wait_for("ready")
                eventually(lambda: not stored(shell, "SELECT 1 FROM jobs"))
            assert vectors_on(server) == passage_count(shell)
            assert "by words alone" not in shell.succeed("ask", "Wie viele Bäume hat Erlestadt gepflanzt?")
        finally:
            server.kill()
