"""What can go wrong with open questions."""

from collections.abc import Sequence
from datetime import timedelta

from knowledge.kit.errors import Conflict, InvalidInput, NotFound
from knowledge.kit.language import _
from knowledge.kit.often import HOUR, TooOften
from knowledge.personal_data.schemas import Finding


class UnknownOpenQuestion(NotFound):
    """There is no such open question, or it is not for this reader."""

    code = "questions.unknown"

    def __init__(self) -> None:
        super().__init__(_("There is no such open question, or not any more."))


class UnknownOpenAnswer(NotFound):
    """There is no such answer, or it is not for this reader."""

    code = "questions.unknown_answer"

    def __init__(self) -> None:
        super().__init__(_("There is no such answer, or not any more."))


class QuestionInvalid(InvalidInput):
    """What was written is empty, or too long."""

    code = "questions.invalid"


class FindingsUndecided(InvalidInput):
    """A text holds what looks like personal data, and its writer did not say that it may stay; ``findings``."""

    code = "questions.findings"

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(
            _("This looks like personal data. Please take it out, or say that it may stay: {words}.").format(
                words=", ".join(f"“{finding.text}”" for finding in findings)
            )
        )
        self.findings = tuple(findings)


class OrganisationNeeded(InvalidInput):
    """Somebody who belongs to no organisation wants to ask or answer in its name."""

    code = "questions.organisation_needed"

    def __init__(self) -> None:
        super().__init__(_("You belong to no organisation here. Please choose your name, or to stay anonymous."))


class TooManyQuestions(TooOften):
    """More was written to the network than anybody could look at; ``text`` is what was written, to be kept."""

    code = "questions.too_many"

    def __init__(self, message: str, text: str = "", *, wait: timedelta = HOUR) -> None:
        super().__init__(message, wait=wait)
        self.text = text


class TakesNoAnswers(Conflict):
    """The question was taken back, or has its answer; ``text`` is what was written, so that nothing is lost."""

    code = "questions.takes_no_answers"

    def __init__(self, text: str, *, withdrawn: bool) -> None:
        if withdrawn:
            message = _("This question was taken back meanwhile, so your words went to nobody. Here they are again.")
        else:
            message = _("What answers this question is in the library now, so it takes no more answers.")
        super().__init__(message)
        self.text = text
        self.withdrawn = withdrawn


class OtherSideGone(Conflict):
    """Whoever would read the message is not there any more; ``text`` is what was written."""

    code = "questions.other_side_gone"

    def __init__(self, text: str) -> None:
        super().__init__(_("The other side does not take part any more, so your words went to nobody."))
        self.text = text


class OwnQuestion(Conflict):
    """One cannot join or answer what one asked oneself."""

    code = "questions.own"

    def __init__(self) -> None:
        super().__init__(_("This question is your own."))


class QuestionMovedOn(Conflict):
    """The question does not stand where this could be done."""

    code = "questions.moved_on"

    def __init__(self) -> None:
        super().__init__(_("This question has moved on meanwhile. Please look at where it stands now."))
