"""What can be wrong with a handover."""

from knowledge.kit.errors import Conflict, InvalidInput, NotFound
from knowledge.kit.language import _


class UnknownHandover(NotFound):
    """There is no such handover, or it is not the reader's business."""

    code = "handover.unknown"

    def __init__(self) -> None:
        super().__init__(_("This handover cannot be found. Perhaps somebody has taken it over already."))


class NoColleague(InvalidInput):
    """Whoever is to take over does not work in the same house."""

    code = "handover.no_colleague"

    def __init__(self) -> None:
        super().__init__(_("Only somebody of your own organisation who takes part here can take over."))


class HandoverDecided(Conflict):
    """Somebody was quicker."""

    code = "handover.decided"

    def __init__(self) -> None:
        super().__init__(_("This was decided already."))


class NoHouse(InvalidInput):
    """Whoever belongs to no organisation has nobody to hand over to."""

    code = "handover.no_house"

    def __init__(self) -> None:
        super().__init__(_("You belong to no organisation here, so there is nobody to hand over to."))


class AskedTooOften(InvalidInput):
    """A colleague was asked several times today whether they take over."""

    code = "handover.asked_too_often"

    def __init__(self) -> None:
        super().__init__(_("This colleague was asked several times today. Please go on tomorrow, or talk to them."))
