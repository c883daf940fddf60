"""Each story is the same on every network."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from shutil import copytree

import pytest

from bot.core.adapter import Adapter
from bot.core.running import Bot, make_services
from bot.handlers.registry import build_registry
from knowledge.kit.database import Database
from knowledge.kit.settings import load_settings
from knowledge.library.answers.service import AnswerService
from knowledge.library.indexes.access import LibraryIndexes
from tests.bot.matrix.people import account_on
from tests.hub.shell import Shell
from tests.journeys.chat.player import Player, fits
from tests.journeys.chat.scenario import FOLDER, NoStep, read_scenario, read_step
from tests.journeys.chat.stages import InsideStage, MakeBot, MatrixStage, TelegramStage
from tests.synapse import Synapse
from tests.telegram_server.server import TelegramServer

SCENARIOS = sorted(path.stem for path in FOLDER.glob("*.txt"))
BENCHES = """# Sitzbänke in Musterstadt

Die Stadt Musterstadt hat im Jahr 2024 genau 40 Sitzbänke aufgestellt. Eine Sitzbank kostete 500 Euro.
Der Bauhof hat die Sitzbänke in sechs Wochen aufgestellt.
"""
TREES = """# Bäume in Neudorf

Die Gemeinde Neudorf hat im Jahr 2023 genau 70 Bäume an der Hauptstraße gepflanzt. Ein Baum kostete 120 Euro.
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with two public texts, words alone."""
    shell = Shell(tmp_path_factory.mktemp("scenarios"))
    folder = shell.folder / "texts"
    folder.mkdir()
    for name, text in (("sitzbaenke", BENCHES), ("baeume", TREES)):
        (folder / f"{name}.md").write_text(text, "utf-8")
    shell.succeed("add", "--visibility", "public", str(folder))
    return shell.data


@asynccontextmanager
async def bots(library: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[MakeBot]:
    """Give a way to make bots over a copy of the library."""
    copytree(library, folder)
    monkeypatch.setenv("ALLMENDE_DATA_DIR", str(folder))
    monkeypatch.setenv("ALLMENDE_EMBEDDING_MODEL", "none")
    monkeypatch.setenv("ALLMENDE_LANGUAGE", "en")
    monkeypatch.setenv("ALLMENDE_CHAT_PERSON_LIMIT", "1000")
    settings = load_settings()
    database = Database(settings.database_url)

    def make(adapters: Sequence[Adapter]) -> Bot:
        answers = AnswerService(database, indexes, settings.answers)
        return Bot(make_services(settings, database, answers, adapters), adapters, build_registry())

    try:
        async with LibraryIndexes(settings, database, say=lambda _text: None) as indexes:
            yield make
    finally:
        await database.close()


@pytest.mark.parametrize("scenario", SCENARIOS)
class TestScenarios:
    async def test_inside(self, scenario: str, library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        async with bots(library, tmp_path / "data", monkeypatch) as make_bot:
            await Player(InsideStage(make_bot)).play(read_scenario(FOLDER / f"{scenario}.txt"))

    async def test_telegram(
        self, scenario: str, library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with TelegramServer() as telegram:
            async with bots(library, tmp_path / "data", monkeypatch) as make_bot:
                await Player(TelegramStage(make_bot, telegram)).play(read_scenario(FOLDER / f"{scenario}.txt"))
            assert telegram.refused == []

    async def test_matrix(
        self, scenario: str, library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, synapse: Synapse
    ) -> None:
        async with bots(library, tmp_path / "data", monkeypatch) as make_bot:
            stage = MatrixStage(make_bot, synapse, account_on(synapse, tmp_path))
            try:
                await Player(stage).play(read_scenario(FOLDER / f"{scenario}.txt"))
            finally:
                await stage.leave()


class TestReading:
    def test_there_are_stories(self) -> None:
        assert len(SCENARIOS) >= 5

    def test_a_line_that_says_nothing_is_refused(self) -> None:
        with pytest.raises(NoStep, match="sings"):
            read_step("anna sings in the group: la la")

    @pytest.mark.parametrize(
        ("wanted", "expected"), [("Bäume", True), ("Bäume | !Euro", False), ("/7\\d B/", True), ("Zebra", False)]
    )
    def test_what_the_bot_must_say(self, wanted: str, expected: bool) -> None:
        assert fits("70 Bäume für 120 Euro", wanted) is expected
