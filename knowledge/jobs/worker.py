"""The worker: takes jobs, does them, tries again with growing pauses, and gives up in the open."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

from knowledge.jobs.repository import LONGEST_PAUSE, JobRepository
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.errors import Unavailable
from knowledge.kit.logs import get_logger
from knowledge.kit.measures import note_worker
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.job import Job

FIRST_PAUSE = timedelta(seconds=2)
# How often a worker looks for jobs that other processes wrote, and how long it rests after the database failed it.
LOOK_EVERY, REST = 0.2, 1.0
# After so many failures in a row, whoever waits for the jobs is told instead of waiting for ever.
TROUBLE_AFTER = 3
# Stands for the start among the kinds of jobs that may fail.
STARTING = "start"


class Interrupted(Exception):
    """Raised by a handler that was told to stop: its jobs are given back as they were."""


@dataclass(frozen=True, slots=True)
class JobKind:
    """How jobs of one kind are done.

    ``handler`` does all jobs handed over together and is done when it returns; it may meet the same job again after a
    kill, so doing it twice must leave the same as doing it once. ``batch`` is how many it takes at a time.
    """

    handler: Callable[[Sequence[Job]], Awaitable[None]]
    batch: int = 1


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """How often a job is tried and how long a worker may hold it without a sign of life."""

    attempts: int = 8
    lease: timedelta = timedelta(seconds=300)


class Worker:
    """Does the jobs of the kinds that it was given.

    Args:
        database: where the jobs are.
        kinds: what to do for each kind.
        name: who holds the leases; the same name after a restart takes its own unfinished jobs back.
        limits: how often and how long.
    """

    def __init__(
        self,
        database: Database,
        kinds: Mapping[str, JobKind],
        *,
        name: str,
        limits: WorkerLimits | None = None,
    ) -> None:
        self._database = database
        self._kinds = dict(kinds)
        self._name = name
        self._limits = limits or WorkerLimits()
        self._failures: dict[str, int] = {}
        self._log = get_logger()
        self.trouble: Exception | None = None
        """What keeps the worker from its work again and again, such as a full disk; ``None`` while all is well."""

    async def start(self) -> None:
        """Take back what this worker held when it was killed."""
        async with unit_of_work(self._database) as unit:
            await JobRepository(unit.session).release(self._name)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop`` is set, each kind at its own pace; what was begun is finished."""
        while not stop.is_set() and not await self._has_started():
            await _rest(stop, REST)
        async with asyncio.TaskGroup() as tasks:
            for kind in self._kinds:
                tasks.create_task(self._run_kind(kind, stop))

    async def _has_started(self) -> bool:
        try:
            await self.start()
        except Exception as error:  # noqa: BLE001 - the edge: a database away must not end the worker
            self._note_failure(STARTING, error)
            return False
        self._note_success(STARTING)
        return True

    async def _run_kind(self, kind: str, stop: asyncio.Event) -> None:
        while not stop.is_set():
            pause = LOOK_EVERY
            note_worker()
            try:
                worked = await self.work_once(kind)
                self._note_success(kind)
            except Exception as error:  # noqa: BLE001 - the edge: a database away must not end the worker
                self._note_failure(kind, error)
                worked, pause = 0, REST
            if not worked:
                await _rest(stop, pause)

    def _note_success(self, kind: str) -> None:
        if self._failures.pop(kind, 0) and not self._failures:
            self.trouble = None

    def _note_failure(self, kind: str, error: Exception) -> None:
        self._failures[kind] = self._failures.get(kind, 0) + 1
        if self._failures[kind] == 1:
            self._log.error("worker_failed", kind=kind, error=type(error).__name__)
        if self._failures[kind] >= TROUBLE_AFTER:
            self.trouble = error

    async def work_once(self, kind: str) -> int:
        """Take one batch of jobs of ``kind`` that are due and do them; returns how many were taken."""
        async with unit_of_work(self._database, writes=False) as unit:
            if not await JobRepository(unit.session).is_due(kind):
                return 0
        async with unit_of_work(self._database) as unit:
            jobs = await JobRepository(unit.session).take(
                kind, worker=self._name, lease=self._limits.lease, limit=self._kinds[kind].batch
            )
        if jobs:
            async with self._keep_lease(jobs):
                await self._do(jobs)
        return len(jobs)

    async def _do(self, jobs: Sequence[Job]) -> None:
        """Do jobs together; where that fails, one by one, so that a bad one holds nobody up."""
        try:
            await self._kinds[jobs[0].kind].handler(jobs)
        except Interrupted:
            async with unit_of_work(self._database) as unit:
                await JobRepository(unit.session).give_back([job.id for job in jobs])
            return
        except Exception as error:  # noqa: BLE001 - the edge: any failure of a job is written to its row
            if len(jobs) > 1 and not isinstance(error, Unavailable):
                for job in jobs:
                    await self._do([job])
                return
            for job in jobs:
                await self._failed(job, error)
            return
        async with unit_of_work(self._database) as unit:
            await JobRepository(unit.session).finish([job.id for job in jobs])

    async def _failed(self, job: Job, error: Exception) -> None:
        away = isinstance(error, Unavailable)
        name = type(error).__name__
        log = self._log.warning if away else self._log.error
        log("job_failed", job=job.id, kind=job.kind, attempt=job.attempts, error=name)
        async with unit_of_work(self._database) as unit:
            jobs = JobRepository(unit.session)
            # A part that is away is nobody's fault: such jobs wait as long as it takes.
            if job.attempts >= self._limits.attempts and not away:
                await jobs.bury(job.id, error=name)
            else:
                await jobs.postpone(job.id, error=name, run_at=now() + pause_after(job.attempts))

    @asynccontextmanager
    async def _keep_lease(self, jobs: Sequence[Job]) -> AsyncIterator[None]:
        """Show signs of life while jobs take longer than their lease."""
        keeper = asyncio.create_task(self._extend([job.id for job in jobs]))
        try:
            yield
        finally:
            keeper.cancel()
            with suppress(asyncio.CancelledError):
                await keeper

    async def _extend(self, ids: Sequence[int]) -> None:
        while True:
            await asyncio.sleep(self._limits.lease.total_seconds() / 3)
            async with unit_of_work(self._database) as unit:
                await JobRepository(unit.session).extend(ids, lease=self._limits.lease)


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after the n-th failed attempt: doubling, up to ten minutes."""
    doublings = min(max(attempts - 1, 0), 20)
    return min(FIRST_PAUSE * float(1 << doublings), LONGEST_PAUSE)
