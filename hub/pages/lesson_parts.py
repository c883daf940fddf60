"""What the pages about lessons have in common: addresses, words, and steps as pages show them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from knowledge.access.rights import Visitor
from knowledge.kit.language import _, ngettext
from knowledge.lessons.schemas import Learner, LessonEntry, LessonOffered, PathOffered
from knowledge.lessons.steps import (
    LessonBlock,
    LessonBlockKind,
    LinkStep,
    PictureStep,
    QuestionStep,
    Step,
)
from knowledge.models.document import Visibility
from knowledge.models.lesson import LessonState
from knowledge.models.training import Level

LEARN = "/lernen"
PATHS = f"{LEARN}/pfad"
MANAGE = f"{LEARN}/verwalten"
CHECK = "/wieweit"
# From so many people on, sums are shown.
FEWEST = 3

BlockKind = Literal["paragraph", "heading", "list", "numbers"]


@dataclass(frozen=True, slots=True)
class BlockGroup:
    """Blocks that belong together: a paragraph or heading, or the items of one list; ``first`` numbers its first."""

    kind: BlockKind
    blocks: Sequence[LessonBlock]
    first: int = 1


@dataclass(frozen=True, slots=True)
class StepView:
    """A step as a page shows it; what it has not is empty.

    ``search`` is where a link into the library leads, ``picture`` where the picture is.
    """

    kind: Literal["text", "picture", "question", "link"]
    groups: Sequence[BlockGroup] = ()
    picture: str = ""
    alt: str = ""
    question: QuestionStep | None = None
    title: str = ""
    search: str = ""

    @property
    def heading(self) -> str:
        """The step's own heading, where it has one."""
        return next((group.blocks[0].plain for group in self.groups if group.kind == "heading"), "")


@dataclass(frozen=True, slots=True)
class LessonCard:
    """A lesson in a list; ``progress`` says in words how far its reader is."""

    key: str
    title: str
    summary: str
    facts: str
    language: str
    progress: str
    kind: Literal["neutral", "info", "success"]
    address: str


@dataclass(frozen=True, slots=True)
class PathCard:
    """A path in a list."""

    key: str
    title: str
    summary: str
    facts: str
    language: str
    done: int
    count: int
    progress: str
    publisher: str


def learner_of(visitor: Visitor) -> Learner:
    """Return whoever visits, as lessons know them."""
    return Learner(visitor.member_id, None, visitor.viewer)


def lesson_path(key: str, step: int | None = None, **more: str) -> str:
    """Return a lesson's address, perhaps at one of its steps (the first is 1)."""
    values = {"schritt": str(step)} if step is not None else {}
    values |= {name: value for name, value in more.items() if value}
    return f"{LEARN}/{key}" + (f"?{urlencode(values)}" if values else "")


def picture_path(key: str, name: str, digest: str) -> str:
    """Return where a picture of a lesson is."""
    return f"{LEARN}/{key}/bild/{digest}/{name}"


def step_view(step: Step, key: str, picture: str | None = None) -> StepView:
    """Return a step as pages show it.

    Args:
        step: the step.
        key: its lesson's.
        picture: where its picture is, if it is elsewhere than published ones.
    """
    if isinstance(step, QuestionStep):
        return StepView("question", question=step)
    if isinstance(step, PictureStep):
        address = picture_path(key, step.picture, step.digest) if picture is None else picture
        return StepView("picture", groups_of(step.caption), picture=address, alt=step.alt)
    if isinstance(step, LinkStep):
        search = f"/suche?{urlencode({'q': step.search})}"
        return StepView("link", groups_of(step.blocks), title=step.title, search=search)
    return StepView("text", groups_of(step.blocks))


def groups_of(blocks: Iterable[LessonBlock]) -> list[BlockGroup]:
    """Return blocks with the items of each list together."""
    groups: list[tuple[BlockKind, list[LessonBlock]]] = []
    for block in blocks:
        kind = _group_kind(block)
        if kind in ("list", "numbers") and groups and groups[-1][0] == kind:
            groups[-1][1].append(block)
        else:
            groups.append((kind, [block]))
    return [BlockGroup(kind, items, items[0].number or 1) for kind, items in groups]


def _group_kind(block: LessonBlock) -> BlockKind:
    if block.kind is LessonBlockKind.HEADING:
        return "heading"
    if block.kind is LessonBlockKind.PARAGRAPH:
        return "paragraph"
    return "list" if block.number is None else "numbers"


def lesson_card(offered: LessonOffered, path_key: str = "") -> LessonCard:
    """Return a lesson as lists show it."""
    lesson = offered.lesson
    progress, kind = _progress(offered)
    return LessonCard(
        key=lesson.key,
        title=lesson.title,
        summary=lesson.summary,
        facts=lesson_facts(lesson),
        language=lesson.language,
        progress=progress,
        kind=kind,
        address=lesson_path(lesson.key, pfad=path_key),
    )


def _progress(offered: LessonOffered) -> tuple[str, Literal["neutral", "info", "success"]]:
    if offered.active and offered.step:
        said = _("begun: step {number} of {count}")
        number = min(offered.step + 1, offered.lesson.steps)
        return said.format(number=number, count=offered.lesson.steps), "info"
    if offered.done:
        return _("done"), "success"
    return "", "neutral"


def path_card(offered: PathOffered) -> PathCard:
    """Return a path as lists show it."""
    path, count = offered.path, len(offered.lessons)
    facts = [
        ngettext("{count} lesson", "{count} lessons", count).format(count=count),
        minutes_words(path.minutes),
        level_name(path.level),
    ]
    said = (
        _("done") if offered.completed else _("{done} of {count} lessons done").format(done=offered.done, count=count)
    )
    return PathCard(
        key=path.key,
        title=path.title,
        summary=path.summary,
        facts=" · ".join(facts),
        language=path.language,
        done=offered.done,
        count=count,
        progress=said if offered.done else "",
        publisher=path.publisher or "",
    )


def lesson_facts(lesson: LessonEntry) -> str:
    """Return how long a lesson takes and for whom it is."""
    return f"{minutes_words(lesson.minutes)} · {level_name(lesson.level)}"


def minutes_words(minutes: int) -> str:
    """Return how long something takes."""
    return ngettext("{count} minute", "{count} minutes", minutes).format(count=minutes)


def level_name(level: Level) -> str:
    """Return for whom something is."""
    names = {
        Level.BEGINNER: _("for beginners"),
        Level.INTERMEDIATE: _("for those who know the basics"),
        Level.ADVANCED: _("for advanced learners"),
    }
    return names[level]


def language_name(language: str) -> str:
    """Return what a language is called."""
    return {"de": _("German"), "en": _("English")}.get(language, language)


def state_name(state: LessonState) -> str:
    """Return where a lesson or path stands."""
    names = {
        LessonState.DRAFT: _("draft"),
        LessonState.PUBLISHED: _("published"),
        LessonState.WITHDRAWN: _("withdrawn"),
    }
    return names[state]


def visibilities() -> list[tuple[str, str]]:
    """Return who may be let find a path."""
    return [(Visibility.NETWORK.value, _("the network")), (Visibility.PUBLIC.value, _("everybody"))]
