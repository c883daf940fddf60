"""Getting at the indexes: own them where nobody does, else ask the owner, else wait with a message."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from knowledge.jobs.repository import JobRepository
from knowledge.jobs.worker import Worker, WorkerLimits
from knowledge.kit.database import Database
from knowledge.kit.host import host_name
from knowledge.kit.language import _, ngettext
from knowledge.kit.logs import get_logger
from knowledge.kit.settings import Settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.indexes.jobs import FOLLOWING_JOBS, VECTORS_JOB
from knowledge.library.indexes.lock import IndexesOwned
from knowledge.library.indexes.owner import IndexFolders, IndexOwner
from knowledge.library.indexes.owner_socket import OwnerClient, OwnerGone, OwnerSocket
from knowledge.library.indexes.port import (
    EMBEDDED_TOGETHER,
    LONGEST_EMBEDDED,
    Embedded,
    HeldIndexes,
    IndexHits,
    IndexQuery,
)
from knowledge.library.indexes.vector_side import VectorsOfOtherModel
from knowledge.library.indexes.vectors_errors import VectorsUnavailable
from knowledge.library.indexes.words_reader import WordsReader

if TYPE_CHECKING:
    from numpy.typing import NDArray

# How often to try again while an owner begins or ends; after how long to say that we wait, and how often again; in
# seconds.
TRY_EVERY, SAY_AFTER, SAY_AGAIN = 0.1, 1.5, 10.0
# Owners that may end, or not answer, under one search before it fails.
OWNERS_TRIED = 5

Say = Callable[[str], None]
# Told now and then while indexing goes on: how many jobs are left.
Left = Callable[[int], None]

Told = TypeVar("Told")


class LibraryIndexes:
    """The indexes of a data folder for the length of an ``async with``.

    Whoever comes first owns them: it works the index jobs off in the background and answers the searches of the
    processes that come later. When an owner ends, one of those takes over.
    """

    def __init__(self, settings: Settings, database: Database, *, say: Say) -> None:
        self._settings = settings
        self._database = database
        self._say = say
        folders = IndexFolders(settings.data_folder / "indexes")
        self._root = folders.root
        self._reader = WordsReader(folders.words)
        self._owner: IndexOwner | None = None
        self._socket: OwnerSocket | None = None
        self._client: OwnerClient | None = None
        self._worker: Worker | None = None
        self._work: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()
        self._turn = asyncio.Lock()
        self._log = get_logger()

    async def __aenter__(self) -> Self:
        """Find or become the owner; after a failure it may be tried again."""
        self._stop.clear()
        try:
            await self._connect()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def is_owner(self) -> bool:
        """Whether this process holds the indexes."""
        return self._owner is not None

    async def hold(self) -> bool:
        """Become the owner where nobody is any more; returns whether this process is it now."""
        async with self._turn:
            return self.is_owner or await self._take_over()

    async def find(self, query: IndexQuery) -> IndexHits:
        """Ask both indexes, here or at the owner; when the owner ends meanwhile, the next one answers.

        The words are read here in any case, as far as their files can be read, so that processes share the work.

        Raises ``Unavailable`` where one owner after the other does not answer.
        """
        if self._owner is not None:
            return await self._owner.find(query)
        words = await asyncio.to_thread(self._reader.find, query)
        if words is None:
            return await self._ask(lambda owner: owner.find(query))
        return IndexHits.of(words, await self._ask(lambda owner: owner.find_vectors(query)))

    async def embed(self, texts: Sequence[str]) -> Embedded | None:
        """Return vectors of texts as of questions, made here or at the owner; ``None`` without a model.

        Raises ``Unavailable`` where one owner after the other does not answer.
        """
        import numpy as np

        cut = [text[:LONGEST_EMBEDDED] for text in texts]
        model = ""
        parts: list[NDArray[np.float32]] = []
        for start in range(0, max(len(cut), 1), EMBEDDED_TOGETHER):
            part = await self._embed_part(cut[start : start + EMBEDDED_TOGETHER])
            if part is None:
                return None
            if parts and part.model != model:
                # An owner with another model took over in between; its vectors do not go with the others.
                return await self.embed(texts)
            model = part.model
            parts.append(part.vectors)
        return Embedded(model, np.concatenate(parts))

    async def words_waiting(self, keys: Collection[str] | None = None) -> int:
        """Count the documents, all or of these hex keys, whose words this host's index has yet to look at.

        Raises ``Unavailable`` where one owner after the other does not answer.
        """
        return await self._ask(lambda owner: owner.words_waiting(keys))

    async def _embed_part(self, texts: Sequence[str]) -> Embedded | None:
        return await self._ask(lambda owner: owner.embed(texts))

    async def _ask(self, ask: Callable[[HeldIndexes], Awaitable[Told]]) -> Told:
        for _owner in range(OWNERS_TRIED):
            client = self._client
            if self._owner is None and client is not None:
                try:
                    return await ask(client)
                except OwnerGone:
                    await self._reconnect(client)
            if self._owner is not None:
                return await ask(self._owner)
        raise OwnerGone

    async def drain(
        self, keys: Collection[str] | None = None, *, kinds: Collection[str] = FOLLOWING_JOBS, left: Left
    ) -> None:
        """Wait until whoever owns the indexes has looked at these documents' words and done their jobs (all of them,
        without keys).

        Jobs that failed and wait for a later moment, as while a Chroma server is away, are not waited for. Raises what
        keeps this process from doing its work, such as a full disk.

        Args:
            keys: hex keys of documents.
            kinds: jobs to wait for, beside the words.
            left: told again and again how many documents and jobs are left.
        """
        while True:
            began = time.monotonic()
            async with unit_of_work(self._database, writes=False) as unit:
                count = await JobRepository(unit.session).unfinished(kinds, keys, due=True) if kinds else 0
            count += await self.words_waiting(keys)
            left(count)
            if count == 0:
                return
            self._check_worker()
            # Counting what is left must not take the time of those who work on it.
            await asyncio.sleep(max(TRY_EVERY / 2, time.monotonic() - began))
            if self._owner is None:
                await self._take_over()

    def _check_worker(self) -> None:
        if self._work is not None and self._work.done():
            self._work.result()
        for part in (self._worker, self._owner):
            if part is not None and part.trouble is not None:
                raise part.trouble

    async def settle(self) -> None:
        """Wait until the words index holds all that the database has; vectors may follow later.

        Where that takes long, as after an index was lost, the person hears about it.
        """
        say_at = time.monotonic() + SAY_AFTER

        def waiting(count: int) -> None:
            nonlocal say_at
            if count and time.monotonic() > say_at:
                say_at = time.monotonic() + SAY_AGAIN
                message = ngettext(
                    "The search index is being brought up to date; {count} document to go …",
                    "The search index is being brought up to date; {count} documents to go …",
                    count,
                )
                self._say(message.format(count=count))

        await self.drain(kinds=(), left=waiting)

    async def postponed(self, keys: Collection[str] | None = None) -> int:
        """Count the index jobs of these documents that wait for a later moment."""
        async with unit_of_work(self._database, writes=False) as unit:
            return await JobRepository(unit.session).unfinished([VECTORS_JOB], keys)

    async def why_postponed(self) -> str:
        """Return, for a person, why index jobs wait for a later moment."""
        async with unit_of_work(self._database, writes=False) as unit:
            errors = await JobRepository(unit.session).errors([VECTORS_JOB])
        if errors == {VectorsOfOtherModel.__name__}:
            return VectorsOfOtherModel().message
        if errors <= {VectorsUnavailable.__name__}:
            return _("The vector index is away; until it is back, these documents are found by their words alone.")
        return _("Not everything could be indexed yet; it is tried again by itself. “allmende doctor” says more.")

    async def rebuild(self) -> None:
        """Empty both indexes and have them filled again. Only the owner can."""
        if self._owner is None:
            raise IndexesOwned
        await self._owner.reset()

    async def close(self) -> None:
        """Give everything back; indexing that goes on is stopped and done another time."""
        self._stop.set()
        try:
            if self._owner is not None:
                self._owner.interrupt()
            if self._work is not None:
                await self._work
        finally:
            await self._let_go()

    async def _let_go(self) -> None:
        owner, socket, client = self._owner, self._socket, self._client
        self._work = self._worker = self._socket = self._client = self._owner = None
        if socket is not None:
            await socket.close()
        if client is not None:
            await client.close()
        if owner is not None:
            await owner.close()

    async def _reconnect(self, gone: OwnerClient) -> None:
        """Find the next owner after one that does not answer; of many who ask at once, one does it."""
        async with self._turn:
            if self._client is gone:
                self._client = None
                await gone.close()
                await self._connect()

    async def _connect(self) -> None:
        say_at = time.monotonic() + SAY_AFTER
        while True:
            if await self._take_over():
                return
            with suppress(OwnerGone):
                self._client = await OwnerClient.connect(self._root)
                return
            if time.monotonic() > say_at:
                self._say(_("Another Allmende process is using the indexes; waiting until it is ready …"))
                say_at = time.monotonic() + SAY_AGAIN
            await asyncio.sleep(TRY_EVERY)

    async def _take_over(self) -> bool:
        """Become the owner where nobody is; returns whether this process is it now."""
        try:
            owner = await IndexOwner.open(self._settings, self._database, self._say)
        except IndexesOwned:
            return False
        client, self._client, self._owner = self._client, None, owner
        if client is not None:
            await client.close()
        await self._listen(owner)
        limits = self._settings.jobs
        self._worker = Worker(
            self._database,
            owner.kinds(),
            name=host_name(self._settings.data_folder),
            limits=WorkerLimits(limits.job_attempts, timedelta(seconds=limits.job_lease_seconds)),
        )
        self._work = asyncio.create_task(self._run(owner, self._worker))
        return True

    async def _run(self, owner: IndexOwner, worker: Worker) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(worker.run(self._stop))
            tasks.create_task(owner.follow(self._stop))

    async def _listen(self, owner: IndexOwner) -> None:
        """Answer others; where the file system knows no sockets, they wait until this process ends."""
        socket = OwnerSocket(self._root, owner)
        try:
            await socket.open()
        except OSError as error:
            self._log.warning("owner_socket_impossible", error=type(error).__name__)
            return
        self._socket = socket
