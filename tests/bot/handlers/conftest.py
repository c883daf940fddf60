"""The sample library, filled once, and the bot upon a copy of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bench.datasets import SAMPLES
from knowledge.kit.database import Database
from tests.bot.handlers.asking_world import World, world_of
from tests.bot.handlers.contributing_world import Desk, desk_of
from tests.conftest import KeptEngine
from tests.hub.shell import WarmLibrary
from tests.kept_settings import kept_settings


@pytest.fixture(scope="session")
def asked_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the sample library for everybody; words alone."""
    folder = tmp_path_factory.mktemp("asked") / "data"
    library = WarmLibrary(folder, {"ALLMENDE_EMBEDDING_MODEL": "none"})
    library.run("add", str(SAMPLES / "library"), "--visibility", "public")
    return folder


@pytest_asyncio.fixture
async def world(
    asked_library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept_engines: dict[str, KeptEngine]
) -> AsyncIterator[World]:
    """The bot on a copy of the sample library, on two networks."""
    monkeypatch.setenv("ALLMENDE_EMBEDDING_MODEL", "none")
    async with world_of(asked_library, tmp_path / "data", kept_engines) as opened:
        yield opened


@pytest_asyncio.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    """The bot for contributing: two networks, an empty library, one organisation."""
    async with desk_of(database, kept_settings()) as opened:
        yield opened
