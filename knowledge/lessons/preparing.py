"""What takes time before a lesson can be kept, done outside of a transaction."""

import asyncio
from collections.abc import Mapping
from uuid import UUID

from knowledge.lessons.checking import find_problems
from knowledge.lessons.errors import LessonInvalid, LessonProblem, PictureUnusable
from knowledge.lessons.importing import FolderLesson, FolderProblem
from knowledge.lessons.markdown import LessonSource, read_lesson
from knowledge.lessons.pictures import SmallPicture, make_small
from knowledge.lessons.schemas import LessonDraft
from knowledge.lessons.steps import pictures_of


async def prepare_lesson(
    text: str, files: Mapping[str, bytes] | None = None, *, organisation_id: UUID | None = None
) -> LessonDraft:
    """Return what ``LessonService.write`` takes: a lesson that was read and fits, and its pictures made small.

    Args:
        text: the lesson as it is written.
        files: pictures by the name that the text gives them; others are left out.
        organisation_id: for whom an administrator publishes.

    Raises LessonInvalid with all problems and their lines, also those of pictures.
    """
    source = await asyncio.to_thread(read_lesson, text)
    problems = find_problems(source)
    pictures, unusable = await _small(source, files or {})
    problems += unusable
    if problems:
        raise LessonInvalid(problems)
    return LessonDraft(source, pictures, organisation_id)


async def _small(
    source: LessonSource, files: Mapping[str, bytes]
) -> tuple[dict[str, SmallPicture], list[LessonProblem]]:
    pictures: dict[str, SmallPicture] = {}
    problems: list[LessonProblem] = []
    for name in pictures_of(source.steps):
        if name not in files:
            continue
        try:
            pictures[name] = await asyncio.to_thread(make_small, name, files[name])
        except PictureUnusable as unusable:
            problems.append(LessonProblem(line_of(source.source, name), unusable.message, unusable.code))
    return pictures, problems


def line_of(text: str, name: str) -> int:
    """Return the first line in which a picture is named; 0 where it is not."""
    return next((number for number, line in enumerate(text.split("\n"), start=1) if f"({name})" in line), 0)


async def prepare_folder_lesson(lesson: FolderLesson) -> tuple[LessonDraft | None, list[FolderProblem]]:
    """Return the lesson of a folder with its pictures made small; nothing of it where one of them is unusable."""
    pictures, problems = await _small(lesson.source, lesson.pictures)
    if problems:
        return None, [FolderProblem(lesson.file, problem) for problem in problems]
    return LessonDraft(lesson.source, pictures), []
