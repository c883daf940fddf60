"""Seeing that each digest comes when it is due, once, also after an outage."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from knowledge.digests.jobs import DIGEST_JOB
from knowledge.digests.repository import DigestRepository
from knowledge.digests.schedule import WEEK, last_due, next_due
from knowledge.digests.schemas import DigestWish
from knowledge.jobs.repository import JobRepository
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.logs import get_logger
from knowledge.kit.repeating import repeat
from knowledge.kit.unit_of_work import unit_of_work

EVERY = timedelta(minutes=1)
# How long it is kept when a digest went out, or that there was none.
KEPT = timedelta(days=90)

# By whose digest it is: which one waits, and when it is due.
Waiting = Mapping[UUID, tuple[UUID, datetime]]


async def plan_digests(database: Database, moment: datetime | None = None) -> int:
    """Have what is due sent, and note when the next digests are due; returns how many are to be sent now.

    For everybody who wants digests, one is noted in advance. What was due while nothing ran is sent late, as one digest
    up to the last time at which one was due; it tells of everything since the last one that was sent.
    """
    moment = moment or now()
    async with unit_of_work(database) as unit:
        repository = DigestRepository(unit.session)
        wishes, waiting = await repository.wishes(), await repository.waiting()
        due = await _release(repository, wishes, waiting, moment)
        await JobRepository(unit.session).ask_many(DIGEST_JOB, [key.hex for key in due])
        if await _look_ahead(repository, wishes, waiting, moment):
            await repository.forget(moment - KEPT)
    if due:
        get_logger().info("digests_due", digests=len(due))
    return len(due)


async def _release(
    repository: DigestRepository, wishes: Sequence[DigestWish], waiting: Waiting, moment: datetime
) -> list[UUID]:
    """Let digests that are long overdue tell what came up to the last time when one was due."""
    wanted = {wish.owner: wish for wish in wishes}
    for owner, (key, due) in waiting.items():
        wish = wanted.get(owner)
        if wish is not None and due <= moment - WEEK:
            await repository.move(key, max(due, last_due(moment, wish.day, wish.hour)))
    return [key for key, due in waiting.values() if due <= moment]


async def _look_ahead(
    repository: DigestRepository, wishes: Sequence[DigestWish], waiting: Waiting, moment: datetime
) -> int:
    """Note the next digest of everybody; one that is noted follows when somebody wants it at another time.

    Returns how many were noted.
    """
    told = await repository.last_sent() if any(wish.owner not in waiting for wish in wishes) else {}
    rows = []
    for wish in wishes:
        due, noted = next_due(moment, wish.day, wish.hour), waiting.get(wish.owner)
        if noted is None:
            owner = "circle_id" if wish.is_circle else "member_id"
            since = told.get(wish.owner, due - WEEK)
            rows.append({"circle_id": None, "member_id": None, owner: wish.owner, "due_at": due, "since": since})
        elif noted[1] > moment and noted[1] != due:
            await repository.move(noted[0], due)
    await repository.add([{**row, "created_at": moment} for row in rows])
    wanted = {wish.owner for wish in wishes}
    unwanted = [key for owner, (key, due) in waiting.items() if owner not in wanted and due > moment]
    if unwanted:
        await repository.remove(unwanted)
    return len(rows)


async def keep_digests(database: Database, stop: asyncio.Event) -> None:
    """Look now and every minute until ``stop`` is set."""
    await repeat(lambda: plan_digests(database), stop, every=EVERY, name="digests")
