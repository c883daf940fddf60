"""A database that goes away while a process opens its indexes: it waits, and goes on where it is back."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Self

import pytest
from sqlalchemy.engine import make_url

from hub.cli.serving import opened_in_time
from knowledge.kit.database import Database
from knowledge.kit.settings import Settings, load_settings
from knowledge.library.indexes.access import LibraryIndexes
from tests.journeys.wires import Wire


@pytest.fixture
def wire(database_url: str) -> Iterator[Wire]:
    """The way to the database."""
    with Wire(make_url(database_url).port or 5432) as wire:
        yield wire


@pytest.fixture
async def reached(database_url: str, wire: Wire) -> AsyncIterator[Database]:
    """The database at the end of it."""
    url = make_url(database_url).set(host="127.0.0.1", port=wire.port)
    database = Database(url.render_as_string(hide_password=False))
    yield database
    await database.close()


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Words alone."""
    monkeypatch.setenv("ALLMENDE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("ALLMENDE_EMBEDDING_MODEL", "none")
    return load_settings()


class Counted(LibraryIndexes):
    """Indexes that count how often somebody tried to open them; ``tried`` is set the second time."""

    def __init__(self, settings: Settings, database: Database) -> None:
        super().__init__(settings, database, say=print)
        self.times, self.tried = 0, asyncio.Event()

    async def __aenter__(self) -> Self:
        self.times += 1
        if self.times == 2:
            self.tried.set()
        return await super().__aenter__()


async def opens(indexes: Counted, stop: asyncio.Event) -> bool:
    """Open indexes as a command does; returns whether they were open before the end came."""
    async with opened_in_time(indexes, stop) as are_open:
        return are_open


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
class TestDatabaseAway:
    @pytest.fixture
    async def opening(
        self, wire: Wire, reached: Database, settings: Settings, stop: asyncio.Event, monkeypatch: pytest.MonkeyPatch
    ) -> "asyncio.Task[bool]":
        """Somebody who tries again and again, as the database is away."""
        monkeypatch.setattr("hub.cli.serving.TRY_AGAIN", 0.05)
        wire.cut()
        indexes = Counted(settings, reached)
        opening = asyncio.create_task(opens(indexes, stop))
        tried = asyncio.create_task(indexes.tried.wait())
        await asyncio.wait({opening, tried}, return_when=asyncio.FIRST_COMPLETED)
        assert not opening.done()
        return opening

    @pytest.fixture
    def stop(self) -> asyncio.Event:
        """The end."""
        return asyncio.Event()

    async def test_it_goes_on_once_the_database_is_back(self, opening: "asyncio.Task[bool]", wire: Wire) -> None:
        wire.mend()
        assert await opening is True

    async def test_it_ends_when_it_is_told_to_meanwhile(
        self, opening: "asyncio.Task[bool]", stop: asyncio.Event
    ) -> None:
        stop.set()
        assert await opening is False
