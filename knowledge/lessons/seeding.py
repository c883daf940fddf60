"""The lessons and paths that come with the program: brought into a database, and kept up to date there."""

import re
from pathlib import Path
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.lessons.importing import PATHS
from knowledge.lessons.markdown import read_lesson
from knowledge.lessons.path_file import PathSource, read_paths
from knowledge.lessons.paths import PathService, path_draft
from knowledge.lessons.pictures import SmallPicture, take_as_is
from knowledge.lessons.repository import LessonRepository, PathRepository
from knowledge.lessons.schemas import LessonDraft, PathDraft
from knowledge.lessons.service import LessonService
from knowledge.lessons.steps import pictures_of
from knowledge.models.lesson import LessonPath, LessonState

CONTENT = Path(__file__).with_name("content")
LANGUAGES = ("de", "en")
_KEY = re.compile(r"^key:\s*([a-z0-9-]+)\s*$", re.MULTILINE)


async def seed_lessons(session: AsyncSession, content: Path = CONTENT) -> int:
    """Bring the lessons and paths that a database lacks; returns how many came or changed.

    One is known by its key. What people changed, withdrew or made themselves under the same key stays as it is; what
    nobody changed gets what a newer program says. The library takes them in later (``shelve_missing``), when there is
    somebody who indexes.
    """
    lessons, paths = _read_content(content)
    seeder = _Seeder(session)
    done = 0
    for path, text in lessons:
        done += await seeder.bring(path, text)
    for text in paths:
        done += await seeder.bring_paths(text)
    return done


def _read_content(content: Path) -> tuple[list[tuple[Path, str]], list[str]]:
    """Return the files of lessons with their texts, and the files of paths."""
    folders = [content / language for language in LANGUAGES if (content / language).is_dir()]
    lessons = [(path, path.read_text(encoding="utf-8")) for folder in folders for path in sorted(folder.glob("*.md"))]
    paths = [(folder / PATHS).read_text(encoding="utf-8") for folder in folders if (folder / PATHS).is_file()]
    return lessons, paths


class _Seeder:
    def __init__(self, session: AsyncSession) -> None:
        unit = UnitOfWork(session)
        self._lessons = LessonRepository(session)
        self._service = LessonService(unit)
        self._paths = PathRepository(session)
        self._path_service = PathService(unit)
        self._known: dict[str, UUID] | None = None
        self._shipped: dict[str, str] = {}

    async def bring(self, path: Path, text: str) -> bool:
        """Bring one lesson; returns whether anything changed."""
        found = _KEY.search(text)
        known = await self._keys()
        key = found[1] if found else ""
        if key in known and self._shipped.get(key) in (None, text):
            return False
        source = read_lesson(text)
        draft = LessonDraft(source, {name: _picture(path.with_name(name)) for name in pictures_of(source.steps)})
        lesson = await self._lessons.locked(known[key]) if key in known else await self._service.add(draft, None)
        if lesson is None or not await self._service.add_version(lesson, draft, None):
            return False
        await self._service.release(lesson, source)
        lesson.shipped = True
        known[source.key] = lesson.id
        await self._lessons.flush()
        return True

    async def _keys(self) -> dict[str, UUID]:
        if self._known is None:
            self._known = await self._lessons.keys()
            self._shipped = {key: text for key, (_lesson, text) in (await self._lessons.shipped()).items()}
        return self._known

    async def bring_paths(self, text: str) -> int:
        """Bring paths; returns how many changed. One whose lessons are not all there does not come."""
        known, done = await self._keys(), 0
        for source in read_paths(text):
            if all(key in known for key in source.lessons):
                done += await self._bring_path(source, tuple(known[key] for key in source.lessons))
        return done

    async def _bring_path(self, source: PathSource, lessons: tuple[UUID, ...]) -> bool:
        draft = path_draft(source, lessons)
        path = await self._paths.by_key(source.key)
        if path is None:
            path = await self._path_service.add(draft, None)
        elif not path.shipped or await self._is_same(path, draft):
            return False
        await self._path_service.apply(path, draft)
        path.state, path.shipped = LessonState.PUBLISHED, True
        await self._lessons.flush()
        return True

    async def _is_same(self, path: LessonPath, draft: PathDraft) -> bool:
        said = (path.title, path.summary, path.outcomes, path.level, path.language, path.visibility)
        wanted = (draft.title, draft.summary, draft.outcomes, draft.level, draft.language, draft.visibility)
        return said == wanted and tuple((await self._paths.items([path.id])).get(path.id, ())) == draft.lessons


def _picture(path: Path) -> SmallPicture:
    return take_as_is(path.name, path.read_bytes())
