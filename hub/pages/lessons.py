"""„Lernen": the paths and lessons that there are, with one's own progress, and one path."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from hub.dependencies import Anybody, Reading
from hub.pages.lesson_parts import (
    LEARN,
    PATHS,
    LessonCard,
    PathCard,
    language_name,
    learner_of,
    lesson_card,
    lesson_path,
    level_name,
    path_card,
)
from hub.pages.library_parts import read_choice, read_id
from hub.rendering import render
from knowledge.access.rights import Right, Visitor
from knowledge.kit.language import _, current_language
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.lessons.learning import LearningService
from knowledge.lessons.schemas import LearnedEntry, LessonOffered, PathOffered
from knowledge.lessons.service import LessonService
from knowledge.models.training import Level

router = APIRouter()
EVERY = "alle"


@dataclass(frozen=True, slots=True)
class Begun:
    """A lesson that somebody is in the middle of."""

    title: str
    address: str
    step: int
    steps: int


@dataclass(frozen=True, slots=True)
class Wishes:
    """By what the lessons are filtered."""

    topic: UUID | None
    level: Level | None
    language: str

    @property
    def narrows(self) -> bool:
        """Whether more than the language was chosen."""
        return self.topic is not None or self.level is not None

    def fits(self, offered: LessonOffered) -> bool:
        """Whether a lesson is wanted."""
        lesson = offered.lesson
        if self.topic is not None and self.topic not in lesson.topics:
            return False
        return self.level in (None, lesson.level) and self.language in (EVERY, lesson.language)


@dataclass(frozen=True, slots=True)
class LearnPage:
    """What there is to learn; ``topics``, ``levels`` and ``languages`` are what it can be filtered by."""

    begun: Sequence[Begun]
    paths: Sequence[PathCard]
    lessons: Sequence[LessonCard]
    topics: Sequence[tuple[str, str]]
    levels: Sequence[tuple[str, str]]
    languages: Sequence[tuple[str, str]]
    values: Mapping[str, str]
    narrows: bool
    manages: bool


@dataclass(frozen=True, slots=True)
class PathPage:
    """One path; ``following`` is the lesson that comes next."""

    path: PathCard
    outcomes: Sequence[str]
    lessons: Sequence[LessonCard]
    following: LessonCard | None
    completed: bool
    completed_at: datetime | None
    circles: bool


@router.get(LEARN)
async def learn(request: Request, visitor: Anybody, session: Reading) -> HTMLResponse:
    """Show what there is to learn."""
    service, learner = LearningService(UnitOfWork(session)), learner_of(visitor)
    offered, paths = await service.offered(learner), await service.paths(learner)
    names = await LessonService(UnitOfWork(session)).topic_names([one.lesson for one in offered])
    wishes = _wishes(request, offered, paths)
    page = LearnPage(
        begun=[_begun(entry) for entry in await service.of_learner(learner) if entry.active and entry.step],
        paths=[path_card(one) for one in paths if wishes.language in (EVERY, one.path.language)],
        lessons=[lesson_card(one) for one in offered if wishes.fits(one)],
        topics=sorted(((str(key), name) for key, name in names.items()), key=lambda topic: topic[1].casefold()),
        levels=[(level.value, level_name(level)) for level in Level],
        languages=[*((code, language_name(code)) for code in ("de", "en")), (EVERY, _("all"))],
        values={
            "thema": str(wishes.topic or ""),
            "stufe": wishes.level.value if wishes.level else "",
            "inhalt": wishes.language,
        },
        narrows=wishes.narrows,
        manages=visitor.may(Right.TRAININGS_MANAGE),
    )
    return await render(request, "lessons/list.html", page)


@router.get(f"{PATHS}/{{key}}")
async def path(request: Request, key: str, visitor: Anybody, session: Reading) -> HTMLResponse:
    """Show one path."""
    found = await LearningService(UnitOfWork(session)).path_with_key(key, learner_of(visitor))
    return await render(request, "lessons/path.html", _path_page(found, visitor))


def _path_page(found: PathOffered, visitor: Visitor) -> PathPage:
    dates = [lesson.done_at for lesson in found.lessons if lesson.done_at is not None]
    following = found.next or (found.lessons[0] if found.lessons and not found.completed else None)
    return PathPage(
        path=path_card(found),
        outcomes=[line.strip(" -*•–\t") for line in found.path.outcomes.splitlines() if line.strip(" -*•–\t")],
        lessons=[lesson_card(lesson, found.path.key) for lesson in found.lessons],
        following=lesson_card(following, found.path.key) if following else None,
        completed=found.completed,
        completed_at=max(dates) if found.completed else None,
        circles=visitor.may(Right.CIRCLES_MANAGE),
    )


def _begun(entry: LearnedEntry) -> Begun:
    step = min(entry.step + 1, entry.steps)
    return Begun(entry.title, lesson_path(entry.key, step), step, entry.steps)


def _wishes(request: Request, offered: Sequence[LessonOffered], paths: Sequence[PathOffered]) -> Wishes:
    """Return what an address asks for: where nothing is said, the language of the page, if there is something in it."""
    values = request.query_params
    there = {one.lesson.language for one in offered} | {one.path.language for one in paths}
    usual = current_language() if current_language() in there else EVERY
    language = values.get("inhalt", "")
    known = language if language in {"de", "en", EVERY} else usual
    return Wishes(read_id(values.get("thema")), read_choice(Level, values.get("stufe")), known)
