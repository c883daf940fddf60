"""How much of a question a text covers, in words: the measure behind the second look at the best passages.

Each word of the question weighs as much as it is rare in the library (the idf of BM25). A text covers a word by the
share of the word's grams that it has, squared, so that half a word counts a quarter; a compound may thus be covered by
its parts, and a whole word always counts fully. Words for which synonyms are known may be covered by those.
"""

import math
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from knowledge.library.indexes.queries import GRAM_WEIGHT, Expansion, WordsQuery, analyse_query
from knowledge.library.text.analysis import grams_of

MOST_WORDS = 40
"""Of a long question the rarest words are judged."""
ABOVE = 0.7
"""What the title and the headings say counts so much of what the text says itself."""
BM25_CEILING = 2.2
"""k1 + 1 with tantivy's k1 of 1.2: what a word can add to a score at most, times its idf."""


@dataclass(frozen=True, slots=True)
class OtherWording:
    """What may stand in place of a word: the grams of each of its words, and how much it counts, 0 to 1."""

    words: tuple[frozenset[str], ...]
    weight: float


@dataclass(frozen=True, slots=True)
class QuestionWord:
    """A content word of the question; ``weight`` is its idf in the library, less for a light word."""

    stem: str
    grams: frozenset[str]
    weight: float
    others: tuple[OtherWording, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """The content words of a question, and how many passages the library has that is asked."""

    words: tuple[QuestionWord, ...]
    passages: int

    @property
    def highest_score(self) -> float:
        """The sum that no passage can exceed in the words index: every word and all of its grams at their best."""
        return BM25_CEILING * (1 + GRAM_WEIGHT) * sum(word.weight for word in self.words)


def read_question(query: WordsQuery | str, frequencies: Mapping[str, int], passages: int) -> Question:
    """Analyse ``query`` against a library of ``passages``.

    ``frequencies`` counts for each stem of ``analyse_query(text)`` the passages that have it; a missing one counts 0.
    """
    asked = WordsQuery(query) if isinstance(query, str) else query
    terms = analyse_query(asked.text)
    others = _other_wordings(asked.expansions)
    words = [
        QuestionWord(
            stem, frozenset(grams_of(stem)), idf(frequencies.get(stem, 0), passages), tuple(others.get(stem, ()))
        )
        for stem, own in terms.stems.items()
    ]
    if len(words) > MOST_WORDS:
        words = sorted(words, key=lambda word: -word.weight)[:MOST_WORDS]
    return Question(tuple(words), passages)


def idf(frequency: int, passages: int) -> float:
    """Return the weight of a word that ``frequency`` of the ``passages`` have (Robertson; as in Lucene and tantivy)."""
    return math.log(1 + (max(passages, frequency) - frequency + 0.5) / (frequency + 0.5))


def coverage(question: Question, grams: AbstractSet[str], above: AbstractSet[str] = frozenset()) -> float:
    """Return which share of the question, from 0 to 1, a text with these grams covers.

    ``above`` are the grams of its title and headings, which count a little less than what the text says itself: all
    passages below a title share them, so they cannot tell which one answers.
    """
    total = sum(word.weight for word in question.words)
    if not total:
        return 0.0
    return sum(word.weight * _best(word, grams, above) for word in question.words) / total


def _best(word: QuestionWord, grams: AbstractSet[str], above: AbstractSet[str]) -> float:
    own = covered(word, grams)
    return max(own, ABOVE * covered(word, above)) if above and own < ABOVE else own


def covered(word: QuestionWord, grams: AbstractSet[str]) -> float:
    """Return from 0 to 1 how far a text with these grams has the word, or other words for it."""
    best = _share(word.grams, grams)
    for other in word.others:
        if best >= other.weight:
            continue
        parts = [_share(part, grams) for part in other.words]
        best = max(best, other.weight * sum(parts) / len(parts))
    return best


def _share(wanted: frozenset[str], grams: AbstractSet[str]) -> float:
    share = len(wanted & grams) / len(wanted)
    return share * share


def _other_wordings(expansions: Iterable[Expansion]) -> dict[str, list[OtherWording]]:
    others: dict[str, list[OtherWording]] = {}
    for expansion in expansions:
        wordings = [_wording(text, expansion.weight) for text in expansion.terms]
        usable = [wording for wording in wordings if wording.words]
        for stem in analyse_query(expansion.stands_for).stems:
            others.setdefault(stem, []).extend(usable)
    return others


def _wording(text: str, weight: float) -> OtherWording:
    stems = analyse_query(text).stems
    return OtherWording(tuple(frozenset(grams_of(stem)) for stem in stems), weight)
