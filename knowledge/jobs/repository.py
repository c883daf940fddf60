"""The jobs table: asking for work, taking it, finishing it."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.clock import now
from knowledge.kit.inserting import insert_into
from knowledge.models.job import Job, JobState

# Rows in one statement; SQLite counts their values together.
INSERTED_TOGETHER = 500
# No job waits longer than this for its next attempt: one that seems to was written while a clock was wrong.
LONGEST_PAUSE = timedelta(minutes=10)


class JobRepository:
    """Jobs over one session; whoever opened the session commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def ask(self, kind: str, key: str, payload: dict[str, Any] | None = None) -> None:
        """Ask for work; one that waits already is not asked for twice, but is due at once."""
        await self._insert([_waiting(kind, key, payload or {})])

    async def ask_many(self, kind: str, keys: Sequence[str]) -> None:
        """Ask for the same kind of work on many things."""
        for start in range(0, len(keys), INSERTED_TOGETHER):
            await self._insert([_waiting(kind, key, {}) for key in keys[start : start + INSERTED_TOGETHER]])

    async def _insert(self, rows: list[dict[str, Any]]) -> None:
        statement = insert_into(self._session, Job).values(rows)
        again = statement.on_conflict_do_update(
            index_elements=["kind", "key"],
            index_where=text("state = 'waiting'"),
            set_={"run_at": statement.excluded.run_at},
        )
        await self._session.execute(again)

    async def is_due(self, kind: str) -> bool:
        """Whether there is anything to take."""
        return (await self._session.scalar(select(Job.id).where(_due(kind)).limit(1))) is not None

    async def take(self, kind: str, *, worker: str, lease: timedelta, limit: int) -> Sequence[Job]:
        """Take the oldest jobs that are due, for as long as ``lease`` lasts.

        Jobs whose lease ran out (their worker died) are taken again.
        """
        moment = now()
        statement = select(Job).where(_due(kind)).order_by(Job.id).limit(limit).with_for_update(skip_locked=True)
        jobs = (await self._session.scalars(statement)).all()
        for job in jobs:
            job.state = JobState.RUNNING
            job.attempts += 1
            job.leased_by = worker
            job.leased_until = moment + lease
        await self._session.flush()
        return jobs

    async def finish(self, ids: Collection[int]) -> None:
        """Forget jobs that are done."""
        await self._session.execute(delete(Job).where(Job.id.in_(ids)))

    async def extend(self, ids: Collection[int], *, lease: timedelta) -> None:
        """Keep jobs that take longer than their lease."""
        await self._session.execute(update(Job).where(Job.id.in_(ids)).values(leased_until=now() + lease))

    async def postpone(self, job_id: int, *, error: str, run_at: datetime, counts: bool = True) -> None:
        """Try a failed job again at ``run_at``; where the same was asked for anew meanwhile, that one stays."""
        job = await self._session.get(Job, job_id)
        if job is None:
            return
        if await self._is_waiting(job.kind, job.key):
            await self._session.delete(job)
            return
        job.state, job.run_at, job.error = JobState.WAITING, run_at, error
        job.leased_by = job.leased_until = None
        if not counts:
            job.attempts -= 1

    async def bury(self, job_id: int, *, error: str) -> None:
        """Give up on a job; it stays as a dead letter that ``doctor`` shows."""
        job = await self._session.get(Job, job_id)
        if job is not None:
            job.state, job.error, job.leased_until = JobState.DEAD, error, None

    async def release(self, worker: str) -> None:
        """Give back what ``worker`` had taken when it was killed."""
        statement = select(Job.id).where(Job.state == JobState.RUNNING, Job.leased_by == worker)
        await self.give_back((await self._session.scalars(statement)).all())

    async def give_back(self, ids: Collection[int]) -> None:
        """Let jobs wait again as if they had not been taken."""
        for key in ids:
            await self.postpone(key, error="", run_at=now(), counts=False)
            await self._session.flush()

    async def revive(self) -> int:
        """Try all dead letters once more; returns how many there were."""
        dead = (await self._session.scalars(select(Job).where(Job.state == JobState.DEAD))).all()
        for job in dead:
            job.attempts = 0
            await self.postpone(job.id, error=job.error or "", run_at=now())
            await self._session.flush()
        return len(dead)

    async def unfinished(
        self, kinds: Collection[str], keys: Collection[str] | None = None, *, due: bool = False
    ) -> int:
        """Count the jobs of these kinds (and keys) that wait or run.

        With ``due``, those that wait for a later moment after a failure do not count.
        """
        statement = select(func.count()).where(Job.kind.in_(kinds), Job.state != JobState.DEAD)
        if due:
            statement = statement.where((Job.state == JobState.RUNNING) | (Job.run_at <= now()))
        if keys is None:
            return (await self._session.scalar(statement)) or 0
        wanted, counted = list(keys), 0
        for start in range(0, len(wanted), INSERTED_TOGETHER):
            part = wanted[start : start + INSERTED_TOGETHER]
            counted += (await self._session.scalar(statement.where(Job.key.in_(part)))) or 0
        return counted

    async def unfinished_keys(self, kind: str) -> Sequence[str]:
        """Return what the jobs of this kind that wait or run are about."""
        statement = select(Job.key).where(Job.kind == kind, Job.state != JobState.DEAD).distinct()
        return (await self._session.scalars(statement)).all()

    async def keys(self, kind: str) -> Sequence[str]:
        """Return what all jobs of this kind are about, also those that were given up."""
        return (await self._session.scalars(select(Job.key).where(Job.kind == kind).distinct())).all()

    async def forget_all(self, kind: str) -> None:
        """Forget all jobs of a kind that is not done by jobs any more."""
        await self._session.execute(delete(Job).where(Job.kind == kind))

    async def errors(self, kinds: Collection[str]) -> set[str]:
        """Return the names of the errors that jobs of these kinds wait for after, or were given up for."""
        statement = select(Job.error).where(Job.kind.in_(kinds), Job.error != "").distinct()
        return {name for name in (await self._session.scalars(statement)).all() if name}

    async def counts(self) -> dict[tuple[str, str], int]:
        """Count all jobs by kind and state."""
        statement = select(Job.kind, Job.state, func.count()).group_by(Job.kind, Job.state)
        return {(kind, state.value): count for kind, state, count in (await self._session.execute(statement)).all()}

    async def dead_letters(self, limit: int = 20) -> Sequence[Job]:
        """Return the newest jobs that were given up."""
        statement = select(Job).where(Job.state == JobState.DEAD).order_by(Job.id.desc()).limit(limit)
        return (await self._session.scalars(statement)).all()

    async def next_moment(self, kinds: Collection[str]) -> datetime | None:
        """Return when the next waiting job of these kinds is due."""
        statement = select(func.min(Job.run_at)).where(Job.kind.in_(kinds), Job.state == JobState.WAITING)
        return await self._session.scalar(statement)

    async def _is_waiting(self, kind: str, key: str) -> bool:
        statement = select(Job.id).where(Job.kind == kind, Job.key == key, Job.state == JobState.WAITING)
        return (await self._session.scalar(statement)) is not None


def _due(kind: str) -> ColumnElement[bool]:
    moment = now()
    waiting = (Job.state == JobState.WAITING) & or_(Job.run_at <= moment, Job.run_at > moment + LONGEST_PAUSE)
    orphaned = (Job.state == JobState.RUNNING) & (Job.leased_until < moment)
    return and_(Job.kind == kind, or_(waiting, orphaned))


def _waiting(kind: str, key: str, payload: dict[str, Any]) -> dict[str, Any]:
    moment = now()
    return {
        "kind": kind,
        "key": key,
        "payload": payload,
        "state": JobState.WAITING,
        "attempts": 0,
        "run_at": moment,
        "created_at": moment,
    }
