"""Tests of looking at the indexes, and of filling them anew."""

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from knowledge.jobs.repository import JobRepository
from knowledge.kit.database import Database
from knowledge.kit.settings import Settings, load_settings
from knowledge.library.indexes.access import LibraryIndexes
from knowledge.library.indexes.lock import OwnerLock
from knowledge.library.indexes.owner import IndexFolders
from knowledge.library.indexes.schemas import IndexedPassage
from knowledge.library.indexes.vectors import VectorsIndex
from knowledge.models.job import JobState
from knowledge.operations.findings import Finding, Level
from knowledge.operations.index_checks import check_indexes
from knowledge.operations.reindexing import forget_embedded, reindex
from tests.knowledge.operations.filling import fill_every_table, make_job

SILENT = {"say": lambda _message: None}


def ignore(_left: int) -> None:
    """Progress that nobody watches."""


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """Settings for words alone."""
    monkeypatch.setenv("ALLMENDE_EMBEDDING_MODEL", "none")
    (tmp_path / "data").mkdir()
    return load_settings()


@pytest.fixture
def folders(settings: Settings) -> IndexFolders:
    """Where the indexes lie."""
    return IndexFolders(settings.data_folder / "indexes")


@pytest_asyncio.fixture
async def filled(database: Database) -> AsyncIterator[Database]:
    """A database with three passages."""
    await fill_every_table(database)
    yield database


async def examined(settings: Settings, database: Database) -> dict[str, Finding]:
    """Return all findings by their names."""
    return {finding.check: finding async for finding in check_indexes(settings, database)}


class TestReindex:
    async def test_fills_what_was_lost(self, settings: Settings, filled: Database, folders: IndexFolders) -> None:
        assert (await examined(settings, filled))["indexes.words"].level is Level.WARNING
        async with LibraryIndexes(settings, filled, **SILENT) as indexes:
            done = await reindex(filled, indexes, left=ignore)
        assert (done.passages, done.emptied, done.postponed) == (3, True, 0)
        assert (await examined(settings, filled))["indexes.words"].level is Level.OK

    async def test_forgets_what_was_given_up_before(self, settings: Settings, filled: Database) -> None:
        async with filled.session() as session:
            session.add(make_job(state=JobState.DEAD))
            await session.commit()
        async with LibraryIndexes(settings, filled, **SILENT) as indexes:
            await reindex(filled, indexes, left=ignore)
        async with filled.session(writes=False) as session:
            assert await JobRepository(session).dead_letters() == []

    async def test_beside_an_owner_goes_through_it(self, settings: Settings, filled: Database) -> None:
        async with (
            LibraryIndexes(settings, filled, **SILENT) as owner,
            LibraryIndexes(settings, filled, **SILENT) as guest,
        ):
            assert (owner.is_owner, guest.is_owner) == (True, False)
            done = await reindex(filled, guest, left=ignore)
            assert (done.passages, done.emptied) == (3, False)
            findings = await examined(settings, filled)
        assert findings["indexes.owner"].level is Level.OK
        assert findings["indexes.words"].facts["found"] == 3


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestLooking:
    async def test_changes_nothing(self, settings: Settings, filled: Database, folders: IndexFolders) -> None:
        await examined(settings, filled)
        assert not folders.words.exists()
        assert not folders.vectors.exists()

    async def test_an_owner_that_does_not_answer_is_worth_a_note(
        self, settings: Settings, filled: Database, folders: IndexFolders
    ) -> None:
        lock = OwnerLock(folders.root)
        lock.take()
        findings = await examined(settings, filled)
        lock.release()
        assert [(name, finding.level) for name, finding in findings.items()] == [("indexes.owner", Level.WARNING)]

    async def test_vectors_of_another_model_are_a_problem(
        self, settings: Settings, filled: Database, folders: IndexFolders, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        index = VectorsIndex.embedded(folders.vectors, "another-model")
        passage = IndexedPassage(1, "a" * 32, "public", "Text", "Titel", ())
        index.add([passage], np.ones((1, 8), dtype=np.float32))
        index.close()
        monkeypatch.setenv("ALLMENDE_EMBEDDING_MODEL", "default")
        vectors = (await examined(load_settings(), filled))["indexes.vectors"]
        assert vectors.level is Level.PROBLEM
        assert "allmende reindex" in str(vectors.todo)


class TestForgetting:
    def test_takes_the_files_away(self, folders: IndexFolders) -> None:
        for folder in (folders.words, folders.vectors):
            folder.mkdir(parents=True)
            (folder / "file").touch()
        forget_embedded(folders)
        assert list(folders.root.iterdir()) == []
