"""Jobs are done once, tried again when they fail, and never lost."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from knowledge.jobs.repository import JobRepository
from knowledge.jobs.worker import Interrupted, JobKind, Worker, WorkerLimits, pause_after
from knowledge.kit.clock import use_clock
from knowledge.kit.database import Database
from knowledge.kit.errors import Unavailable
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.job import Job
from tests.journeys.wires import Wire

KIND = "test.note"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Notebook:
    """Writes down which keys it was asked to do; stumbles over those in ``bad``."""

    def __init__(self, *, bad: Sequence[str] = (), error: type[Exception] = ValueError) -> None:
        self.done: list[str] = []
        self.bad = set(bad)
        self.error = error

    async def __call__(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            if job.key in self.bad:
                raise self.error("stumbled")
        self.done += [job.key for job in jobs]


async def ask(database: Database, *keys: str) -> None:
    async with unit_of_work(database) as unit:
        for key in keys:
            await JobRepository(unit.session).ask(KIND, key)


async def counts(database: Database) -> dict[tuple[str, str], int]:
    async with unit_of_work(database, writes=False) as unit:
        return await JobRepository(unit.session).counts()


def worker(database: Database, notebook: Notebook, *, attempts: int = 3, batch: int = 10, name: str = "here") -> Worker:
    limits = WorkerLimits(attempts, timedelta(seconds=60))
    return Worker(database, {KIND: JobKind(notebook, batch)}, name=name, limits=limits)


@pytest.fixture
def at() -> Callable[[timedelta], None]:
    """Set the clock to a time after noon."""

    def set_clock(after: timedelta) -> None:
        use_clock(lambda: NOON + after)

    set_clock(timedelta())
    return set_clock


class TestAsking:
    async def test_what_is_asked_for_is_done_once_and_forgotten(self, database: Database) -> None:
        notebook = Notebook()
        await ask(database, "a", "b")
        assert await worker(database, notebook).work_once(KIND) == 2
        assert notebook.done == ["a", "b"]
        assert await counts(database) == {}

    async def test_what_waits_already_is_not_asked_for_twice(self, database: Database) -> None:
        await ask(database, "a", "a")
        await ask(database, "a")
        assert await counts(database) == {(KIND, "waiting"): 1}

    async def test_a_rollback_takes_the_wish_back(self, database: Database) -> None:
        with pytest.raises(RuntimeError):  # noqa: PT012 - the unit of work is what is tried
            async with unit_of_work(database) as unit:
                await JobRepository(unit.session).ask(KIND, "a")
                raise RuntimeError
        assert await counts(database) == {}

    async def test_what_is_asked_for_while_it_runs_is_done_again(self, database: Database) -> None:
        done: list[str] = []

        async def handler(jobs: Sequence[Job]) -> None:
            done.extend(job.key for job in jobs)
            if len(done) == 1:
                await ask(database, "a")

        await ask(database, "a")
        one = Worker(database, {KIND: JobKind(handler)}, name="here")
        await one.work_once(KIND)
        await one.work_once(KIND)
        assert done == ["a", "a"]


class TestAClockThatJumps:
    async def test_what_was_asked_for_while_it_ran_ahead_is_done_once_it_is_right(
        self, database: Database, at: Callable[[timedelta], None]
    ) -> None:
        at(timedelta(days=1))
        notebook = Notebook()
        await ask(database, "a")
        at(timedelta())
        assert await worker(database, notebook).work_once(KIND) == 1
        assert notebook.done == ["a"]

    async def test_what_failed_while_it_ran_ahead_is_tried_again_once_it_is_right(
        self, database: Database, at: Callable[[timedelta], None]
    ) -> None:
        at(timedelta(days=1))
        notebook = Notebook(bad=["a"])
        await ask(database, "a")
        await worker(database, notebook).work_once(KIND)
        notebook.bad.clear()
        at(timedelta())
        assert await worker(database, notebook).work_once(KIND) == 1
        assert notebook.done == ["a"]


class TestFailing:
    async def test_one_bad_job_does_not_hold_up_the_others(
        self, database: Database, at: Callable[[timedelta], None]
    ) -> None:
        notebook = Notebook(bad=["b"])
        await ask(database, "a", "b", "c")
        await worker(database, notebook).work_once(KIND)
        assert sorted(notebook.done) == ["a", "c"]
        assert await counts(database) == {(KIND, "waiting"): 1}

    async def test_a_failed_job_is_tried_again_after_a_pause(
        self, database: Database, at: Callable[[timedelta], None]
    ) -> None:
        notebook = Notebook(bad=["a"])
        one = worker(database, notebook)
        await ask(database, "a")
        await one.work_once(KIND)
        assert await one.work_once(KIND) == 0
        notebook.bad.clear()
        at(pause_after(1))
        assert await one.work_once(KIND) == 1
        assert notebook.done == ["a"]

    async def test_after_its_last_attempt_it_stays_as_a_dead_letter(
        self, database: Database, at: Callable[[timedelta], None]
    ) -> None:
        one = worker(database, Notebook(bad=["a"]), attempts=2)
        await ask(database, "a")
        for hours in (0, 1, 2):
            at(timedelta(hours=hours))
            await one.work_once(KIND)
        async with unit_of_work(database, writes=False) as unit:
            letters = await JobRepository(unit.session).dead_letters()
        assert [(letter.key, letter.error, letter.attempts) for letter in letters] == [("a", "ValueError", 2)]

    async def test_a_part_that_is_away_never_kills_a_job(
        self, database: Database, at: Callable[[timedelta], None]
    ) -> None:
        notebook = Notebook(bad=["a"], error=Unavailable)
        one = worker(database, notebook, attempts=1)
        await ask(database, "a")
        for hours in range(5):
            at(timedelta(hours=hours))
            await one.work_once(KIND)
        notebook.bad.clear()
        at(timedelta(hours=9))
        await one.work_once(KIND)
        assert notebook.done == ["a"]

    async def test_dead_letters_can_be_revived(self, database: Database, at: Callable[[timedelta], None]) -> None:
        notebook = Notebook(bad=["a"])
        one = worker(database, notebook, attempts=1)
        await ask(database, "a")
        await one.work_once(KIND)
        notebook.bad.clear()
        async with unit_of_work(database) as unit:
            assert await JobRepository(unit.session).revive() == 1
        await one.work_once(KIND)
        assert notebook.done == ["a"]


class TestKilledWorkers:
    async def take_and_die(self, database: Database, name: str) -> None:
        async with unit_of_work(database) as unit:
            taken = await JobRepository(unit.session).take(KIND, worker=name, lease=timedelta(seconds=60), limit=10)
        assert len(taken) == 1

    async def test_the_same_worker_takes_its_jobs_back_at_once(self, database: Database) -> None:
        notebook = Notebook()
        await ask(database, "a")
        await self.take_and_die(database, "here")
        again = worker(database, notebook)
        assert await again.work_once(KIND) == 0
        await again.start()
        assert await again.work_once(KIND) == 1
        assert notebook.done == ["a"]

    async def test_another_worker_takes_them_when_the_lease_runs_out(
        self, database: Database, at: Callable[[timedelta], None]
    ) -> None:
        notebook = Notebook()
        await ask(database, "a")
        await self.take_and_die(database, "elsewhere")
        one = worker(database, notebook)
        await one.start()
        assert await one.work_once(KIND) == 0
        at(timedelta(seconds=61))
        assert await one.work_once(KIND) == 1
        assert notebook.done == ["a"]


class TestSideBySide:
    async def test_two_workers_share_the_work_and_double_none(self, database: Database) -> None:
        notebook = Notebook()
        keys = [f"k{number:03}" for number in range(60)]
        await ask(database, *keys)
        stop = asyncio.Event()
        runs = [
            asyncio.create_task(worker(database, notebook, batch=3, name=name).run(stop)) for name in ("one", "two")
        ]
        async with asyncio.timeout(30):
            while await counts(database):  # noqa: ASYNC110 - several workers, none of which tells
                await asyncio.sleep(0.02)
        stop.set()
        await asyncio.gather(*runs)
        assert sorted(notebook.done) == keys


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 2), (2, 4), (5, 32), (50, 600)])
def test_pauses_double_up_to_ten_minutes(attempts: int, seconds: int) -> None:
    assert pause_after(attempts) == timedelta(seconds=seconds)


class TestAskingAgain:
    async def test_what_waits_after_a_failure_is_due_at_once(
        self, database: Database, at: Callable[[timedelta], None]
    ) -> None:
        notebook = Notebook(bad=["a"])
        await ask(database, "a")
        assert await worker(database, notebook).work_once(KIND) == 1
        assert await worker(database, notebook).work_once(KIND) == 0
        notebook.bad.clear()
        await ask(database, "a")
        assert await worker(database, notebook).work_once(KIND) == 1
        assert (notebook.done, await counts(database)) == (["a"], {})


class TestInterruptedWork:
    async def test_it_is_given_back_as_it_was(self, database: Database, at: Callable[[timedelta], None]) -> None:
        await ask(database, "a", "b")
        stopped = Notebook(bad=["b"], error=Interrupted)
        assert await worker(database, stopped).work_once(KIND) == 2
        assert await counts(database) == {(KIND, "waiting"): 2}
        notebook = Notebook()
        assert await worker(database, notebook).work_once(KIND) == 2
        assert notebook.done == ["a", "b"]


class TestTrouble:
    async def test_whoever_waits_can_see_what_keeps_the_worker(self, database: Database) -> None:
        working = worker(database, Notebook())
        stop = asyncio.Event()
        running = asyncio.create_task(working.run(stop))
        await asyncio.sleep(0.3)
        assert working.trouble is None
        async with database.engine.begin() as connection:
            await connection.exec_driver_sql("ALTER TABLE jobs RENAME TO jobs_away")
        while working.trouble is None:  # noqa: ASYNC110 - the worker tells nobody
            await asyncio.sleep(0.1)
        assert isinstance(working.trouble, DBAPIError)
        async with database.engine.begin() as connection:
            await connection.exec_driver_sql("ALTER TABLE jobs_away RENAME TO jobs")
        while working.trouble is not None:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        stop.set()
        await running


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
class TestDatabaseAway:
    async def test_it_begins_once_the_database_is_there(self, database: Database, database_url: str) -> None:
        await ask(database, "a")
        url, notebook, stop = make_url(database_url), Notebook(), asyncio.Event()
        with Wire(url.port or 5432) as wire:
            wire.cut()
            through = Database(url.set(host="127.0.0.1", port=wire.port).render_as_string(hide_password=False))
            working = worker(through, notebook)
            running = asyncio.create_task(working.run(stop))
            while working.trouble is None and not running.done():  # noqa: ASYNC110 - the worker tells nobody
                await asyncio.sleep(0.05)
            wire.mend()
            while not notebook.done and not running.done():  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            stop.set()
            await running
            await through.close()
        assert notebook.done == ["a"]
