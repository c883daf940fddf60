"""The words index of this data folder follows the database's change log.

Every host has its own words index and reads the log for itself, so a document that is published through one host is
found through all of them. Nothing is taken away by reading; how far an index has come lies in its own folder
(``followed.py``). Doing a change twice leaves the same as doing it once, so a kill at any moment only repeats work.
"""

import asyncio
import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from knowledge.jobs.repository import JobRepository
from knowledge.jobs.worker import LOOK_EVERY, REST, TROUBLE_AFTER, Interrupted
from knowledge.kit.database import Database
from knowledge.kit.errors import Unavailable
from knowledge.kit.logs import get_logger
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.indexes.followed import Followed
from knowledge.library.indexes.jobs import WORDS_JOB
from knowledge.library.indexes.repository import ChangeRepository, IndexRepository
from knowledge.library.indexes.words import WordsIndex, WordsIndexUnwritable

# Documents of one commit.
TOGETHER = 64
# Seconds until the log is shortened for the first time, and between two times.
SHORTEN_FIRST, SHORTEN_EVERY = 60.0, 3600.0


class Unindexable(Exception):
    """One document cannot be indexed; the others can."""


class WordsFollower:
    """Brings a words index up to date, and knows how far it is.

    Args:
        database: where the log is.
        words: the index; nobody else writes to it.
        folder: where its files lie, and the note of how far it is.
    """

    def __init__(self, database: Database, words: WordsIndex, folder: Path) -> None:
        self._database = database
        self._words = words
        self._folder = folder
        self._followed = Followed("")
        # Rows that were followed, but before which another one may still appear.
        self._ahead: set[int] = set()
        # What could not be indexed the last time.
        self._again: frozenset[UUID] = frozenset()
        self._turn = asyncio.Lock()
        self._wake = asyncio.Event()
        self._interrupted = False
        self._is_sure = False
        self._failures = 0
        self._shorten_at = time.monotonic() + SHORTEN_FIRST
        self._log = get_logger()
        self.trouble: Exception | None = None
        """What keeps it from its work again and again, such as a full disk; ``None`` while all is well."""

    @property
    def is_filling(self) -> bool:
        """Whether all documents are being gone through."""
        return self._followed.filling

    async def open(self) -> None:
        """Find the place in the log where this index stopped; where there is none, everything is gone through."""
        await self._adopt_jobs()
        async with self._turn:
            await self._find_place()
            self._again = self._followed.failed

    async def _adopt_jobs(self) -> None:
        """Turn the jobs by which words were indexed before there was a log into changes for all hosts."""
        async with unit_of_work(self._database, writes=False) as unit:
            if not await JobRepository(unit.session).keys(WORDS_JOB):
                return
        async with unit_of_work(self._database) as unit:
            jobs = JobRepository(unit.session)
            await ChangeRepository(unit.session).note([UUID(key) for key in await jobs.keys(WORDS_JOB)])
            await jobs.forget_all(WORDS_JOB)

    async def _find_place(self) -> None:
        async with unit_of_work(self._database) as unit:
            await ChangeRepository(unit.session).adopt()
        known = await asyncio.to_thread(Followed.read, self._folder)
        async with unit_of_work(self._database, writes=False) as unit:
            changes = ChangeRepository(unit.session)
            source = await changes.source()
            is_here = known and known.source == source and await changes.knows(known.position, known.document)
        self._ahead.clear()
        if known is not None and is_here:
            self._followed = known
        else:
            self._log.info("words_index_begins", known=known is not None)
            await self._begin(source)
        self._is_sure = True

    async def _begin(self, source: str) -> None:
        """Go through all documents, and follow the log from here on: what changes meanwhile comes in it again."""
        async with unit_of_work(self._database, writes=False) as unit:
            last = await ChangeRepository(unit.session).last_settled()
        begun = Followed(source, filling=True)
        self._ahead.clear()
        await self._remember(begun if last is None else begun.moved(last))

    async def begin_anew(self, *, empty: bool = False) -> None:
        """Have everything gone through again; the wish is noted before anything is emptied."""
        async with self._turn:
            await self._begin(self._followed.source)
            if empty:
                await asyncio.to_thread(self._words.clear)
        self.poke()

    async def waiting(self, keys: Collection[str] | None = None) -> int:
        """Count the documents (all, or of these hex keys) that this index has yet to look at; sees to it soon.

        While all are gone through, those that changed meanwhile are mostly among them, and the count is a rough one.
        """
        waiting, followed = await self.waiting_documents(), self._followed
        if keys is not None:
            wanted, reached = {UUID(key) for key in keys}, followed.filled_to
            waiting &= wanted
            if followed.filling:
                waiting |= {key for key in wanted if reached is None or key > reached}
        count = len(waiting)
        if followed.filling and keys is None:
            async with unit_of_work(self._database, writes=False) as unit:
                count = max(count, await IndexRepository(unit.session).published_from(followed.filled_to))
        if count:
            self.poke()
        return count

    async def waiting_documents(self) -> set[UUID]:
        """Return the documents that the log names and this index has yet to look at."""
        async with unit_of_work(self._database, writes=False) as unit:
            changes = await ChangeRepository(unit.session).after(self._followed.position)
        return {change.document for change in changes if change.position.number not in self._ahead}

    @property
    def failed(self) -> frozenset[UUID]:
        """Documents that could not be indexed."""
        return self._followed.failed

    def poke(self) -> None:
        """Let it look at once."""
        self._wake.set()

    def interrupt(self) -> None:
        """Let the work that goes on end soon; it is done again another time."""
        self._interrupted = True
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Follow until ``stop`` is set or the work is interrupted; a database that is away comes back."""
        while not (stop.is_set() or self._interrupted):
            pause = LOOK_EVERY
            self._wake.clear()
            try:
                worked = await self.step()
                await self._shorten()
                self._failures, self.trouble = 0, None
            except Interrupted:
                return
            except Exception as error:  # noqa: BLE001 - the edge: a database away must not end it
                self._note_failure(error)
                worked, pause = 0, REST
            if not worked:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), pause)

    def _note_failure(self, error: Exception) -> None:
        self._failures += 1
        # A database that went away may come back as another one.
        self._is_sure = False
        if self._failures == 1:
            self._log.error("words_follower_failed", error=type(error).__name__)
        if self._failures >= TROUBLE_AFTER:
            self.trouble = error

    async def catch_up(self) -> None:
        """Look at all that the database has just now, also at what failed before."""
        while await self.step():
            pass

    async def step(self) -> int:
        """Look at some documents; returns how many rows of the log and documents that were.

        Changes go before what is gone through for the first time, so that they are found within moments.
        """
        async with self._turn:
            if not self._is_sure:
                await self._find_place()
            return await self._follow() + await self._fill()

    async def _follow(self) -> int:
        followed = self._followed
        async with unit_of_work(self._database, writes=False) as unit:
            changes = await ChangeRepository(unit.session).after(followed.position, TOGETHER + len(self._ahead))
        fresh = [change for change in changes if change.position.number not in self._ahead]
        settled = [change for change in changes if change.settled]
        if documents := {change.document for change in fresh} | self._again:
            followed = await self._index(documents, followed)
            self._again = frozenset()
        # What is settled comes first, because all that is not was written by a later transaction.
        if settled:
            followed = followed.moved(settled[-1])
        await self._remember(followed)
        self._ahead |= {change.position.number for change in fresh}
        self._ahead -= {change.position.number for change in settled}
        return len(fresh)

    async def _fill(self) -> int:
        if not self._followed.filling:
            return 0
        async with unit_of_work(self._database, writes=False) as unit:
            documents = await IndexRepository(unit.session).published_after(self._followed.filled_to, TOGETHER)
        if not documents:
            await self._forget_orphans()
            await self._remember(replace(self._followed, filling=False, filled_to=None))
            return 0
        followed = await self._index(set(documents), self._followed)
        await self._remember(replace(followed, filled_to=documents[-1]))
        return len(documents)

    async def _forget_orphans(self) -> None:
        """Take documents out of the index that the database does not have any more."""
        held = await asyncio.to_thread(self._words.documents)
        async with unit_of_work(self._database, writes=False) as unit:
            published = {key.hex for key in await IndexRepository(unit.session).published()}
        if gone := held - published:
            await asyncio.to_thread(self._words.delete_documents, gone)
            await asyncio.to_thread(self._words.commit)

    async def _remember(self, followed: Followed) -> None:
        if followed == self._followed:
            return
        try:
            await asyncio.to_thread(followed.write, self._folder)
        except OSError as error:
            raise WordsIndexUnwritable(str(error)) from error
        self._followed = followed

    async def _index(self, documents: set[UUID], followed: Followed) -> Followed:
        """Look at documents together; where one of them spoils it, one by one. Returns what failed and what not."""
        try:
            await self._index_together(sorted(documents))
        except Unindexable:
            failed = set()
            for document in sorted(documents):
                try:
                    await self._index_together([document])
                except Unindexable as error:
                    self._log.error("words_failed", document=str(document), error=type(error.__cause__).__name__)
                    failed.add(document)
            return replace(followed, failed=followed.failed - documents | failed)
        return replace(followed, failed=followed.failed - documents)

    async def _index_together(self, documents: Sequence[UUID]) -> None:
        await asyncio.to_thread(self._words.delete_documents, [document.hex for document in documents])
        async with unit_of_work(self._database, writes=False) as unit:
            async for passages in IndexRepository(unit.session).passages(documents):
                if self._interrupted:
                    raise Interrupted
                try:
                    await asyncio.to_thread(self._words.add, passages)
                except Unavailable:
                    raise
                except Exception as error:
                    raise Unindexable from error
        await asyncio.to_thread(self._words.commit)

    async def _shorten(self) -> None:
        if time.monotonic() < self._shorten_at:
            return
        async with unit_of_work(self._database) as unit:
            forgotten = await ChangeRepository(unit.session).shorten()
        self._shorten_at = time.monotonic() + (0 if forgotten else SHORTEN_EVERY)
