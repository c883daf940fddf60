"""Secrets that browsers and links carry: random, and kept as digests only."""

import hashlib
import secrets

# 256 bits: nobody guesses one, so a fast digest is enough.
TOKEN_BYTES = 32
# No secret of ours is longer when written down.
LONGEST_TOKEN = 64


def make_token() -> str:
    """Return a fresh secret, fit for links and cookies."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_digest(token: str) -> str:
    """Return what is kept of a secret."""
    return hashlib.sha256(token[: LONGEST_TOKEN + 1].encode()).hexdigest()
