"""A circle takes a path together: one lesson a week on a fixed day, which it talks about in the thread below it."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.visibility import NETWORK, PUBLIC, Viewer, access_token
from knowledge.digests.schedule import check_time, next_due
from knowledge.kit.clock import HOME, now
from knowledge.kit.database import Database
from knowledge.kit.errors import AllmendeError
from knowledge.kit.ids import new_id
from knowledge.kit.logs import get_logger
from knowledge.kit.repeating import repeat
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.lessons.circle.repository import CirclePathRepository
from knowledge.lessons.entries import may_find
from knowledge.lessons.errors import CircleHasPath, NoCirclePath, UnknownPath
from knowledge.lessons.repository import LessonRepository, PathRepository
from knowledge.lessons.schemas import CircleLessonEntry, CirclePathEntry
from knowledge.lessons.shelving import shelve_missing
from knowledge.models.chat import Chat, Circle, Network
from knowledge.models.document import Visibility
from knowledge.models.lesson import CirclePath, CirclePathState, LessonPath, LessonState
from knowledge.notices.service import tell

EVERY = timedelta(minutes=1)
# Told in the circle's group: a lesson, and that the path has come to its end.
POSTED, ENDED = "lesson.posted", "lesson.path_ended"


@dataclass(frozen=True, slots=True)
class CirclePathWish:
    """That a circle is to take a path: on which day of the week (0 is Monday) and at which hour, here."""

    circle_id: UUID
    path_id: UUID
    day: int
    hour: int


class CirclePathService:
    """The paths of circles, within the caller's transaction, which also checks who may decide for the circle."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._repository = CirclePathRepository(session)
        self._paths = PathRepository(session)

    async def start(self, wish: CirclePathWish, viewer: Viewer, by: UUID | None) -> CirclePathEntry:
        """Let a circle take a path; the first lesson comes on the next such day and hour.

        A circle that takes this path already keeps it, on the new day. One that it has finished begins anew.

        Args:
            wish: what the circle wants.
            viewer: what may be found in its group.
            by: the member who decided.

        Raises DigestTimeInvalid, UnknownPath where the group may not find it, CircleHasPath.
        """
        check_time(wish.day, wish.hour)
        row = await self._paths.get(wish.path_id)
        if row is None or not may_find(row[0], viewer):
            raise UnknownPath
        found = await self._repository.of_circle(wish.circle_id)
        if found is not None and found[0].state is CirclePathState.DONE:
            await self._repository.remove(found[0].id)
            found = None
        if found is not None and found[0].path_id != wish.path_id:
            raise CircleHasPath
        when = {"day": wish.day, "hour": wish.hour, "next_at": next_due(now(), wish.day, wish.hour)}
        if found is not None:
            await self._repository.change(found[0].id, **when)
        else:
            who = {"circle_id": wish.circle_id, "path_id": wish.path_id, "started_by": by}
            state = {"id": new_id(), "state": CirclePathState.RUNNING, "created_at": now()}
            await self._repository.add({**who, **when, **state})
            get_logger().info("circle_path_started", circle=str(wish.circle_id), path=str(wish.path_id))
        return await self.of_circle(wish.circle_id)

    async def of_circle(self, circle_id: UUID) -> CirclePathEntry:
        """Return the path that a circle takes, or has finished. Raises NoCirclePath."""
        return await self._entry(*await self._row(circle_id))

    async def find(self, circle_id: UUID) -> CirclePathEntry | None:
        """Return the path that a circle takes, or has finished, if there is one."""
        found = await self._repository.of_circle(circle_id)
        return await self._entry(*found) if found is not None else None

    async def pause(self, circle_id: UUID) -> CirclePathEntry:
        """Bring no lesson until the circle goes on. Raises NoCirclePath."""
        row, _path = await self._row(circle_id)
        if row.state is CirclePathState.RUNNING:
            await self._repository.change(row.id, state=CirclePathState.PAUSED)
        return await self.of_circle(circle_id)

    async def go_on(self, circle_id: UUID) -> CirclePathEntry:
        """Go on after a pause: the next lesson comes on its day. Raises NoCirclePath."""
        row, _path = await self._row(circle_id)
        if row.state is CirclePathState.PAUSED:
            due = next_due(now(), row.day, row.hour)
            await self._repository.change(row.id, state=CirclePathState.RUNNING, next_at=due)
        return await self.of_circle(circle_id)

    async def end(self, circle_id: UUID) -> None:
        """Take the path no longer. Raises NoCirclePath."""
        row, _path = await self._row(circle_id)
        await self._repository.remove(row.id)
        get_logger().info("circle_path_ended", circle=str(circle_id))

    async def lesson(self, circle_lesson_id: UUID) -> CircleLessonEntry | None:
        """Return a lesson that was brought to a circle; ``None`` where the circle takes that path no longer."""
        found = await self._repository.lesson(circle_lesson_id)
        if found is None:
            return None
        lesson, row, path = found
        items = (await self._paths.items([path.id])).get(path.id, [])
        at = items.index(lesson.lesson_id) + 1 if lesson.lesson_id in items else 0
        return CircleLessonEntry(
            id=lesson.id,
            circle_id=row.circle_id,
            path_id=path.id,
            path_title=path.title,
            lesson_id=lesson.lesson_id,
            number=at or await self._repository.brought_before(lesson),
            count=len(items),
            day=row.day,
            hour=row.hour,
        )

    async def _row(self, circle_id: UUID) -> tuple[CirclePath, LessonPath]:
        found = await self._repository.of_circle(circle_id)
        if found is None:
            raise NoCirclePath
        return found

    async def _entry(self, row: CirclePath, path: LessonPath) -> CirclePathEntry:
        items = (await self._paths.items([path.id])).get(path.id, [])
        brought = await self._repository.brought(row.id)
        return CirclePathEntry(
            id=row.id,
            circle_id=row.circle_id,
            path_id=path.id,
            title=path.title,
            day=row.day,
            hour=row.hour,
            state=row.state,
            next_at=row.next_at,
            started_by=row.started_by,
            done=len(brought.intersection(items)),
            lessons=len(items),
        )


async def post_lessons(database: Database, moment: datetime | None = None, *, abroad: str = PUBLIC) -> int:
    """Bring to each circle the lesson for which it is time; returns how many were brought.

    What was due on an earlier day, while nothing ran or the group was away or might not find the path, does not come
    all at once: the next lesson comes on the next such day.

    Args:
        database: holds the paths of circles.
        moment: for tests.
        abroad: what may be shown on Telegram at most (``ALLMENDE_TELEGRAM_VISIBILITY``).
    """
    moment = moment or now()
    async with unit_of_work(database, writes=False) as unit:
        due = await CirclePathRepository(unit.session).due(moment)
    brought = 0
    for key in due:
        async with unit_of_work(database) as unit:
            brought += await _Posting(unit.session, moment, abroad).post(key)
    return brought


class _Posting:
    """What happens for a circle when it is time, in one transaction."""

    def __init__(self, session: AsyncSession, moment: datetime, abroad: str) -> None:
        self._session, self._moment, self._abroad = session, moment, abroad
        self._repository = CirclePathRepository(session)

    async def post(self, circle_path_id: UUID) -> bool:
        row = await self._repository.claim(circle_path_id, self._moment)
        if row is None:
            return False
        due_at = row.next_at
        await self._repository.change(row.id, next_at=next_due(self._moment, row.day, row.hour))
        group = await self._repository.group(row.circle_id)
        if group is None or group[1].paused or not _is_today(due_at, self._moment):
            return False
        viewer = self._viewer(*group)
        if await self._is_hidden(row, viewer):
            return False
        lesson_id = await self._next_lesson(row, viewer)
        if lesson_id is None:
            await self._finish(row)
            return False
        brought = {"circle_path_id": row.id, "lesson_id": lesson_id, "due_at": due_at, "created_at": self._moment}
        key = new_id()
        if not await self._repository.bring({"id": key, **brought}):
            return False
        await tell(self._session, POSTED, circle_id=row.circle_id, data={"circle_lesson": str(key)})
        get_logger().info("circle_lesson_posted", circle=str(row.circle_id), lesson=str(lesson_id))
        return True

    async def _is_hidden(self, row: CirclePath, viewer: Viewer) -> bool:
        """Whether the path is there, but not for the group at the moment: it then waits for another week."""
        path = await PathRepository(self._session).get(row.path_id)
        return path is not None and path[0].state is LessonState.PUBLISHED and not may_find(path[0], viewer)

    async def _next_lesson(self, row: CirclePath, viewer: Viewer) -> UUID | None:
        """Return the first lesson of the path that was not brought yet and may be shown in the group."""
        path = await PathRepository(self._session).get(row.path_id)
        if path is None or not may_find(path[0], viewer):
            return None
        items = (await PathRepository(self._session).items([row.path_id])).get(row.path_id, [])
        brought = await self._repository.brought(row.id)
        rows = await LessonRepository(self._session).by_ids(items)
        found = {lesson.id for lesson, _version, _name in rows if may_find(lesson, viewer)}
        return next((key for key in items if key in found and key not in brought), None)

    async def _finish(self, row: CirclePath) -> None:
        """Tell a circle, a week after the last lesson, that it has done all of them."""
        await self._repository.change(row.id, state=CirclePathState.DONE)
        await tell(self._session, ENDED, circle_id=row.circle_id, data={"circle_path": str(row.id)})

    def _viewer(self, circle: Circle, chat: Chat) -> Viewer:
        """Return what may be found in the group of a circle (see knowledge/circles/audience.py)."""
        own = {PUBLIC, access_token(Visibility.CIRCLE, None, circle.id)}
        access = own | {NETWORK} if circle.vouched_at is not None else own
        if chat.network is Network.TELEGRAM and self._abroad != NETWORK:
            access = {PUBLIC}
        return Viewer(frozenset(access))


def _is_today(due_at: datetime, moment: datetime) -> bool:
    return due_at.astimezone(HOME).date() == moment.astimezone(HOME).date()


async def keep_circle_lessons(database: Database, stop: asyncio.Event, *, abroad: str = PUBLIC) -> None:
    """Look now and every minute until ``stop`` is set; lessons that the library lacks are put into it, too."""

    async def work() -> None:
        try:
            await shelve_missing(database)
        except AllmendeError as error:  # one lesson that the library refuses keeps none from the circles
            get_logger().warning("lessons_not_shelved", code=error.code)
        await post_lessons(database, abroad=abroad)

    await repeat(work, stop, every=EVERY, name="circle_lessons")
