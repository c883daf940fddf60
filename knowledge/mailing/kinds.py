"""What people can want by e-mail, and which of it a message is."""

from enum import StrEnum

from knowledge.kit.settings import Settings


class MailWish(StrEnum):
    """What somebody can want by e-mail, each by itself; the values are columns of ``mail_subscriptions``."""

    # Answers to their questions, questions back, requests to them.
    ANSWERS = "answers"
    REMINDERS = "reminders"
    DIGESTS = "digests"


# Kinds of messages of our own: what somebody has just asked for at an address, or what is about the address itself.
CONFIRM, SIGN_IN, STOPPED = "mail.confirm", "mail.sign_in", "mail.stopped"
# The kind of a private digest (``Outgoing.about``).
DIGEST = "digest"
# What goes to an address because somebody asked for it in this moment, whatever else is wanted there.
ON_REQUEST = frozenset({CONFIRM, SIGN_IN})

_NAMES = frozenset(wish.value for wish in MailWish)
# By the beginning of a kind; the longest that fits counts.
_WISHES: tuple[tuple[str, MailWish | None], ...] = (
    ("digest", MailWish.DIGESTS),
    ("question.reminder", MailWish.REMINDERS),
    ("question.waiting", MailWish.REMINDERS),
    ("review.waiting_long", MailWish.REMINDERS),
    ("contribution.to_release", MailWish.REMINDERS),
    ("contribution.nobody_releases", MailWish.REMINDERS),
    ("document.", MailWish.REMINDERS),
    ("handover.", MailWish.REMINDERS),
    ("training.reminder", MailWish.REMINDERS),
    ("training.followed_up", MailWish.REMINDERS),
    ("account.", None),
    ("mail.", None),
    ("", MailWish.ANSWERS),
)


def wish_of(kind: str) -> MailWish | None:
    """Return what a message is of what people can want; ``None`` for what concerns their account.

    Args:
        kind: a notice's kind, or ``digests`` or another value of ``MailWish``.
    """
    if kind in _NAMES:
        return MailWish(kind)
    fitting = [(beginning, wish) for beginning, wish in _WISHES if kind.startswith(beginning)]
    return max(fitting, key=lambda pair: len(pair[0]))[1]


def mail_is_on(settings: Settings) -> bool:
    """Whether mail goes out: there is a server, and an address of the hub for the links in it."""
    return settings.mail.smtp_host is not None and settings.hub.hub_url is not None
