"""What links and addresses in mails carry: signed with the hub's key, so that nothing has to be kept, nor guessed."""

import base64
import binascii
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from knowledge.access.keys import AccessKey
from knowledge.mailing.kinds import MailWish

# 128 bits for links, 80 for addresses, which may not be long; what is signed is so many bytes longer.
LINK_MAC, ADDRESS_MAC = 16, 10
# No token of ours is longer.
LONGEST = 120
_ALL = "all"
_WISHES = (_ALL, *(wish.value for wish in MailWish))


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a link that confirms an address says: which one, for whom, and when it was made."""

    identity_id: UUID
    member_id: UUID
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class Leaving:
    """What a link for unsubscribing says: which address, and from what (``None``: from everything)."""

    identity_id: UUID
    wish: MailWish | None


class MailTokens:
    """Makes and reads them.

    Args:
        key: the hub's key; all hosts of one database have the same.
    """

    def __init__(self, key: AccessKey) -> None:
        self._key = key

    def confirmation(self, identity_id: UUID, member_id: UUID, moment: datetime) -> str:
        """Return what a link carries that confirms an address."""
        seconds = int(moment.timestamp()).to_bytes(5, "big")
        return _encode(self._signed("confirmation", identity_id.bytes + member_id.bytes + seconds, LINK_MAC))

    def read_confirmation(self, token: str) -> Confirmation | None:
        """Return what it says; ``None`` for what is none of ours."""
        said = self._read("confirmation", _decode(token), LINK_MAC)
        if said is None or len(said) != 37:
            return None
        issued = datetime.fromtimestamp(int.from_bytes(said[32:], "big"), UTC)
        return Confirmation(UUID(bytes=said[:16]), UUID(bytes=said[16:32]), issued)

    def leaving(self, identity_id: UUID, wish: MailWish | None) -> str:
        """Return what a link for unsubscribing carries; it works for as long as the address is kept."""
        number = _WISHES.index(wish.value if wish else _ALL)
        return _encode(self._signed("leaving", identity_id.bytes + bytes([number]), LINK_MAC))

    def read_leaving(self, token: str) -> Leaving | None:
        """Return what it says; ``None`` for what is none of ours."""
        said = self._read("leaving", _decode(token), LINK_MAC)
        if said is None or len(said) != 17 or said[16] >= len(_WISHES):
            return None
        name = _WISHES[said[16]]
        return Leaving(UUID(bytes=said[:16]), None if name == _ALL else MailWish(name))

    def return_path(self, identity_id: UUID, address: str) -> str:
        """Return where mail to somebody comes back to, made of the operator's address for that."""
        name, _at, domain = address.rpartition("@")
        token = base64.b32encode(self._signed("return", identity_id.bytes, ADDRESS_MAC)).decode().rstrip("=").lower()
        return f"{name}+{token}@{domain}"

    def read_return_path(self, address: str) -> UUID | None:
        """Return whose mail came back to an address; ``None`` where it says nothing of ours."""
        token = address.rpartition("@")[0].rpartition("+")[2].upper()
        if len(token) > LONGEST:
            return None
        try:
            packed = base64.b32decode(token + "=" * (-len(token) % 8))
        except (ValueError, binascii.Error):
            return None
        said = self._read("return", packed, ADDRESS_MAC)
        return UUID(bytes=said) if said is not None and len(said) == 16 else None

    def _signed(self, purpose: str, said: bytes, length: int) -> bytes:
        return said + self._mac(purpose, said, length)

    def _read(self, purpose: str, packed: bytes, length: int) -> bytes | None:
        said, mac = packed[:-length], packed[-length:]
        return said if hmac.compare_digest(mac, self._mac(purpose, said, length)) else None

    def _mac(self, purpose: str, said: bytes, length: int) -> bytes:
        return bytes.fromhex(self._key.digest(f"mail {purpose}:{said.hex()}"))[:length]


def _encode(packed: bytes) -> str:
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def _decode(token: str) -> bytes:
    if len(token) > LONGEST:
        return b""
    try:
        return base64.b64decode((token + "=" * (-len(token) % 4)).encode(), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return b""
