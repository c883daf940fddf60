"""Mail: one message to one address through the operator's own server."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, formataddr, make_msgid, parseaddr

from knowledge.kit.clock import now
from knowledge.kit.errors import AllmendeError, InvalidInput, Unavailable
from knowledge.kit.language import _
from knowledge.kit.settings import MailSettings

# A server that needs longer than this for a step is treated as away.
PATIENCE = 20.0
# However it spreads its slowness, it gets no more than so many times that.
STEPS = 3
LONGEST_ADDRESS, LONGEST_LOCAL, LONGEST_DOMAIN = 254, 64, 253
# Authentication required, failed, too weak; encryption required (RFC 4954).
SIGN_IN_CODES = frozenset({530, 534, 535, 538})
# RFC 5321 without quoted local parts, which no town hall uses.
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
# An enhanced status code (RFC 3463).
_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")
_ANGLES = re.compile(r"[^<>]*<([^<>]+)>")


# Programmes that read these do not put together what was cut into lines, or encoded for that.
UNCUT = frozenset({"list-unsubscribe", "message-id"})


class _Policy(EmailPolicy):
    """As mail is written, but for headers that must stay in one piece."""

    def fold(self, name: str, value: str) -> str:
        """Return a header as it is sent."""
        return f"{name}: {value}{self.linesep}" if name.lower() in UNCUT else super().fold(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        """Return the same in bytes."""
        return self.fold(name, value).encode("ascii") if name.lower() in UNCUT else super().fold_binary(name, value)


class WrongAddress(InvalidInput):
    """What was given is no mail address."""

    code = "mail.wrong_address"


class WrongDomain(InvalidInput):
    """What was given is no mail domain."""

    code = "mail.wrong_domain"


class MailRefused(AllmendeError):
    """The server will never take this mail; trying again does not help.

    ``about_mailbox`` says that it is the address that takes none, and not something about us or the mail.
    """

    code = "mail.refused"

    def __init__(self, message: str, *, detail: str | None = None, about_mailbox: bool = False) -> None:
        super().__init__(message, detail=detail)
        self.about_mailbox = about_mailbox


class MailAway(Unavailable):
    """The server cannot be reached, is too slow, or asks to come back later."""

    code = "mail.away"


@dataclass(frozen=True, slots=True)
class MailPicture:
    """A picture that a mail brings along; its HTML shows it as ``cid:<key>``."""

    key: str
    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Mail:
    """A text for one address.

    ``html`` says the same for whoever reads it so, and shows the ``picture``. ``message_id`` is the same for each try
    to send the mail; without one it is made up. ``return_path`` is where it comes back to if it cannot be delivered:
    the sender, or this.
    """

    to: str = field(repr=False)
    subject: str
    text: str = field(repr=False)
    html: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    message_id: str | None = None
    sender_name: str = ""
    return_path: str | None = field(default=None, repr=False)
    picture: MailPicture | None = None


def read_domain(text: str) -> str:
    """Return a mail domain in lower case and its ASCII form. Raises ``WrongDomain``."""
    problem = WrongDomain(_("This is no mail domain. Please give it as in lindenau.de."))
    wanted = text.strip().lower().removeprefix("@").removesuffix(".")
    try:
        domain = wanted if wanted.isascii() else wanted.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise problem from error
    labels = domain.split(".")
    if len(labels) < 2 or len(domain) > LONGEST_DOMAIN or not all(_LABEL.fullmatch(label) for label in labels):
        raise problem
    if labels[-1].isdigit():
        raise problem
    return domain


def read_address(text: str) -> tuple[str, str]:
    """Return a mail address, with its domain in ASCII, and that domain. Raises ``WrongAddress``."""
    problem = WrongAddress(_("This is no mail address. Please write it as in vorname.name@lindenau.de."))
    wanted = text.strip()
    if named := _ANGLES.fullmatch(wanted):
        wanted = named[1].strip()
    wanted = wanted.removeprefix("mailto:")
    local, at, rest = wanted.rpartition("@")
    if not at or len(local) > LONGEST_LOCAL or not _LOCAL.fullmatch(local):
        raise problem
    try:
        domain = read_domain(rest)
    except WrongDomain as error:
        raise problem from error
    address = f"{local}@{domain}"
    if len(address) > LONGEST_ADDRESS:
        raise problem
    return address, domain


def build_message(mail: Mail, sender: str) -> EmailMessage:
    """Return the message with its headers. Raises ``MailRefused`` where something would break out of a header."""
    message = EmailMessage(policy=_Policy(linesep="\r\n"))
    try:
        message["From"] = formataddr((mail.sender_name, sender)) if mail.sender_name else sender
        message["To"] = mail.to
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(now())
        message["Message-ID"] = mail.message_id or make_msgid(domain=domain_of(sender))
        # Nobody's absence note is to answer a machine (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        _set_texts(message, mail)
        for name, value in mail.headers.items():  # after the texts, which take headers about content with them
            message[name] = value
    except (ValueError, MessageError) as error:
        raise MailRefused(_("This mail cannot be written."), detail=type(error).__name__) from error
    return message


def _set_texts(message: EmailMessage, mail: Mail) -> None:
    # In ASCII, so that no server on the way has to write it anew, which would break a signature.
    message.set_content(mail.text, cte="quoted-printable")
    if mail.html is not None:
        message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    page = message.get_body(("html",))
    if mail.picture is not None and isinstance(page, EmailMessage):
        kind, _slash, form = mail.picture.media_type.partition("/")
        page.add_related(
            mail.picture.content,
            maintype=kind,
            subtype=form,
            cid=f"<{mail.picture.key}>",
            filename=mail.picture.name,
            disposition="inline",
        )


async def send_mail(settings: MailSettings, mail: Mail, *, patience: float = PATIENCE) -> None:
    """Send one mail through the configured server.

    Args:
        settings: the server and the sender.
        mail: what to send to whom.
        patience: seconds that each step may take.

    Raises ``MailRefused`` where trying again does not help, ``MailAway`` where it may.
    """
    from knowledge.kit.mail_connections import MailConnections  # only those who send mail need its library

    connections = MailConnections(settings, patience=patience)
    try:
        await connections.send(mail)
    finally:
        await connections.close()


def sender_of(settings: MailSettings) -> str:
    """Return the sender's address: the one that is set, or the account's, or one of the server's."""
    account = settings.smtp_user if settings.smtp_user and "@" in settings.smtp_user else None
    return settings.mail_from or account or f"allmende@{settings.smtp_host}"


def domain_of(sender: str) -> str:
    """Return the domain of an address."""
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"


def refusal(
    status: int, text: str, error: Exception, *, of_recipient: bool = False, of_us: bool = False
) -> AllmendeError:
    """Return what a server's reply means: 5xx about the mail is for good; our own sign-in may be mended.

    Args:
        status: the reply's code.
        text: its words, which may begin with an enhanced status code.
        error: what the library made of it.
        of_recipient: whether it was said of the recipient.
        of_us: whether it was said of us, before there was any mail: that may be mended, here or there.
    """
    detail = f"{type(error).__name__} {status}"
    if of_us or status in SIGN_IN_CODES or status < 500:
        return MailAway(_("The mail server does not take mail just now."), detail=detail)
    known = _ENHANCED.match(text.strip())
    about_mailbox = is_about_mailbox(known[0]) if known else of_recipient
    return MailRefused(_("The mail server refused this mail."), detail=detail, about_mailbox=about_mailbox)


def is_about_mailbox(status: str) -> bool:
    """Whether an enhanced status code (RFC 3463) says that an address takes no mail, for good.

    A mail that was taken for unwanted, or a server that was set up wrongly (5.7, 5.3 …), says nothing about the
    address.
    """
    return status.startswith(("5.1.", "5.2.", "5.4.4"))
