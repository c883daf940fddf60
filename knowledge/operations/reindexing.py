"""Filling both indexes anew."""

from dataclasses import dataclass

from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.indexes.access import Left, LibraryIndexes
from knowledge.library.indexes.jobs import INDEX_JOBS, ask_for_all
from knowledge.library.indexes.repository import IndexRepository
from knowledge.operations.repository import CountRepository


@dataclass(frozen=True, slots=True)
class Reindexed:
    """What was done: passages that can be found, whether the indexes were emptied first, jobs that wait."""

    passages: int
    emptied: bool
    postponed: int


async def reindex(database: Database, indexes: LibraryIndexes, *, left: Left) -> Reindexed:
    """Fill both indexes anew and wait for it.

    Whoever owns the indexes empties them first, which mends damage and a changed model. Beside another owner,
    everything is only written over.

    Args:
        left: told how many jobs are left.
    """
    emptied = indexes.is_owner
    if emptied:
        await indexes.rebuild()
    # Asked for again, or for the first time: what was indexed while the indexes were being emptied is gone.
    for kind in INDEX_JOBS:
        await ask_for_all(database, kind)
    async with unit_of_work(database) as unit:
        await CountRepository(unit.session).hasten(INDEX_JOBS)
    await indexes.drain(left=left)
    async with unit_of_work(database, writes=False) as unit:
        passages = await IndexRepository(unit.session).passage_count()
    return Reindexed(passages, emptied, await indexes.postponed())
