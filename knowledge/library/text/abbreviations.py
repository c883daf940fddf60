"""Learning abbreviations from the places where a text explains them: „Onlinezugangsgesetz (OZG)", „OZG (Onlinezugangsgesetz)".

The letters of the short form are looked for in the long one from right to left, the first of them at the beginning of a
word (Schwartz & Hearst 2003, "A simple algorithm for identifying abbreviation definitions in biomedical text"). In German
they often stand inside a compound, so every letter may be inside a word there.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

LONGEST_SHORT, LONGEST_LONG = 10, 100
# Before a bracket, at most so many words are looked at (the authors' bound: |A| + 5 or 2 · |A|).
EXTRA_WORDS = 5

_BRACKET = re.compile(r"\(([^()\n]{2,100})\)")
_SHORT = re.compile(r"(?=(?:.*[A-ZÄÖÜ]){2})[A-ZÄÖÜ][A-Za-zÄÖÜäöüß0-9-]{1,9}\Z")
_WORD = re.compile(r"[^\W\d_][\w-]*")
_REFERENCE = re.compile(r"\b(?:vgl|siehe|s\.|Abb|Tab|Kap|Abs|Art|Nr|ebd|et al|S)\b|\d{3,}", re.IGNORECASE)


class Abbreviation(NamedTuple):
    """A short form and what it stands for."""

    short: str
    long: str


def find_abbreviations(text: str) -> list[Abbreviation]:
    """Return the abbreviations that ``text`` explains, each pair once, in their order."""
    return list(dict.fromkeys(_found(text)))


def _found(text: str) -> Iterator[Abbreviation]:
    for bracket in _BRACKET.finditer(text):
        inside = bracket[1].strip().strip("„“\"'")
        before = text[max(0, bracket.start() - LONGEST_LONG) : bracket.start()].rsplit("\n", 1)[-1].rstrip("„“\"' ")
        if _SHORT.match(inside):
            long = _long_form(inside, before)
            if long:
                yield Abbreviation(inside, long)
        elif not _REFERENCE.search(inside):
            words = _WORD.findall(before)
            if words and _SHORT.match(words[-1]) and _long_form(words[-1], inside) == inside:
                yield Abbreviation(words[-1], inside)


def _long_form(short: str, before: str) -> str | None:
    """Return the end of ``before`` that ``short`` stands for: the shortest run of words that holds its letters."""
    letters = [letter for letter in short.lower() if letter.isalnum()]
    words = list(_WORD.finditer(before))[-(min(len(letters) + EXTRA_WORDS, 2 * len(letters))) :]
    for word in reversed(words):
        candidate = before[word.start() :]
        if candidate[0].lower() == letters[0] and _holds(letters, candidate) and _is_plausible(short, candidate):
            return candidate.strip()
    return None


def _holds(letters: list[str], candidate: str) -> bool:
    """Whether the letters stand in ``candidate`` in order, the first at its beginning."""
    place = 0
    lowered = candidate.lower()
    for letter in letters:
        place = lowered.find(letter, place) + 1
        if place == 0:
            return False
    return True


def _is_plausible(short: str, candidate: str) -> bool:
    """Whether the long form begins with a capital noun or name, is clearly longer, and does not hold the short one."""
    words = candidate.split()
    if len(candidate) < 2 * len(short) or short in words:
        return False
    capitals = sum(word[0].isupper() for word in words)
    if len(words) == 1:
        return candidate[0].isupper() and len(candidate) > len(short) + 3
    return capitals >= max(1, len(words) // 2) and len(words) <= len(short) + EXTRA_WORDS
