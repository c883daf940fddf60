"""From rows to what the services give back."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from knowledge.access.visibility import Viewer
from knowledge.lessons.repository import LessonRepository, LessonRow, PathRepository, PathRow
from knowledge.lessons.schemas import LessonEntry, PathEntry
from knowledge.models.lesson import Lesson, LessonPath, LessonState


def may_find(row: Lesson | LessonPath, viewer: Viewer) -> bool:
    """Whether somebody may find a lesson or path now."""
    if row.state is not LessonState.PUBLISHED:
        return False
    return viewer.access is None or row.access in viewer.access


def lesson_entry(row: LessonRow, topics: Mapping[UUID, tuple[UUID, ...]]) -> LessonEntry:
    """Return a lesson in one of its versions."""
    lesson, version, publisher = row
    return LessonEntry(
        id=lesson.id,
        key=lesson.key,
        title=version.title,
        summary=version.summary,
        level=version.level,
        minutes=version.minutes,
        language=version.language,
        needs=tuple(version.needs),
        topics=topics.get(lesson.id, ()),
        number=version.number,
        steps=len(version.steps),
        version=lesson.version,
        published_version=lesson.published_version,
        state=lesson.state,
        visibility=lesson.visibility,
        access=lesson.access,
        organisation_id=lesson.organisation_id,
        publisher=publisher,
        document_id=lesson.document_id,
        shipped=lesson.shipped,
        revision=lesson.revision,
        created_by=lesson.created_by,
        created_at=lesson.created_at,
        updated_at=lesson.updated_at,
    )


async def lesson_entries(repository: LessonRepository, rows: Sequence[LessonRow]) -> list[LessonEntry]:
    """Return lessons with their topics."""
    topics = await repository.topics([row[0].id for row in rows])
    return [lesson_entry(row, topics) for row in rows]


def path_entry(row: PathRow, lessons: Iterable[LessonEntry]) -> PathEntry:
    """Return a path with its lessons, which come in their order."""
    path, publisher = row
    return PathEntry(
        id=path.id,
        key=path.key,
        title=path.title,
        summary=path.summary,
        outcomes=path.outcomes,
        level=path.level,
        language=path.language,
        visibility=path.visibility,
        access=path.access,
        state=path.state,
        organisation_id=path.organisation_id,
        publisher=publisher,
        shipped=path.shipped,
        revision=path.revision,
        created_by=path.created_by,
        lessons=tuple(lessons),
    )


async def path_entries(repository: LessonRepository, rows: Sequence[PathRow], viewer: Viewer | None) -> list[PathEntry]:
    """Return paths with the lessons that somebody may find (``None``: with all, in their newest version)."""
    items = await PathRepository(repository.session).items([row[0].id for row in rows])
    wanted = {lesson for lessons in items.values() for lesson in lessons}
    entries = await _by_id(repository, wanted, viewer)
    return [path_entry(row, [entries[key] for key in items.get(row[0].id, ()) if key in entries]) for row in rows]


async def _by_id(
    repository: LessonRepository, lessons: Collection[UUID], viewer: Viewer | None
) -> dict[UUID, LessonEntry]:
    rows = await repository.by_ids(lessons, newest=viewer is None)
    seen = [row for row in rows if viewer is None or may_find(row[0], viewer)]
    return {entry.id: entry for entry in await lesson_entries(repository, seen)}
