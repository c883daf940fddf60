"""Puts the hits of the words index and of the vector index into one order.

The rule is ``lexical / best lexical + weight x cosine`` over everything that one of the two sides found. On German
questions it beats reciprocal rank fusion (0.75 to 0.89 nDCG@10 against 0.967) and forgives a wrong weight: from 0.1 to 1
it stays within 0.003.
"""

from collections.abc import Sequence

from knowledge.library.indexes.schemas import Hit

CANDIDATES = 100
"""Hits to take from each side."""
VECTOR_WEIGHT = 0.3
"""Of the cosine beside the words; small, because the default model has learned English and proves nothing on German."""


def fuse(
    lexical: Sequence[Hit], vectors: Sequence[Hit], *, weight: float = VECTOR_WEIGHT, limit: int = CANDIDATES
) -> list[Hit]:
    """Return the passages of both lists, best first, at most ``limit``.

    Scores of ``lexical`` are BM25 sums, those of ``vectors`` cosines. A passage missing from one side has less there
    than the last one listed; it gets nothing for its words, or the lowest cosine listed, at most.
    """
    best = max((hit.score for hit in lexical), default=0.0)
    words = {hit.id: hit.score / best for hit in lexical} if best > 0 else {}
    cosines = {hit.id: hit.score for hit in vectors}
    unseen = max(min(cosines.values(), default=0.0), 0.0)
    scores = {key: words.get(key, 0.0) + weight * cosines.get(key, unseen) for key in {**words, **cosines}}
    ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    return [Hit(key, score) for key, score in ranked[:limit]]
