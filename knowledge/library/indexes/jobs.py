"""How the indexes hear of changes: the words from a log that every host reads, the rest by jobs that one of them takes.

Each host has a words index of its own, so each has to look at every change. The vectors of all hosts lie in one place,
and what a document is about in the database: there it is enough that one of them does it.
"""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.jobs.repository import JobRepository
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.indexes.repository import ChangeRepository, IndexRepository
from knowledge.topics.jobs import LINK_JOB, ask_to_link

# How words were indexed before there was a log; what waits of them in an older database is put into the log.
WORDS_JOB = "library.index_words"
VECTORS_JOB = "library.index_vectors"
# All that follows a document by jobs of its key: the vectors, and which topics it is about.
FOLLOWING_JOBS = (VECTORS_JOB, LINK_JOB)


async def ask_for(session: AsyncSession, documents: Iterable[UUID]) -> None:
    """Note, in the transaction of the change, that all indexes must look at these documents again.

    So must the table of what they are about (``knowledge/topics/linking.py``).
    """
    jobs, changed = JobRepository(session), list(documents)
    await ChangeRepository(session).note(changed)
    for document in changed:
        await jobs.ask(VECTORS_JOB, document.hex)
    await ask_to_link(session, changed)


async def ask_for_words(database: Database) -> None:
    """Note that the words indexes of all hosts must look at every published document again."""
    async with unit_of_work(database) as unit:
        await ChangeRepository(unit.session).note(await IndexRepository(unit.session).published())


async def ask_for_vectors(database: Database) -> None:
    """Note that the vector index must look at every published document again."""
    async with unit_of_work(database) as unit:
        documents = await IndexRepository(unit.session).published()
        await JobRepository(unit.session).ask_many(VECTORS_JOB, [document.hex for document in documents])
