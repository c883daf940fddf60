"""Making any text fit for a tokenizer, in the same way for every runtime."""

from collections.abc import Sequence

# No model reads further (MAX_TOKENS word pieces are some 2,000 characters); cutting a text into pieces costs time.
MAX_CHARACTERS = 20_000


def prepare(texts: Sequence[str], *, prefix: str = "") -> list[str]:
    """Return the texts with the prefix before them, cut, and without halves of characters (lone surrogates)."""
    return [_encodable(prefix + text[:MAX_CHARACTERS]) for text in texts]


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
