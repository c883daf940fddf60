"""What can go wrong with trainings and registrations."""

from datetime import timedelta

from knowledge.kit.errors import Conflict, InvalidInput, NotFound
from knowledge.kit.language import _, ngettext
from knowledge.kit.often import TooOften


class UnknownTraining(NotFound):
    """There is no such training, or it is not for this reader."""

    code = "trainings.unknown"

    def __init__(self) -> None:
        super().__init__(_("There is no such training, or not any more."))


class UnknownRegistration(NotFound):
    """Somebody is not registered for a training."""

    code = "trainings.unknown_registration"

    def __init__(self) -> None:
        super().__init__(_("You are not registered for this training."))


class UnknownInquiry(NotFound):
    """There is no such question to whoever runs a training, or it is not for this reader."""

    code = "trainings.unknown_inquiry"

    def __init__(self) -> None:
        super().__init__(_("There is no such question, or not any more."))


class TrainingInvalid(InvalidInput):
    """Something about a training cannot be as it was entered; ``field`` says which field it is about."""

    code = "trainings.invalid"

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class TimeMissing(TrainingInvalid):
    """A local time does not exist, because the clocks skip it."""

    code = "trainings.time_missing"


class TimeTwice(TrainingInvalid):
    """A local time exists twice, because the clocks go back; it must be said which one is meant."""

    code = "trainings.time_twice"


class NoHouse(TrainingInvalid):
    """A training is to be for one organisation only, and belongs to none."""

    code = "trainings.no_house"

    def __init__(self) -> None:
        problem = _("This training belongs to no organisation. Please let the network or everybody see it.")
        super().__init__(problem, field="visibility")


class CapacityTooSmall(TrainingInvalid):
    """More people have a place already than the new capacity allows."""

    code = "trainings.capacity_too_small"

    def __init__(self, taken: int) -> None:
        problem = ngettext(
            "{taken} place is taken or offered already, so there cannot be fewer. Please enter at least {taken}.",
            "{taken} places are taken or offered already, so there cannot be fewer. Please enter at least {taken}.",
            taken,
        )
        super().__init__(problem.format(taken=taken), field="capacity")
        self.taken = taken


class TrainingMovedOn(Conflict):
    """A training is cancelled, over, or not a draft any more, so this cannot be done with it."""

    code = "trainings.moved_on"


class RegistrationClosed(Conflict):
    """It is too late to register: the deadline is past, it began, or it was cancelled."""

    code = "trainings.registration_closed"


class TrainingFull(Conflict):
    """All places are taken, and there is no waiting list."""

    code = "trainings.full"

    def __init__(self) -> None:
        super().__init__(_("All places of this training are taken, and there is no waiting list."))


class TooLateToCancel(Conflict):
    """Somebody wants to cancel a registration after the last date began."""

    code = "trainings.too_late_to_cancel"

    def __init__(self) -> None:
        super().__init__(_("This training has already begun, so there is nothing to cancel any more."))


class NothingOffered(Conflict):
    """Somebody wants to accept a place that is not offered to them, or not any more."""

    code = "trainings.nothing_offered"

    def __init__(self) -> None:
        super().__init__(_("This place is not kept for you any more. You can register again."))


class AnswersInvalid(InvalidInput):
    """Answers at registration are missing or too long; ``questions`` are the ids of those that they belong to."""

    code = "trainings.answers_invalid"

    def __init__(self, message: str, questions: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.questions = questions


class TooManyInquiries(TooOften):
    """Somebody asked whoever runs trainings more than anybody could answer."""

    code = "trainings.too_many_inquiries"

    def __init__(self, wait: timedelta) -> None:
        super().__init__(_("You have asked a lot today. Please wait until tomorrow."), wait=wait)
