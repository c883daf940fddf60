"""Reading ``self-check.<language>.yaml``: the questions of „Wie weit sind wir?", and what comes of the answers."""

from dataclasses import dataclass

from knowledge.kit.language import _
from knowledge.lessons.errors import LessonInvalid, LessonProblem
from knowledge.lessons.fields import Fields
from knowledge.lessons.yaml_text import read_yaml

MOST_DIMENSIONS, MOST_QUESTIONS, MOST_ANSWERS, FEWEST_ANSWERS = 10, 6, 4, 2
LONGEST_QUESTION, LONGEST_ANSWER = 300, 160
MOST_POINTS = 10
DEGREES = ("low", "middle", "high")


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    """An answer that one can choose, and what it counts."""

    text: str
    points: int


@dataclass(frozen=True, slots=True)
class CheckQuestion:
    """A question of the self-check."""

    key: str
    text: str
    answers: tuple[CheckAnswer, ...]


@dataclass(frozen=True, slots=True)
class CheckDimension:
    """What the self-check looks at, such as goals or data. ``lessons``: keys by how far one is (low, middle, high)."""

    key: str
    title: str
    questions: tuple[CheckQuestion, ...]
    lessons: dict[str, tuple[str, ...]]
    # The word of a topic, on which there may be peers and gaps.
    topic: str | None


@dataclass(frozen=True, slots=True)
class SelfCheckSource:
    """The self-check in one language."""

    language: str
    title: str
    summary: str
    dimensions: tuple[CheckDimension, ...]

    @property
    def questions(self) -> tuple[CheckQuestion, ...]:
        """All questions, in their order."""
        return tuple(question for dimension in self.dimensions for question in dimension.questions)


def read_self_check(text: str, language: str) -> SelfCheckSource:
    """Return the self-check that a file describes. Raises LessonInvalid, with all problems and their lines."""
    problems: list[LessonProblem] = []
    fields = Fields(read_yaml(text), text, 1, problems)
    fields.only("title", "summary", "language", "dimensions")
    dimensions = tuple(_dimension(entry) for entry in fields.entries("dimensions", most=MOST_DIMENSIONS))
    if not dimensions:
        fields.complain("dimensions", _("There is nothing to ask."), "no_dimensions")
    keys = [question.key for dimension in dimensions for question in dimension.questions]
    if len(set(keys)) < len(keys) or len({dimension.key for dimension in dimensions}) < len(dimensions):
        problems.append(LessonProblem(0, _("Two questions or dimensions have the same key."), "key_twice"))
    title = fields.text("title", longest=120, required=False)
    summary = fields.text("summary", longest=400, required=False)
    if problems:
        raise LessonInvalid(problems)
    return SelfCheckSource(language, title, summary, dimensions)


def _dimension(fields: Fields) -> CheckDimension:
    fields.only("key", "title", "questions", "lessons", "topic")
    questions = tuple(_question(entry) for entry in fields.entries("questions", most=MOST_QUESTIONS))
    if not questions:
        fields.complain("questions", _("There is nothing to ask."), "no_questions")
    lessons = fields.inner("lessons")
    lessons.only(*DEGREES)
    return CheckDimension(
        key=fields.key("key"),
        title=fields.text("title", longest=80),
        questions=questions,
        lessons={degree: lessons.keys(degree, most=5) for degree in DEGREES},
        topic=fields.text("topic", longest=120, required=False) or None,
    )


def _question(fields: Fields) -> CheckQuestion:
    fields.only("key", "text", "answers")
    answers = tuple(
        CheckAnswer(entry.text("text", longest=LONGEST_ANSWER), entry.number("points", least=0, most=MOST_POINTS))
        for entry in fields.entries("answers", most=MOST_ANSWERS)
    )
    if len(answers) < FEWEST_ANSWERS:
        fields.complain("answers", _("A question has two to four answers."), "choices")
    text = fields.text("text", longest=LONGEST_QUESTION)
    return CheckQuestion(fields.key("key"), text, answers)
