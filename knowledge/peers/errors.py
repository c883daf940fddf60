"""What can go wrong between peers."""

from knowledge.kit.errors import Conflict, InvalidInput, NotFound
from knowledge.kit.language import _
from knowledge.kit.often import TooOften


class UnknownRequest(NotFound):
    """There is no such contact request, or it is none of this member's."""

    code = "peers.unknown_request"

    def __init__(self) -> None:
        super().__init__(_("There is no such contact request, or not any more."))


class UnknownPeer(NotFound):
    """There is nobody like that who may be asked."""

    code = "peers.unknown_peer"

    def __init__(self) -> None:
        super().__init__(_("This person cannot be asked. Please look for peers once more."))


class RequestOver(Conflict):
    """A contact request was decided, withdrawn or ran out meanwhile."""

    code = "peers.request_over"

    def __init__(self) -> None:
        super().__init__(_("This contact request is over already."))


class AlreadyAsked(Conflict):
    """The same person was asked not long ago, or a request on the topic still waits."""

    code = "peers.already_asked"

    def __init__(self, message: str) -> None:
        super().__init__(message)


class TooManyRequests(TooOften):
    """More people were asked within a day or a week than one can talk to."""

    code = "peers.too_many"


class WordsInvalid(InvalidInput):
    """What was written cannot be passed on as it is: nothing, or too much."""

    code = "peers.words"

    def __init__(self, message: str) -> None:
        super().__init__(message)


class UnknownColleague(NotFound):
    """There is no such colleague in the house to pass a request on to."""

    code = "peers.unknown_colleague"

    def __init__(self) -> None:
        super().__init__(
            _("There is nobody of that name in your house here. Please write the name as in their profile.")
        )


class ProfileInvalid(InvalidInput):
    """A profile cannot hold that."""

    code = "peers.profile"

    def __init__(self, message: str) -> None:
        super().__init__(message)
