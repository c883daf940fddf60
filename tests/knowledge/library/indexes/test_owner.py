"""The owner keeps the indexes in step with the database, whatever happened to them while nobody looked."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from numpy.typing import NDArray

from knowledge.jobs.repository import JobRepository
from knowledge.jobs.worker import Interrupted, Worker
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.files.blocks import Block, ParsedFile
from knowledge.library.indexes.jobs import VECTORS_JOB, ask_for
from knowledge.library.indexes.lock import IndexesOwned, OwnerLock
from knowledge.library.indexes.owner import IndexFolders, IndexOwner
from knowledge.library.indexes.port import IndexQuery
from knowledge.library.indexes.vector_side import VectorSide
from knowledge.library.indexes.vectors import VectorsIndex
from knowledge.library.indexes.words import WordsIndex
from knowledge.library.schemas import Description
from knowledge.library.service import IncomingFile, LibraryService

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Letters:
    """Makes vectors of the letters of a text, which is quick; another ``name`` is another model."""

    dimension = 16
    description = "letters"

    def __init__(self, name: str = "letters-1") -> None:
        self.fingerprint = name

    def embed_query(self, text: str) -> NDArray[np.float32]:
        seed = int.from_bytes(hashlib.sha256(f"{self.fingerprint} {text}".encode()).digest()[:4], "big")
        values = np.random.default_rng(seed).normal(size=self.dimension)
        vector: NDArray[np.float32] = (values / np.linalg.norm(values)).astype(np.float32)
        return vector

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([self.embed_query(text) for text in texts])


class House:
    """A data folder whose owner may come and go."""

    def __init__(self, database: Database, root: Path) -> None:
        self.database = database
        self.folders = IndexFolders(root)
        self.owner: IndexOwner | None = None
        self.said: list[str] = []

    async def open(self, model: str | None = "letters-1") -> IndexOwner:
        """Open the indexes as their owner, with a model or none."""
        lock = OwnerLock(self.folders.root)
        lock.take()
        side = VectorSide(None, None, state="off")
        if model is not None:
            side = VectorSide(VectorsIndex.embedded(self.folders.vectors, model), Letters(model), state="ok")
        words = WordsIndex.open(self.folders.words)
        self.owner = IndexOwner(self.database, self.folders, lock=lock, words=words, vectors=side)
        self.said.clear()
        await self.owner.catch_up(self.said.append)
        return self.owner

    async def close(self) -> None:
        if self.owner is not None:
            await self.owner.close()
            self.owner = None

    async def work(self) -> None:
        """Follow the words, and do all jobs that are due."""
        assert self.owner is not None
        await self.owner.follow_words()
        worker = Worker(self.database, self.owner.kinds(), name="house")
        while await worker.work_once(VECTORS_JOB):
            pass

    async def write(self, source: str, text: str) -> None:
        """Bring a text in, or a new version of it."""
        parsed = ParsedFile((Block("paragraph", text),), source, {}, "text/plain")
        content = hashlib.sha256(text.encode()).hexdigest()
        async with unit_of_work(self.database) as unit:
            await LibraryService(unit).take_in(IncomingFile(source, content, len(text), parsed), Description())

    async def waiting(self) -> tuple[int, int]:
        """Return how many documents have yet to be looked at, by their words and by their vectors."""
        assert self.owner is not None
        async with unit_of_work(self.database, writes=False) as unit:
            vectors = await JobRepository(unit.session).unfinished([VECTORS_JOB])
        return await self.owner.words_waiting(), vectors

    async def found(self, text: str) -> tuple[int, int, str]:
        """Return how many passages each index finds, and the state of the vectors."""
        assert self.owner is not None
        hits = await self.owner.find(IndexQuery(text))
        return len(hits.words), len(hits.vectors), hits.vectors_state


@pytest_asyncio.fixture
async def house(database: Database, tmp_path: Path) -> AsyncIterator[House]:
    house = House(database, tmp_path / "indexes")
    yield house
    await house.close()


class TestEmbedding:
    async def test_texts_are_read_as_questions(self, house: House) -> None:
        owner = await house.open()
        embedded = await owner.embed(["Wo stehen Bäume?", "Wer räumt Schnee?"])
        assert embedded is not None
        assert embedded.model == "letters-1"
        assert np.array_equal(embedded.vectors[1], Letters().embed_query("Wer räumt Schnee?"))

    async def test_without_a_model_there_is_nothing_to_compare(self, house: House) -> None:
        owner = await house.open(model=None)
        assert await owner.embed(["Wo stehen Bäume?"]) is None


class TestOwning:
    async def test_there_is_one_owner(self, house: House) -> None:
        await house.open()
        with pytest.raises(IndexesOwned):
            OwnerLock(house.folders.root).take()
        await house.close()
        lock = OwnerLock(house.folders.root)
        lock.take()
        lock.release()


class TestFollowing:
    async def test_both_indexes_follow_a_change(self, house: House) -> None:
        await house.write("a.md", "Der Wasserturm steht am Fluss.")
        await house.open()
        await house.work()
        assert await house.found("Wasserturm") == (1, 1, "ok")
        await house.write("a.md", "Eine Sparkasse liegt nebenan.")
        await house.work()
        assert await house.found("Wasserturm") == (0, 1, "ok")
        assert await house.found("Sparkasse") == (1, 1, "ok")

    async def test_without_a_model_words_go_on_alone(self, house: House) -> None:
        await house.write("a.md", "Der Wasserturm steht am Fluss.")
        await house.open(None)
        await house.work()
        assert await house.found("Wasserturm") == (1, 0, "off")
        assert await house.waiting() == (0, 0)


class TestCatchingUp:
    async def test_nothing_to_do_where_all_is_well(self, house: House) -> None:
        await house.write("a.md", "Der Wasserturm steht am Fluss.")
        await house.open()
        await house.work()
        await house.close()
        await house.open()
        assert await house.waiting() == (0, 0)
        assert house.said == []

    async def test_what_changed_while_there_was_no_model_is_made_up_for(self, house: House) -> None:
        await house.write("a.md", "Der Wasserturm steht am Fluss.")
        await house.open()
        await house.work()
        await house.close()
        await house.open(None)
        await house.write("a.md", "Eine Sparkasse liegt nebenan.")
        await house.work()
        await house.close()
        owner = await house.open()
        assert await house.waiting() == (0, 1), "as many passages as before, but not the same"
        await house.work()
        hits = await owner.find(IndexQuery("Sparkasse"))
        assert [hit.id for hit in hits.vectors] == [hit.id for hit in hits.words]
        await house.close()
        await house.open()
        assert await house.waiting() == (0, 0)

    async def test_a_lost_index_is_noticed_beside_work_that_waits(self, house: House) -> None:
        for name in ("a", "b", "c"):
            await house.write(f"{name}.md", f"Der Wasserturm {name} steht am Fluss.")
        await house.open()
        await house.work()
        await house.close()
        await house.write("d.md", "Eine Sparkasse liegt nebenan.")
        assert house.folders.words.exists()
        WordsIndex.create(house.folders.words).close()
        await house.open()
        assert await house.waiting() == (4, 1)
        await house.work()
        assert await house.found("Wasserturm") == (3, 4, "ok")

    async def test_many_documents_without_vectors_are_told(self, house: House) -> None:
        for number in range(25):
            await house.write(f"{number}.md", f"Der Wasserturm {number} steht am Fluss.")
        await house.open()
        assert any("25 documents" in said or "25" in said for said in house.said)


class TestAnotherModel:
    async def test_jobs_wait_until_somebody_decides(self, house: House) -> None:
        await house.write("a.md", "Der Wasserturm steht am Fluss.")
        await house.open("letters-1")
        await house.work()
        await house.close()
        owner = await house.open("letters-2")
        await house.write("b.md", "Eine Sparkasse liegt nebenan.")
        for _attempt in range(12):
            await house.work()
        assert await house.found("Sparkasse") == (1, 0, "other_model")
        async with unit_of_work(house.database, writes=False) as unit:
            assert await JobRepository(unit.session).errors([VECTORS_JOB]) == {"VectorsOfOtherModel"}
            assert await JobRepository(unit.session).dead_letters() == []
        await owner.reset()
        await house.work()
        assert await house.found("Sparkasse") == (1, 2, "ok")


class TestInterrupting:
    async def test_jobs_are_given_back_and_nothing_is_half_done(self, house: House) -> None:
        owner = await house.open()
        await house.write("a.md", "Der Wasserturm steht am Fluss.")
        owner.interrupt()
        worker = Worker(house.database, owner.kinds(), name="house")
        with pytest.raises(Interrupted):
            await owner.follow_words()
        assert await worker.work_once(VECTORS_JOB) == 1
        assert await house.waiting() == (1, 1)
        await house.close()
        await house.open()
        await house.work()
        assert await house.found("Wasserturm") == (1, 1, "ok")

    async def test_doing_a_job_twice_leaves_the_same(self, house: House) -> None:
        await house.write("a.md", "Der Wasserturm steht am Fluss.")
        await house.open()
        for _time in range(2):
            async with unit_of_work(house.database) as unit:
                document = await LibraryService(unit).find_document("a.md")
                await ask_for(unit.session, [document.id])
            await asyncio.wait_for(house.work(), 30)
        assert await house.found("Wasserturm") == (1, 1, "ok")
