"""The process that holds the indexes: it opens them, keeps them in step with the database and answers from them."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from uuid import UUID

from knowledge.jobs.repository import JobRepository
from knowledge.jobs.worker import JobKind
from knowledge.kit.database import Database
from knowledge.kit.logs import get_logger
from knowledge.kit.settings import Settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.indexes.jobs import INDEX_JOBS, VECTORS_JOB, WORDS_JOB, ask_for_all
from knowledge.library.indexes.lock import OwnerLock
from knowledge.library.indexes.port import IndexHits, IndexQuery
from knowledge.library.indexes.queries import WordsQuery, analyse_query
from knowledge.library.indexes.repository import IndexRepository
from knowledge.library.indexes.vector_side import VectorSide
from knowledge.library.indexes.words import WordsIndex, WordsIndexDamaged
from knowledge.models.job import Job

# Documents taken together: words are quick; vectors are slow, and a kill should not cost much of them.
WORDS_BATCH, VECTORS_BATCH = 64, 4

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class IndexFolders:
    """Where the embedded indexes of a data folder lie."""

    root: Path

    @property
    def words(self) -> Path:
        """The words index."""
        return self.root / "words"

    @property
    def vectors(self) -> Path:
        """The embedded vector index."""
        return self.root / "vectors"


class IndexOwner:
    """Both indexes, opened; made by :meth:`open` and ended by :meth:`close`."""

    def __init__(self, database: Database, lock: OwnerLock, words: WordsIndex, vectors: VectorSide) -> None:
        self._database = database
        self._lock = lock
        self._words = words
        self._vectors = vectors
        self._log = get_logger()

    @classmethod
    async def open(cls, settings: Settings, database: Database, say: Say) -> Self:
        """Take the lock, open both indexes and note what has to be indexed again.

        Args:
            settings: where things lie and which model is used.
            database: the truth that the indexes follow.
            say: tells the person who waits what is going on.

        Raises ``IndexesOwned`` when another process holds the indexes.
        """
        folders = IndexFolders(settings.data_folder / "indexes")
        lock = OwnerLock(folders.root)
        lock.take()
        try:
            words, vectors = await asyncio.gather(
                _open_words(folders.words, database), VectorSide.open(settings, folders.vectors, say)
            )
        except BaseException:
            lock.release()
            raise
        owner = cls(database, lock, words, vectors)
        await owner.catch_up()
        return owner

    async def catch_up(self) -> None:
        """Ask for everything to be indexed again where an index does not hold what the database has.

        While jobs wait, a difference is to be expected, and they will mend it.
        """
        async with unit_of_work(self._database, writes=False) as unit:
            expected = await IndexRepository(unit.session).passage_count()
            waiting = {kind: await JobRepository(unit.session).unfinished([kind]) for kind in INDEX_JOBS}
        counts = {WORDS_JOB: self._words.count(), VECTORS_JOB: await self._vectors.count()}
        for kind, count in counts.items():
            if count is not None and count != expected and not waiting[kind]:
                self._log.warning("index_rebuild", job=kind, found=count, expected=expected)
                await ask_for_all(self._database, kind)

    def kinds(self) -> Mapping[str, JobKind]:
        """Return how index jobs are done."""
        return {
            WORDS_JOB: JobKind(self._index_words, WORDS_BATCH),
            VECTORS_JOB: JobKind(self._index_vectors, VECTORS_BATCH),
        }

    async def find(self, query: IndexQuery) -> IndexHits:
        """Ask both indexes; without vectors the words go on alone."""
        words = asyncio.to_thread(
            self._words.search, WordsQuery(query.text, query.expansions), limit=query.limit, access=query.access
        )
        found, (vectors, state) = await asyncio.gather(words, self._vectors.search(query))
        return IndexHits(
            words=found,
            vectors=vectors,
            frequencies=self._words.document_frequencies(analyse_query(query.text).stems),
            total=self._words.count(),
            vectors_state=state,
            index_version=self._words.version,
            model=self._vectors.model,
        )

    async def reset(self) -> None:
        """Empty both indexes and ask for everything to be indexed again; the wish is noted before anything goes."""
        for kind in INDEX_JOBS:
            await ask_for_all(self._database, kind)
        await asyncio.to_thread(self._words.clear)
        await self._vectors.reset()

    async def close(self) -> None:
        """Close both indexes and give back the lock."""
        await self._vectors.close()
        await asyncio.to_thread(self._words.close)
        self._lock.release()

    async def _index_words(self, jobs: Sequence[Job]) -> None:
        documents = [UUID(job.key) for job in jobs]
        await asyncio.to_thread(self._words.delete_documents, [document.hex for document in documents])
        async with unit_of_work(self._database, writes=False) as unit:
            async for passages in IndexRepository(unit.session).passages(documents):
                await asyncio.to_thread(self._words.add, passages)
        await asyncio.to_thread(self._words.commit)

    async def _index_vectors(self, jobs: Sequence[Job]) -> None:
        documents = [UUID(job.key) for job in jobs]
        await self._vectors.forget(documents)
        async with unit_of_work(self._database, writes=False) as unit:
            async for passages in IndexRepository(unit.session).passages(documents):
                await self._vectors.add(passages)


async def _open_words(folder: Path, database: Database) -> WordsIndex:
    """Open the words index; a damaged one is made anew, once the wish to fill it again is noted."""
    try:
        return await asyncio.to_thread(WordsIndex.open, folder)
    except WordsIndexDamaged as error:
        get_logger().warning("words_index_damaged", error=type(error).__name__)
        await ask_for_all(database, WORDS_JOB)
        return await asyncio.to_thread(WordsIndex.create, folder)
