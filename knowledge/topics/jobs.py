"""The job by which the topics of documents follow the words that documents name them with."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.jobs.repository import JobRepository

LINK_JOB = "topics.link"
# The key of the job that looks at all documents, because the words of a topic changed.
ALL = "all"


async def ask_to_link(session: AsyncSession, documents: Iterable[UUID]) -> None:
    """Note, in the transaction of the change, that the topics of these documents must be found anew."""
    await JobRepository(session).ask_many(LINK_JOB, sorted({document.hex for document in documents}))


async def ask_to_link_all(session: AsyncSession) -> None:
    """Note, in the transaction of the change, that words mean other topics than before."""
    await JobRepository(session).ask(LINK_JOB, ALL)
