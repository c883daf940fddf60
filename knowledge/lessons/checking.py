"""Whether a lesson fits into a chat and into five minutes, in whichever of the two languages it is shown.

From first to last message: one that begins it (title, summary, minutes, what one should have done before), one for each
step, one more after each question (whether it was right, and why), one at the end (done, was it helpful, what comes
next, where the facts are from). A picture and its caption are one message.
"""

from collections.abc import Sequence

from knowledge.kit.language import _
from knowledge.lessons.errors import LessonInvalid, LessonProblem
from knowledge.lessons.markdown import MOST_MINUTES, LessonReference, LessonSource, read_lesson
from knowledge.lessons.steps import LinkStep, PictureStep, QuestionStep, Step, plain_text

MOST_MESSAGES = 15
LONGEST_MESSAGE = 900
LONGEST_CHOICE, LONGEST_QUESTION = 160, 300
# What the chat itself says around a step („Schritt 3 von 8“), around an explanation („Nicht ganz. Richtig ist: …“), at
# the beginning and at the end, with room to spare.
FRAME, EXPLAINING, CLOSING = 60, 120, 250
WORDS_A_MINUTE = 180
# To look at a picture, and to think about a question.
SECONDS_A_PICTURE, SECONDS_A_QUESTION = 15, 20


def message_lengths(steps: Sequence[Step]) -> list[int]:
    """Return how long the messages of steps are, in order: for a question, two."""
    return [length for step in steps for length in step_lengths(step)]


def step_lengths(step: Step) -> list[int]:
    """Return how long the messages of one step are, with what the chat says around it."""
    if isinstance(step, QuestionStep):
        return [_question_length(step), _explanation_length(step)]
    if isinstance(step, PictureStep):
        # Where pictures cannot be shown, the caption follows what the picture shows.
        return [FRAME + len(step.alt) + len(plain_text(step.caption)) + 2]
    if isinstance(step, LinkStep):
        return [FRAME + len(plain_text(step.blocks)) + len(step.title) + 2]
    return [FRAME + len(plain_text(step.blocks))]


def _question_length(step: QuestionStep) -> int:
    # Each answer is a line that begins with its letter.
    return FRAME + len(step.text) + sum(len(choice.text) + 4 for choice in step.choices)


def _explanation_length(step: QuestionStep) -> int:
    """Return the longest explanation: after a wrong answer, the right one with its explanation follows."""
    right = step.right
    longest = 0
    for choice in step.choices:
        length = EXPLAINING + len(choice.explanation)
        if not choice.correct:
            length += len(right.text) + len(right.explanation) + 2
        longest = max(longest, length)
    return longest


def opening_length(title: str, summary: str, needs: Sequence[str]) -> int:
    """Return how long the message is that begins a lesson; what one should have done before is named by title."""
    return CLOSING + len(title) + len(summary) + 60 * len(needs)


def closing_length(references: Sequence[LessonReference]) -> int:
    """Return how long the last message is, with the sources."""
    return CLOSING + sum(len(str(reference)) + 3 for reference in references)


def reading_minutes(steps: Sequence[Step]) -> float:
    """Return how long it takes to read steps and to think about their questions."""
    words = sum(len(_words_of(step).split()) for step in steps)
    pictures = sum(isinstance(step, PictureStep) for step in steps)
    questions = sum(isinstance(step, QuestionStep) for step in steps)
    return words / WORDS_A_MINUTE + (pictures * SECONDS_A_PICTURE + questions * SECONDS_A_QUESTION) / 60


def _words_of(step: Step) -> str:
    if isinstance(step, QuestionStep):
        right = step.right.explanation
        return " ".join([step.text, right, *(choice.text for choice in step.choices)])
    return plain_text(step.caption if isinstance(step, PictureStep) else step.blocks)


def find_problems(lesson: LessonSource) -> list[LessonProblem]:
    """Return what keeps a lesson that could be read from being shown in a chat."""
    problems = []
    for step, line in zip(lesson.steps, lesson.lines, strict=True):
        problems += _step_problems(step, line)
    problems += _whole_problems(lesson)
    return problems


def _step_problems(step: Step, line: int) -> list[LessonProblem]:
    problems = []
    longest = max(step_lengths(step))
    if longest > LONGEST_MESSAGE:
        problem = _("This becomes a message of {length} characters; at most {longest} are readable in a chat.")
        said = problem.format(length=longest, longest=LONGEST_MESSAGE)
        problems.append(LessonProblem(line, said, "message_too_long"))
    if isinstance(step, QuestionStep) and len(step.text) > LONGEST_QUESTION:
        problem = _("A question has at most {longest} characters.").format(longest=LONGEST_QUESTION)
        problems.append(LessonProblem(line, problem, "question_too_long"))
    if isinstance(step, QuestionStep) and any(len(choice.text) > LONGEST_CHOICE for choice in step.choices):
        problem = _("An answer to choose has at most {longest} characters.").format(longest=LONGEST_CHOICE)
        problems.append(LessonProblem(line, problem, "choice_too_long"))
    return problems


def _whole_problems(lesson: LessonSource) -> list[LessonProblem]:
    problems = []
    messages = len(message_lengths(lesson.steps)) + 2
    if messages > MOST_MESSAGES:
        problem = _("This becomes {count} messages; a lesson has at most {most}. A question makes two of them.")
        problems.append(LessonProblem(0, problem.format(count=messages, most=MOST_MESSAGES), "too_many_messages"))
    minutes = reading_minutes(lesson.steps)
    if minutes > MOST_MINUTES or minutes > lesson.minutes + 1:
        problem = _("Reading this takes about {count} minutes; at most {most} are allowed, and it says {said}.")
        said = problem.format(count=f"{minutes:.1f}", most=MOST_MINUTES, said=lesson.minutes)
        problems.append(LessonProblem(0, said, "too_many_minutes"))
    if closing_length(lesson.references) > LONGEST_MESSAGE:
        problem = _("The sources together are too long for the last message. Please name fewer, or shorter.")
        problems.append(LessonProblem(0, problem, "sources_too_long"))
    return problems


def read_fitting_lesson(source: str) -> LessonSource:
    """Return a lesson that can be read, and fits. Raises LessonInvalid with all problems."""
    lesson = read_lesson(source)
    problems = find_problems(lesson)
    if problems:
        raise LessonInvalid(problems)
    return lesson
