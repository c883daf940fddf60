"""What can be wrong with somebody's wish for e-mail."""

from knowledge.kit.errors import InvalidInput, NotFound
from knowledge.kit.language import _


class ConfirmationRefused(InvalidInput):
    """A link that confirms an address does not work: expired, used, invented, or its member is gone."""

    code = "mailing.confirmation_refused"

    def __init__(self) -> None:
        super().__init__(
            _("This link does not work (any more). You get a new one in the hub, under “Your account”, “E-mail”.")
        )


class TooManyMails(InvalidInput):
    """Too many mails were asked for that confirm an address."""

    code = "mailing.too_many"

    def __init__(self) -> None:
        super().__init__(_("These were too many mails for one day. Please try again tomorrow."))


class NoSubscription(NotFound):
    """There is no address to change anything about."""

    code = "mailing.none"

    def __init__(self) -> None:
        super().__init__(_("There is no e-mail address here. Please give one first."))


class UnknownToken(NotFound):
    """A link out of a mail that is none of ours, or whose address is gone."""

    code = "mailing.unknown_token"

    def __init__(self) -> None:
        super().__init__(_("This link leads nowhere any more: the address is not kept here, so no mail comes."))
