"""The key of the second factors: it lies in a file beside the database, so that the database alone gives none away."""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from Crypto.Cipher import AES

from knowledge.kit.errors import Unavailable
from knowledge.kit.language import _

KEY_BYTES, NONCE_BYTES, TAG_BYTES = 32, 12, 16


class KeyUnusable(Unavailable):
    """The file of the key cannot be read, or holds something else."""

    code = "access.key_unusable"


class AccessKey:
    """Seals texts (AES-256 in GCM mode), and makes digests that mean nothing without the key."""

    def __init__(self, key: bytes) -> None:
        self._sealing = hmac.new(key, b"sealing", hashlib.sha256).digest()
        self._digests = hmac.new(key, b"digests", hashlib.sha256).digest()

    def seal(self, text: str, *, about: str) -> str:
        """Return a text that only this key opens, and only where it is said to be about the same."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        cipher = AES.new(self._sealing, AES.MODE_GCM, nonce=nonce)
        cipher.update(about.encode())
        sealed, tag = cipher.encrypt_and_digest(text.encode())
        return base64.urlsafe_b64encode(nonce + tag + sealed).decode()

    def open(self, sealed: str, *, about: str) -> str | None:
        """Return a text that was sealed; ``None`` where it was not, or not so."""
        try:
            packed = base64.urlsafe_b64decode(sealed.encode())
            nonce, tag = packed[:NONCE_BYTES], packed[NONCE_BYTES : NONCE_BYTES + TAG_BYTES]
            cipher = AES.new(self._sealing, AES.MODE_GCM, nonce=nonce)
            cipher.update(about.encode())
            return cipher.decrypt_and_verify(packed[NONCE_BYTES + TAG_BYTES :], tag).decode()
        except (ValueError, binascii.Error):
            return None

    def digest(self, text: str) -> str:
        """Return a digest by which a text is known again and never found out."""
        return hmac.new(self._digests, text.encode(), hashlib.sha256).hexdigest()


def load_key(path: Path) -> AccessKey:
    """Read the key, or make it where there is none yet. Raises ``KeyUnusable``."""
    try:
        if not path.exists():
            _make(path)
        key = path.read_bytes()
    except OSError as error:
        problem = _("The key {path} cannot be read.").format(path=path)
        raise KeyUnusable(problem, detail=type(error).__name__) from error
    if len(key) != KEY_BYTES:
        raise KeyUnusable(_("The key {path} is damaged. Please bring it back from a backup.").format(path=path))
    return AccessKey(key)


def _make(path: Path) -> None:
    """Write a fresh key, whole or not at all; who comes second takes the first one's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=path.name) as written:  # only its owner may read such a file
        written.write(secrets.token_bytes(KEY_BYTES))
        written.flush()
        os.fsync(written.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(written.name)
