"""Accounts that nobody used for a year: their people are asked once; a month later their duties are handed over."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.handover.repository import DutyRepository
from knowledge.handover.service import HandoverService
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.logs import get_logger
from knowledge.kit.repeating import repeat
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.handover import HandoverReason
from knowledge.notices.service import tell

UNUSED_AFTER = timedelta(days=365)
TIME_TO_ANSWER = timedelta(days=30)
EVERY = timedelta(hours=6)
# How many are asked at a time: after years without this, not all at once.
AT_ONCE = 50


async def ask_unused(database: Database, moment: datetime) -> int:
    """Ask people who were silent for a year whether they still take part; returns how many."""
    async with unit_of_work(database) as unit:
        silent = await DutyRepository(unit.session).silent_since(moment - UNUSED_AFTER, limit=AT_ONCE)
        for member in silent:
            member.asked_unused_at = moment
            await tell(unit.session, "account.unused", member_id=member.id)
        await unit.session.flush()
    return len(silent)


async def hand_over_unused(database: Database, moment: datetime) -> int:
    """Hand over the duties of those who did not answer; whoever came back is forgotten about. Returns how many."""
    async with unit_of_work(database, writes=False) as unit:
        asked = await DutyRepository(unit.session).asked_before(moment - TIME_TO_ANSWER)
    handed_over = 0
    for member in asked:
        async with unit_of_work(database) as unit:
            handed_over += await _hand_over(unit.session, member)
    if handed_over:
        get_logger().info("unused_handed_over", members=handed_over)
    return handed_over


async def _hand_over(session: AsyncSession, member_id: UUID) -> bool:
    repository = DutyRepository(session)
    member = await repository.locked_member(member_id)
    asked = member.asked_unused_at if member else None
    if member is None or asked is None:
        return False
    if await repository.is_seen_since(member.id, asked):
        member.asked_unused_at = None
        return False
    if await repository.was_handed_over(member.id, since=asked):
        return False
    return await HandoverService(session).let_go(member, HandoverReason.UNUSED)


async def keep_asking(database: Database, stop: asyncio.Event) -> None:
    """Do both now and every few hours until ``stop`` is set."""

    async def work() -> None:
        await ask_unused(database, now())
        await hand_over_unused(database, now())

    await repeat(work, stop, every=EVERY, name="unused")
