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

import Stemmer  # type: ignore[import-not-found]  # a compiled module without stubs

from knowledge.library.text.stopwords import STOP_WORDS

GRAM_LENGTH = 4
MAX_WORD_LENGTH = 60
"""Longer "words" are data, not language (keys, encoded images); they are cut here."""

ANALYSIS_VERSION = f"1-snowball-{Stemmer.version()}"
"""Changes whenever the same text may give other terms; an index of another version has to be built anew."""

_INVISIBLE = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff]")
_GENDER_SIGN = re.compile(r"(?<=[a-zäöüß])(?:[:*_·]|/-?)(?=in(?:nen)?\b)|(?<=[a-zäöüß])\((?=in(?:nen)?\))")
_SECTION = re.compile(r"(?:§+|\b[Pp]aragra(?:ph|f)(?:en|s)?)\s*(?=\d)")
_SINGLE_LETTER_PREFIX = re.compile(r"\b([A-Za-z])[-\u2010\u2011](?=[A-Za-zÄÖÜäöü]{3})")
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:[.'\u202f\u00a0]\d{3})+(?![\d.]|,\d)")
_WORD = re.compile(r"§\d+[a-z]?|\d+(?:[.,]\d+)+|[^\W_]+")


@dataclass(frozen=True, slots=True)
class Terms:
    """The index terms of a text, in its order and with repetitions."""

    stems: tuple[str, ...]
    grams: tuple[str, ...]


def words_of(text: str) -> list[str]:
    """Return the words of ``text`` in order, as they are written, numbers and section signs made uniform."""
    return _WORD.findall(_uniform(text))


def analyse(text: str) -> Terms:
    """Return the stems and grams of ``text`` without function words."""
    stems: list[str] = []
    grams: list[str] = []
    for word in words_of(text):
        word_stems, word_grams = terms_of_word(word)
        stems += word_stems
        grams += word_grams
    return Terms(tuple(stems), tuple(grams))


@lru_cache(maxsize=200_000)
def terms_of_word(word: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the stems (none for a function word, several for a date or section) and grams of one written word."""
    if is_function_word(word):
        return (), ()
    stems = tuple(_stems(word.lower()[:MAX_WORD_LENGTH]))
    return stems, tuple(gram for stem in stems for gram in grams_of(stem))


def is_function_word(word: str) -> bool:
    """Tell whether ``word`` carries no content; „OB" and „IT" in capitals are abbreviations, not „ob" and „it"."""
    if word.isupper() and 2 <= len(word) <= 4:
        return False
    return word.lower() in STOP_WORDS


def grams_of(stem: str) -> tuple[str, ...]:
    """Return the pieces of ``stem``: „schul" gives ``_sch schu chul hul_``; up to three letters it stays whole."""
    marked = f"_{stem}_"
    if len(stem) < GRAM_LENGTH:
        return (marked,)
    return tuple(marked[start : start + GRAM_LENGTH] for start in range(len(marked) - GRAM_LENGTH + 1))


def distinct(terms: Iterable[str]) -> tuple[str, ...]:
    """Return ``terms`` without repetitions, in the order of first occurrence."""
    return tuple(dict.fromkeys(terms))


def _uniform(text: str) -> str:
    text = unicodedata.normalize("NFC", text)
    if not text.isascii():
        text = _INVISIBLE.sub("", text)
    text = _GENDER_SIGN.sub("", text)
    text = _SECTION.sub("§", text)
    text = _SINGLE_LETTER_PREFIX.sub(r"\1", text)
    return _THOUSANDS.sub(lambda found: re.sub(r"\D", "", found[0]), text)


def _stems(word: str) -> list[str]:
    if word[0] == "§":
        return [word, word[1:]]
    if word[0].isdigit():
        return _number_stems(word)
    return [_stemmer().stemWord(word)]


def _number_stems(word: str) -> list[str]:
    parts = re.split(r"[.,]", word)
    if len(parts) == 2 and not (len(parts[1]) == 4 and len(parts[0]) <= 2):
        return [f"{parts[0]}.{parts[1]}"]
    return parts


@lru_cache(maxsize=1)
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("german", 0)
