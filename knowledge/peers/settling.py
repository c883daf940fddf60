"""What happens to contact requests by itself: they expire, askers hear that it came to nothing, words are erased."""

import asyncio
from datetime import datetime, timedelta

from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.logs import get_logger
from knowledge.kit.repeating import repeat
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.peers.contacts import ContactService
from knowledge.peers.requests.limits import KEPT_AFTER
from knowledge.peers.requests.repository import ContactRepository

EVERY = timedelta(minutes=10)
TOGETHER = 100


async def settle_contacts(database: Database, moment: datetime) -> int:
    """Do what is due, in small transactions that may be repeated; returns how many requests moved on."""
    settled = 0
    while True:
        async with unit_of_work(database) as unit:
            count = await ContactService(unit).settle(moment, limit=TOGETHER)
        settled += count
        if not count:
            break
    async with unit_of_work(database) as unit:
        repository = ContactRepository(unit.session)
        for request in await repository.with_words(moment, TOGETHER):
            await repository.erase_words(request)
        await repository.forget(moment - KEPT_AFTER)
    if settled:
        get_logger().info("contacts_settled", requests=settled)
    return settled


async def keep_contacts(database: Database, stop: asyncio.Event) -> None:
    """Look now and every few minutes until ``stop`` is set."""
    await repeat(lambda: settle_contacts(database, now()), stop, every=EVERY, name="contacts")
