"""Learning: at one's own pace, on whatever network; who is in the middle stays on the version that they began with."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from knowledge.kit.clock import now
from knowledge.kit.ids import new_id
from knowledge.kit.logs import get_logger
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.lessons.adopting import adopt_learned
from knowledge.lessons.entries import lesson_entries, lesson_entry, may_find, path_entries
from knowledge.lessons.errors import NoSuchChoice, StepPassed, UnknownLesson, UnknownPath
from knowledge.lessons.markdown import read_references
from knowledge.lessons.repository import LessonRepository, PathRepository
from knowledge.lessons.runs.repository import Owner, RunRepository
from knowledge.lessons.schemas import (
    AnswerState,
    LearnedEntry,
    Learner,
    LessonEntry,
    LessonOffered,
    PathOffered,
    RunState,
)
from knowledge.lessons.steps import QuestionStep, Step, unpack_steps
from knowledge.models.lesson import Lesson, LessonRun, LessonState, LessonVersion


class LearningService:
    """What learners do, within one unit of work.

    Each call names the step that the learner sees; where they are elsewhere by now (a button was pressed twice, or an
    old one), nothing changes and the state says so (``moved``).
    """

    def __init__(self, unit: UnitOfWork) -> None:
        self._session = unit.session
        self._lessons = LessonRepository(unit.session)
        self._paths = PathRepository(unit.session)
        self._runs = RunRepository(unit.session)

    # What there is

    async def offered(self, learner: Learner) -> Sequence[LessonOffered]:
        """Return all lessons that somebody may take, with how far they are in each, by title."""
        entries = await lesson_entries(self._lessons, await self._lessons.findable(learner.viewer))
        return await self._offered(entries, learner)

    async def paths(self, learner: Learner) -> Sequence[PathOffered]:
        """Return all paths that somebody may take, with what they have done of each, by title."""
        rows = await self._paths.findable(learner.viewer)
        entries = [entry for entry in await path_entries(self._lessons, rows, learner.viewer) if entry.lessons]
        lessons = {lesson.id: lesson for entry in entries for lesson in entry.lessons}
        offered = {one.lesson.id: one for one in await self._offered(list(lessons.values()), learner)}
        return [PathOffered(entry, tuple(offered[lesson.id] for lesson in entry.lessons)) for entry in entries]

    async def path(self, path_id: UUID, learner: Learner) -> PathOffered:
        """Return a path with what somebody has done of it. Raises UnknownPath, also where they may not find it."""
        row = await self._paths.get(path_id)
        if row is None or not may_find(row[0], learner.viewer):
            raise UnknownPath
        (entry,) = await path_entries(self._lessons, [row], learner.viewer)
        return PathOffered(entry, tuple(await self._offered(entry.lessons, learner)))

    async def path_with_key(self, key: str, learner: Learner) -> PathOffered:
        """Return a path by its key. Raises UnknownPath, also where they may not find it."""
        row = await self._paths.with_key(key)
        if row is None:
            raise UnknownPath
        return await self.path(row[0].id, learner)

    async def of_learner(self, learner: Learner) -> Sequence[LearnedEntry]:
        """Return what somebody began and finished, the last first, as far as it may be shown to them here."""
        if not learner.is_known:
            return []
        return [
            LearnedEntry(
                run_id=run.id,
                lesson_id=lesson.id,
                key=lesson.key,
                title=version.title,
                path_id=run.path_id,
                step=run.step,
                steps=len(version.steps),
                active=run.active,
                started_at=run.started_at,
                updated_at=run.updated_at,
                done_at=run.done_at,
                helpful=run.helpful,
            )
            for run, version, lesson in await self._runs.learned(_owner(learner))
            if _may_go_on(lesson, learner)
        ]

    # Taking a lesson

    async def begin(
        self, learner: Learner, lesson_id: UUID, path_id: UUID | None = None, *, anew: bool = False
    ) -> RunState:
        """Begin a lesson, go on where somebody is in the middle of it, or take one that they finished once more.

        Args:
            learner: who learns; their chat identity or member has to be known.
            lesson_id: the lesson.
            path_id: the path that they take it as a part of; left out where they may not find it.
            anew: from the first step on, also in the middle.

        Raises UnknownLesson.
        """
        if not learner.is_known:
            raise UnknownLesson
        owner = _owner(learner)
        run = await self._runs.of_lesson(owner, lesson_id)
        if run is not None and run.active and not anew:
            await self._note_path(run, path_id, learner)
            return await self._state(run, learner)
        version_id = await self._beginning(lesson_id, learner)
        moment = now()
        if run is None:
            path = path_id if path_id is not None and await self._is_in(lesson_id, path_id, learner) else None
            values = {"lesson_id": lesson_id, "version_id": version_id, "path_id": path, "step": 0, "active": True}
            times = {"started_at": moment, "updated_at": moment, "done_at": None, "helpful": None}
            await self._runs.begin(owner, {"id": new_id(), **values, **times})
            run = await self._runs.of_lesson(owner, lesson_id)
            if run is None:
                raise UnknownLesson
            get_logger().info("lesson_begun", lesson=str(lesson_id))
        else:
            run.version_id, run.step, run.active, run.updated_at = version_id, 0, True, moment
            await self._note_path(run, path_id, learner)
        return await self._state(run, learner)

    async def state(self, learner: Learner, run_id: UUID) -> RunState:
        """Return how far somebody is. Raises UnknownLesson where it is not theirs, or not to be found here."""
        return await self._state(await self._run(learner, run_id), learner, moved=False)

    async def run_of(self, learner: Learner, key: str) -> RunState | None:
        """Return how far somebody is in the lesson with a key; ``None`` where they have not begun it, or not here."""
        run = await self._runs.with_key(_owner(learner), key) if learner.is_known else None
        try:
            return await self._state(run, learner, moved=False) if run is not None else None
        except UnknownLesson:
            return None

    async def missing(self, lesson: LessonEntry, learner: Learner) -> tuple[str, ...]:
        """Return the titles of what a lesson needs and somebody has not done yet."""
        return await self._missing_of(lesson.needs, learner)

    async def go_on(self, learner: Learner, run_id: UUID, step: int) -> RunState:
        """Go on from a step to the next; after the last one the lesson is finished.

        Nothing changes (``moved``) where they are elsewhere by now, or at a question that they have not answered.

        Raises UnknownLesson.
        """
        run = await self._run(learner, run_id)
        _lesson, version = await self._read(run, learner)
        steps = unpack_steps(version.steps)
        if step != run.step or step >= len(steps) or await self._is_asked(run, steps):
            return await self._state(run, learner, moved=False)
        run.step, run.updated_at = run.step + 1, now()
        if run.step >= len(steps):
            run.active = False
            run.done_at = run.done_at or run.updated_at
            get_logger().info("lesson_finished", lesson=str(run.lesson_id))
        await self._lessons.flush()
        return await self._state(run, learner)

    async def answer(self, learner: Learner, run_id: UUID, step: int, choice: int) -> AnswerState:
        """Answer a question; it may be answered again, and the first answer is the one that counts.

        The step stays the same until they go on. Raises UnknownLesson, NoSuchChoice; StepPassed for a question that
        they have not come to.
        """
        run = await self._run(learner, run_id)
        _lesson, version = await self._read(run, learner)
        steps = unpack_steps(version.steps)
        question = steps[step] if 0 <= step < len(steps) else None
        if not isinstance(question, QuestionStep) or step > run.step:
            raise StepPassed
        if not 0 <= choice < len(question.choices):
            raise NoSuchChoice
        counts = await self._runs.keep_answer(run, step, choice=choice, correct=question.choices[choice].correct)
        run.updated_at = now()
        await self._lessons.flush()
        return AnswerState(await self._state(run, learner), step, question, choice, counts)

    async def stop(self, learner: Learner, run_id: UUID) -> RunState:
        """Leave a lesson for now; it goes on from the same step, wherever they like. Raises UnknownLesson."""
        run = await self._run(learner, run_id)
        run.updated_at = now()
        await self._lessons.flush()
        return await self._state(run, learner)

    async def rate(self, learner: Learner, run_id: UUID, *, helpful: bool | None) -> RunState:
        """Say whether a lesson was helpful, or take that back. Raises UnknownLesson."""
        run = await self._run(learner, run_id)
        run.helpful = helpful
        await self._lessons.flush()
        return await self._state(run, learner)

    async def forget(self, learner: Learner, run_id: UUID) -> None:
        """Forget how far somebody is in a lesson, with what they answered. Raises UnknownLesson."""
        run = await self._runs.locked(_owner(learner), run_id) if learner.is_known else None
        if run is None:
            raise UnknownLesson
        await self._runs.remove([run.id])

    async def adopt(self, identity_id: UUID, member_id: UUID) -> int:
        """Let a member have what their chat identity learned before it was known that it is theirs.

        Where both took a lesson, the one stays in which they are further. Returns how many lessons came over.
        """
        return await adopt_learned(self._session, identity_id, member_id)

    # Within

    async def _beginning(self, lesson_id: UUID, learner: Learner) -> UUID:
        """Return the version with which somebody begins now."""
        lesson = await self._lessons.get(lesson_id)
        if lesson is None or not may_find(lesson, learner.viewer):
            raise UnknownLesson
        version = await self._lessons.version(lesson_id, lesson.published_version)
        if version is None:
            raise UnknownLesson
        return version.id

    async def _run(self, learner: Learner, run_id: UUID) -> LessonRun:
        run = await self._runs.locked(_owner(learner), run_id) if learner.is_known else None
        if run is None:
            raise UnknownLesson
        return run

    async def _is_in(self, lesson_id: UUID, path_id: UUID, learner: Learner) -> bool:
        row = await self._paths.get(path_id)
        if row is None or not may_find(row[0], learner.viewer):
            return False
        return lesson_id in (await self._paths.items([path_id])).get(path_id, ())

    async def _note_path(self, run: LessonRun, path_id: UUID | None, learner: Learner) -> None:
        if path_id is not None and await self._is_in(run.lesson_id, path_id, learner):
            run.path_id = path_id
        await self._lessons.flush()

    async def _read(self, run: LessonRun, learner: Learner) -> tuple[Lesson, LessonVersion]:
        """Return what somebody learns. Raises UnknownLesson where it is not to be found here."""
        lesson, version = await self._lessons.get(run.lesson_id), await self._lessons.version_by_id(run.version_id)
        if lesson is None or version is None or not _may_go_on(lesson, learner):
            raise UnknownLesson
        return lesson, version

    async def _is_asked(self, run: LessonRun, steps: Sequence[Step]) -> bool:
        """Whether somebody is at a question that they have not answered."""
        return isinstance(steps[run.step], QuestionStep) and not await self._runs.is_answered(run, run.step)

    async def _state(self, run: LessonRun, learner: Learner, *, moved: bool = True) -> RunState:
        lesson, version = await self._read(run, learner)
        steps = unpack_steps(version.steps)
        publisher = await self._lessons.organisation_name(lesson.organisation_id) if lesson.organisation_id else None
        topics = await self._lessons.topics([lesson.id])
        at_question = run.step < len(steps) and isinstance(steps[run.step], QuestionStep)
        return RunState(
            run_id=run.id,
            lesson=lesson_entry((lesson, version, publisher), topics),
            steps=steps,
            at=min(run.step, len(steps)),
            active=run.active,
            done_at=run.done_at,
            helpful=run.helpful,
            references=read_references(version.source),
            missing=await self._missing_of(version.needs, learner),
            path=await self._path_of(run, learner),
            moved=moved,
            answered=at_question and await self._runs.is_answered(run, run.step),
        )

    async def _path_of(self, run: LessonRun, learner: Learner) -> PathOffered | None:
        if run.path_id is None:
            return None
        try:
            return await self.path(run.path_id, learner)
        except UnknownPath:
            return None

    async def _missing_of(self, needs: Sequence[str], learner: Learner) -> tuple[str, ...]:
        if not needs:
            return ()
        done = await self._runs.done_keys(_owner(learner), needs) if learner.is_known else set()
        titles = await self._lessons.titles([key for key in needs if key not in done], learner.viewer)
        return tuple(titles[key] for key in needs if key in titles)

    async def _offered(self, entries: Sequence[LessonEntry], learner: Learner) -> list[LessonOffered]:
        runs: Mapping[UUID, LessonRun] = {}
        if learner.is_known:
            runs = {run.lesson_id: run for run in await self._runs.all_of(_owner(learner))}
        needed = {key for entry in entries for key in entry.needs}
        titles = await self._lessons.titles(needed, learner.viewer) if needed else {}
        done = await self._runs.done_keys(_owner(learner), needed) if needed and learner.is_known else set()
        return [
            _offer(entry, runs.get(entry.id), {k: t for k, t in titles.items() if k not in done}) for entry in entries
        ]


def _offer(entry: LessonEntry, run: LessonRun | None, missing: Mapping[str, str]) -> LessonOffered:
    named = tuple(missing[key] for key in entry.needs if key in missing)
    if run is None:
        return LessonOffered(entry, missing=named)
    return LessonOffered(entry, run.id, run.step, run.active, run.done_at, named)


def _owner(learner: Learner) -> Owner:
    return (learner.member_id, None) if learner.member_id is not None else (None, learner.identity_id)


def _may_go_on(lesson: Lesson, learner: Learner) -> bool:
    """Whether a lesson that somebody began may be shown to them here; one that was withdrawn may be finished."""
    if lesson.state is LessonState.DRAFT:
        return False
    return learner.viewer.access is None or lesson.access in learner.viewer.access
