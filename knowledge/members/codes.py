"""One-time codes: easy to read out and to type, impossible to guess.

Three groups of four characters of Crockford's base 32 (https://www.crockford.com/base32.html), which has no letters
that look like digits: 60 bits from the operating system. Only a digest is kept.
"""

import hashlib
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUPS, GROUP_SIZE = 3, 4
LENGTH = GROUPS * GROUP_SIZE
# What people read for what; spaces and dashes of any kind part the groups.
_MISREAD = str.maketrans("OIL", "011", " -\u2010\u2011\u2012\u2013\u2014\u2212\u00a0_.")
# Longer than any code with whatever parts its groups.
_LONGEST_TYPED = 40


def make_code() -> str:
    """Return a fresh code, as ``7K3M-Q2XV-9RTD``."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(letters[start : start + GROUP_SIZE] for start in range(0, LENGTH, GROUP_SIZE))


def read_code(text: str) -> str | None:
    """Return the characters of the code that somebody typed, or ``None`` if the text cannot be one.

    Capitals, what parts the groups, and the letters O, I and L for digits make no difference.
    """
    wanted = text.strip()
    if len(wanted) > _LONGEST_TYPED:
        return None
    letters = wanted.upper().translate(_MISREAD)
    return letters if len(letters) == LENGTH and set(letters) <= set(ALPHABET) else None


def code_digest(text: str) -> str | None:
    """Return what is kept of the code that ``text`` is; ``None`` if it cannot be one."""
    letters = read_code(text)
    return hashlib.sha256(letters.encode()).hexdigest() if letters else None
