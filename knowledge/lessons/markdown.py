"""Reading a lesson as it is written: front matter in YAML, then steps in Markdown, parted by lines of three dashes."""

import re
from dataclasses import dataclass
from typing import Any

from knowledge.kit.language import _
from knowledge.lessons.body import StepProblem, check_characters, check_target, read_step
from knowledge.lessons.errors import LessonInvalid, LessonProblem
from knowledge.lessons.fields import Fields
from knowledge.lessons.steps import Step
from knowledge.lessons.yaml_text import read_yaml
from knowledge.models.document import Visibility
from knowledge.models.training import Level

LONGEST_SOURCE = 60_000
LONGEST_FRONT_MATTER = 8_000
# More steps than can be read in five minutes; what comes behind them is not even looked at.
MOST_STEPS = 30
MOST_MINUTES = 5
_DASHES = re.compile(r"-{3,}[ \t]*")


@dataclass(frozen=True, slots=True)
class LessonReference:
    """A text that a lesson has its facts from; ``place`` says where in it."""

    title: str
    publisher: str = ""
    year: int | None = None
    place: str = ""
    url: str | None = None

    def __str__(self) -> str:
        said = [self.publisher, self.title, self.place]
        return ", ".join(part for part in said if part) + (f" ({self.year})" if self.year else "")


@dataclass(frozen=True, slots=True)
class LessonSource:
    """A lesson as it was read; ``source`` is the text, ``needs`` are keys of what one should have done before."""

    key: str
    title: str
    summary: str
    level: Level
    minutes: int
    language: str
    topics: tuple[str, ...]
    needs: tuple[str, ...]
    visibility: Visibility
    references: tuple[LessonReference, ...]
    steps: tuple[Step, ...]
    source: str
    # In which line of the source each step begins.
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    """Lines between two lines of dashes; ``line`` is the first one's number."""

    text: str
    line: int


def read_lesson(source: str) -> LessonSource:
    """Return the lesson that a text is.

    Nothing in it is executed or fetched: what chats cannot show (HTML, other links than web addresses, pictures from
    elsewhere, tables, lists in lists) is refused.

    Raises LessonInvalid, which says for all of its problems in which line they are.
    """
    source = _normal(source)
    front, pieces = _parts(source)
    problems: list[LessonProblem] = []
    fields = _front_matter(front, problems)
    steps, lines = [], []
    for piece in pieces:
        read = read_step(piece.text, piece.line)
        if isinstance(read, LessonProblem):
            problems.append(read)
        else:
            steps.append(read)
            lines.append(piece.line)
    if not pieces:
        problems.append(LessonProblem(front.line, _("There is no step in this lesson."), "no_steps"))
    if problems:
        raise LessonInvalid(sorted(problems, key=lambda problem: problem.line))
    return LessonSource(**fields, steps=tuple(steps), source=source, lines=tuple(lines))


def read_references(source: str) -> tuple[LessonReference, ...]:
    """Return the texts that a lesson names as its sources; none for a text that is no lesson."""
    try:
        front, _pieces = _parts(_normal(source))
        return tuple(_front_matter(front, [])["references"])
    except LessonInvalid:
        return ()


def _normal(source: str) -> str:
    if len(source) > LONGEST_SOURCE:
        problem = _("This is longer than {longest} characters.").format(longest=LONGEST_SOURCE)
        raise LessonInvalid([LessonProblem(0, problem, "too_long")])
    text = source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    try:
        check_characters(text)
    except StepProblem as problem:
        raise LessonInvalid([LessonProblem(problem.line + 1, problem.message, problem.code)]) from problem
    return text


def _parts(source: str) -> tuple[_Piece, list[_Piece]]:
    """Return the front matter and the steps of a source."""
    lines = source.split("\n")
    if not _DASHES.fullmatch(lines[0]):
        problem = _("A lesson begins with a line of three dashes, then key, title and so on, then three dashes again.")
        raise LessonInvalid([LessonProblem(1, problem, "no_front_matter")])
    pieces: list[_Piece] = []
    start = 1
    for number in range(1, len(lines) + 1):
        if number == len(lines) or _DASHES.fullmatch(lines[number]):
            pieces.append(_Piece("\n".join(lines[start:number]), start + 1))
            start = number + 1
        if len(pieces) > MOST_STEPS + 1:
            problem = _("A lesson has at most {count} steps. Please make several lessons of it.")
            raise LessonInvalid([LessonProblem(start, problem.format(count=MOST_STEPS), "too_many_steps")])
    front, *steps = pieces
    # A line of dashes at the very end parts nothing.
    if steps and not steps[-1].text.strip():
        steps.pop()
    return front, steps


def _front_matter(front: _Piece, problems: list[LessonProblem]) -> dict[str, Any]:
    """Return the fields of a lesson; what is wrong with them is added to ``problems``."""
    try:
        said = read_yaml(front.text, first_line=front.line, longest=LONGEST_FRONT_MATTER)
    except LessonInvalid as invalid:
        problems.extend(invalid.problems)
        return {"references": ()}
    fields = Fields(said, front.text, front.line, problems)
    fields.only("key", "title", "summary", "level", "minutes", "language", "topics", "needs", "visibility", "sources")
    return {
        "key": fields.key("key"),
        "title": fields.text("title", longest=120),
        "summary": fields.text("summary", longest=300),
        "level": fields.choice("level", Level, Level.BEGINNER),
        "minutes": fields.number("minutes", least=1, most=MOST_MINUTES),
        "language": fields.language(),
        "topics": fields.words("topics", most=12),
        "needs": fields.keys("needs", most=10),
        "visibility": fields.visibility(),
        "references": tuple(_references(fields)),
    }


def _references(fields: Fields) -> list[LessonReference]:
    found = []
    for entry in fields.entries("sources", most=10):
        entry.only("title", "publisher", "year", "place", "url")
        url = entry.text("url", longest=500, required=False) or None
        if url is not None:
            try:
                check_target(url, 0)
            except StepProblem as problem:
                entry.complain("url", problem.message, problem.code)
        found.append(
            LessonReference(
                title=entry.text("title", longest=250),
                publisher=entry.text("publisher", longest=150, required=False),
                year=entry.number("year", least=1900, most=2100, required=False) or None,
                place=entry.text("place", longest=120, required=False),
                url=url,
            )
        )
    return found
