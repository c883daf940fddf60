"""Keeping the topics of documents in step with the words that they are named with; like an index, it can be redone."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.jobs.worker import JobKind
from knowledge.kit.database import Database
from knowledge.kit.logs import get_logger
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.job import Job
from knowledge.topics.jobs import ALL
from knowledge.topics.repository import DocumentTopicRepository
from knowledge.topics.tree import load_tree

# Jobs that are done together, and documents of one transaction.
BATCH = 200
TOGETHER = 500


async def link_documents(session: AsyncSession, documents: Collection[UUID]) -> int:
    """Let documents be about the topics that their words mean now; returns how many were about others before."""
    tree, repository = await load_tree(session), DocumentTopicRepository(session)
    linked = await repository.linked(documents)
    changed = 0
    for document, words in (await repository.named(documents)).items():
        before, after = linked.get(document, frozenset()), tree.resolve(words)
        if before != after:
            await repository.link(document, to=after - before, no_longer=before - after)
            changed += 1
    return changed


async def link_all_documents(database: Database) -> int:
    """Do the same for the whole library, in transactions of their own; returns how many changed."""
    changed, last = 0, None
    while True:
        async with unit_of_work(database) as unit:
            documents = await DocumentTopicRepository(unit.session).next_documents(last, TOGETHER)
            if not documents:
                return changed
            changed += await link_documents(unit.session, documents)
        last = documents[-1]


def link_job(database: Database) -> JobKind:
    """Return how the job ``knowledge.topics.jobs.LINK_JOB`` is done."""

    async def link(jobs: Sequence[Job]) -> None:
        keys = {job.key for job in jobs}
        if ALL in keys:
            changed = await link_all_documents(database)
        else:
            async with unit_of_work(database) as unit:
                changed = await link_documents(unit.session, sorted(UUID(key) for key in keys))
        if changed:
            get_logger().info("documents_linked", documents=changed)

    return JobKind(link, batch=BATCH)
