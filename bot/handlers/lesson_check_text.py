"""How „Wie weit sind wir?" reads in a chat: what it is, its questions, and what comes of the answers.

How far somebody is stands in words alone: bars drawn of signs are noise to those who have them read out.
"""

from collections.abc import Sequence
from datetime import datetime

from bot.core.text import Block, RichText, bold, heading, item, note, paragraph, rich
from bot.handlers.lesson_text import minutes_words
from knowledge.kit.clock import HOME
from knowledge.kit.language import _, date_text
from knowledge.lessons.schemas import LessonOffer
from knowledge.lessons.self_check import CheckResult, Degree, DimensionResult
from knowledge.lessons.self_check_file import CheckQuestion, SelfCheckSource

# How far one is, in tenths, as a word and a number say it best.
TENTHS = 10


def degree_word(degree: Degree) -> str:
    """Return how far somebody is."""
    return {Degree.LOW: _("at the beginning"), Degree.MIDDLE: _("on the way"), Degree.HIGH: _("far along")}[degree]


def intro_text(source: SelfCheckSource) -> RichText:
    """Return what it is, and what becomes of the answers."""
    count = _("{count} questions. You can stop at any time and go on later.").format(count=len(source.questions))
    summary = [paragraph(source.summary)] if source.summary else []
    return rich(heading(source.title or _("How far are we?")), *summary, paragraph(count), stays_note())


def stays_note() -> Block:
    """Return that nobody else sees any of it."""
    return note(_("Your answers stay with you: nobody else sees them, and you can delete them."))


def question_text(question: CheckQuestion, number: int, count: int) -> RichText:
    """Return a question with its answers, numbered; the first has number 1."""
    answers = "\n".join(f"{place}. {answer.text}" for place, answer in enumerate(question.answers, start=1))
    progress = note(_("Question {number} of {count}").format(number=number, count=count))
    return rich(progress, paragraph(bold(question.text)), paragraph(answers))


def result_text(result: CheckResult) -> RichText:
    """Return how far somebody is in each dimension, and what has changed since the last time."""
    title = _("Where you stand, {date}").format(date=day_of(result.created_at))
    return rich(heading(title), *map(_dimension_line, result.dimensions), stays_note())


def day_of(moment: datetime) -> str:
    """Return the day of a moment, where the municipalities are."""
    return date_text(moment.astimezone(HOME).date())


def _dimension_line(dimension: DimensionResult) -> Block:
    reached = _("{share} of {most}").format(share=round(dimension.share * TENTHS), most=TENTHS)
    words = [f" {degree_word(dimension.degree)} ({reached})"]
    if dimension.before is not None and dimension.before is not dimension.degree:
        words.append(_("; before: {degree}").format(degree=degree_word(dimension.before)))
    return item(bold(f"{dimension.title}:"), *words)


def further_text(dimensions: Sequence[DimensionResult], lessons: Sequence[LessonOffer]) -> RichText:
    """Return what may help with the dimensions in which somebody is least far."""
    titles = ", ".join(dimension.title for dimension in dimensions)
    blocks = [paragraph(bold(_("What may help with: {titles}").format(titles=titles)))]
    if lessons:
        lines = [
            f"{number}. {lesson.title} ({minutes_words(lesson.minutes)})"
            for number, lesson in enumerate(lessons, start=1)
        ]
        blocks.append(paragraph(_("Lessons:"), "\n", "\n".join(lines)))
    return rich(*blocks)
