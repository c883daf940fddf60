"""How many may be asked, how often somebody is asked, and when an asker hears that it came to nothing."""

import secrets
from datetime import datetime, time, timedelta
from uuid import UUID

from knowledge.kit.clock import HOME
from knowledge.kit.language import _
from knowledge.kit.often import room_in
from knowledge.models.peer import ContactRequest
from knowledge.peers.errors import AlreadyAsked, TooManyRequests
from knowledge.peers.requests.repository import ContactRepository

LASTS = timedelta(days=14)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
# By one asker: within a day, within a week, and waiting at one time.
MOST_BY_DAY, MOST_BY_WEEK, MOST_WAITING = 3, 10, 3
# That one person is asked within a week; further requests look sent and come to nothing.
MOST_TO_PERSON = 3
# The same person is not asked again so soon.
AGAIN_AFTER = timedelta(days=30)
# How often a request may be passed on.
LONGEST_CHAIN = 3
# What is over is forgotten after so long; names that were exchanged can be looked up until then.
KEPT_AFTER = timedelta(days=90)
# News of a refusal comes one to three days after the request, in working hours.
EARLIEST_NEWS, LATEST_NEWS = 1, 3
OPENS, CLOSES = 8, 17
# One in so many requests that were never brought to anybody runs until it expires, as many real ones do.
SILENT = 4
_WEEKEND = 5


async def check_asking(repository: ContactRepository, request: ContactRequest, asker: UUID) -> None:
    """Raise ``TooManyRequests`` or ``AlreadyAsked`` where the asker of a new request may not ask now."""
    moment = request.created_at
    asked = await repository.asked_since(asker, moment - DAY)
    if len(asked) >= MOST_BY_DAY:
        problem = _("You have asked {count} people within a day. Please wait until tomorrow.")
        raise TooManyRequests(problem.format(count=MOST_BY_DAY), wait=room_in(asked, DAY, MOST_BY_DAY))
    asked = await repository.asked_since(asker, moment - WEEK)
    if len(asked) >= MOST_BY_WEEK:
        problem = _("You have asked {count} people within a week. Please wait a few days.")
        raise TooManyRequests(problem.format(count=MOST_BY_WEEK), wait=room_in(asked, WEEK, MOST_BY_WEEK))
    waiting = await repository.waiting_of(asker)
    if len(waiting) >= MOST_WAITING:
        problem = _("{count} of your requests are still waiting. Please wait for an answer, or withdraw one: /kontakte")
        raise TooManyRequests(problem.format(count=MOST_WAITING))
    if any(row.topic_id == request.topic_id for row in waiting):
        raise AlreadyAsked(
            _(
                "You have asked somebody about this already, one person at a time. Please wait for an answer, or "
                "withdraw that request first: /kontakte"
            )
        )
    if request.to_member_id and await repository.asked_before(asker, request.to_member_id, moment - AGAIN_AFTER):
        raise AlreadyAsked(_("You have asked this person not long ago."))


def news_at(asked_at: datetime) -> datetime:
    """Return when an asker hears of a refusal at the earliest: some days later, in working hours, by chance.

    It does not depend on when, or whether, somebody decided.
    """
    day = asked_at.astimezone(HOME).date() + timedelta(days=_between(EARLIEST_NEWS, LATEST_NEWS))
    while day.weekday() >= _WEEKEND:
        day += timedelta(days=1)
    return datetime.combine(day, time(_between(OPENS, CLOSES - 1), _between(0, 59)), HOME).astimezone(asked_at.tzinfo)


def undelivered_closes(request: ContactRequest, asked_at: datetime | None = None) -> datetime:
    """Return when an asker hears of a request that was brought to nobody: as of one that was declined or expired.

    Args:
        request: the request.
        asked_at: when its asker asked, where it was passed on: of that they know nothing.
    """
    silent = secrets.randbelow(SILENT) == 0
    return request.expires_at if silent else declined_closes(request, request.created_at, asked_at)


def declined_closes(request: ContactRequest, moment: datetime, asked_at: datetime | None = None) -> datetime:
    """Return when an asker hears that a request was declined at ``moment``: soon, or else as if it had expired.

    Args:
        request: the request.
        moment: when it was declined.
        asked_at: when its asker asked, where it was passed on: of that they know nothing.
    """
    early = news_at(asked_at or request.created_at)
    return early if moment <= early else request.expires_at


def _between(first: int, last: int) -> int:
    return first + secrets.randbelow(last - first + 1)
