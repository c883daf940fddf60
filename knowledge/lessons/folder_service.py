"""Bringing the lessons of a folder into the database: each of them whole or not at all."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from knowledge.kit.database import Database
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import _
from knowledge.kit.logs import get_logger
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.lessons.errors import LessonKeyTaken, LessonProblem
from knowledge.lessons.importing import PATHS, FolderLesson, FolderProblem, LessonFolder, find_unknown, read_folder
from knowledge.lessons.path_file import PathSource
from knowledge.lessons.paths import PathInvalid, PathService, path_draft
from knowledge.lessons.preparing import prepare_folder_lesson
from knowledge.lessons.repository import LessonRepository, PathRepository
from knowledge.lessons.schemas import LessonDraft
from knowledge.lessons.service import LessonService
from knowledge.models.lesson import Lesson, LessonPath
from knowledge.trainings.schemas import Publisher


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a folder: the keys of lessons and paths, and what is wrong where."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    paths: tuple[str, ...]
    problems: tuple[FolderProblem, ...]


async def import_folder(
    database: Database,
    folder: Path | LessonFolder,
    by: Publisher | None,
    *,
    publish: bool = False,
    organisation_id: UUID | None = None,
) -> ImportReport:
    """Bring the lessons and paths of a folder into the database, each in a transaction of its own.

    A broken file keeps nothing from the others; a path comes when all of its lessons are there. Once more with the same
    folder changes nothing.

    Args:
        database: where they go.
        folder: a folder, or what ``read_files`` read.
        by: the publisher; ``None`` for the command line.
        publish: whether they are published at once; otherwise they are drafts.
        organisation_id: for whom an administrator publishes.

    Raises OSError for a folder that cannot be read.
    """
    read = await asyncio.to_thread(read_folder, folder) if isinstance(folder, Path) else folder
    work = _Import(database, by, publish=publish, organisation_id=organisation_id)
    for lesson in read.lessons:
        await work.take(lesson)
    for path in read.paths:
        await work.take_path(path)
    async with unit_of_work(database, writes=False) as unit:
        known = await LessonRepository(unit.session).keys()
    # What paths lack was said already.
    unknown = [problem for problem in find_unknown(read, known) if problem.file != PATHS]
    report = work.report([*read.problems, *unknown])
    get_logger().info("lessons_imported", added=len(report.added), problems=len(report.problems))
    return report


class _Import:
    def __init__(
        self, database: Database, by: Publisher | None, *, publish: bool, organisation_id: UUID | None
    ) -> None:
        self._database, self._by = database, by
        self._publish, self._organisation_id = publish, organisation_id
        self._done: dict[str, list[str]] = {"added": [], "changed": [], "unchanged": [], "paths": []}
        self._problems: list[FolderProblem] = []

    def report(self, others: Sequence[FolderProblem]) -> ImportReport:
        done = {name: tuple(keys) for name, keys in self._done.items()}
        return ImportReport(**done, problems=(*others, *self._problems))

    async def take(self, lesson: FolderLesson) -> None:
        draft, problems = await prepare_folder_lesson(lesson)
        self._problems += problems
        if draft is None:
            return
        try:
            async with unit_of_work(self._database) as unit:
                outcome = await self._keep(unit, draft)
        except AllmendeError as error:
            self._problems.append(_said(lesson.file, error))
            return
        self._done[outcome].append(lesson.source.key)

    async def _keep(self, unit: UnitOfWork, draft: LessonDraft) -> str:
        service = LessonService(unit)
        draft = LessonDraft(draft.source, draft.pictures, self._organisation_id)
        known = await LessonRepository(unit.session).by_key(draft.source.key)
        if known is not None and not self._manages(known):
            raise LessonKeyTaken(draft.source.key)
        before = known.version if known else 0
        was_published = known is not None and known.published_version == known.version > 0
        entry = await service.write(draft, self._by, lesson_id=known.id if known else None)
        is_new_version = entry.version > before
        if self._publish and (is_new_version or not was_published):
            await service.publish(entry.id, self._by)
        if known is None:
            return "added"
        return "changed" if is_new_version else "unchanged"

    async def take_path(self, path: PathSource) -> None:
        try:
            async with unit_of_work(self._database) as unit:
                await self._keep_path(unit, path)
        except AllmendeError as error:
            self._problems.append(_said(PATHS, error))
            return
        self._done["paths"].append(path.key)

    async def _keep_path(self, unit: UnitOfWork, path: PathSource) -> None:
        known = await LessonRepository(unit.session).keys()
        missing = [key for key in path.lessons if key not in known]
        if missing:
            problem = _("The path “{path}” was not taken: there is no lesson with the key “{key}”.")
            raise PathInvalid(problem.format(path=path.key, key=missing[0]))
        draft = path_draft(path, tuple(known[key] for key in path.lessons), self._organisation_id)
        service = PathService(unit)
        existing = await PathRepository(unit.session).by_key(path.key)
        if existing is not None and not self._manages(existing):
            raise LessonKeyTaken(path.key)
        entry = await service.write(draft, self._by, path_id=existing.id if existing else None)
        if self._publish:
            await service.publish(entry.id, self._by)

    def _manages(self, row: Lesson | LessonPath) -> bool:
        return self._by is None or self._by.manages(row.organisation_id, row.created_by)


def _said(file: str, error: AllmendeError) -> FolderProblem:
    return FolderProblem(file, LessonProblem(0, error.message, error.code))
