"""What there is to learn, as a list to choose from: what was begun, learning paths, and lessons by level."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.core.messages import Choice
from bot.core.text import Block, RichText, bold, heading, link, note, paragraph, rich
from bot.core.turn import Glance
from bot.handlers.filling import filled
from bot.handlers.lesson_choices import DIGITS, begin_key, list_key, path_key, resume_key
from bot.handlers.lesson_text import level_word, minutes_words
from bot.handlers.wording import command, shows_public_only
from knowledge.kit.language import _, ngettext
from knowledge.lessons.schemas import LessonOffered, PathOffered
from knowledge.models.training import Level
from knowledge.topics.tree import TopicTree
from knowledge.topics.words import fold_topic

NAMES = ("lernen", "learn")
# Where the hub shows them.
PAGE = "/lernen"
# Entries of one message, so that it stays short; there is a digit for each.
MOST_SHOWN = 7
# Characters of a title in a choice's label.
LONGEST_LABEL = 40
_LEVELS = (Level.BEGINNER, Level.INTERMEDIATE, Level.ADVANCED)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line to choose, below the title of its part; ``key`` is that of the choice behind it."""

    part: str
    title: str
    about: str
    key: str


def entries_of(
    paths: Sequence[PathOffered], lessons: Sequence[LessonOffered], words: str, language: str, tree: TopicTree
) -> list[Entry]:
    """Return what somebody can choose: in their language where there is something, and only what fits the words.

    Lessons fit by their words, and where the words name a topic, by their topics.
    """
    topic = tree.find(words) if words else None
    topics = tree.below(topic.id) if topic else frozenset()
    lessons = [
        lesson
        for lesson in lessons
        if _fits(words, lesson.lesson.title, lesson.lesson.summary) or topics.intersection(lesson.lesson.topics)
    ]
    paths = [path for path in paths if _fits(words, path.path.title, path.path.summary, path.path.outcomes)]
    begun = [lesson for lesson in lessons if lesson.active]
    spoken = [path for path in paths if path.path.language == language]
    others = [lesson for lesson in lessons if lesson.lesson.language == language]
    found = [*_begun(begun), *_paths(spoken), *_lessons(others)]
    return found or [*_paths(paths), *_lessons(lessons)]


def _fits(words: str, *texts: str) -> bool:
    said = fold_topic(" ".join(texts))
    return all(word in said for word in fold_topic(words).split())


def _begun(lessons: Iterable[LessonOffered]) -> Iterator[Entry]:
    for lesson in lessons:
        if lesson.run_id is not None:
            at = _("step {number} of {count}").format(number=lesson.step + 1, count=lesson.lesson.steps)
            yield Entry(_("Go on with"), lesson.lesson.title, at, resume_key(lesson.run_id))


def _paths(paths: Iterable[PathOffered]) -> Iterator[Entry]:
    for path in paths:
        if path.lessons:
            yield Entry(_("Learning paths"), path.path.title, _path_about(path), path_key(path.path.id))


def _path_about(path: PathOffered) -> str:
    count = len(path.lessons)
    lessons = ngettext("{count} lesson", "{count} lessons", count).format(count=count)
    parts = [lessons, minutes_words(path.path.minutes)]
    if path.completed:
        parts.append(_("completed"))
    elif path.done:
        parts.append(_("{done} done").format(done=path.done))
    return ", ".join(parts)


def _lessons(lessons: Sequence[LessonOffered]) -> Iterator[Entry]:
    for level in _LEVELS:
        part = _("Lessons {level}").format(level=level_word(level))
        same = [lesson for lesson in lessons if lesson.lesson.level is level and not lesson.active]
        for lesson in sorted(same, key=lambda one: one.done):
            done = [_("done")] if lesson.done else []
            about = ", ".join([minutes_words(lesson.lesson.minutes), *done])
            yield Entry(part, lesson.lesson.title, about, begin_key(lesson.lesson.id))


def list_text(glance: Glance, entries: Sequence[Entry], words: str) -> RichText:
    """Return the list, numbered, with how to find something else."""
    title = _("Learn: “{words}”").format(words=" ".join(words.split())[:60]) if words else _("Learn")
    blocks: list[Block] = [heading(title)]
    parts = dict.fromkeys(entry.part for entry in entries)
    for part in parts:
        lines = [
            f"{number}. {entry.title} ({entry.about})"
            for number, entry in enumerate(entries, start=1)
            if entry.part == part
        ]
        blocks.append(paragraph(bold(part), "\n", "\n".join(lines)))
    if not words:
        search = command(glance, *NAMES, argument=_("data protection"))
        blocks.append(note(*filled(_("By words: {command}"), command=search)))
    return rich(*blocks, *_elsewhere(glance))


def _elsewhere(glance: Glance) -> list[Block]:
    """Say where members find the rest, as a foreign house shows only what is public."""
    hub = glance.services.settings.hub
    if hub.hub_url is None or not glance.identity.verified or not shows_public_only(glance):
        return []
    told = _("Here I show only what is public.")
    return [note(told, " ", link(_("All lessons in the hub"), f"{hub.address}{PAGE}"))]


def list_choices(entries: Sequence[Entry], *, following: int | None) -> tuple[Choice, ...]:
    """Return the choices below the list; ``following``: where it goes on."""
    choices = tuple(
        Choice(entry.key, cut(f"{number}: {entry.title}"), digit)
        for number, (digit, entry) in enumerate(zip(DIGITS, entries, strict=False), start=1)
    )
    return choices if following is None else (*choices, Choice(list_key(following), _("More"), "➕"))


def nothing_text(glance: Glance, words: str) -> RichText:
    """Return that there is nothing to learn about that, or nothing at all."""
    if not words:
        return rich(_("There are no lessons here yet."), *_elsewhere(glance))
    found = _("I have no lesson about “{words}”.").format(words=" ".join(words.split())[:60])
    all_of_them = filled(_("{command} shows all that there are."), command=command(glance, *NAMES))
    return rich(found, paragraph(*all_of_them), *_elsewhere(glance))


def cut(title: str) -> str:
    """Return a title that a choice's label has room for."""
    return title if len(title) <= LONGEST_LABEL else f"{title[: LONGEST_LABEL - 1].rstrip()}…"
