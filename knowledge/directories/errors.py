"""What goes wrong when somebody signs in with a directory, in words that help; what it was exactly is for the log."""

from knowledge.kit.errors import Conflict, InvalidInput, NotFound, Unavailable
from knowledge.kit.language import _


class ProviderUnknown(NotFound):
    """There is no such directory, or nobody signs in with it now."""

    code = "directories.unknown"

    def __init__(self) -> None:
        super().__init__(_("Nobody signs in with this directory here. Please choose another way."))


class ProviderUnfit(InvalidInput):
    """Something that an administrator entered cannot be used; ``field`` is where."""

    code = "directories.unfit"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class DirectoryAway(Unavailable):
    """The directory does not answer, or not in time."""

    code = "directories.away"

    def __init__(self, detail: str) -> None:
        text = _("The directory of your organisation does not answer at the moment. Please try again in a while.")
        super().__init__(text, detail=detail)


class DirectoryMisset(Unavailable):
    """The directory answers, but not as it has to: something is set up wrongly, here or there."""

    code = "directories.misset"

    def __init__(self, detail: str) -> None:
        text = _("Signing in with your organisation is not set up rightly. Please tell whoever runs this service.")
        super().__init__(text, detail=detail)


class VisitOver(InvalidInput):
    """Nobody is on their way like that: used, expired, begun in another browser, or invented."""

    code = "directories.visit_over"

    def __init__(self, detail: str) -> None:
        text = _("This sign-in took too long, was used already, or began in another browser. Please begin again.")
        super().__init__(text, detail=detail)


class DirectoryDenied(InvalidInput):
    """The directory, or the person there, said no."""

    code = "directories.denied"

    def __init__(self, detail: str) -> None:
        text = _("Your organisation’s directory did not sign you in, or you stopped it there. Nothing has happened.")
        super().__init__(text, detail=detail)


class AnswerForged(InvalidInput):
    """What came back does not hold: signature, issuer, audience, time or one-time number are wrong."""

    code = "directories.forged"

    def __init__(self, detail: str) -> None:
        text = _("The directory’s answer cannot be trusted, so nobody was signed in. Please begin again.")
        super().__init__(text, detail=detail)


class NotForYou(InvalidInput):
    """It is known who came, and they may not sign in like that."""

    code = "directories.not_for_you"

    def __init__(self, detail: str) -> None:
        text = _("You cannot sign in with this account. Please ask your contact in the network why.")
        super().__init__(text, detail=detail)


class LinkTaken(Conflict):
    """The account is linked to another membership, or the membership to another account."""

    code = "directories.link_taken"

    def __init__(self) -> None:
        text = _("This account is linked to another membership, or yours to another account. Please unlink that first.")
        super().__init__(text)


class SignInStale(Conflict):
    """Linking needs somebody who signed in just now, with all that they sign in with."""

    code = "directories.sign_in_stale"

    def __init__(self) -> None:
        text = _("To link an account, please sign out, sign in again, and come back here within half an hour.")
        super().__init__(text)


class JoinRefused(InvalidInput):
    """Somebody whom nobody knows yet is not admitted; ``code`` of theirs may be wrong."""

    code = "directories.join_refused"

    def __init__(self) -> None:
        super().__init__(_("This code does not work (any more). Please ask whoever gave it to you for a new one."))
