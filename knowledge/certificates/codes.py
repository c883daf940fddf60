"""The code of a certificate: follows from the hub's key and the certificate's id, so that it need not be kept.

It has a hundred random-looking bits, so nobody guesses one, in letters and digits that are not mixed up when they are
read from paper (without I, L, O and U).
"""

import hashlib
from uuid import UUID

from knowledge.access.keys import AccessKey

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH, GROUP = 20, 5
# What is longer was not copied from a certificate.
LONGEST_TYPED = 100
_BITS = 5
_MISREAD = str.maketrans("OIL", "011")


def code_of(key: AccessKey, certificate_id: UUID) -> str:
    """Return a certificate's code as it is printed: four groups of five."""
    number = int(key.digest(f"certificate:{certificate_id.hex}"), 16)
    letters = "".join(ALPHABET[(number >> (_BITS * place)) % len(ALPHABET)] for place in range(LENGTH))
    return "-".join(letters[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def digest_of(code: str) -> str:
    """Return the digest by which a code is known again, however somebody typed it.

    A plain digest will do for a hundred random bits, and papers stay valid where the hub's key was lost.
    """
    return hashlib.sha256(_cleaned(code).encode()).hexdigest()


def _cleaned(code: str) -> str:
    letters = code[:LONGEST_TYPED].upper().translate(_MISREAD)
    return "".join(letter for letter in letters if letter in ALPHABET)
