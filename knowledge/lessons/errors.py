"""What can go wrong with lessons, said so that whoever wrote or takes one knows what to do."""

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.kit.errors import Conflict, InvalidInput, NotFound
from knowledge.kit.language import _


@dataclass(frozen=True, slots=True)
class LessonProblem:
    """What is wrong with a text, and in which line (0: with the whole of it); ``code`` is stable."""

    line: int
    message: str
    code: str

    def __str__(self) -> str:
        if not self.line:
            return self.message
        return _("Line {line}: {problem}").format(line=self.line, problem=self.message)


class LessonInvalid(InvalidInput):
    """A lesson, path or self-check cannot be read as it was written; ``problems`` says what is wrong where."""

    code = "lessons.invalid"

    def __init__(self, problems: Sequence[LessonProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class PictureUnusable(InvalidInput):
    """A picture cannot be shown in a chat; the message says why."""

    code = "lessons.picture_unusable"


class UnknownLesson(NotFound):
    """There is no such lesson, or not for this person."""

    code = "lessons.unknown"

    def __init__(self) -> None:
        super().__init__(_("There is no such lesson, or it is not open to you."))


class UnknownPath(NotFound):
    """There is no such path, or not for this person."""

    code = "lessons.unknown_path"

    def __init__(self) -> None:
        super().__init__(_("There is no such learning path, or it is not open to you."))


class LessonKeyTaken(Conflict):
    """Another organisation's lesson or path goes by the same key."""

    code = "lessons.key_taken"

    def __init__(self, key: str) -> None:
        problem = _("The key “{key}” is taken by another lesson or path. Please choose another one.")
        super().__init__(problem.format(key=key))


class LessonChanged(Conflict):
    """Somebody else changed it meanwhile."""

    code = "lessons.changed"

    def __init__(self) -> None:
        super().__init__(_("Somebody else changed this meanwhile. Please look at it again before you save."))


class NothingToPublish(InvalidInput):
    """A lesson without a version, or a path without lessons that are published."""

    code = "lessons.nothing_to_publish"

    def __init__(self, problem: str) -> None:
        super().__init__(problem)


class StepPassed(Conflict):
    """What somebody pressed belongs to a step that they are not at any more (or not yet)."""

    code = "lessons.step_passed"

    def __init__(self) -> None:
        super().__init__(_("You are at another place of this lesson by now."))


class NoSuchChoice(InvalidInput):
    """A question has no such answer."""

    code = "lessons.no_such_choice"

    def __init__(self) -> None:
        super().__init__(_("There is no such answer to this question."))


class CircleHasPath(Conflict):
    """A circle takes another path at the moment."""

    code = "lessons.circle_has_path"

    def __init__(self) -> None:
        super().__init__(_("This circle is taking another path. Please end that first."))


class NoCirclePath(NotFound):
    """A circle takes no path."""

    code = "lessons.no_circle_path"

    def __init__(self) -> None:
        super().__init__(_("This circle is taking no learning path at the moment."))
