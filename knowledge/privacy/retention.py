"""What expires is deleted by itself: every hour, in small transactions, and twice does no more than once."""

import asyncio
from contextlib import suppress
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from knowledge.conversations.service import ConversationService
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.logs import get_logger
from knowledge.kit.settings import Settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.privacy.erasure_log import ErasureLog
from knowledge.privacy.expiry.repository import ExpiryRepository, Rule, rules, watched
from knowledge.privacy.repository import EraseRepository
from knowledge.privacy.schemas import Overdue

EVERY = timedelta(hours=1)
# After a failure it is tried again sooner.
RETRY = timedelta(minutes=10)
# What was erased through another host, or taken back, is in this host's list within that time.
LISTED_WITHIN = timedelta(minutes=1)
# What is over for so long should be gone, however often the program was restarted.
GRACE = timedelta(days=2)
# These need more than a deletion.
EXCHANGES = "exchanges"


async def run_retention(database: Database, settings: Settings) -> dict[str, int]:
    """Delete what is over, and bring the list of erasures outside of the database up to date.

    Returns how many rows went, by rule; no numbers of what had none.
    """
    gone: dict[str, int] = {}
    for name, rule in rules(settings.chats.chat_question_days).items():
        count = await (_end_exchanges(database) if name == EXCHANGES else _delete(database, rule))
        if count:
            gone[name] = count
    await write_erasures(database, settings)
    get_logger().info("retention_done", **gone)
    return gone


async def _end_exchanges(database: Database) -> int:
    ended = 0
    while True:
        async with unit_of_work(database) as unit:
            some = await ConversationService(unit.session).expire()
        ended += some
        if not some:
            return ended


async def _delete(database: Database, rule: Rule) -> int:
    deleted = 0
    while True:
        async with unit_of_work(database) as unit:
            some = await ExpiryRepository(unit.session).delete_some(rule, now())
        deleted += some
        if not some:
            return deleted


async def write_erasures(database: Database, settings: Settings) -> None:
    """Write all erasures that the database knows to the list in the data folder, also those of other hosts."""
    async with unit_of_work(database, writes=False) as unit:
        records = await EraseRepository(unit.session).records()
    if records:
        try:
            await asyncio.to_thread(ErasureLog(settings.data_folder).add, records)
        except OSError as error:
            get_logger().error("erasure_log_not_written", error=type(error).__name__)


async def keep_retention(database: Database, settings: Settings, stop: asyncio.Event) -> None:
    """Run it now and every hour until ``stop`` is set; a database that is away is tried again."""
    while not stop.is_set():
        pause = EVERY
        try:
            await run_retention(database, settings)
        except (SQLAlchemyError, OSError) as error:
            get_logger().error("retention_failed", error=type(error).__name__)
            pause = RETRY
        await _keep_list(database, settings, stop, during=pause)


async def _keep_list(database: Database, settings: Settings, stop: asyncio.Event, *, during: timedelta) -> None:
    """Bring the list of erasures up to date every minute, until ``stop`` is set or the time is over."""
    for _minute in range(during // LISTED_WITHIN):
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LISTED_WITHIN.total_seconds())
            return
        try:
            await write_erasures(database, settings)
        except (SQLAlchemyError, OSError) as error:
            get_logger().warning("erasure_log_not_written", error=type(error).__name__)


async def oldest_overdue(database: Database, settings: Settings) -> Overdue | None:
    """Return what should have been deleted days ago and is still there, the oldest of it."""
    found = []
    async with unit_of_work(database, writes=False) as unit:
        repository = ExpiryRepository(unit.session)
        for name, rule in {**rules(settings.chats.chat_question_days), **watched()}.items():
            since = await repository.oldest(rule, now() - GRACE)
            if since is not None:
                found.append(Overdue(name, since))
    return min(found, key=lambda item: item.since, default=None)
