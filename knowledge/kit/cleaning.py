"""Texts that come from outside, cleaned before they are kept."""

import re
import unicodedata

_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_MANY_BREAKS = re.compile(r"\n{3,}")


def clean_text(text: str) -> str:
    """Return a text without control characters and what cannot be stored; line breaks and tabs stay."""
    text = _BREAKS.sub("\n", unicodedata.normalize("NFC", text))
    kept = "".join(letter for letter in text if letter in "\n\t" or not _is_control(letter))
    return _MANY_BREAKS.sub("\n\n", "\n".join(line.rstrip() for line in kept.split("\n"))).strip()


def _is_control(letter: str) -> bool:
    # Cs: halves of characters that no database takes. Directions that turn text around are used to deceive.
    return unicodedata.category(letter) in ("Cc", "Cs") or letter in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068"


def clean_line(text: str) -> str:
    """Return a text on one line."""
    return " ".join(clean_text(text).split())
