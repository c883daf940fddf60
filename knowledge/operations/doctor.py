"""Examining everything, changing nothing."""

from collections.abc import AsyncIterator

from knowledge.jobs.repository import JobRepository
from knowledge.kit.database import Database
from knowledge.kit.settings import Settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.operations.chat_checks import check_chats
from knowledge.operations.database_checks import check_database
from knowledge.operations.findings import Finding
from knowledge.operations.house_checks import check_house
from knowledge.operations.index_checks import check_indexes
from knowledge.operations.key_checks import check_key


async def examine(settings: Settings, database: Database) -> AsyncIterator[Finding]:
    """Yield all findings, the surroundings first; indexes and chats only beside a database that can be used."""
    for finding in check_house(settings):
        yield finding
    usable = False
    async for finding in check_database(database):
        yield finding
        usable = usable or finding.check == "database.content"
    if usable:
        async for finding in check_indexes(settings, database):
            yield finding
        async for finding in check_chats(settings, database):
            yield finding
        yield await check_key(settings, database)


async def retry_dead_letters(database: Database) -> int:
    """Let all work that was given up be tried once more; returns how much it is."""
    async with unit_of_work(database) as unit:
        return await JobRepository(unit.session).revive()
