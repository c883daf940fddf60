"""The words of a text, with what a reader of names wants to know of each."""

import re
import unicodedata
from dataclasses import dataclass

_WORD = re.compile(r"[^\W\d_]+(?:[-‑'’][^\W\d_]+)*")
_ARABIC_ARTICLE = re.compile(r"(?:al|el|ad|as|ar|at|az|bin|ben|d|o|l)[-'’‑][A-ZÀ-Þ]")


@dataclass(frozen=True, slots=True)
class Token:
    """A word: where it is, what stands between it and the one before, and its form for comparing."""

    text: str
    folded: str
    start: int
    end: int
    gap: str
    dotted: bool
    capital: bool

    @property
    def opens(self) -> bool:
        """Whether a sentence, a line or a bracket begins with it, so that what stands before has no part in it."""
        return any(character in self.gap for character in ".!?\n(;,") or not self.gap

    @property
    def after_digit(self) -> bool:
        """Whether a digit stands before it."""
        return any(character.isdigit() for character in self.gap[-3:])

    @property
    def name_like(self) -> bool:
        """Whether it is long enough for a name and no abbreviation in capitals."""
        return len(self.text) > 2 and not (self.text.isupper() and len(self.text) < 5)


def tokenize(text: str) -> list[Token]:
    """Return the words of a text; those joined by hyphens and apostrophes are one."""
    tokens = []
    before = 0
    for match in _WORD.finditer(text):
        word = match[0]
        folded = unicodedata.normalize("NFC", word).lower()
        dotted = text[match.end() : match.end() + 1] == "."
        capital = word[0].isupper() or _ARABIC_ARTICLE.match(word) is not None
        tokens.append(Token(word, folded, match.start(), match.end(), text[before : match.start()], dotted, capital))
        before = match.end()
    return tokens
