"""Taking a lesson step by step: members with their progress kept, visitors by reading on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from hub.dependencies import Anybody, MayUseNetwork, Reading, Writing
from hub.messages import redirect
from hub.pages.lesson_edit import picture_response
from hub.pages.lesson_parts import (
    LEARN,
    LessonCard,
    StepView,
    learner_of,
    lesson_card,
    lesson_facts,
    lesson_path,
    step_view,
)
from hub.pages.library_parts import read_number
from hub.rendering import render
from knowledge.access.rights import Right, Visitor
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.lessons.errors import NoSuchChoice, StepPassed, UnknownLesson, UnknownPath
from knowledge.lessons.learning import LearningService
from knowledge.lessons.markdown import LessonReference
from knowledge.lessons.schemas import Learner, LessonEntry, LessonOffered, PathOffered, RunState
from knowledge.lessons.service import LessonService
from knowledge.lessons.steps import LessonChoice, QuestionStep, Step
from knowledge.models.lesson import LessonState

router = APIRouter()
ITEM = f"{LEARN}/{{key}}"
Short = Annotated[str, Form(max_length=200)]


@dataclass(frozen=True, slots=True)
class Taken:
    """A lesson as somebody takes it: with a run of theirs, or only to be read."""

    lesson: LessonEntry
    steps: tuple[Step, ...]
    references: tuple[LessonReference, ...]
    run: RunState | None
    path: PathOffered | None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PathBit:
    """The path that a lesson is taken as a part of."""

    key: str
    title: str


@dataclass(frozen=True, slots=True)
class LessonPage:
    """What a lesson is about, before its first step."""

    lesson: LessonEntry
    facts: str
    count: int
    missing: Sequence[str]
    references: Sequence[LessonReference]
    path: PathBit | None
    at: int
    is_active: bool
    is_done: bool
    is_over: bool
    keeps: bool
    first: str


@dataclass(frozen=True, slots=True)
class StepPage:
    """One step. ``own``: going on is noted; ``chosen``: the answer that was given, with what is said to it."""

    lesson: LessonEntry
    step: StepView
    number: int
    count: int
    path: PathBit | None
    own: bool
    chosen: LessonChoice | None
    right: LessonChoice | None
    answered: bool
    back: str
    onward: str


@dataclass(frozen=True, slots=True)
class EndPage:
    """After the last step: what comes next."""

    lesson: LessonEntry
    references: Sequence[LessonReference]
    path: PathBit | None
    following: LessonCard | None
    completed: bool
    done: int
    count: int
    rates: bool
    helpful: bool | None
    again: str


@router.get(ITEM)
async def lesson(request: Request, key: str, visitor: Anybody, session: Reading) -> Response:
    """Show a lesson: what it is about, or one of its steps."""
    taken = await _taken(UnitOfWork(session), key, visitor, request.query_params.get("pfad", ""))
    number = read_number(request.query_params.get("schritt"))
    if not number:
        return await render(request, "lessons/lesson.html", _lesson_page(taken, visitor))
    run = taken.run
    if run is not None and run.active and number > run.at + 1:
        return RedirectResponse(_address(taken, run.at + 1), 303)
    if number > len(taken.steps):
        return await render(request, "lessons/end.html", _end_page(taken))
    choice = read_number(request.query_params.get("antwort"))
    return await render(request, "lessons/step.html", _step_page(taken, number, choice))


@router.post(f"{ITEM}/beginnen")
async def begin(key: str, visitor: MayUseNetwork, unit: Writing, pfad: Short = "", anew: Short = "") -> Response:
    """Begin a lesson, go on where one is, or begin it once more."""
    learning, learner = LearningService(unit), learner_of(visitor)
    path = await _path(learning, pfad, learner)
    run = await learning.run_of(learner, key)
    if run is not None and run.active and not anew:
        return RedirectResponse(lesson_path(key, run.at + 1, pfad=pfad), 303)
    lesson_id = (await LessonService(unit).with_key(key, visitor.viewer)).entry.id
    state = await learning.begin(learner, lesson_id, path.path.id if path else None, anew=bool(anew))
    return RedirectResponse(lesson_path(key, state.at + 1, pfad=pfad), 303)


@router.post(f"{ITEM}/weiter")
async def go_on(key: str, visitor: MayUseNetwork, unit: Writing, schritt: Short = "", pfad: Short = "") -> Response:
    """Go on to the next step."""
    learning, learner = LearningService(unit), learner_of(visitor)
    run = await _own_run(learning, key, learner)
    state = await learning.go_on(learner, run.run_id, (read_number(schritt) or 0) - 1)
    return RedirectResponse(lesson_path(key, state.at + 1, pfad=pfad), 303)


@router.post(f"{ITEM}/antworten")
async def answer(  # noqa: PLR0913, PLR0917 - each parameter is a field of the form
    key: str, visitor: MayUseNetwork, unit: Writing, schritt: Short = "", antwort: Short = "", pfad: Short = ""
) -> Response:
    """Answer a question."""
    learning, learner = LearningService(unit), learner_of(visitor)
    run = await _own_run(learning, key, learner)
    number, choice = read_number(schritt) or 0, read_number(antwort) or 0
    try:
        await learning.answer(learner, run.run_id, number - 1, choice - 1)
    except NoSuchChoice:
        return RedirectResponse(lesson_path(key, number, pfad=pfad), 303)
    except StepPassed:
        return RedirectResponse(lesson_path(key, run.at + 1, pfad=pfad), 303)
    return RedirectResponse(lesson_path(key, number, antwort=str(choice), pfad=pfad), 303)


@router.post(f"{ITEM}/bewerten")
async def rate(key: str, visitor: MayUseNetwork, unit: Writing, hilft: Short = "", pfad: Short = "") -> Response:
    """Say whether it helped, or take that back."""
    learning, learner = LearningService(unit), learner_of(visitor)
    run = await _own_run(learning, key, learner)
    await learning.rate(learner, run.run_id, helpful={"ja": True, "nein": False}.get(hilft))
    return redirect(lesson_path(key, len(run.steps) + 1, pfad=pfad), said="lessons.rated")


@router.get(f"{ITEM}/bild/{{digest}}/{{name}}")
async def picture(key: str, digest: str, name: str, visitor: Anybody, session: Reading) -> Response:
    """Give out a picture of a lesson that the visitor may take, or is in the middle of."""
    unit = UnitOfWork(session)
    taken = await _taken(unit, key, visitor, "")
    return await picture_response(LessonService(unit), taken.lesson.id, name, digest)


async def _taken(unit: UnitOfWork, key: str, visitor: Visitor, path_key: str) -> Taken:
    """Return a lesson as a visitor takes it. Raises ``UnknownLesson``."""
    learning, learner = LearningService(unit), learner_of(visitor)
    run = await learning.run_of(learner, key)
    path = await _path(learning, path_key, learner) or (run.path if run else None)
    if run is not None:
        return Taken(run.lesson, run.steps, run.references, run, path, run.missing)
    found = await LessonService(unit).with_key(key, visitor.viewer)
    missing = await learning.missing(found.entry, learner)
    return Taken(found.entry, found.steps, found.references, None, path, missing)


async def _path(learning: LearningService, key: str, learner: Learner) -> PathOffered | None:
    try:
        return await learning.path_with_key(key, learner) if key else None
    except UnknownPath:
        return None


async def _own_run(learning: LearningService, key: str, learner: Learner) -> RunState:
    run = await learning.run_of(learner, key)
    if run is None:
        raise UnknownLesson
    return run


def _lesson_page(taken: Taken, visitor: Visitor) -> LessonPage:
    run, is_over = taken.run, taken.lesson.state is not LessonState.PUBLISHED
    return LessonPage(
        lesson=taken.lesson,
        facts=lesson_facts(taken.lesson),
        count=len(taken.steps),
        missing=taken.missing,
        references=taken.references,
        path=_bit(taken),
        at=run.at if run else 0,
        is_active=bool(run and run.active and (run.at or is_over)),
        is_done=bool(run and run.done_at),
        is_over=is_over,
        keeps=visitor.may(Right.NETWORK_USE),
        first=_address(taken, 1),
    )


def _step_page(taken: Taken, number: int, choice: int | None) -> StepPage:
    step, run = taken.steps[number - 1], taken.run
    own = run is not None and run.active and number == run.at + 1
    question = step if isinstance(step, QuestionStep) else None
    chosen = question.choices[choice - 1] if question and choice and choice <= len(question.choices) else None
    return StepPage(
        lesson=taken.lesson,
        step=step_view(step, taken.lesson.key),
        number=number,
        count=len(taken.steps),
        path=_bit(taken),
        own=own,
        chosen=chosen,
        right=question.right if question and chosen and not chosen.correct else None,
        answered=bool(chosen) or bool(own and run and run.answered),
        back=_address(taken, number - 1) if number > 1 else _address(taken, None),
        onward=_address(taken, number + 1),
    )


def _end_page(taken: Taken) -> EndPage:
    path, run = taken.path, taken.run
    following = _following(path, taken.lesson.key) if path else None
    return EndPage(
        lesson=taken.lesson,
        references=taken.references,
        path=_bit(taken),
        following=lesson_card(following, path.path.key) if following and path else None,
        completed=bool(path and path.completed),
        done=path.done if path else 0,
        count=len(path.lessons) if path else 0,
        rates=run is not None and run.done_at is not None,
        helpful=run.helpful if run else None,
        again=_address(taken, None),
    )


def _following(path: PathOffered, key: str) -> LessonOffered | None:
    """Return what comes after a lesson in its path: the next one that is not done yet, or else the next one."""
    keys = [one.lesson.key for one in path.lessons]
    later = path.lessons[keys.index(key) + 1 :] if key in keys else path.lessons
    left = path.next if path.done else None  # of whoever only reads, nothing is noted as done
    return next((one for one in later if not one.done), left)


def _bit(taken: Taken) -> PathBit | None:
    return PathBit(taken.path.path.key, taken.path.path.title) if taken.path else None


def _address(taken: Taken, number: int | None) -> str:
    return lesson_path(taken.lesson.key, number, pfad=taken.path.path.key if taken.path else "")
