"""The jobs by which the indexes follow the database."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.jobs.repository import JobRepository
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.indexes.repository import IndexRepository
from knowledge.topics.jobs import LINK_JOB, ask_to_link

WORDS_JOB = "library.index_words"
VECTORS_JOB = "library.index_vectors"
INDEX_JOBS = (WORDS_JOB, VECTORS_JOB)
# All that follows a document by jobs of its key: the indexes, and which topics it is about.
FOLLOWING_JOBS = (*INDEX_JOBS, LINK_JOB)


async def ask_for(session: AsyncSession, documents: Iterable[UUID]) -> None:
    """Note, in the transaction of the change, that both indexes must look at these documents again.

    So must the table of what they are about (``knowledge/topics/linking.py``).
    """
    jobs, changed = JobRepository(session), list(documents)
    for document in changed:
        for kind in INDEX_JOBS:
            await jobs.ask(kind, document.hex)
    await ask_to_link(session, changed)


async def ask_for_all(database: Database, kind: str) -> None:
    """Note that one index must look at every published document again."""
    async with unit_of_work(database) as unit:
        documents = await IndexRepository(unit.session).published()
        await JobRepository(unit.session).ask_many(kind, [document.hex for document in documents])
