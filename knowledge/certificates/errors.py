"""What can be wrong with certificates."""

from knowledge.kit.errors import Conflict, InvalidInput, NotFound
from knowledge.kit.language import _


class UnknownCertificate(NotFound):
    """There is no such certificate, or it is not this person's."""

    code = "certificates.unknown"

    def __init__(self) -> None:
        super().__init__(_("There is no such certificate among yours. Perhaps you revoked it."))


class NotEarned(Conflict):
    """What it would certify was not done, or not noted."""

    code = "certificates.not_earned"


class NotAttended(NotEarned):
    """Nobody noted that this person was there, or the training is not over."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "A certificate is made for trainings that are over and that you attended. If you were there, please "
                "ask the organiser to note it."
            )
        )


class PathNotDone(NotEarned):
    """Lessons of the path are missing."""

    def __init__(self) -> None:
        super().__init__(_("A certificate is made once you have done all lessons of the path."))


class NameInvalid(InvalidInput):
    """The name cannot be printed."""

    code = "certificates.name_invalid"
