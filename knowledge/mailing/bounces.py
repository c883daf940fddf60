"""Mail that came back later: reading what mail servers say about it (RFC 3464), and counting it.

Whoever can send mail can send such a message: what is in it counts only together with an identifier that nobody but the
receiver of our mail has seen, or with our own signature in the address that it came back to.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from uuid import UUID

from knowledge.kit.clock import now
from knowledge.kit.errors import InvalidInput
from knowledge.kit.language import _
from knowledge.kit.logs import get_logger
from knowledge.kit.mail import is_about_mailbox
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.mailing.service import MailingService
from knowledge.mailing.tokens import MailTokens

# Reports are short; what is longer holds the whole mail that came back, whose identifier comes early.
LARGEST = 1_000_000
# Parts and addresses that are looked at.
MOST_PARTS, MOST_ADDRESSES = 100, 20
LONGEST_VALUE = 1000
# Where servers write to whom a message was really addressed.
ADDRESSED = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To")
_ADDRESS = re.compile(r"[A-Za-z0-9.+_=-]{1,100}@[A-Za-z0-9.-]{1,253}")
_MESSAGE_ID = re.compile(r"<([0-9a-f]{32})@[^<>\s]{1,253}>")


class NoMail(InvalidInput):
    """What was given is no mail, or far too large a one."""

    code = "mailing.no_mail"

    def __init__(self) -> None:
        super().__init__(_("This is no mail that could be read. Please pass on a whole message, of 1 MB at most."))


@dataclass(frozen=True, slots=True)
class Report:
    """What a message says about a mail that came back.

    ``statuses`` are the codes of those that could not be delivered for good; ``addresses`` where the message itself
    was sent to; ``keys`` the identifiers of our mails in it.
    """

    statuses: tuple[str, ...]
    addresses: tuple[str, ...]
    keys: tuple[UUID, ...]

    @property
    def is_final(self) -> bool:
        """Whether an address takes no mail, for good."""
        return any(is_about_mailbox(status) for status in self.statuses)


def read_report(content: bytes, recipient: str = "") -> Report:
    """Return what a message says; one that is no report says nothing.

    Args:
        content: the message, whatever somebody made of it.
        recipient: where it was sent to, where the mail server tells.

    Raises ``NoMail``.
    """
    if not content.strip() or len(content) > LARGEST:
        raise NoMail
    try:
        message = message_from_bytes(content)
        parts = list(_parts(message))
    except (
        RecursionError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
    ) as error:  # nested or garbled on purpose
        raise NoMail from error
    addresses = [recipient, *(value for name in ADDRESSED for value in _values(message, name))]
    found = [address for text in addresses for address in _ADDRESS.findall(text[:LONGEST_VALUE])]
    is_report = message.get_content_type() == "multipart/report"
    return Report(
        statuses=tuple(_statuses(parts)) if is_report else (),
        addresses=tuple(found[:MOST_ADDRESSES]),
        keys=tuple(_keys(parts)) if is_report else (),
    )


def _parts(message: Message) -> Iterator[Message]:
    for number, part in enumerate(message.walk()):
        if number >= MOST_PARTS:
            return
        yield part


def _values(message: Message, name: str) -> list[str]:
    return [str(value)[:LONGEST_VALUE] for value in (message.get_all(name) or ())[:MOST_ADDRESSES]]


def _statuses(parts: Sequence[Message]) -> Iterator[str]:
    """Give the status of each recipient for whom delivery failed for good."""
    for part in parts:
        blocks = part.get_payload() if part.get_content_type() == "message/delivery-status" else None
        for block in blocks if isinstance(blocks, list) else ():
            status = _first(block, "Status").partition(" ")[0]
            if _first(block, "Action").lower() == "failed" and status.startswith("5."):
                yield status


def _keys(parts: Sequence[Message]) -> Iterator[UUID]:
    """Give the identifiers of our mails that a report returns, as a whole or as headers alone."""
    for part in parts:
        texts = _values(part, "Message-ID")
        if part.get_content_type() == "text/rfc822-headers":
            payload = part.get_payload(decode=True)
            texts.append(payload[:20_000].decode("ascii", "replace") if isinstance(payload, bytes) else "")
        for text in texts:
            yield from (UUID(found) for found in _MESSAGE_ID.findall(text)[:MOST_ADDRESSES])


def _first(part: object, name: str) -> str:
    return "" if not isinstance(part, Message) else next(iter(_values(part, name)), "").strip()


async def note_report(unit: UnitOfWork, report: Report, tokens: MailTokens) -> UUID | None:
    """Count what a message says about a mail of ours; returns whose it was, ``None`` where it counts for nobody.

    Args:
        unit: the transaction.
        report: what the message says.
        tokens: know our signature.
    """
    if not report.is_final:
        return None
    mailing = MailingService(unit)
    signed = (tokens.read_return_path(address) for address in report.addresses)
    identity_id = next((found for found in signed if found is not None), None)
    for key in report.keys:
        if identity_id is None:
            sent = await mailing.repository.sent_to(key)
            identity_id = sent[0] if sent else None
    if identity_id is None:
        get_logger().info("mail_report_unknown")
        return None
    await mailing.note_bounce(identity_id, now())
    return identity_id
