"""From text to index terms: stems, and four-letter pieces of the stems that stand in for a compound splitter.

A word is stemmed with the German Snowball stemmer, which also makes ``ä``, ``ae`` and ``a`` one, ``ß`` and ``ss``, and
takes off feminine endings. Each stem is then cut into overlapping pieces of four letters with its ends marked, so that
„Straßenzustandserfassung" and „Erfassung des Straßenzustands" meet. Function words are left out.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from sys import intern

import Stemmer  # type: ignore[import-not-found]  # a compiled module without stubs

from knowledge.library.text.lightwords import LIGHT_WORDS
from knowledge.library.text.stopwords import STOP_WORDS

GRAM_LENGTH = 4
MAX_WORD_LENGTH = 60
"""Longer "words" are data, not language (keys, encoded images); they are cut here."""
CACHED_WORDS = 100_000
"""Written words whose terms are remembered, at about 900 bytes each."""

ANALYSIS_VERSION = f"1-snowball-{Stemmer.version()}"
"""Changes whenever the same text may give other terms; an index of another version has to be built anew."""

_INVISIBLE = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff]")
_WORD = re.compile(
    r"""
    [^\W\d_]{2,}+(?!\d)(?:(?:[:*_·]|/-?)in(?:nen)?\b|\(in(?:nen)?\))?  # Bürger, Bürger:innen
    | \d+(?:[.,'\u202f\u00a0]\d+)+                                      # 1.200, 12,5, 30.11.2023
    | §+\s*\d+[a-z]?\b                                                  # § 5, §§ 12a
    | [A-Za-z][-\u2010\u2011](?=[^\W\d_]{3})[^\W_]+                      # E-Akte, the same as eAkte
    | [^\W_]+                                                           # CO2, 5G, 2024
    """,
    re.VERBOSE,
)
_PARAGRAPH = re.compile(r"\b[Pp]aragra(?:ph|f)(?:en|s)?(?=\s*\d)")
_SECTION = re.compile(r"§\D*(\d.*)")
_PREFIXED = re.compile(r"([A-Za-z])[-\u2010\u2011](.+)")
_GENDERED = re.compile(r"([^\W_]+)(?:[:*·_]|/-?|\()in(?:nen)?\)?")
_THOUSANDS = re.compile(r"(\d{1,3}(?:[.'\u202f\u00a0]\d{3})+)(?:,(\d+))?")


def _spellings(words: frozenset[str]) -> frozenset[str]:
    """Add what people type who have no umlauts on their keyboard: „fuer" and „fur"."""
    two = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
    one = str.maketrans("äöü", "aou")
    return words.union(*[(word.translate(two), word.translate(one)) for word in words])


_FUNCTION_WORDS = _spellings(STOP_WORDS)
_LIGHT_WORDS = _spellings(LIGHT_WORDS)


@dataclass(frozen=True, slots=True)
class Terms:
    """The index terms of a text, in its order and with repetitions."""

    stems: tuple[str, ...]
    grams: tuple[str, ...]


def words_of(text: str) -> list[str]:
    """Return the words of ``text`` in order and as they are written; numbers, sections and dates are one word each."""
    if not text.isascii():
        text = _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    if "aragra" in text:
        text = _PARAGRAPH.sub("§", text)
    return _WORD.findall(text)


def analyse(text: str) -> Terms:
    """Return the stems and grams of ``text`` without function words."""
    terms = [terms_of_word(word) for word in words_of(text)]
    return Terms(
        tuple([stem for stems, _ in terms for stem in stems]),
        tuple([gram for _, grams in terms for gram in grams]),
    )


def grams_in(text: str) -> frozenset[str]:
    """Return the distinct grams of ``text``."""
    return frozenset().union(*[terms_of_word(word)[1] for word in words_of(text)])


def index_terms(text: str) -> tuple[str, str]:
    """Return the stems and the grams of ``text``, each as one string with spaces between, as an index takes them."""
    terms = [_spaced_terms(word) for word in words_of(text)]
    return " ".join([stems for stems, _ in terms]), " ".join([grams for _, grams in terms])


@lru_cache(maxsize=CACHED_WORDS)
def _spaced_terms(word: str) -> tuple[str, str]:
    stems, grams = terms_of_word(word)
    return " ".join(stems), " ".join(grams)


@lru_cache(maxsize=CACHED_WORDS)
def terms_of_word(word: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the stems (none for a function word, several for a date or section) and grams of one written word."""
    if is_function_word(word):
        return (), ()
    stems = tuple(_stems(word[:MAX_WORD_LENGTH]))
    return stems, tuple(gram for stem in stems for gram in grams_of(stem))


def is_function_word(word: str) -> bool:
    """Tell whether ``word`` carries no content; „OB" and „IT" in capitals are abbreviations, not „ob" and „it"."""
    if word.isupper() and 2 <= len(word) <= 4:
        return False
    return word.lower() in _FUNCTION_WORDS


def is_light_word(word: str) -> bool:
    """Tell whether ``word`` says little about the subject of a question („braucht", „viele")."""
    return word.lower() in _LIGHT_WORDS


def grams_of(stem: str) -> tuple[str, ...]:
    """Return the pieces of ``stem``: „schul" gives ``_sch schu chul hul_``; up to three letters it stays whole."""
    marked = f"_{stem}_"
    if len(stem) < GRAM_LENGTH:
        return (marked,)
    return tuple([intern(marked[start : start + GRAM_LENGTH]) for start in range(len(marked) - GRAM_LENGTH + 1)])


def distinct(terms: Iterable[str]) -> tuple[str, ...]:
    """Return ``terms`` without repetitions, in the order of first occurrence."""
    return tuple(dict.fromkeys(terms))


def _stems(word: str) -> list[str]:
    if word.isalpha():
        return [_stem(word)]
    if word[0].isdigit():
        return _number_stems(word)
    if found := _SECTION.fullmatch(word):
        return [f"§{found[1]}", found[1]]
    if found := _PREFIXED.fullmatch(word):
        return [_stem(found[1] + found[2])]
    if found := _GENDERED.fullmatch(word):
        return [_stem(found[1])]
    return [_stem(word)]


def _number_stems(word: str) -> list[str]:
    """„1.200" is 1200 and „12,5" is 12.5, but a date is found by its day, month and year."""
    if found := _THOUSANDS.fullmatch(word):
        whole = re.sub(r"\D", "", found[1])
        return [f"{whole}.{found[2]}" if found[2] else whole]
    parts = re.split(r"\D", word)
    if len(parts) == 2 and word.count(",") + word.count(".") == 1 and len(parts[1]) != 4:
        return [".".join(parts)]
    return [_stem(word)] if word.isalnum() else [part for part in parts if part]


def _stem(word: str) -> str:
    stem: str = _stemmer().stemWord(word.lower())
    return stem


@lru_cache(maxsize=1)
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("german", 0)
