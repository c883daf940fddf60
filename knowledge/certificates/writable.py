"""What the fonts of documents can write: archivable files may not hold a letter without its shape."""

import unicodedata
from functools import lru_cache

import typst

from knowledge.certificates.typesetting import typeset

# In place of a letter that no font has: seen, and not taken for another letter.
PLACEHOLDER = "□"
_PROBE = "probe.typ"


def unwritable(text: str) -> list[str]:
    """Return the characters that cannot be written, each once, in their order."""
    if _is_written(text):
        return []
    return [letter for letter in dict.fromkeys(text) if not _is_written(letter)]


def first_unwritable(text: str, most: int) -> list[str]:
    """Return at most so many of the characters that cannot be written, in their order.

    Half by half, and no further than needed: what somebody types costs little, whatever it is.
    """
    missing: list[str] = []
    parts = ["".join(dict.fromkeys(text))]
    while parts and len(missing) < most:
        part = parts.pop()
        if _is_written(part):
            continue
        half = len(part) // 2
        if half:
            parts += [part[half:], part[:half]]
        else:
            missing.append(part)
    return missing


def writable(text: str) -> str:
    """Return a text as far as it can be written: little pictures are left out, letters become a placeholder."""
    missing = set(unwritable(text))
    if not missing:
        return text if _is_written(text) else PLACEHOLDER
    return "".join(_instead(letter) if letter in missing else letter for letter in text).strip()


def _instead(letter: str) -> str:
    return PLACEHOLDER if unicodedata.category(letter)[0] in "LN" else ""


@lru_cache(maxsize=4096)
def _is_written(text: str) -> bool:
    if text.isascii():
        return text.isprintable() or not text.strip()
    try:
        typeset(_PROBE, {"text": text})
    except typst.TypstError:
        return False
    return True
