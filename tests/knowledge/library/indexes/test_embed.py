"""Having texts embedded, whoever holds the model."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge.kit.database import Database
from knowledge.kit.errors import Unavailable
from knowledge.kit.settings import AnswerSettings, Settings, load_settings
from knowledge.library.answers.service import AnswerService
from knowledge.library.indexes.access import LibraryIndexes
from knowledge.library.indexes.lock import OwnerLock
from knowledge.library.indexes.owner_socket import OwnerSocket
from knowledge.library.indexes.port import (
    EMBEDDED_TOGETHER,
    LONGEST_EMBEDDED,
    Embedded,
    IndexHits,
    IndexQuery,
    VectorsFound,
)
from knowledge.library.indexes.vector_side import VectorSide
from knowledge.library.indexes.vectors import VectorsIndex


class Lengths:
    """Makes vectors of the length of a text: nothing is quicker to check."""

    dimension = 2
    description = fingerprint = "lengths"

    def embed_query(self, text: str) -> NDArray[np.float32]:
        return np.array([1.0, len(text)], dtype=np.float32)

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        del texts
        raise AssertionError("questions are compared with questions")


class OtherProcess:
    """Holds the indexes and says how much it was asked at once; after ``changes_after`` times with another model."""

    def __init__(self, *, changes_after: int = 1000) -> None:
        self._side = VectorSide(None, Lengths(), state="ok")
        self._changes_after = changes_after
        self.asked: list[int] = []

    async def find(self, query: IndexQuery) -> IndexHits:
        del query
        raise Unavailable("Not asked for.")

    async def find_vectors(self, query: IndexQuery) -> VectorsFound:
        del query
        raise Unavailable("Not asked for.")

    async def embed(self, texts: Sequence[str]) -> Embedded | None:
        self.asked.append(len(texts))
        embedded = await self._side.embed(texts)
        assert embedded is not None
        changed = len(self.asked) > self._changes_after
        return replace(embedded, model="newer") if changed else embedded

    async def words_waiting(self, keys: Collection[str] | None = None) -> int:
        del keys
        return 0


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings for words alone."""
    monkeypatch.setenv("ALLMENDE_EMBEDDING_MODEL", "none")
    return load_settings()


async def test_a_chroma_server_that_is_away_does_not_matter() -> None:
    side = VectorSide(VectorsIndex.on_server("http://127.0.0.1:9", "lengths"), Lengths(), state="ok")
    embedded = await side.embed(["Wo?", ""])
    assert embedded is not None
    assert embedded.model == "lengths"
    assert embedded.vectors.tolist() == [[1, 3], [1, 0]]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestFromAnotherProcess:
    async def test_many_texts_go_a_few_at_a_time(self, database: Database, settings: Settings) -> None:
        texts = ["a" * number for number in range(2 * EMBEDDED_TOGETHER + 1)] + ["ü" * (LONGEST_EMBEDDED + 5)]
        owner = OtherProcess()
        embedded = await ask(database, settings, owner, texts)
        assert embedded is not None
        assert owner.asked == [EMBEDDED_TOGETHER, EMBEDDED_TOGETHER, 2]
        assert embedded.vectors[:, 1].tolist() == [*range(2 * EMBEDDED_TOGETHER + 1), LONGEST_EMBEDDED]

    async def test_vectors_of_two_models_are_not_mixed(self, database: Database, settings: Settings) -> None:
        owner = OtherProcess(changes_after=1)
        embedded = await ask(database, settings, owner, ["a"] * (EMBEDDED_TOGETHER + 1))
        assert embedded is not None
        assert embedded.model == "newer"
        assert embedded.vectors.shape == (EMBEDDED_TOGETHER + 1, 2)
        assert len(owner.asked) == 4

    async def test_nothing_to_embed(self, database: Database, settings: Settings) -> None:
        embedded = await ask(database, settings, OtherProcess(), [])
        assert embedded is not None
        assert embedded.vectors.shape == (0, 2)

    async def test_words_alone(self, database: Database, settings: Settings) -> None:
        async with LibraryIndexes(settings, database, say=print) as indexes:
            assert indexes.is_owner
            assert await AnswerService(database, indexes, AnswerSettings()).embed(["a"]) is None


async def ask(database: Database, settings: Settings, owner: OtherProcess, texts: Sequence[str]) -> Embedded | None:
    """Ask another process that holds the indexes."""
    folder = settings.data_folder / "indexes"
    folder.mkdir(parents=True)
    lock, socket = OwnerLock(folder), OwnerSocket(folder, owner)
    lock.take()
    await socket.open()
    try:
        async with LibraryIndexes(settings, database, say=print) as indexes:
            assert not indexes.is_owner
            return await AnswerService(database, indexes, AnswerSettings()).embed(texts)
    finally:
        await socket.close()
        lock.release()
