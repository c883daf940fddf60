"""Passwords: Argon2id, with the parameters that OWASP's cheat sheet on password storage asks for at least."""

import asyncio
import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from knowledge.kit.errors import InvalidInput
from knowledge.kit.language import _

MEMORY_KIB, ROUNDS = 19_456, 2
SHORTEST, LONGEST = 12, 128


class PasswordUnfit(InvalidInput):
    """A password that is too short, too long, or easy to guess."""

    code = "access.password_unfit"


class Passwords:
    """Hashes and checks passwords, in threads, because both take their time on purpose.

    Args:
        memory_kib: memory for one hash.
        rounds: how often it is gone over.
    """

    def __init__(self, *, memory_kib: int = MEMORY_KIB, rounds: int = ROUNDS) -> None:
        self._hasher = PasswordHasher(time_cost=rounds, memory_cost=memory_kib, parallelism=1)
        # Checked in place of the hash of somebody who does not exist, so that both take equally long.
        self._nobody = self._hasher.hash(secrets.token_urlsafe())

    async def hash(self, password: str) -> str:
        """Return what is kept of a password."""
        return await asyncio.to_thread(self._hasher.hash, _normal(password))

    async def matches(self, password: str, kept: str | None) -> bool:
        """Whether a password is the one of which something was kept; takes as long where there is none."""
        return await asyncio.to_thread(self._verify, password, kept or self._nobody) and kept is not None

    def is_dated(self, kept: str) -> bool:
        """Whether a hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(kept)

    def _verify(self, password: str, kept: str) -> bool:
        try:
            return self._hasher.verify(kept, _normal(password[: LONGEST + 1]))
        except (VerificationError, InvalidHashError):
            return False


def check_password(password: str, *unfit: str) -> str:
    """Return a password that may be used.

    Args:
        password: what somebody chose.
        unfit: what it must not be, such as their name.

    Raises ``PasswordUnfit``.
    """
    normal = _normal(password)
    if not SHORTEST <= len(normal) <= LONGEST:
        problem = _("Please choose a password of {shortest} to {longest} characters.")
        raise PasswordUnfit(problem.format(shortest=SHORTEST, longest=LONGEST))
    folded = _folded(normal)
    if len(set(folded)) < 4 or any(known and folded.replace(known, "") == "" for known in map(_folded, unfit)):
        raise PasswordUnfit(_("This password is too easy to guess. Several words in a row make a good one."))
    return normal


def _normal(password: str) -> str:
    """Return a password as it is typed on every keyboard: umlauts may come in one piece or in two."""
    return unicodedata.normalize("NFC", password)


def _folded(text: str) -> str:
    return "".join(letter for letter in _normal(text).casefold() if letter.isalnum())
