"""From a question to the weighted terms that the words index looks for."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from knowledge.library.text.analysis import distinct, is_light_word, terms_of_word, words_of

MAX_WORDS = 400
"""A longer text is looked up by its first distinct words only."""
MAX_STEMS, MAX_GRAMS = 48, 160
"""Of these, the rarest are kept: they decide, and a query of 20,000 letters stays fast."""
GRAM_WEIGHT = 0.3
"""Weight of a gram beside a stem (from 0.2 to 0.5 nDCG@10 moves by less than 0.003)."""
LIGHT_WEIGHT = 0.3
"""Weight of a word that questions are made of („braucht", „viele") beside one that names the subject."""
FREQUENT_GRAM = 0.20
"""Grams in more than this share of all passages are left out: they cost half of the time and decide nothing."""
MOST_POSTINGS = 150_000
"""Nor are grams looked for that more passages have: in a library of a million they take a third of the time."""
SMALL_LIBRARY = 200
"""Below this number of passages no gram counts as frequent."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """Other words for something in the question: synonyms, or what an abbreviation stands for."""

    terms: tuple[str, ...]
    """The other wordings, each a word or a few words as a person writes them."""
    weight: float
    """Of one such wording beside a word of the question itself, from 0 to 1."""
    stands_for: str = ""
    """The wording in the question that it replaces (for judging how well a passage covers the question)."""


@dataclass(frozen=True, slots=True)
class WordsQuery:
    """A question and the other words that may be looked for in its place."""

    text: str
    expansions: tuple[Expansion, ...] = ()


@dataclass(frozen=True, slots=True)
class QueryTerms:
    """The distinct stems and grams of a question in its order, each with its weight."""

    stems: dict[str, float]
    grams: dict[str, float]


@dataclass(frozen=True, slots=True)
class WeightedTerm:
    """A term of one field of the index with its weight in the sum."""

    field: str
    term: str
    weight: float


Frequency = Callable[[str, str], int]
"""From field and term to the number of passages that have it."""


def weighted_terms(query: WordsQuery, frequency: Frequency, passages: int) -> list[WeightedTerm]:
    """Return what to look for, at most ``MAX_STEMS`` stems and ``MAX_GRAMS`` grams, only terms that occur.

    ``frequency`` tells how many of the ``passages`` have a term.
    """
    chosen = _weigh(analyse_query(query.text), 1.0)
    for expansion in query.expansions:
        for wording in expansion.terms:
            terms = analyse_query(wording)
            share = expansion.weight / max(len(terms.stems), 1)
            for key, weight in _weigh(terms, share).items():
                chosen.setdefault(key, weight)
    most = min(FREQUENT_GRAM * passages, MOST_POSTINGS) if passages > SMALL_LIBRARY else passages
    stems = _rarest((key for key in chosen if key[0] == "stems"), frequency, MAX_STEMS, passages)
    grams = _rarest((key for key in chosen if key[0] == "grams"), frequency, MAX_GRAMS, most)
    return [WeightedTerm(*key, chosen[key]) for key in stems + grams]


def analyse_query(text: str) -> QueryTerms:
    """Return the distinct terms of the first ``MAX_WORDS`` distinct words of ``text``."""
    stems: dict[str, float] = {}
    grams: dict[str, float] = {}
    if text.isupper() and " " in text.strip():
        text = text.lower()  # shouted: capitals tell no abbreviation from other words
    for word in distinct(words_of(text))[:MAX_WORDS]:
        weight = LIGHT_WEIGHT if is_light_word(word) else 1.0
        word_stems, word_grams = terms_of_word(word)
        for terms, found in ((stems, word_stems), (grams, word_grams)):
            for term in found:
                terms[term] = max(terms.get(term, 0.0), weight)
    return QueryTerms(stems, grams)


def _weigh(terms: QueryTerms, weight: float) -> dict[tuple[str, str], float]:
    weights = {("stems", stem): weight * own for stem, own in terms.stems.items()}
    weights.update({("grams", gram): weight * own * GRAM_WEIGHT for gram, own in terms.grams.items()})
    return weights


def _rarest(
    keys: Iterable[tuple[str, str]], frequency: Frequency, most_terms: int, most_passages: float
) -> list[tuple[str, str]]:
    counted = [(frequency(*key), key) for key in keys]
    usable = [(count, key) for count, key in counted if 0 < count <= most_passages]
    if len(usable) > most_terms:
        usable = sorted(usable)[:most_terms]
    return [key for _, key in usable]
