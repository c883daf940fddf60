"""The statements on how far learners are, what they answered, and the sums of it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.lessons.repository import insert_once
from knowledge.models.lesson import (
    Lesson,
    LessonAnswer,
    LessonPathItem,
    LessonRun,
    LessonState,
    LessonVersion,
    SelfCheck,
)

# The member or the identity that something belongs to.
Owner = tuple[UUID | None, UUID | None]


def _of(owner: Owner) -> ColumnElement[bool]:
    member, identity = owner
    return LessonRun.member_id == member if member is not None else LessonRun.identity_id == identity


class RunRepository:
    """Runs and answers over one session; whoever opened it commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def begin(self, owner: Owner, values: dict[str, Any]) -> None:
        """Take in a run, unless there is one of the same person and lesson."""
        unique = ["member_id" if owner[0] is not None else "identity_id", "lesson_id"]
        who = {"member_id": owner[0], "identity_id": None if owner[0] is not None else owner[1]}
        await insert_once(self._session, LessonRun, {**who, **values}, unique)

    async def of_lesson(self, owner: Owner, lesson_id: UUID) -> LessonRun | None:
        """Return somebody's run of a lesson, for changing it."""
        statement = select(LessonRun).where(_of(owner), LessonRun.lesson_id == lesson_id).with_for_update()
        return await self._session.scalar(statement.execution_options(populate_existing=True))

    async def with_key(self, owner: Owner, key: str) -> LessonRun | None:
        """Return somebody's run of the lesson with a key."""
        statement = select(LessonRun).join(Lesson, Lesson.id == LessonRun.lesson_id)
        mine = statement.where(_of(owner), Lesson.key == key).execution_options(populate_existing=True)
        return await self._session.scalar(mine)

    async def locked(self, owner: Owner, run_id: UUID) -> LessonRun | None:
        """Return somebody's run, for changing it."""
        statement = select(LessonRun).where(_of(owner), LessonRun.id == run_id).with_for_update()
        return await self._session.scalar(statement.execution_options(populate_existing=True))

    async def all_of(self, owner: Owner) -> list[LessonRun]:
        """Return all runs of somebody, the last touched first."""
        statement = select(LessonRun).where(_of(owner)).order_by(LessonRun.updated_at.desc(), LessonRun.id)
        return list(await self._session.scalars(statement.execution_options(populate_existing=True)))

    async def done_keys(self, owner: Owner, keys: Collection[str]) -> set[str]:
        """Return which of the lessons with these keys somebody finished."""
        statement = select(Lesson.key).join(LessonRun, LessonRun.lesson_id == Lesson.id)
        done = (_of(owner), Lesson.key.in_(keys), LessonRun.done_at.is_not(None))
        return set(await self._session.scalars(statement.where(*done)))

    async def done_lessons(self, owner: Owner, lessons: Collection[UUID]) -> set[UUID]:
        """Return which lessons somebody finished."""
        done = (_of(owner), LessonRun.lesson_id.in_(lessons), LessonRun.done_at.is_not(None))
        return set(await self._session.scalars(select(LessonRun.lesson_id).where(*done)))

    async def learned(self, owner: Owner) -> list[tuple[LessonRun, LessonVersion, Lesson]]:
        """Return somebody's runs with version and lesson, the last touched first."""
        statement = (
            select(LessonRun, LessonVersion, Lesson)
            .join(LessonVersion, LessonVersion.id == LessonRun.version_id)
            .join(Lesson, Lesson.id == LessonRun.lesson_id)
            .where(_of(owner))
            .order_by(LessonRun.updated_at.desc(), LessonRun.id)
        )
        return [(row[0], row[1], row[2]) for row in (await self._session.execute(statement)).all()]

    async def remove(self, runs: Collection[UUID]) -> None:
        """Forget runs with their answers."""
        await self._session.execute(delete(LessonRun).where(LessonRun.id.in_(runs)))

    async def change(self, run_id: UUID, **values: Any) -> None:
        """Set columns of a run."""
        await self._session.execute(update(LessonRun).where(LessonRun.id == run_id).values(**values))

    async def keep_answer(self, run: LessonRun, step: int, *, choice: int, correct: bool) -> bool:
        """Keep what was chosen at a question; returns whether it was the first time on this version."""
        values = {"run_id": run.id, "version_id": run.version_id, "step": step, "choice": choice, "correct": correct}
        return await insert_once(self._session, LessonAnswer, values, ["run_id", "version_id", "step"])

    async def is_answered(self, run: LessonRun, step: int) -> bool:
        """Whether a question was answered."""
        same = (LessonAnswer.run_id == run.id, LessonAnswer.version_id == run.version_id, LessonAnswer.step == step)
        return await self._session.scalar(select(LessonAnswer.choice).where(*same)) is not None

    async def answers_of(self, runs: Collection[UUID]) -> Sequence[LessonAnswer]:
        """Return the answers that were given in runs."""
        statement = select(LessonAnswer).where(LessonAnswer.run_id.in_(runs))
        return (await self._session.scalars(statement.order_by(LessonAnswer.run_id, LessonAnswer.step))).all()

    # Sums

    async def learners_by_version(self, lesson_id: UUID) -> dict[UUID, int]:
        """Count who is in the middle of each version of a lesson."""
        active = (LessonRun.lesson_id == lesson_id, LessonRun.active.is_(True))
        statement = select(LessonRun.version_id, func.count()).where(*active).group_by(LessonRun.version_id)
        return dict((await self._session.execute(statement)).all())

    async def sums(self, lessons: Collection[UUID]) -> dict[UUID, tuple[int, int, int, int]]:
        """Count by lesson who began, who finished, who found it helpful, and who said whether they did."""
        helpful = func.coalesce(func.sum(case((LessonRun.helpful.is_(True), 1), else_=0)), 0)
        statement = select(
            LessonRun.lesson_id,
            func.count(),
            func.count(LessonRun.done_at),
            helpful,
            func.count(LessonRun.helpful),
        )
        counted = statement.where(LessonRun.lesson_id.in_(lessons)).group_by(LessonRun.lesson_id)
        return {row[0]: (row[1], row[2], row[3], row[4]) for row in (await self._session.execute(counted)).all()}

    async def answered(self, versions: Collection[UUID]) -> dict[UUID, dict[int, tuple[int, int]]]:
        """Count by version and step the first answers, and the wrong ones among them."""
        wrong = func.sum(case((LessonAnswer.correct.is_(False), 1), else_=0))
        statement = select(LessonAnswer.version_id, LessonAnswer.step, func.count(), wrong)
        counted = statement.where(LessonAnswer.version_id.in_(versions))
        found: defaultdict[UUID, dict[int, tuple[int, int]]] = defaultdict(dict)
        grouped = counted.group_by(LessonAnswer.version_id, LessonAnswer.step)
        for version, step, count, mistaken in (await self._session.execute(grouped)).all():
            found[version][step] = (count, mistaken)
        return dict(found)

    async def path_sums(self, paths: Collection[UUID]) -> dict[UUID, tuple[int, int]]:
        """Count by path who began it, and who finished all of its lessons that are published now."""
        owner = func.coalesce(LessonRun.member_id, LessonRun.identity_id)
        began = select(LessonRun.path_id, func.count(owner.distinct())).where(LessonRun.path_id.in_(paths))
        counted = dict((await self._session.execute(began.group_by(LessonRun.path_id))).all())
        finished = dict((await self._session.execute(_finished(paths, owner))).all())
        return {path: (counted.get(path, 0), finished.get(path, 0)) for path in paths}


def _finished(paths: Collection[UUID], owner: ColumnElement[UUID]) -> Select[UUID, int]:
    """Count by path who did as many of its lessons as are published now."""
    items = select(LessonPathItem.path_id, LessonPathItem.lesson_id).join(Lesson, Lesson.id == LessonPathItem.lesson_id)
    lessons = items.where(LessonPathItem.path_id.in_(paths), Lesson.state == LessonState.PUBLISHED).subquery()
    wanted = select(lessons.c.path_id, func.count().label("lessons")).group_by(lessons.c.path_id).subquery()
    done = (
        select(lessons.c.path_id, owner.label("owner"), func.count().label("lessons"))
        .join(LessonRun, LessonRun.lesson_id == lessons.c.lesson_id)
        .where(LessonRun.done_at.is_not(None))
        .group_by(lessons.c.path_id, owner)
        .subquery()
    )
    all_of_them = (done.c.path_id == wanted.c.path_id) & (done.c.lessons == wanted.c.lessons)
    return select(done.c.path_id, func.count()).join(wanted, all_of_them).group_by(done.c.path_id)


class CheckRepository:
    """Self-checks over one session; whoever opened it commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, row: SelfCheck) -> None:
        """Take in the answers of a self-check."""
        self._session.add(row)
        await self._session.flush()

    async def all_of(self, owner: Owner) -> Sequence[SelfCheck]:
        """Return somebody's self-checks, the newest first."""
        statement = select(SelfCheck).where(_checked_by(owner))
        return (await self._session.scalars(statement.order_by(SelfCheck.created_at.desc(), SelfCheck.id))).all()

    async def remove(self, owner: Owner, check_id: UUID | None) -> int:
        """Forget one of somebody's self-checks, or all; returns how many there were."""
        statement = delete(SelfCheck).where(_checked_by(owner))
        if check_id is not None:
            statement = statement.where(SelfCheck.id == check_id)
        return len((await self._session.execute(statement.returning(SelfCheck.id))).all())

    async def hand_over(self, identity_id: UUID, member_id: UUID) -> None:
        """Let a member have what a chat identity had."""
        theirs = update(SelfCheck).where(SelfCheck.identity_id == identity_id)
        await self._session.execute(theirs.values(identity_id=None, member_id=member_id))

    async def forget_before(self, owner: Owner, moment: datetime) -> None:
        """Forget somebody's self-checks that are older."""
        await self._session.execute(delete(SelfCheck).where(_checked_by(owner), SelfCheck.created_at < moment))


def _checked_by(owner: Owner) -> ColumnElement[bool]:
    member, identity = owner
    return SelfCheck.member_id == member if member is not None else SelfCheck.identity_id == identity
