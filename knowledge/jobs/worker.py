"""The worker: takes jobs, does them, tries again with growing pauses, and gives up in the open."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from knowledge.jobs.repository import JobRepository
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.errors import Unavailable
from knowledge.kit.logs import get_logger
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.job import Job

# Does all jobs of one kind that are handed over together; done when it returns.
Handler = Callable[[Sequence[Job]], Awaitable[None]]

FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=10)
BATCH = 64
# How often a worker looks for jobs that other processes wrote, in seconds.
LOOK_EVERY = 0.2


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """How often a job is tried and how long a worker may hold it."""

    attempts: int = 8
    lease: timedelta = timedelta(seconds=300)


class Worker:
    """Does the jobs of the kinds that it has handlers for.

    Args:
        database: where the jobs are.
        handlers: what to do for each kind.
        name: who holds the leases; the same name after a restart takes its own unfinished jobs back.
    """

    def __init__(
        self,
        database: Database,
        handlers: Mapping[str, Handler],
        *,
        name: str,
        limits: WorkerLimits = WorkerLimits(),  # noqa: B008 - immutable
    ) -> None:
        self._database = database
        self._handlers = dict(handlers)
        self._name = name
        self._limits = limits
        self._log = get_logger()

    async def start(self) -> None:
        """Take back what this worker held when it was killed."""
        async with unit_of_work(self._database) as unit:
            await JobRepository(unit.session).release(self._name)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop`` is set; what was begun is finished."""
        await self.start()
        while not stop.is_set():
            try:
                worked = await self.work_once()
            except Exception as error:  # noqa: BLE001 - the edge: a database away must not end the worker
                self._log.error("worker_failed", error=type(error).__name__)
                worked = 0
            if not worked:
                await _wait(stop, LOOK_EVERY)

    async def work_once(self, kinds: Sequence[str] | None = None) -> int:
        """Take one batch of jobs that are due and do them; returns how many were taken."""
        wanted = [kind for kind in self._handlers if kinds is None or kind in kinds]
        async with unit_of_work(self._database) as unit:
            jobs = await JobRepository(unit.session).take(
                wanted, worker=self._name, lease=self._limits.lease, limit=BATCH
            )
        by_kind: dict[str, list[Job]] = defaultdict(list)
        for job in jobs:
            by_kind[job.kind].append(job)
        for kind, same in by_kind.items():
            await self._do(kind, same)
        return len(jobs)

    async def _do(self, kind: str, jobs: Sequence[Job]) -> None:
        """Do jobs together; where that fails, one by one, so that a bad one holds nobody up."""
        try:
            await self._handlers[kind](jobs)
        except Exception as error:  # noqa: BLE001 - the edge: any failure of a job is written to its row
            if len(jobs) > 1 and not isinstance(error, Unavailable):
                for job in jobs:
                    await self._do(kind, [job])
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
        log("job_failed", job=job.id, kind=job.kind, attempt=job.attempts, error=name, exc_info=not away)
        async with unit_of_work(self._database) as unit:
            jobs = JobRepository(unit.session)
            # A part that is away is nobody's fault: such jobs wait as long as it takes.
            if job.attempts >= self._limits.attempts and not away:
                await jobs.bury(job.id, error=name)
            else:
                await jobs.postpone(job.id, error=name, run_at=now() + pause_after(job.attempts))


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after the n-th failed attempt: doubling, up to ten minutes."""
    return min(FIRST_PAUSE * 2 ** min(attempts - 1, 20), LONGEST_PAUSE)


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
