"""Telling moderators in the chat that something waits too long: each contribution once, each of them once a day."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.logs import get_logger
from knowledge.kit.repeating import repeat
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.member import Role
from knowledge.notices.service import tell
from knowledge.review.repository import ReviewRepository
from knowledge.review.reviewers import KnownReviewer, known_reviewers

WAITING_LONG = "review.waiting_long"
EVERY = timedelta(hours=1)
AT_MOST_EVERY = timedelta(days=1)


async def alert_reviewers(database: Database, *, days: int) -> int:
    """Tell moderators what has waited for more than so many days; returns how many were told.

    Administrators are told of what no moderator looks after. Whoever was told within the last day is left in peace;
    what only they look after is said the next time.
    """
    moment = now()
    async with unit_of_work(database) as unit:
        repository = ReviewRepository(unit.session)
        waiting = await repository.waiting_since(moment - timedelta(days=days), moment)
        if all(row.alerted_at is not None for row in waiting):
            return 0
        told = await repository.told_since(WAITING_LONG, moment - AT_MOST_EVERY)
        reviewers = await known_reviewers(repository)
        messages = [
            (reviewer, office)
            for reviewer in reviewers
            if reviewer.member.id not in told and _has_news(office := _office(reviewer, reviewers, waiting))
        ]
        keys = {row.id for _reviewer, office in messages for row in office if row.alerted_at is None}
        if not await repository.mark_alerted(sorted(keys), moment):
            return 0
        for reviewer, office in messages:
            oldest = (moment - min(row.waiting_since for row in office)).days
            data = {"count": len(office), "oldest_days": oldest}
            await tell(unit.session, WAITING_LONG, member_id=reviewer.member.id, data=data)
    get_logger().info("review_alerted", moderators=len(messages), contributions=len(keys))
    return len(messages)


def _office(reviewer: KnownReviewer, reviewers: Sequence[KnownReviewer], waiting: Sequence[Row[Any]]) -> list[Row[Any]]:
    """Return what somebody is told of: a moderator's own, for administrators what no moderator looks after."""
    if reviewer.member.role is not Role.ADMINISTRATOR:
        return [row for row in waiting if _covers(reviewer, row)]
    moderators = [one for one in reviewers if one.member.role is not Role.ADMINISTRATOR]
    return [row for row in waiting if not any(_covers(one, row) for one in moderators)]


def _covers(reviewer: KnownReviewer, row: Row[Any]) -> bool:
    topics = [str(topic) for topic in row.topics] if isinstance(row.topics, list) else []
    return reviewer.scope.covers(row.organisation_id, topics)


def _has_news(office: Sequence[Row[Any]]) -> bool:
    return any(row.alerted_at is None for row in office)


async def keep_alerts(database: Database, days: int, stop: asyncio.Event) -> None:
    """Look now and every hour until ``stop`` is set."""
    await repeat(lambda: alert_reviewers(database, days=days), stop, every=EVERY, name="review_alerts")
