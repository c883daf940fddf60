"""One transaction per request, chat update or job; what must follow the commit waits for it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.database import Database

AfterCommit = Callable[[], Awaitable[None]]


class UnitOfWork:
    """A session and what is to happen once its transaction is committed."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self._after_commit: list[AfterCommit] = []

    def after_commit(self, action: AfterCommit) -> None:
        """Do ``action`` after the commit; a rollback throws it away."""
        self._after_commit.append(action)

    async def commit(self) -> None:
        """Commit, then do what waited for it, in order."""
        await self.session.commit()
        actions, self._after_commit = self._after_commit, []
        for action in actions:
            await action()


@asynccontextmanager
async def unit_of_work(database: Database, *, writes: bool = True) -> AsyncIterator[UnitOfWork]:
    """Open a unit of work: leaving it commits, an exception rolls back.

    Args:
        writes: ``False`` for work that only reads, so that it never waits for a writer.
    """
    async with database.session(writes=writes) as session:
        unit = UnitOfWork(session)
        yield unit
        await unit.commit()
