"""What tests of the hub's pages have: the application with people of every role, on SQLite."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from knowledge.kit.database import Database
from knowledge.members.schemas import MemberEntry
from tests.conftest import KeptEngine, on_kept_engine
from tests.hub.signed_in import Hub, bring_people, open_hub


@dataclass(frozen=True, slots=True)
class Furnished:
    """A database with people in it, to copy."""

    path: Path
    people: dict[str, MemberEntry]


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Furnished:
    """A migrated SQLite file with people of every role."""
    path = tmp_path_factory.mktemp("furnished") / "hub.db"
    shutil.copyfile(sqlite_template, path)

    async def furnish() -> dict[str, MemberEntry]:
        database = Database(f"sqlite+aiosqlite:///{path}")
        people = await bring_people(database)
        await database.close()
        return people

    with ThreadPoolExecutor(max_workers=1) as thread:  # it has an event loop of its own
        return Furnished(path, thread.submit(asyncio.run, furnish()).result())


@pytest_asyncio.fixture
async def hub(tmp_path: Path, furnished: Furnished, kept_engines: dict[str, KeptEngine]) -> AsyncIterator[Hub]:
    """The hub in this process, over a fresh database."""
    path = tmp_path / "hub.db"
    shutil.copyfile(furnished.path, path)
    database = on_kept_engine(f"sqlite+aiosqlite:///{path}", kept_engines, purpose="hub")
    yield await open_hub(database, furnished.people)
    await database.close()
