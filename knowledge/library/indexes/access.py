"""Getting at the indexes: own them where nobody does, else ask the owner, else wait with a message."""

import asyncio
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import timedelta
from types import TracebackType
from typing import Self

from knowledge.jobs.repository import JobRepository
from knowledge.jobs.worker import Worker, WorkerLimits
from knowledge.kit.database import Database
from knowledge.kit.host import host_name
from knowledge.kit.language import _
from knowledge.kit.settings import Settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.indexes.jobs import INDEX_JOBS, WORDS_JOB
from knowledge.library.indexes.lock import IndexesOwned
from knowledge.library.indexes.owner import IndexFolders, IndexOwner
from knowledge.library.indexes.owner_socket import OwnerClient, OwnerGone, OwnerSocket
from knowledge.library.indexes.port import IndexHits, IndexQuery

# How often to try again while an owner begins or ends, and after how long to say that we wait; in seconds.
TRY_EVERY, SAY_AFTER = 0.1, 1.5

Say = Callable[[str], None]
# Told now and then while indexing goes on: how many jobs are left.
Left = Callable[[int], None]


class LibraryIndexes:
    """The indexes of a data folder for the length of an ``async with``.

    Whoever comes first owns them: it works the index jobs off in the background and answers the searches of the
    processes that come later. When an owner ends, one of those takes over.
    """

    def __init__(self, settings: Settings, database: Database, *, say: Say) -> None:
        self._settings = settings
        self._database = database
        self._say = say
        self._root = IndexFolders(settings.data_folder / "indexes").root
        self._owner: IndexOwner | None = None
        self._socket: OwnerSocket | None = None
        self._client: OwnerClient | None = None
        self._worker: Worker | None = None
        self._work: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()

    async def __aenter__(self) -> Self:
        await self._connect()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def is_owner(self) -> bool:
        """Whether this process holds the indexes."""
        return self._owner is not None

    async def find(self, query: IndexQuery) -> IndexHits:
        """Ask both indexes, here or at the owner; when the owner ends meanwhile, the next one answers."""
        while True:
            if self._owner is not None:
                return await self._owner.find(query)
            assert self._client is not None  # noqa: S101 - _connect() gave one of the two
            try:
                return await self._client.find(query)
            except OwnerGone:
                await self._connect()

    async def drain(
        self, keys: Collection[str] | None = None, *, kinds: Collection[str] = INDEX_JOBS, left: Left
    ) -> None:
        """Wait until the index jobs of these documents (all, without keys) are done, by whoever owns the indexes.

        Jobs that failed and wait for a later moment, as while a Chroma server is away, are not waited for.
        """
        while True:
            async with unit_of_work(self._database, writes=False) as unit:
                count = await JobRepository(unit.session).unfinished(kinds, keys, due=True)
            left(count)
            if count == 0:
                return
            await asyncio.sleep(TRY_EVERY / 2)
            if self._owner is None:
                await self._take_over()

    async def settle(self) -> None:
        """Wait until the words index holds all that the database has; vectors may follow later.

        Where that takes long, as after an index was lost, the person hears about it.
        """
        began, said = time.monotonic(), False

        def waiting(count: int) -> None:
            nonlocal said
            if count and not said and time.monotonic() - began > SAY_AFTER:
                said = True
                self._say(_("The search index is being brought up to date …"))

        await self.drain(kinds=[WORDS_JOB], left=waiting)

    async def postponed(self, keys: Collection[str] | None = None) -> int:
        """Count the index jobs of these documents that wait for a later moment."""
        async with unit_of_work(self._database, writes=False) as unit:
            return await JobRepository(unit.session).unfinished(INDEX_JOBS, keys)

    async def rebuild(self) -> None:
        """Empty both indexes and have them filled again. Only the owner can."""
        if self._owner is None:
            raise IndexesOwned
        await self._owner.reset()

    async def close(self) -> None:
        """Finish what was begun and give everything back."""
        self._stop.set()
        if self._work is not None:
            await self._work
        if self._socket is not None:
            await self._socket.close()
        if self._client is not None:
            await self._client.close()
        if self._owner is not None:
            await self._owner.close()
        self._work = self._socket = self._client = self._owner = None

    async def _connect(self) -> None:
        began, said = time.monotonic(), False
        while True:
            if await self._take_over():
                return
            with suppress(OwnerGone):
                self._client = await OwnerClient.connect(self._root)
                return
            if not said and time.monotonic() - began > SAY_AFTER:
                self._say(_("Another Allmende process is using the indexes; waiting until it is ready …"))
                said = True
            await asyncio.sleep(TRY_EVERY)

    async def _take_over(self) -> bool:
        """Become the owner where nobody is; returns whether this process is it now."""
        try:
            owner = await IndexOwner.open(self._settings, self._database, self._say)
        except IndexesOwned:
            return False
        if self._client is not None:
            await self._client.close()
            self._client = None
        self._owner = owner
        self._socket = OwnerSocket(self._root, owner.find)
        await self._socket.open()
        limits = self._settings.jobs
        self._worker = Worker(
            self._database,
            owner.kinds(),
            name=host_name(self._settings.data_folder),
            limits=WorkerLimits(limits.job_attempts, timedelta(seconds=limits.job_lease_seconds)),
        )
        self._work = asyncio.create_task(self._worker.run(self._stop))
        return True
