"""The process that holds the indexes: it opens them, keeps them in step with the database and answers from them."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from uuid import UUID

from knowledge.jobs.repository import JobRepository
from knowledge.jobs.worker import JobKind
from knowledge.kit.database import Database
from knowledge.kit.language import _
from knowledge.kit.logs import get_logger
from knowledge.kit.settings import Settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.indexes.jobs import VECTORS_JOB, ask_for_vectors
from knowledge.library.indexes.lock import OwnerLock
from knowledge.library.indexes.port import Embedded, IndexHits, IndexQuery, VectorsFound
from knowledge.library.indexes.repository import IndexRepository
from knowledge.library.indexes.vector_side import BEHIND_FILE, VectorSide
from knowledge.library.indexes.words import WordsIndex, WordsIndexDamaged
from knowledge.library.indexes.words_follower import WordsFollower
from knowledge.library.indexes.words_reader import find_words
from knowledge.models.job import Job
from knowledge.topics.jobs import LINK_JOB
from knowledge.topics.linking import link_job

# Documents taken together: vectors are slow, and a kill should not cost much of them.
VECTORS_BATCH = 4
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
        self._lock = lock
        self._words = words
        self._vectors = vectors
        self._follower = WordsFollower(database, words, folders.words)
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
        async with AsyncExitStack() as undoing:
            undoing.callback(lock.release)
            words, vectors = await asyncio.gather(
                _open_words(folders.words, say), VectorSide.open(settings, folders.vectors, say)
            )
            undoing.callback(words.close)
            undoing.push_async_callback(vectors.close)
            owner = cls(database, folders, lock=lock, words=words, vectors=vectors)
            await owner.catch_up(say)
            undoing.pop_all()
        return owner

    async def catch_up(self, say: Say) -> None:
        """See to it that everything is indexed again where an index cannot hold what the database has.

        While changes or jobs wait, a difference is to be expected, and they will mend it, unless passages of other
        documents are missing, too.
        """
        await self._follower.open()
        if not self._follower.is_filling and await self._words_differ():
            say(_("The words index does not hold what the database has; it is built anew."))
            await self._follower.begin_anew()
        if self._vectors.is_off:
            return
        behind = self._folders.vectors_behind.exists()
        if behind or self._vectors.rebuilt or await self._vectors_differ():
            await ask_for_vectors(self._database)
            self._folders.vectors_behind.unlink(missing_ok=True)
        await self._tell_what_waits(say)

    async def _words_differ(self) -> bool:
        waiting = await self._follower.waiting_documents() | self._follower.failed
        return await self._differs("words", self._words.count(), waiting)

    async def _vectors_differ(self) -> bool:
        found = await self._vectors.count()
        if found is None:
            return False
        async with unit_of_work(self._database, writes=False) as unit:
            waiting = await JobRepository(unit.session).unfinished_keys(VECTORS_JOB)
        return await self._differs("vectors", found, {UUID(key) for key in waiting})

    async def _differs(self, index: str, found: int, waiting: Collection[UUID]) -> bool:
        async with unit_of_work(self._database, writes=False) as unit:
            passages = IndexRepository(unit.session)
            expected = await passages.passage_count()
            if found == expected:
                return False
            fewest = expected - (await passages.passage_count(waiting) if waiting else 0)
        if waiting and found >= fewest:
            return False
        self._log.warning("index_rebuild", index=index, found=found, expected=expected)
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
            VECTORS_JOB: JobKind(self._index_vectors, VECTORS_BATCH),
            LINK_JOB: link_job(self._database),
        }

    async def find(self, query: IndexQuery) -> IndexHits:
        """Ask both indexes; without vectors the words go on alone."""
        words = asyncio.to_thread(find_words, self._words, query)
        return IndexHits.of(*await asyncio.gather(words, self._vectors.search(query)))

    async def find_vectors(self, query: IndexQuery) -> VectorsFound:
        """Ask the vector index alone."""
        return await self._vectors.search(query)

    async def embed(self, texts: Sequence[str]) -> Embedded | None:
        """Return vectors of texts as of questions; ``None`` without a model."""
        return await self._vectors.embed(texts)

    async def follow(self, stop: asyncio.Event) -> None:
        """Keep the words index in step with the database until ``stop`` is set."""
        await self._follower.run(stop)

    async def follow_words(self) -> None:
        """Bring the words index up to what the database has just now."""
        await self._follower.catch_up()

    async def words_waiting(self, keys: Collection[str] | None = None) -> int:
        """Count the documents, all or of these hex keys, whose words have yet to be looked at."""
        return await self._follower.waiting(keys)

    @property
    def trouble(self) -> Exception | None:
        """What keeps the words from being indexed again and again."""
        return self._follower.trouble

    async def reset(self) -> None:
        """Empty both indexes and have everything indexed again; the wish is noted before anything goes."""
        await ask_for_vectors(self._database)
        await self._follower.begin_anew(empty=True)
        await self._vectors.reset()

    def interrupt(self) -> None:
        """Let the indexing that goes on end soon; what it had begun is done again another time."""
        self._follower.interrupt()
        self._vectors.interrupt()

    async def close(self) -> None:
        """Close both indexes and give back the lock."""
        await self._vectors.close()
        await asyncio.to_thread(self._words.close)
        self._lock.release()

    async def _index_vectors(self, jobs: Sequence[Job]) -> None:
        if self._vectors.is_off:
            self._folders.vectors_behind.touch()
            return
        documents = [UUID(job.key) for job in jobs]
        await self._vectors.forget(documents)
        async with unit_of_work(self._database, writes=False) as unit:
            async for passages in IndexRepository(unit.session).passages(documents):
                await self._vectors.add(passages)


async def _open_words(folder: Path, say: Say) -> WordsIndex:
    """Open the words index; a damaged one is made anew, and with it goes the note of how far it was."""
    try:
        return await asyncio.to_thread(WordsIndex.open, folder)
    except WordsIndexDamaged as error:
        get_logger().warning("words_index_damaged", error=type(error).__name__)
        say(_("The words index was damaged or is of another version; it is built anew from the database."))
        return await asyncio.to_thread(WordsIndex.create, folder)
