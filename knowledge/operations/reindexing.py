"""Filling both indexes anew."""

import shutil
from dataclasses import dataclass

from knowledge.kit.database import Database
from knowledge.kit.errors import Unavailable
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.indexes.access import Left, LibraryIndexes
from knowledge.library.indexes.jobs import VECTORS_JOB, ask_for_vectors, ask_for_words
from knowledge.library.indexes.owner import IndexFolders
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
    emptied = await _empty(indexes)
    # Asked for again, or for the first time: what was indexed while the indexes were being emptied is gone.
    await ask_for_vectors(database)
    if not emptied:
        await ask_for_words(database)
    async with unit_of_work(database) as unit:
        jobs = CountRepository(unit.session)
        await jobs.hasten([VECTORS_JOB])
        await jobs.forget_given_up([VECTORS_JOB])
    await indexes.drain(left=left)
    async with unit_of_work(database, writes=False) as unit:
        passages = await IndexRepository(unit.session).passage_count()
    return Reindexed(passages, emptied, await indexes.postponed())


async def _empty(indexes: LibraryIndexes) -> bool:
    if not indexes.is_owner:
        return False
    try:
        await indexes.rebuild()
    except Unavailable:
        return False  # a server that is away; the jobs wait for it
    return True


def forget_embedded(folders: IndexFolders) -> None:
    """Throw away the files of embedded indexes, which whoever calls this must own."""
    for folder in (folders.words, folders.vectors):
        shutil.rmtree(folder, ignore_errors=True)
