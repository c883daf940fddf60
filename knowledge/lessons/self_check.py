"""„Wie weit sind wir?": what somebody answered, what it says of them, and what may help; for them alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.clock import now
from knowledge.kit.errors import InvalidInput, NotFound
from knowledge.kit.ids import new_id
from knowledge.kit.language import _, current_language
from knowledge.lessons.repository import LessonRepository
from knowledge.lessons.runs.repository import CheckRepository, Owner, RunRepository
from knowledge.lessons.schemas import Learner, LessonOffer
from knowledge.lessons.seeding import CONTENT
from knowledge.lessons.self_check_file import CheckDimension, SelfCheckSource, read_self_check
from knowledge.models.lesson import SelfCheck
from knowledge.privacy.taken_back.kinds import TakenBack
from knowledge.privacy.taken_back.noting import note_taken_back
from knowledge.topics.tree import TopicEntry, TopicTree, load_tree

# So many of somebody's self-checks are kept; older ones are forgotten.
KEPT = 10
# From which share of the points on one is „middle" and „high".
MIDDLE, HIGH = 0.4, 0.75


class CheckAnswersInvalid(InvalidInput):
    """Answers to a question that there is not, or that has no such answer."""

    code = "lessons.check_answers_invalid"

    def __init__(self) -> None:
        super().__init__(_("Some of the questions are not answered. Please choose one answer to each."))


class UnknownCheck(NotFound):
    """There is no such self-check of theirs."""

    code = "lessons.unknown_check"

    def __init__(self) -> None:
        super().__init__(_("There is no such self-check of yours."))


class Degree(StrEnum):
    """How far one is."""

    LOW = "low"
    MIDDLE = "middle"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class DimensionResult:
    """How far one is in a dimension, and what may help.

    ``share`` is from 0 to 1; ``before`` is the degree of the self-check before, if there is one. ``lessons``
    are those that the person may find and has not finished; ``topic`` leads to peers and gaps.
    """

    key: str
    title: str
    degree: Degree
    share: float
    lessons: tuple[LessonOffer, ...]
    topic: TopicEntry | None
    before: Degree | None = None


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a self-check says; the dimensions in their order."""

    id: UUID
    created_at: datetime
    dimensions: tuple[DimensionResult, ...]

    @property
    def weakest(self) -> tuple[DimensionResult, ...]:
        """The dimensions from the weakest to the strongest."""
        return tuple(sorted(self.dimensions, key=lambda dimension: dimension.share))


@cache
def load_self_check(language: str) -> SelfCheckSource:
    """Return the self-check that comes with the program, in a language (``de`` or ``en``)."""
    path = CONTENT / language / f"self-check.{language}.yaml"
    return read_self_check(path.read_text(encoding="utf-8"), language)


class SelfCheckService:
    """Self-checks within the caller's transaction.

    Args:
        session: of that transaction.
        source: the questions; those of the program in the language that is spoken where none are given.
    """

    def __init__(self, session: AsyncSession, source: SelfCheckSource | None = None) -> None:
        self._session = session
        self._checks = CheckRepository(session)
        self._source = source or load_self_check(current_language())

    @property
    def source(self) -> SelfCheckSource:
        """The questions."""
        return self._source

    async def keep(self, learner: Learner, answers: Mapping[str, int]) -> CheckResult:
        """Keep what somebody answered, and return what it says.

        Args:
            learner: whose it is; where nobody is known, nothing is kept.
            answers: by the key of each question the number of the answer, from 0.

        Raises CheckAnswersInvalid.
        """
        for question in self._source.questions:
            if not 0 <= answers.get(question.key, -1) < len(question.answers):
                raise CheckAnswersInvalid
        kept = {question.key: answers[question.key] for question in self._source.questions}
        member, identity = _owner(learner)
        row = SelfCheck(id=new_id(), member_id=member, identity_id=identity, answers=kept, created_at=now())
        before: Sequence[SelfCheck] = []
        if learner.is_known:
            before = await self._checks.all_of(_owner(learner))
            await self._checks.add(row)
            await self._forget_old(learner, before)
        return await self._result(row, learner, before[0] if before else None)

    async def all_of(self, learner: Learner) -> Sequence[CheckResult]:
        """Return somebody's self-checks, the newest first, each compared with the one before."""
        if not learner.is_known:
            return []
        rows = await self._checks.all_of(_owner(learner))
        befores = [*rows[1:], None][: len(rows)]
        return [await self._result(row, learner, before) for row, before in zip(rows, befores, strict=True)]

    async def last(self, learner: Learner) -> CheckResult | None:
        """Return somebody's newest self-check, compared with the one before."""
        rows = await self._checks.all_of(_owner(learner)) if learner.is_known else []
        return await self._result(rows[0], learner, rows[1] if len(rows) > 1 else None) if rows else None

    async def delete(self, learner: Learner, check_id: UUID | None = None) -> int:
        """Forget one of somebody's self-checks, or all; returns how many. Raises UnknownCheck."""
        mine = await self._checks.all_of(_owner(learner)) if learner.is_known else []
        for row in mine:
            if check_id in (None, row.id):
                await note_taken_back(self._session, TakenBack.SELF_CHECK, row.id)
        gone = await self._checks.remove(_owner(learner), check_id) if learner.is_known else 0
        if check_id is not None and not gone:
            raise UnknownCheck
        return gone

    async def _forget_old(self, learner: Learner, before: Sequence[SelfCheck]) -> None:
        if len(before) >= KEPT:
            await self._checks.forget_before(_owner(learner), before[KEPT - 2].created_at)

    async def _result(self, row: SelfCheck, learner: Learner, before: SelfCheck | None) -> CheckResult:
        tree = await load_tree(self._session)
        offers = await self._offers(learner)
        dimensions = []
        for dimension in self._source.dimensions:
            share = _share(dimension, row.answers)
            if share is None:
                continue
            earlier = _share(dimension, before.answers) if before is not None else None
            dimensions.append(
                DimensionResult(
                    key=dimension.key,
                    title=dimension.title,
                    degree=_degree(share),
                    share=share,
                    lessons=tuple(offers[key] for key in dimension.lessons[_degree(share)] if key in offers),
                    topic=_topic(tree, dimension.topic),
                    before=_degree(earlier) if earlier is not None else None,
                )
            )
        return CheckResult(row.id, row.created_at, tuple(dimensions))

    async def _offers(self, learner: Learner) -> dict[str, LessonOffer]:
        """Return the recommended lessons that somebody may find and has not finished, by key."""
        keys = {key for part in self._source.dimensions for lessons in part.lessons.values() for key in lessons}
        rows = await LessonRepository(self._session).findable(learner.viewer, keys=keys)
        done = await RunRepository(self._session).done_keys(_owner(learner), keys) if learner.is_known else set()
        return {
            lesson.key: LessonOffer(lesson.id, lesson.key, version.title, version.minutes)
            for lesson, version, _name in rows
            if lesson.key not in done
        }


def _owner(learner: Learner) -> Owner:
    return (learner.member_id, None) if learner.member_id is not None else (None, learner.identity_id)


def _share(dimension: CheckDimension, answers: Mapping[str, int]) -> float | None:
    """Return the share of the points that are to be had; ``None`` where no question was answered."""
    reached = most = 0
    for question in dimension.questions:
        chosen = answers.get(question.key, -1)
        if 0 <= chosen < len(question.answers):
            reached += question.answers[chosen].points
            most += max(answer.points for answer in question.answers)
    return reached / most if most else None


def _degree(share: float) -> Degree:
    if share >= HIGH:
        return Degree.HIGH
    return Degree.MIDDLE if share >= MIDDLE else Degree.LOW


def _topic(tree: TopicTree, word: str | None) -> TopicEntry | None:
    return tree.find(word) if word else None
