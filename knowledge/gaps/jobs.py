"""The job that brings the gaps up to date: every hour, when somebody asks for it, and after a publication."""

import asyncio
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.gaps.repository import GapRepository
from knowledge.jobs.repository import JobRepository
from knowledge.kit.database import Database
from knowledge.kit.repeating import repeat
from knowledge.kit.unit_of_work import unit_of_work

GAP_JOB = "gaps.look"
KEY = "all"
EVERY = timedelta(hours=1)


async def look_at_gaps(session: AsyncSession) -> None:
    """Note, in the transaction of what happened, that the gaps are to be looked at; many such notes are one job."""
    await JobRepository(session).ask(GAP_JOB, KEY)


async def look_at_gaps_again(session: AsyncSession) -> None:
    """Note that something may have changed what is in the gaps, or what answers them; nothing where there is none."""
    if await GapRepository(session).is_any():
        await look_at_gaps(session)


async def keep_gaps(database: Database, stop: asyncio.Event) -> None:
    """Ask for a look now and every hour until ``stop`` is set."""

    async def work() -> None:
        async with unit_of_work(database) as unit:
            await look_at_gaps(unit.session)

    await repeat(work, stop, every=EVERY, name="gaps")
