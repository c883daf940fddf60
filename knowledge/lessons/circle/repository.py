"""The statements on circles that take a path together."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.lessons.repository import insert_once
from knowledge.models.chat import Chat, Circle
from knowledge.models.lesson import CircleLesson, CirclePath, CirclePathState, LessonPath


class CirclePathRepository:
    """Paths of circles over one session; whoever opened it commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of_circle(self, circle_id: UUID) -> tuple[CirclePath, LessonPath] | None:
        """Return the path that a circle takes or has finished."""
        statement = select(CirclePath, LessonPath).join(LessonPath, LessonPath.id == CirclePath.path_id)
        found = statement.where(CirclePath.circle_id == circle_id).execution_options(populate_existing=True)
        row = (await self._session.execute(found)).first()
        return None if row is None else (row[0], row[1])

    async def add(self, values: dict[str, Any]) -> bool:
        """Let a circle take a path; returns whether it takes none yet."""
        return await insert_once(self._session, CirclePath, values, ["circle_id"])

    async def change(self, circle_path_id: UUID, **values: Any) -> None:
        """Set columns of a circle's path."""
        await self._session.execute(update(CirclePath).where(CirclePath.id == circle_path_id).values(**values))

    async def remove(self, circle_path_id: UUID) -> None:
        """Forget that a circle takes a path, with what was brought to it."""
        await self._session.execute(delete(CirclePath).where(CirclePath.id == circle_path_id))

    async def due(self, moment: datetime) -> Sequence[UUID]:
        """Return the paths of circles for which it is time."""
        waits = (CirclePath.state == CirclePathState.RUNNING, CirclePath.next_at <= moment)
        return (await self._session.scalars(select(CirclePath.id).where(*waits).order_by(CirclePath.next_at))).all()

    async def claim(self, circle_path_id: UUID, moment: datetime) -> CirclePath | None:
        """Return a circle's path for which it is time, for changing it; ``None`` where somebody else was quicker."""
        waits = (CirclePath.state == CirclePathState.RUNNING, CirclePath.next_at <= moment)
        statement = select(CirclePath).where(CirclePath.id == circle_path_id, *waits).with_for_update(skip_locked=True)
        return await self._session.scalar(statement.execution_options(populate_existing=True))

    async def group(self, circle_id: UUID) -> tuple[Circle, Chat] | None:
        """Return a circle with its group, if it has one."""
        statement = select(Circle, Chat).join(Chat, Chat.id == Circle.chat_id).where(Circle.id == circle_id)
        row = (await self._session.execute(statement)).first()
        return None if row is None else (row[0], row[1])

    async def bring(self, values: dict[str, Any]) -> bool:
        """Note that a lesson is brought to a circle; returns whether it was not before."""
        return await insert_once(self._session, CircleLesson, values, ["circle_path_id", "lesson_id"])

    async def brought(self, circle_path_id: UUID) -> set[UUID]:
        """Return the lessons that were brought to a circle on its path."""
        statement = select(CircleLesson.lesson_id).where(CircleLesson.circle_path_id == circle_path_id)
        return set(await self._session.scalars(statement))

    async def lesson(self, circle_lesson_id: UUID) -> tuple[CircleLesson, CirclePath, LessonPath] | None:
        """Return what was brought to a circle, with its path."""
        statement = (
            select(CircleLesson, CirclePath, LessonPath)
            .join(CirclePath, CirclePath.id == CircleLesson.circle_path_id)
            .join(LessonPath, LessonPath.id == CirclePath.path_id)
            .where(CircleLesson.id == circle_lesson_id)
        )
        row = (await self._session.execute(statement)).first()
        return None if row is None else (row[0], row[1], row[2])

    async def brought_before(self, lesson: CircleLesson) -> int:
        """Count what was brought to a circle up to a lesson, that one too."""
        earlier = (CircleLesson.circle_path_id == lesson.circle_path_id, CircleLesson.due_at <= lesson.due_at)
        return (await self._session.scalar(select(func.count()).select_from(CircleLesson).where(*earlier))) or 0
