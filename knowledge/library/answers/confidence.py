"""How likely it is that the library answers a question: a number from 0 to 1 that means what it says."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.library.answers.coverage import Question
from knowledge.library.answers.ranking import Ranked

ANSWER_LINE = 0.4
"""Below this confidence an answer abstains. From 0.3 to 0.5 balanced accuracy changes by at most 0.005; a lower line
answers more of the questions that are asked in other words than the text's."""

SMALLEST, LARGEST = 5, 10_000
"""Sizes of library, in passages, between which the weights hold; outside, the nearest is taken."""

# Weights of a logistic regression, rounded. It was fitted on 612 questions about 240 passages of XQuAD-de (Artetxe,
# Ruder and Yogatama 2020) in libraries that lack half of the articles: eight random halves, two of them also among
# 1,028 articles of news, and twelve of five passages. Measured by bench/quality.py; see docs/measurements.md.
# Cosines are left out: those of the default model add about 0.002, and those of another model may be spread otherwise.
_CONSTANT = -7.75
_SHARE, _DOCUMENT, _SENTENCE, _MARGIN = 10.0, 2.7, 4.1, 1.0
_LOG_WORDS, _LOG_PASSAGES = 2.0, -0.38


@dataclass(frozen=True, slots=True)
class ConfidenceFeatures:
    """What speaks for the best passage; all shares are from 0 to 1."""

    share: float
    """Its score in the words index, of the highest that the question could reach."""
    document: float
    """How much of the question the best passages of its document cover together."""
    sentence: float
    """How much of the question its best sentence covers."""
    margin: float
    """How far, in share of its own score, the best passage of another document is behind."""
    words: int
    """Content words in the question."""
    passages: int
    """Passages in the library."""


def confidence_features(question: Question, ranked: Sequence[Ranked]) -> ConfidenceFeatures | None:
    """Read the features off the final order; None where there is nothing to judge (no hit or no content word)."""
    if not ranked or not question.words:
        return None
    best = ranked[0]
    next_score = next((other.score for other in ranked if other.source != best.source), 0.0)
    return ConfidenceFeatures(
        share=min(best.lexical / question.highest_score, 1.0),
        document=best.document,
        sentence=best.sentence,
        margin=(best.score - next_score) / best.score if best.score > 0 else 1.0,
        words=len(question.words),
        passages=question.passages,
    )


def confidence(features: ConfidenceFeatures | None) -> float:
    """Return the probability that the library holds the answer; 0 for no features."""
    if features is None:
        return 0.0
    size = min(max(features.passages, SMALLEST), LARGEST)
    evidence = (
        _CONSTANT
        + _SHARE * features.share
        + _DOCUMENT * features.document
        + _SENTENCE * features.sentence
        + _MARGIN * features.margin
        + _LOG_WORDS * math.log(max(features.words, 1))
        + _LOG_PASSAGES * math.log(size)
    )
    return 1 / (1 + math.exp(-evidence))
