"""Each story is the same on every network."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from shutil import copytree

import pytest
from sqlalchemy import select

from bot.core.adapter import Adapter
from bot.core.running import Bot, make_services
from bot.core.turn import Services
from bot.handlers.notices import notice_job
from bot.handlers.registry import build_registry
from hub.services import HubServices
from knowledge.access.rights import Scope
from knowledge.access.visibility import network_member
from knowledge.jobs.worker import Worker
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.settings import Settings, load_settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.answers.service import AnswerService
from knowledge.library.indexes.access import LibraryIndexes
from knowledge.members.service import MemberService
from knowledge.models.contribution import Contribution
from knowledge.models.member import Role
from knowledge.notices.jobs import NOTICE_JOB
from knowledge.review.schemas import Reviewer
from knowledge.review.service import ReviewService
from tests.bot.handlers.lesson_world import bring_lessons, bring_weekly
from tests.bot.matrix.people import account_on
from tests.conftest import KeptEngine, on_kept_engine
from tests.hub.shell import Shell
from tests.journeys.chat.network import invite_people, make_circle, offer_help
from tests.journeys.chat.player import Player, fits
from tests.journeys.chat.scenario import FOLDER, NoStep, Step, read_scenario, read_step
from tests.journeys.chat.stages import InsideStage, MatrixStage, TelegramStage
from tests.journeys.chat.web import WebStage, alone
from tests.synapse import Synapse
from tests.telegram_server.server import TelegramServer

# What happens between one person and the bot; the other stories happen in groups, or with a code that is no way into
# the hub (interrupted).
IN_BROWSER = (
    "belonging",
    "commands",
    "contributing",
    "lessons",
    "more",
    "network",
    "nothing-found",
    "own-data",
    "peers",
    "private",
    "trainings",
)
SCENARIOS = sorted(path.stem for path in FOLDER.glob("*.txt"))
BENCHES = """# Sitzbänke in Musterstadt

Die Stadt Musterstadt hat im Jahr 2024 genau 40 Sitzbänke aufgestellt. Eine Sitzbank kostete 500 Euro.
Der Bauhof hat die Sitzbänke in sechs Wochen aufgestellt.
"""
TREES = """# Bäume in Neudorf

Die Gemeinde Neudorf hat im Jahr 2023 genau 70 Bäume an der Hauptstraße gepflanzt. Ein Baum kostete 120 Euro.
"""


PLAYGROUND = """# Spielplatz in Altdorf

Die Gemeinde Altdorf hat im Jahr 2022 ihren Spielplatz erneuert. Der Spielplatz kostete 8000 Euro.
"""
MINUTES = """# Protokoll des Arbeitskreises

Der Arbeitskreis hat im Mai beschlossen, das Streusalz gemeinsam zu bestellen. Das Streusalz kostete 900 Euro.
"""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What every story begins with: a data folder, words alone, and one-time codes by their names."""

    data: Path
    codes: dict[str, str]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Two public texts, one for the network, one for a circle, and codes for a member and for the circle's group."""
    shell = Shell(tmp_path_factory.mktemp("scenarios"))
    folder = shell.folder / "texts"
    folder.mkdir()
    for name, text in (("sitzbaenke", BENCHES), ("baeume", TREES)):
        (folder / f"{name}.md").write_text(text, "utf-8")
    (shell.folder / "spielplatz.md").write_text(PLAYGROUND, "utf-8")
    (shell.folder / "protokoll.md").write_text(MINUTES, "utf-8")
    shell.succeed("add", "--visibility", "public", str(folder))
    shell.succeed("add", str(shell.folder / "spielplatz.md"))
    circle = json.loads(shell.succeed("circle", "add", "Kreis Grün", "--json"))["code"]
    shell.succeed("add", "--visibility", "circle", "--circle", "Kreis Grün", str(shell.folder / "protokoll.md"))
    invited = json.loads(shell.succeed("member", "invite", "--role", "moderator", "--name", "Anna Ahorn", "--json"))
    member = json.loads(shell.succeed("member", "invite", "--name", "Ben Birke", "--json"))
    people = asyncio.run(invite_people(f"sqlite+aiosqlite:///{shell.data / 'allmende.db'}"))
    return Prepared(shell.data, {"invitation": invited["code"], "member": member["code"], "circle": circle, **people})


@dataclass(slots=True)
class House:
    """Makes bots over a copy of the library, and does what moderators do in the hub."""

    settings: Settings
    database: Database
    indexes: LibraryIndexes
    bot: Bot | None = None
    services: Services | None = None

    def make(self, adapters: Sequence[Adapter]) -> Bot:
        """Make a bot."""
        answers = AnswerService(self.database, self.indexes, self.settings.answers)
        self.services = make_services(self.settings, self.database, answers, adapters)
        self.bot = Bot(self.services, adapters, build_registry())
        return self.bot

    async def happen(self, deed: str, who: str, text: str) -> None:
        """Let something happen beside the chat, and tell people of it."""
        if deed == "offers":
            await offer_help(self.database, who, text)
        elif deed == "circle":
            await make_circle(self.database, text)
        elif deed == "lessons":
            await bring_lessons(self.database)
        elif deed == "weekly":
            await bring_weekly(self.database)
        elif deed != "told":
            await self._moderate(deed, text)
        await self._tell()

    async def _moderate(self, deed: str, text: str) -> None:
        """Let a moderator do something with the newest contribution that was sent."""
        async with unit_of_work(self.database) as unit:
            newest = select(Contribution).where(Contribution.submitted_at.is_not(None))
            row = await unit.session.scalar(newest.order_by(Contribution.submitted_at.desc()).limit(1))
            assert row is not None, "nothing was sent"
            moderator = await MemberService(unit.session).add_to(None, f"Cora {row.revision}", Role.MODERATOR)
            reviewing = ReviewService(unit, Reviewer(moderator.id, Scope(), network_member()))
            await getattr(reviewing, deed)(row.id, row.revision, *([text] if text else []))
        await self.indexes.settle()

    async def _tell(self) -> None:
        assert self.bot is not None
        assert self.services is not None
        worker = Worker(self.database, {NOTICE_JOB: notice_job(self.services, self.bot.post)}, name="test")
        while await worker.work_once(NOTICE_JOB):
            pass


@pytest.fixture
async def house(
    library: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept_engines: dict[str, KeptEngine]
) -> AsyncIterator[House]:
    """A way to make bots over a copy of the library."""
    folder = tmp_path / "data"
    copytree(library.data, folder)
    monkeypatch.setenv("ALLMENDE_DATA_DIR", str(folder))
    monkeypatch.setenv("ALLMENDE_EMBEDDING_MODEL", "none")
    monkeypatch.setenv("ALLMENDE_LANGUAGE", "en")
    monkeypatch.setenv("ALLMENDE_CHAT_PERSON_LIMIT", "1000")
    settings = load_settings()
    database = on_kept_engine(settings.database_url, kept_engines, purpose="story")
    try:
        async with LibraryIndexes(settings, database, say=lambda _text: None) as indexes:
            yield House(settings, database, indexes)
    finally:
        await database.close()


@pytest.fixture(params=SCENARIOS)
def story(request: pytest.FixtureRequest, library: Prepared) -> list[Step]:
    """The steps of one story after the other."""
    soon = f"{now() + timedelta(days=40):%d.%m.%Y}"
    return read_scenario(FOLDER / f"{request.param}.txt", {**library.codes, "soon": soon})


class TestScenarios:
    async def test_inside(self, story: list[Step], house: House) -> None:
        await Player(InsideStage(house.make), house.happen).play(story)

    async def test_telegram(self, story: list[Step], house: House) -> None:
        with TelegramServer() as telegram:
            await Player(TelegramStage(house.make, telegram), house.happen).play(story)
            assert telegram.refused == []

    async def test_matrix(self, story: list[Step], house: House, tmp_path: Path, synapse: Synapse) -> None:
        stage = MatrixStage(house.make, synapse, account_on(synapse, tmp_path))
        try:
            await Player(stage, house.happen).play(story)
        finally:
            await stage.leave()


@pytest.fixture(params=IN_BROWSER)
def story_of_one(request: pytest.FixtureRequest, library: Prepared) -> list[Step]:
    """The steps of a story between one person and the bot."""
    soon = f"{now() + timedelta(days=40):%d.%m.%Y}"
    steps = alone(read_scenario(FOLDER / f"{request.param}.txt", {**library.codes, "soon": soon}))
    assert len(steps) > 3
    return steps


class TestInTheBrowser:
    async def test_by_forms(self, story_of_one: list[Step], house: House) -> None:
        answers = AnswerService(house.database, house.indexes, house.settings.answers)
        stage = WebStage(house.make, HubServices(house.database, house.settings, answers))
        await Player(stage, house.happen).play(story_of_one)


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
