"""Abbreviations that a text defines itself: „Onlinezugangsgesetz (OZG)", „OZG (Onlinezugangsgesetz)".

After Schwartz and Hearst, "A simple algorithm for identifying abbreviation definitions in biomedical text" (PSB 2003):
the letters of the short form must occur in the long one, in order, the first of them at its beginning. German needs
more: letters stand for the parts of a compound, so inside a word they must be some way apart, and every word that
carries meaning must give a letter. What does not fit is left out: a wrong abbreviation spoils every later search.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowledge.library.text.analysis import analyse, is_function_word


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """A short form and what it stands for, both as the text writes them."""

    short: str
    long: str


SHORTEST_PART = 3
"""Letters between two letters that stand for parts of one compound („OnlineZugangsGesetz")."""
MAX_EXTRA_WORDS = 4
MAX_LONG = 120
"""Characters of a long form."""

_BRACKET = re.compile(r"\(([^()\n]{2,100})\)")
_MARKER = re.compile(
    r"\A(?:kurz|abgekürzt|abk\.|im folgenden|nachfolgend|im weiteren|auch|sog\.|short|abbreviated)\s*:?\s*",
    re.IGNORECASE,
)
_SHORT = re.compile(r"[a-zäöü]?[A-ZÄÖÜ](?:[\w&/.-]{0,10}[\w])\Z")
_ROMAN = re.compile(r"[IVXLCDM]+\Z")
_NOT_SHORT = frozenset(
    ["CDU", "CSU", "SPD", "FDP", "AfD", "BSW", "Hg", "Hrsg", "Red", "Stand", "Abb", "Tab", "Anm", "EUR"]
)
"""Parties stand behind people's names; the others are no abbreviations of what stands before them."""
_QUOTES = " \t„“”\"'‚‘*_»«#"
_WORD = re.compile(r"[^\s,;:()\[\]„“”\"»«*_]+")
_BREAK = re.compile(r"[,;:()\[\]\n.!?](?=\s|\Z)|[;:()\[\]\n]")
_GENITIVE = frozenset({"der", "des", "von", "of"})
_NAMING = re.compile(r"[A-ZÄÖÜ][a-zäöüß]+(?:lich|ig|isch|end|iert)e[nmrs]?\s+[A-ZÄÖÜ][a-zäöüß-]{4,}\Z")
"""„Nachhaltige Entwicklungsziele": an adjective written with a capital belongs to a name."""


def find_abbreviations(text: str) -> list[Abbreviation]:
    """Return the abbreviations that ``text`` defines, each pair once, in the order of their first mention."""
    found: dict[tuple[str, tuple[str, ...]], Abbreviation] = {}
    for bracket in _BRACKET.finditer(text):
        for pair in _in_bracket(_clause_before(text, bracket.start()), bracket[1]):
            found.setdefault((pair.short, _meaning(pair.long)), pair)
    return list(found.values())


def _meaning(long: str) -> tuple[str, ...]:
    """„Künstlicher Intelligenz" and „Künstliche Intelligenz" are one."""
    return analyse(long).stems


def _clause_before(text: str, end: int) -> str:
    part = text[max(0, end - MAX_LONG) : end].rstrip()
    breaks = list(_BREAK.finditer(part))
    return part[breaks[-1].end() :] if breaks else part


def _in_bracket(before: str, inside: str) -> Iterator[Abbreviation]:
    inside = _MARKER.sub("", inside.strip(), count=1).strip(_QUOTES)
    short = _as_short(inside)
    words = _WORD.findall(before)
    if short:
        long = _long_before(short, words) or _name_before(short, before.rstrip(_QUOTES))
        if long:
            yield Abbreviation(short, long)
        return
    *_explained, last = inside.rsplit(",", 1)
    if _explained and (short := _as_short(last.strip(_QUOTES))):
        long = _long_before(short, _WORD.findall(_explained[0]))
        if long:
            yield Abbreviation(short, long)
        return
    if words and (short := _as_short(words[-1])) and _stands_for(short, _WORD.findall(inside)):
        yield Abbreviation(short, inside)


def _as_short(text: str) -> str | None:
    """Return ``text`` as a short form, without the s of a plural, or None."""
    if not _SHORT.match(text) or text in _NOT_SHORT or _ROMAN.match(text):
        return None
    if text.endswith("s") and text[:-1].isupper() and len(text) > 2:
        text = text[:-1]
    capitals = sum(letter.isupper() for letter in text)
    letters = sum(letter.isalpha() for letter in text)
    return text if letters >= 2 and (capitals >= 2 or 3 <= len(text) <= 6) else None


def _long_before(short: str, words: Sequence[str]) -> str | None:
    """Return the shortest run of words at the end (or before a genitive at the end) that the short form stands for."""
    for end in _ends(words):
        for start in range(end - 1, max(-1, end - len(short) - MAX_EXTRA_WORDS), -1):
            if _stands_for(short, words[start:end]):
                return " ".join(words[start:end])
    return None


def _ends(words: Sequence[str]) -> list[int]:
    """„Sustainable Development Goals der Vereinten Nationen (SDG)" ends at „Goals"."""
    genitives = [place for place in range(max(1, len(words) - 4), len(words)) if words[place].lower() in _GENITIVE]
    return [len(words), *genitives[-1:]]


def _name_before(short: str, before: str) -> str | None:
    """Return the German name that a foreign short form stands behind, „Nachhaltige Entwicklungsziele (SDG)"."""
    found = _NAMING.search(before[-80:])
    return found[0] if found and short.isupper() and len(short) >= 3 else None


def _stands_for(short: str, words: Sequence[str]) -> bool:
    letters = [letter for letter in short if letter.isalnum()]
    parts = [part for word in words for part in word.split("-") if part]
    if not parts or len(" ".join(words)) < 2 * len(letters) or parts[0][0].lower() != letters[0].lower():
        return False
    if any(word == short for word in words) or len(parts) > len(letters) + MAX_EXTRA_WORDS:
        return False
    capitals = sum(letter.isupper() for letter in letters)
    if capitals < 2:
        return [part[0].lower() for part in parts] == [letter.lower() for letter in letters]
    return _Matcher(letters, parts).matches()


class _Matcher:
    """Places the letters of a short form in the words of a long one."""

    def __init__(self, letters: Sequence[str], parts: Sequence[str]) -> None:
        self._letters = letters
        self._parts = [part.lower() for part in parts]
        self._known: dict[tuple[int, int, int], bool] = {}
        self._light = [is_function_word(part) or not part[0].isalnum() for part in parts]

    def matches(self) -> bool:
        return not self._light[-1] and self._place(0, 0, 0)

    def _place(self, letter: int, part: int, offset: int) -> bool:
        """Tell whether the letters from ``letter`` on fit, in ``part`` from ``offset`` on and in those behind it."""
        key = (letter, part, offset)
        if key not in self._known:
            self._known[key] = self._fits(letter, part, offset)
        return self._known[key]

    def _fits(self, letter: int, part: int, offset: int) -> bool:
        if letter == len(self._letters):
            return all(self._light[part + 1 :])
        if part >= len(self._parts):
            return False
        if any(self._place(letter + 1, part, spot + 1) for spot in self._spots(letter, part, offset)):
            return True
        return (offset > 0 or self._light[part]) and self._place(letter, part + 1, 0)

    def _spots(self, letter: int, part: int, offset: int) -> list[int]:
        """Return where in ``part`` the letter may stand: its start, a later part of a compound, or right behind."""
        word, wanted = self._parts[part], self._letters[letter].lower()
        if offset == 0:
            return [0] if word[0] == wanted else []
        spots = range(offset + SHORTEST_PART - 1, len(word) - SHORTEST_PART + 1)
        inner = [spot for spot in spots if word[spot] == wanted]
        follows = self._letters[letter].islower() and word[offset : offset + 1] == wanted
        return [offset, *inner] if follows else inner
