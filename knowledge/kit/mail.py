"""Mail: one message to one address through the operator's own server."""

import asyncio
import re
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid, parseaddr

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
_ANGLES = re.compile(r"[^<>]*<([^<>]+)>")


class WrongAddress(InvalidInput):
    """What was given is no mail address."""

    code = "mail.wrong_address"


class WrongDomain(InvalidInput):
    """What was given is no mail domain."""

    code = "mail.wrong_domain"


class MailRefused(AllmendeError):
    """The server will never take this mail; trying again does not help."""

    code = "mail.refused"


class MailAway(Unavailable):
    """The server cannot be reached, is too slow, or asks to come back later."""

    code = "mail.away"


@dataclass(frozen=True, slots=True)
class Mail:
    """A plain text for one address."""

    to: str = field(repr=False)
    subject: str
    text: str = field(repr=False)


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
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = sender
        message["To"] = mail.to
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(now())
        message["Message-ID"] = make_msgid(domain=_domain_of(sender))
        # Nobody's absence note is to answer a machine (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
    except (ValueError, MessageError) as error:
        raise MailRefused(_("This mail cannot be written."), detail=type(error).__name__) from error
    return message


async def send_mail(settings: MailSettings, mail: Mail, *, patience: float = PATIENCE) -> None:
    """Send a mail through the configured server.

    Args:
        settings: the server and the sender.
        mail: what to send to whom.
        patience: seconds that each step may take.

    Raises ``MailRefused`` where trying again does not help, ``MailAway`` where it may.
    """
    import aiosmtplib  # only those who send mail need it

    if settings.smtp_host is None:
        raise MailAway(_("No mail server is set (ALLMENDE_SMTP_HOST)."), detail="no host")
    message = build_message(mail, sender_of(settings))
    try:
        async with asyncio.timeout(patience * STEPS):
            await aiosmtplib.send(
                message,
                recipients=[mail.to],
                hostname=settings.smtp_host,
                port=settings.smtp_port,
                # Asking the resolver for our own name, as is usual, can take long.
                local_hostname=_domain_of(sender_of(settings)),
                username=settings.smtp_user,
                password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
                use_tls=settings.smtp_security == "tls",
                start_tls=settings.smtp_security == "starttls",
                timeout=patience,
            )
    except aiosmtplib.SMTPRecipientsRefused as error:
        raise _refusal(max(refused.code for refused in error.recipients), error) from error
    except aiosmtplib.SMTPResponseException as error:
        raise _refusal(error.code, error) from error
    except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:  # ValueError: a host that is none
        raise MailAway(_("The mail server is away."), detail=type(error).__name__) from error


def sender_of(settings: MailSettings) -> str:
    """Return the sender's address: the one that is set, or the account's, or one of the server's."""
    account = settings.smtp_user if settings.smtp_user and "@" in settings.smtp_user else None
    return settings.mail_from or account or f"allmende@{settings.smtp_host}"


def _domain_of(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"


def _refusal(status: int, error: Exception) -> AllmendeError:
    """Return what a server's reply means: 5xx about the mail is for good; our own sign-in may be mended."""
    detail = f"{type(error).__name__} {status}"
    if status in SIGN_IN_CODES or status < 500:
        return MailAway(_("The mail server does not take mail just now."), detail=detail)
    return MailRefused(_("The mail server refused this mail."), detail=detail)
