"""What can be taken back, and the digests by which it is recognised in an old backup."""

import hashlib
import hmac
from enum import StrEnum
from uuid import UUID


class TakenBack(StrEnum):
    """Something that its author, or whoever it is about, has taken back or ended."""

    CONTRIBUTION = "contribution"
    REGISTRATION = "registration"
    QUESTION = "open-question"
    ANSWER = "open-answer"
    SELF_CHECK = "self-check"
    TOKEN = "api-token"  # noqa: S105 - a kind of row


def digest_of_row(what: TakenBack, row: UUID, key: str) -> str:
    """Return the digest of a row under a key, in hex.

    Identifiers of rows are random, nobody can try them all; so this one may be quick.
    """
    return hmac.new(bytes.fromhex(key), f"{what.value}:{row.hex}".encode(), hashlib.sha256).hexdigest()
