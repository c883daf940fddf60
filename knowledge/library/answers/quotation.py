"""Choosing what to quote: few whole sentences that most likely hold the answer, best first.

Every sentence of the best passages gets a score from three things: how high its passage ranks, how much of the question
it covers, and whether it has the kind of thing that is asked for (a number for „wie viele"). A softmax turns the scores
into shares of belief. Sentences are shown, the most believed first, until together they hold enough of it: a clear case
shows one sentence, an unclear one shows more. Measured by ``bench``; few weights, so that each can be explained.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from knowledge.library.answers.coverage import Question, covered
from knowledge.library.answers.expected import Expected, expected_answer, has_expected
from knowledge.library.text.analysis import grams_in
from knowledge.library.text.duplicates import same_text
from knowledge.library.text.sentences import Span
from knowledge.library.text.units import Unit, split_units


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that may be quoted, with its score from ranking (any scale above 0, higher is better).

    Passages of the same ``group`` belong to near-duplicate documents; such a text is quoted once.
    """

    id: int
    document: str
    text: str
    score: float
    quotable: bool = True
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Quotation:
    """Sentences of one passage, in its order; ``text`` puts „…" where some between them are left out.

    ``belief`` is the share of belief, 0 to 1, that the answer is here rather than elsewhere in what was found.
    """

    id: int
    document: str
    spans: tuple[Span, ...]
    text: str
    belief: float


@dataclass(frozen=True, slots=True)
class QuotationLimits:
    """What is looked at and shown; see the retrieval handbook for the measurements behind the numbers."""

    passages: int = 5
    sources: int = 3
    sentences: int = 5
    characters: int = 700
    belief: float = 0.7
    """Enough is shown when the sentences shown hold this much of it."""
    score_weight: float = 4.5
    coverage_weight: float = 6.0
    expected_weight: float = 1.0


DEFAULT = QuotationLimits()
GAP = " … "
