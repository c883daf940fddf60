"""What docker-compose.yml starts, started directly with the same settings: hubs, worker, bot, and real databases."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.compose import services, settings_of
from tests.hub.shell import Shell
from tests.journeys.hub_parts import ADDRESS, Part
from tests.journeys.processes import Running, eventually
from tests.knowledge.library.indexes.chroma_server import ChromaServer
from tests.telegram_server.server import TelegramServer


@pytest.fixture
def chroma(tmp_path: Path) -> Iterator[ChromaServer]:
    """A Chroma server."""
    server = ChromaServer(tmp_path / "chroma")
    server.start()
    yield server
    server.kill()


@pytest.fixture
def composed(
    tmp_path: Path, empty_postgres: str, chroma: ChromaServer, prepared_models: Path
) -> Callable[[str], Shell]:
    """What a service of docker-compose.yml is set to, with the addresses of this test in place of the containers'."""
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "allmende_database_url").write_text(empty_postgres + "\n", encoding="utf-8")

    def place(service: str) -> Shell:
        here = {
            "ALLMENDE_DATA_DIR": str(tmp_path / "data"),
            "ALLMENDE_HUB_HOST": "127.0.0.1",
            "ALLMENDE_HUB_URL": ADDRESS,
            "ALLMENDE_HUB_TRUSTED_PROXIES": "127.0.0.0/8",
            "ALLMENDE_CHROMA_URL": chroma.url,
            "ALLMENDE_SECRETS_DIR": str(tmp_path / "secrets"),
        }
        given = settings_of(service)
        assert here.keys() <= given.keys()
        model = {"ALLMENDE_EMBEDDING_MODEL": "default", "ALLMENDE_MODELS_DIR": str(prepared_models)}
        return Shell(tmp_path, {**given, **here, **model})

    return place


class TestInParts:
    def test_what_one_hub_takes_the_other_finds_and_goes_on_alone(self, composed: Callable[[str], Shell]) -> None:
        assert composed("migrate").json("migrate", "--json")["from"] is None
        link = composed("hub").succeed("administrator", "Chris Berg").strip()
        first, second = Part(composed("hub")), Part(composed("hub"))
        with TelegramServer() as telegram, ExitStack() as stack:
            worker = stack.enter_context(Running(composed("worker"), "worker"))
            worker.wait_for("ready")
            dying = stack.enter_context(first.run())
            stack.enter_context(second.run())
            to_telegram = {"ALLMENDE_TELEGRAM_TOKEN": telegram.token, "ALLMENDE_TELEGRAM_API_URL": telegram.url}
            chatting = composed("bot-telegram").with_settings(**to_telegram)
            bot = stack.enter_context(Running(chatting, *services()["bot-telegram"]["command"]))
            eventually(lambda: first.answers("/health/ready") and second.answers("/health/ready"))
            assert first.answers("/health/live")
            first.sign_in(link)
            first.publish("kirschbaum.md", "# Kirschbäume\n\nLindenau pflegt 12 Kirschbäume am Dorfanger.\n")
            eventually(lambda: first.finds("Kirschbäume Dorfanger", "Lindenau pflegt 12"))
            eventually(lambda: second.finds("Kirschbäume Dorfanger", "Lindenau pflegt 12"))
            bot.wait_for("Telegram: connected.")
            anna = telegram.person("Anna", language="en")
            anna.writes(None, "Wie viele Kirschbäume pflegt Lindenau am Dorfanger?")
            eventually(lambda: any("Lindenau pflegt 12" in text for text in anna.direct.said()))

            dying.process.kill()
            worker.process.kill()
            # The session is in the database, and whoever still lives takes the indexes over.
            second.cookie = first.cookie
            second.publish("birnbaum.md", "# Birnbäume\n\nGrünau pflegt 7 Birnbäume an der Schule.\n")
            eventually(lambda: second.finds("Birnbäume Schule", "Grünau pflegt 7"))
            assert second.finds("Kirschbäume Dorfanger", "Lindenau pflegt 12")
            assert not first.answers("/health/live")
            anna.writes(None, "Wie viele Birnbäume pflegt Grünau an der Schule?")
            eventually(lambda: any("Grünau pflegt 7" in text for text in anna.direct.said()))
