"""The process that holds the indexes: it opens them, keeps them in step with the database and answers from them."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from uuid import UUID

from knowledge.jobs.repository import JobRepository
from knowledge.jobs.worker import Interrupted, JobKind
from knowledge.kit.database import Database
from knowledge.kit.language import _
from knowledge.kit.logs import get_logger
from knowledge.kit.settings import Settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.indexes.jobs import INDEX_JOBS, VECTORS_JOB, WORDS_JOB, ask_for_all
from knowledge.library.indexes.lock import OwnerLock
from knowledge.library.indexes.port import Embedded, IndexHits, IndexQuery
from knowledge.library.indexes.queries import WordsQuery, analyse_query
from knowledge.library.indexes.repository import IndexRepository
from knowledge.library.indexes.vector_side import BEHIND_FILE, VectorSide
from knowledge.library.indexes.words import WordsIndex, WordsIndexDamaged
from knowledge.models.job import Job
from knowledge.topics.jobs import LINK_JOB
from knowledge.topics.linking import link_job

# Documents taken together: words are quick; vectors are slow, and a kill should not cost much of them.
WORDS_BATCH, VECTORS_BATCH = 64, 4
# From so many documents without vectors on, whoever asks is told that they are still being made.
MANY_WAITING = 20

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

    @property
    def vectors_behind(self) -> Path:
        """The note that documents changed while there was no model."""
        return self.root / BEHIND_FILE


class IndexOwner:
    """Both indexes, opened; made by :meth:`open` and ended by :meth:`close`."""

    def __init__(
        self, database: Database, folders: IndexFolders, *, lock: OwnerLock, words: WordsIndex, vectors: VectorSide
    ) -> None:
        self._database = database
        self._folders = folders
        self._interrupted = False
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
                _open_words(folders.words, database, say), VectorSide.open(settings, folders.vectors, say)
            )
            owner = cls(database, folders, lock=lock, words=words, vectors=vectors)
            await owner.catch_up(say)
        except BaseException:
            lock.release()
            raise
        return owner

    async def catch_up(self, say: Say) -> None:
        """Ask for everything to be indexed again where an index cannot hold what the database has.

        While jobs wait, a difference is to be expected, and they will mend it, unless passages of other documents
        are missing, too.
        """
        if await self._differs(WORDS_JOB, self._words.count()):
            if not self._words.created:
                say(_("The words index does not hold what the database has; it is built anew."))
            await ask_for_all(self._database, WORDS_JOB)
        if self._vectors.is_off:
            return
        behind = self._folders.vectors_behind.exists()
        if behind or self._vectors.rebuilt or await self._differs(VECTORS_JOB, await self._vectors.count()):
            await ask_for_all(self._database, VECTORS_JOB)
            self._folders.vectors_behind.unlink(missing_ok=True)
        await self._tell_what_waits(say)

    async def _differs(self, kind: str, found: int | None) -> bool:
        if found is None:
            return False
        async with unit_of_work(self._database, writes=False) as unit:
            passages = IndexRepository(unit.session)
            expected = await passages.passage_count()
            waiting = await JobRepository(unit.session).unfinished_keys(kind)
            fewest = expected - (await passages.passage_count([UUID(key) for key in waiting]) if waiting else 0)
        if found == expected or (waiting and found >= fewest):
            return False
        self._log.warning("index_rebuild", job=kind, found=found, expected=expected)
        return True

    async def _tell_what_waits(self, say: Say) -> None:
        async with unit_of_work(self._database, writes=False) as unit:
            waiting = await JobRepository(unit.session).unfinished([VECTORS_JOB], due=True)
        if waiting >= MANY_WAITING:
            message = _(
                "{count} documents are not in the vector index yet and are found by their words alone. They follow "
                "while a command runs; “allmende reindex” does it at once."
            )
            say(message.format(count=waiting))

    def kinds(self) -> Mapping[str, JobKind]:
        """Return how index jobs are done."""
        return {
            WORDS_JOB: JobKind(self._index_words, WORDS_BATCH),
            VECTORS_JOB: JobKind(self._index_vectors, VECTORS_BATCH),
            LINK_JOB: link_job(self._database),
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

    async def embed(self, texts: Sequence[str]) -> Embedded | None:
        """Return vectors of texts as of questions; ``None`` without a model."""
        return await self._vectors.embed(texts)

    async def reset(self) -> None:
        """Empty both indexes and ask for everything to be indexed again; the wish is noted before anything goes."""
        for kind in INDEX_JOBS:
            await ask_for_all(self._database, kind)
        await asyncio.to_thread(self._words.clear)
        await self._vectors.reset()

    def interrupt(self) -> None:
        """Let the indexing that goes on end soon; what it had begun is done again another time."""
        self._interrupted = True
        self._vectors.interrupt()

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
                if self._interrupted:
                    raise Interrupted
                await asyncio.to_thread(self._words.add, passages)
        await asyncio.to_thread(self._words.commit)

    async def _index_vectors(self, jobs: Sequence[Job]) -> None:
        if self._vectors.is_off:
            self._folders.vectors_behind.touch()
            return
        documents = [UUID(job.key) for job in jobs]
        await self._vectors.forget(documents)
        async with unit_of_work(self._database, writes=False) as unit:
            async for passages in IndexRepository(unit.session).passages(documents):
                await self._vectors.add(passages)


async def _open_words(folder: Path, database: Database, say: Say) -> WordsIndex:
    """Open the words index; a damaged one is made anew, once the wish to fill it again is noted."""
    try:
        return await asyncio.to_thread(WordsIndex.open, folder)
    except WordsIndexDamaged as error:
        get_logger().warning("words_index_damaged", error=type(error).__name__)
        say(_("The words index was damaged or is of another version; it is built anew from the database."))
        await ask_for_all(database, WORDS_JOB)
        return await asyncio.to_thread(WordsIndex.create, folder)
