"""How likely it is that the library answers a question: a number from 0 to 1 that means what it says."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.library.answers.coverage import Question
from knowledge.library.answers.ranking import Ranked

ANSWER_LINE = 0.5
"""Below this confidence an answer abstains."""

SMALLEST, LARGEST = 5, 10_000
"""Library sizes between which the numbers below were fitted; beyond them the nearest is used."""


@dataclass(frozen=True, slots=True)
class ConfidenceFeatures:
    """What speaks for the best passage; all shares are from 0 to 1."""

    share: float
    """Its score in the words index, of the highest that the question could reach."""
    passage: float
    """How much of the question the passage covers."""
    sentence: float
    """How much of the question its best sentence covers."""
    margin: float
    """How far, in share of its own score, the next passage is behind."""
    words: int
    """Content words in the question."""
    passages: int
    """Passages in the library."""


def confidence_features(question: Question, ranked: Sequence[Ranked]) -> ConfidenceFeatures | None:
    """Read the features off the final order; None where there is nothing to judge (no hit or no content word)."""
    if not ranked or not question.words:
        return None
    best = ranked[0]
    behind = (best.score - ranked[1].score) / best.score if len(ranked) > 1 and best.score > 0 else 1.0
    return ConfidenceFeatures(
        share=min(best.lexical / question.highest_score, 1.0),
        passage=best.passage,
        sentence=best.sentence,
        margin=behind,
        words=len(question.words),
        passages=question.passages,
    )


def confidence(features: ConfidenceFeatures | None) -> float:
    """Return the probability that the library holds the answer; 0 for no features."""
    if features is None:
        return 0.0
    size = math.log(min(max(features.passages, SMALLEST), LARGEST))
    evidence = (
        -7.0
        + 8.0 * features.share
        + 4.0 * features.passage
        + 1.0 * features.sentence
        + 4.0 * features.margin
        + 1.0 * math.log(features.words)
        - 0.1 * size
    )
    return 1 / (1 + math.exp(-evidence))
