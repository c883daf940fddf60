"""The statements about watches."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.clock import now
from knowledge.models.answer import Question
from knowledge.models.conversation import Watch


class WatchRepository:
    """Watches over one session; whoever opened the session commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, watch: Watch) -> None:
        """Take in a watch."""
        self._session.add(watch)
        await self._session.flush()

    async def get(self, key: UUID) -> Watch | None:
        """Return a watch."""
        return await self._session.get(Watch, key)

    async def question(self, key: UUID) -> Question | None:
        """Return the words of a question, unless they were erased."""
        return await self._session.get(Question, key)

    async def of(self, question: UUID, identity: UUID) -> Watch | None:
        """Return what somebody noted about a question."""
        statement = select(Watch).where(Watch.question_id == question, Watch.identity_id == identity)
        return await self._session.scalar(statement)

    async def delete(self, watch: Watch) -> None:
        """Forget a watch."""
        await self._session.delete(watch)
        await self._session.flush()

    async def move(self, question: UUID, to: UUID) -> None:
        """Let the watches on a question be for another one: its asker has corrected it."""
        await self._session.execute(update(Watch).where(Watch.question_id == question).values(question_id=to))

    async def is_any_open(self) -> bool:
        """Whether anybody waits to hear of anything."""
        return (await self._session.scalar(select(Watch.id).where(_open()).limit(1))) is not None

    async def open_keys(self) -> Sequence[UUID]:
        """Return the keys of all watches that wait, the oldest first."""
        return (await self._session.scalars(select(Watch.id).where(_open()).order_by(Watch.created_at))).all()

    async def open_of(self, identity: UUID) -> Sequence[tuple[Watch, Question]]:
        """Return what somebody waits to hear of, the oldest first."""
        statement = (
            select(Watch, Question)
            .join(Question, Question.id == Watch.question_id)
            .where(Watch.identity_id == identity, _open())
            .order_by(Watch.created_at)
        )
        return [(row[0], row[1]) for row in (await self._session.execute(statement)).all()]

    async def open_watch(self, key: UUID) -> tuple[Watch, Question] | None:
        """Return one watch that waits, with its question."""
        statement = select(Watch, Question).join(Question, Question.id == Watch.question_id)
        row = (await self._session.execute(statement.where(Watch.id == key, _open()))).first()
        return (row[0], row[1]) if row else None

    async def delete_done(self, moment: datetime) -> None:
        """Forget watches that have expired or whose person was told."""
        await self._session.execute(delete(Watch).where(or_(Watch.expires_at < moment, Watch.told_at < moment)))


def _open() -> ColumnElement[bool]:
    return and_(Watch.told_at.is_(None), Watch.expires_at > now())
