"""What publishers see of learning: sums from three people on, and never who."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.figures.rule import part_to_tell
from knowledge.lessons.repository import LessonRepository
from knowledge.lessons.runs.repository import RunRepository
from knowledge.lessons.service import FEWEST
from knowledge.lessons.steps import QuestionStep, unpack_steps
from knowledge.models.lesson import LessonVersion

# Questions that at least this share gets wrong at first are called hard.
HARD = 50


@dataclass(frozen=True, slots=True)
class QuestionSums:
    """A question of the published version: how many answered it, and how many of a hundred wrongly at first."""

    step: int
    text: str
    answered: int
    wrong_percent: int

    @property
    def hard(self) -> bool:
        """Whether it is a hard one."""
        return self.wrong_percent >= HARD


@dataclass(frozen=True, slots=True)
class LessonSums:
    """How a lesson is learned; ``None`` for what one or two people did, or did not do.

    ``questions`` are those that at least three answered, the hardest first.
    """

    lesson_id: UUID
    begun: int | None
    finished: int | None
    helpful: int | None
    rated: int | None
    questions: tuple[QuestionSums, ...]


@dataclass(frozen=True, slots=True)
class PathSums:
    """How a path is taken; ``None`` for fewer than three people."""

    path_id: UUID
    begun: int | None
    completed: int | None


async def lesson_sums(session: AsyncSession, lessons: Sequence[UUID]) -> dict[UUID, LessonSums]:
    """Return the sums of lessons, which the caller checks that their reader publishes."""
    runs, repository = RunRepository(session), LessonRepository(session)
    counted = await runs.sums(lessons)
    versions = {row[0].id: row[1] for row in await repository.by_ids(lessons)}
    answered = await runs.answered([version.id for version in versions.values()])
    sums = {}
    for key in lessons:
        begun, finished, helpful, rated = counted.get(key, (0, 0, 0, 0))
        version = versions.get(key)
        sums[key] = LessonSums(
            lesson_id=key,
            begun=_shown(begun),
            finished=part_to_tell(finished, begun),
            helpful=part_to_tell(helpful, rated),
            rated=_shown(rated),
            questions=_questions(version, answered.get(version.id, {})) if version is not None else (),
        )
    return sums


async def path_sums(session: AsyncSession, paths: Sequence[UUID]) -> dict[UUID, PathSums]:
    """Return the sums of paths, which the caller checks that their reader publishes."""
    counted = await RunRepository(session).path_sums(paths)
    return {key: _path(key, begun, completed) for key, (begun, completed) in counted.items()}


def _path(key: UUID, begun: int, completed: int) -> PathSums:
    # Whoever did the lessons without the path completed it without having begun it.
    tells_of_few = 0 < begun - completed < FEWEST
    return PathSums(key, _shown(begun), None if tells_of_few else _shown(completed))


def _shown(count: int) -> int | None:
    return count if count >= FEWEST else None


def _questions(version: LessonVersion, answered: dict[int, tuple[int, int]]) -> tuple[QuestionSums, ...]:
    found = []
    for number, step in enumerate(unpack_steps(version.steps)):
        count, wrong = answered.get(number, (0, 0))
        if isinstance(step, QuestionStep) and count >= FEWEST:
            found.append(QuestionSums(number, step.text, count, round(100 * wrong / count)))
    return tuple(sorted(found, key=lambda question: (-question.wrong_percent, question.step)))
