"""The bot on a host of its own: the database and the vectors are elsewhere, the words index is its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub.shell import Shell, write_texts
from tests.journeys.processes import Running, eventually
from tests.knowledge.library.indexes.chroma_server import ChromaServer
from tests.postgres import PostgresTemplate
from tests.telegram_server.server import TelegramServer


@pytest.fixture
def chroma(tmp_path: Path) -> Iterator[ChromaServer]:
    """A Chroma server."""
    server = ChromaServer(tmp_path / "chroma")
    server.start()
    yield server
    server.kill()


class TestOnAnotherHost:
    def test_it_answers_from_what_the_first_host_added(
        self, tmp_path: Path, prepared_models: Path, postgres_template: PostgresTemplate, chroma: ChromaServer
    ) -> None:
        with postgres_template.clone() as url, TelegramServer() as telegram:
            both = {
                "ALLMENDE_DATABASE_URL": url,
                "ALLMENDE_CHROMA_URL": chroma.url,
                "ALLMENDE_EMBEDDING_MODEL": "default",
                "ALLMENDE_MODELS_DIR": str(prepared_models),
            }
            for host in ("here", "there"):
                (tmp_path / host).mkdir()
            here, there = Shell(tmp_path / "here", both), Shell(tmp_path / "there", both)
            here.succeed("add", "--visibility", "public", str(write_texts(tmp_path / "texts")))
            anna = telegram.person("Anna", language="en")
            bot = there.with_settings(ALLMENDE_TELEGRAM_TOKEN=telegram.token, ALLMENDE_TELEGRAM_API_URL=telegram.url)
            with Running(bot, "bot", "telegram") as served:
                served.wait_for("Telegram: connected.")
                anna.writes(None, "Wie viele Bäume hat die Gemeinde Nummer 2 gepflanzt?")
                eventually(lambda: any("2 Bäume" in text for text in anna.direct.said()))
                assert not any("by words alone" in text for text in anna.direct.said())
