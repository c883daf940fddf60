"""Processes that do not write the words index read it themselves, as its owner last committed it."""

from pathlib import Path

import pytest

from knowledge.kit.database import Database
from knowledge.kit.settings import Settings, load_settings
from knowledge.library.indexes.access import LibraryIndexes
from knowledge.library.indexes.lock import OwnerLock
from knowledge.library.indexes.owner_socket import OwnerSocket
from knowledge.library.indexes.port import IndexHits, IndexQuery
from knowledge.library.indexes.segments import META_FILE
from knowledge.library.indexes.words import WordsIndex
from knowledge.library.indexes.words_reader import WordsReader
from tests.knowledge.library.indexes.test_owner_socket import HITS, Owner
from tests.knowledge.library.indexes.test_words import SMALL_LIBRARY, passage

DOGS, TREES = IndexQuery("Hundesteuer"), IndexQuery("Baumkataster")
ADDED = passage(9, "Das Baumkataster wird vom Bauhof geführt.")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a small words index that was closed."""
    with WordsIndex.open(tmp_path / "indexes" / "words") as words:
        words.add(SMALL_LIBRARY)
        words.commit()
    return tmp_path / "indexes" / "words"


def found(reader: WordsReader, query: IndexQuery) -> list[int] | None:
    read = reader.find(query)
    return None if read is None else [hit.id for hit in read.hits]


class TestReading:
    def test_all_that_judging_needs_comes_along(self, folder: Path) -> None:
        read = WordsReader(folder).find(DOGS)
        assert read is not None
        assert [hit.id for hit in read.hits] == [1]
        assert (read.frequencies, read.total) == ({"hundesteu": 1}, len(SMALL_LIBRARY))

    def test_a_commit_is_seen_by_the_next_search(self, folder: Path) -> None:
        reader = WordsReader(folder)
        with WordsIndex.open(folder) as words:
            words.add([ADDED])
            assert found(reader, TREES) == []
            words.commit()
            assert found(reader, TREES) == [9]
            words.delete_documents([ADDED.document])
            words.commit()
            assert found(reader, TREES) == []

    def test_what_was_found_before_stays_readable_while_files_are_replaced(self, folder: Path) -> None:
        reader = WordsReader(folder)
        with WordsIndex.open(folder) as words:
            for number in range(100, 130):
                words.add([passage(number, f"Baumkataster Nummer {number}")])
                words.commit()
                assert number in (found(reader, IndexQuery("Baumkataster", 1000)) or [])

    def test_an_index_made_anew_is_opened_anew(self, folder: Path) -> None:
        reader = WordsReader(folder)
        assert found(reader, DOGS) == [1]
        with WordsIndex.create(folder) as words:
            assert found(reader, DOGS) == []
            words.add([ADDED])
            words.commit()
            assert (found(reader, DOGS), found(reader, TREES)) == ([], [9])


class TestNothingToRead:
    def test_nothing_is_made(self, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        assert WordsReader(tmp_path / "empty").find(DOGS) is None
        assert WordsReader(tmp_path / "missing").find(DOGS) is None
        assert [each.name for each in tmp_path.rglob("*")] == ["empty"]

    def test_a_damaged_index_is_left_to_its_owner_until_it_is_mended(self, folder: Path) -> None:
        reader = WordsReader(folder)
        (folder / META_FILE).write_text("no", encoding="utf-8")
        assert reader.find(DOGS) is None
        with WordsIndex.create(folder) as words:
            words.add(SMALL_LIBRARY)
            words.commit()
        assert found(reader, DOGS) == [1]


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings for words alone."""
    monkeypatch.setenv("ALLMENDE_EMBEDDING_MODEL", "none")
    return load_settings()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestBesideAnOwner:
    async def test_only_vectors_are_asked_for(self, database: Database, settings: Settings) -> None:
        with WordsIndex.open(settings.data_folder / "indexes" / "words") as words:
            words.add(SMALL_LIBRARY)
            words.commit()
        hits = await ask(database, settings, DOGS)
        assert [hit.id for hit in hits.words] == [1]
        assert (hits.vectors, hits.vectors_state, hits.model) == (HITS.vectors, "ok", "model")
        assert (hits.total, hits.frequencies) == (len(SMALL_LIBRARY), {"hundesteu": 1})

    async def test_where_nothing_can_be_read_the_owner_answers(self, database: Database, settings: Settings) -> None:
        assert await ask(database, settings, DOGS) == HITS


async def ask(database: Database, settings: Settings, query: IndexQuery) -> IndexHits:
    """Search beside another process that holds the indexes."""
    folder = settings.data_folder / "indexes"
    folder.mkdir(parents=True, exist_ok=True)
    lock, socket = OwnerLock(folder), OwnerSocket(folder, Owner())
    lock.take()
    await socket.open()
    try:
        async with LibraryIndexes(settings, database, say=print) as indexes:
            assert not indexes.is_owner
            return await indexes.find(query)
    finally:
        await socket.close()
        lock.release()
