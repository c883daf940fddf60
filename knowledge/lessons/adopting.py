"""What somebody learned before it was known that a chat identity is theirs becomes the member's."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.logs import get_logger
from knowledge.lessons.runs.repository import CheckRepository, RunRepository
from knowledge.models.lesson import LessonRun


async def adopt_learned(session: AsyncSession, identity_id: UUID, member_id: UUID) -> int:
    """Let a member have what their chat identity learned and checked, in the transaction in which it becomes theirs.

    Where both took a lesson, the one stays in which they are further, with the earlier date of having finished it.
    Returns how many lessons came over.
    """
    runs = RunRepository(session)
    own = {run.lesson_id: run for run in await runs.all_of((member_id, None))}
    brought = await runs.all_of((None, identity_id))
    taken = [run for run in brought if run.lesson_id not in own or _reach(run) > _reach(own[run.lesson_id])]
    finished = _first_dates([*own.values(), *brought])
    replaced = {own[run.lesson_id].id for run in taken if run.lesson_id in own}
    await runs.remove(({run.id for run in brought} - {run.id for run in taken}) | replaced)
    for run in taken:
        await runs.change(run.id, identity_id=None, member_id=member_id, done_at=finished.get(run.lesson_id))
    for run in own.values():
        if run.id not in replaced and finished.get(run.lesson_id) != run.done_at:
            await runs.change(run.id, done_at=finished[run.lesson_id])
    await CheckRepository(session).hand_over(identity_id, member_id)
    if taken:
        get_logger().info("lessons_adopted", member=str(member_id), lessons=len(taken))
    return len(taken)


def _reach(run: LessonRun) -> tuple[bool, int]:
    return run.done_at is not None, run.step


def _first_dates(runs: list[LessonRun]) -> dict[UUID, datetime]:
    dates: dict[UUID, datetime] = {}
    for run in runs:
        if run.done_at is not None:
            dates[run.lesson_id] = min(run.done_at, dates.get(run.lesson_id, run.done_at))
    return dates
