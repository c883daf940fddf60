"""Reading ``paths.yaml``: the paths of a folder."""

from dataclasses import dataclass

from knowledge.kit.language import _
from knowledge.lessons.errors import LessonInvalid, LessonProblem
from knowledge.lessons.fields import Fields
from knowledge.lessons.yaml_text import read_yaml
from knowledge.models.document import Visibility
from knowledge.models.training import Level

MOST_PATHS = 50
MOST_LESSONS = 40


@dataclass(frozen=True, slots=True)
class PathSource:
    """A path as it was read; ``lessons`` are the keys of its lessons, in their order."""

    key: str
    title: str
    summary: str
    outcomes: str
    level: Level
    language: str
    visibility: Visibility
    lessons: tuple[str, ...]


def read_paths(text: str) -> list[PathSource]:
    """Return the paths that a file describes. Raises LessonInvalid, with all problems and their lines."""
    said = read_yaml(text)
    if said is None:
        return []
    if not isinstance(said, list) or len(said) > MOST_PATHS:
        problem = _("Please write a list of at most {count} entries with fields.").format(count=MOST_PATHS)
        raise LessonInvalid([LessonProblem(1, problem, "entries")])
    problems: list[LessonProblem] = []
    paths = [_path(Fields(entry, part, line, problems)) for entry, part, line in _parts(said, text)]
    doubled = {path.key for path in paths if [other.key for other in paths].count(path.key) > 1}
    if doubled:
        problem = _("Two paths have the key “{key}”.").format(key=min(doubled))
        problems.append(LessonProblem(1, problem, "key_twice"))
    if problems:
        raise LessonInvalid(problems)
    return paths


def _parts(said: list[object], text: str) -> list[tuple[object, str, int]]:
    """Return each entry with the lines that it is in, as far as they can be told."""
    lines = text.split("\n")
    starts = [number for number, line in enumerate(lines) if line.startswith("- ")]
    if len(starts) != len(said):
        return [(entry, text, 1) for entry in said]
    ends = [*starts[1:], len(lines)]
    return [
        (entry, "\n".join(lines[start:end]), start + 1) for entry, start, end in zip(said, starts, ends, strict=True)
    ]


def _path(fields: Fields) -> PathSource:
    fields.only("key", "title", "summary", "outcomes", "level", "language", "visibility", "lessons")
    lessons = fields.keys("lessons", most=MOST_LESSONS)
    if not lessons:
        fields.complain("lessons", _("A path has at least one lesson."), "no_lessons")
    return PathSource(
        key=fields.key("key"),
        title=fields.text("title", longest=120),
        summary=fields.text("summary", longest=300),
        outcomes=fields.lines("outcomes", longest=600),
        level=fields.choice("level", Level, Level.BEGINNER),
        language=fields.language(),
        visibility=fields.visibility(),
        lessons=lessons,
    )
