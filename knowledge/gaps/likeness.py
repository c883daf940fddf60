"""How alike two questions are, and which gap a question belongs to.

Two things speak for it: the pieces of stems that both have („Hundesteuersatz" and „Satz der Hundesteuer" share most of
theirs), and the cosine of what a language model makes of them. Cosines of one model mean something else than those of
another, so they are read as the way from what unrelated questions have with that model to the same question.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np

from knowledge.library.text.analysis import grams_of, is_light_word, terms_of_word, words_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

LINE = 0.37
"""From this likeness on a question belongs to a gap. Chosen by bench/data/gap_questions.jsonl; see
docs/measurements.md ("Gaps")."""

COSINE_WEIGHT = 0.3
"""What the model counts beside the words. The default model knows little German: with it, weights from 0 to 0.5 put
together equally well, and a better one has its say."""

# What a light word („braucht", „viele") counts of another one.
LIGHT = 0.3

UNRELATED = (
    "Wie hoch ist die Gebühr für einen Anwohnerparkausweis?",
    "Wer pflegt die Bäume am Sportplatz?",
    "Welche Unterlagen braucht man für eine Hochzeit im Schloss?",
    "Hat jemand eine Vorlage für den Haushaltsplan?",
    "Wann wird die Biotonne im Sommer geleert?",
    "Mit welchem Anbieter telefoniert ihr über das Internet?",
    "Gibt es Zuschüsse für die Sanierung von Turnhallen?",
    "Was tun gegen Rattenbefall in der Kanalisation?",
)
"""Questions that have nothing to do with each other: their cosines show where a model's scale begins."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of a question: pieces of its stems by weight, and what a model makes of it (unit length), if any."""

    text: str
    grams: Mapping[str, float]
    vector: "NDArray[np.float32] | None" = None
    model: str | None = None

    @property
    def weight(self) -> float:
        """How much there is to compare."""
        return sum(self.grams.values())


def read_wording(text: str, *, vector: bytes | None = None, model: str | None = None) -> Wording:
    """Analyse a question; ``vector`` as it is kept in the database."""
    grams: dict[str, float] = {}
    for word in words_of(text):
        weight = LIGHT if is_light_word(word) else 1.0
        for stem in terms_of_word(word)[0]:
            for gram in grams_of(stem):
                grams[gram] = max(weight, grams.get(gram, 0.0))
    return Wording(text, grams, np.frombuffer(vector, dtype="<f4") if vector and model else None, model)


def kept_vector(vector: Any) -> bytes:
    """Return a vector as it is kept in the database."""
    return np.asarray(vector, dtype="<f4").tobytes()


def resemblance(one: Wording, other: Wording) -> float:
    """Return which share of the pieces of two questions is in both, from 0 to 1 (Dice)."""
    total = one.weight + other.weight
    both = sum(min(weight, other.grams.get(gram, 0.0)) for gram, weight in one.grams.items())
    return 2 * both / total if total else 0.0


def scale_start(unrelated: "NDArray[np.float32]") -> float:
    """Return the cosine that says nothing with a model, from its vectors of ``UNRELATED``."""
    cosines = unrelated @ unrelated.T
    return float(np.median(cosines[np.triu_indices(len(unrelated), 1)]))


class Neighbours:
    """The questions of all gaps, to find the gap that a new one belongs to.

    Args:
        model: the model whose vectors are compared; ``None`` compares words alone.
        start: the cosine that says nothing with it (``scale_start``).
    """

    def __init__(self, model: str | None = None, start: float = 0.0) -> None:
        self._model = model
        self._start = min(start, 0.99)
        self._gaps: list[UUID] = []
        self._numbers: dict[UUID, int] = {}
        self._gap_of: list[int] = []
        self._weights: list[float] = []
        self._vectors: list[NDArray[np.float32] | None] = []
        self._postings: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)

    def add(self, gap: UUID, wording: Wording) -> None:
        """Take in a question of a gap."""
        row = len(self._gap_of)
        if gap not in self._numbers:
            self._numbers[gap] = len(self._gaps)
            self._gaps.append(gap)
        self._gap_of.append(self._numbers[gap])
        self._weights.append(wording.weight)
        self._vectors.append(wording.vector if wording.model == self._model else None)
        for gram, weight in wording.grams.items():
            self._postings[gram].append((row, weight))

    def nearest(self, wording: Wording, *, without: frozenset[UUID] = frozenset()) -> UUID | None:
        """Return the gap whose questions are, in the mean, most like this one, if that is enough."""
        if not self._gap_of:
            return None
        groups = np.array(self._gap_of)
        means = np.bincount(groups, self._likeness(wording)) / np.bincount(groups)
        order: list[int] = np.argsort(-means, kind="stable").tolist()
        for number in order:
            if means[number] < LINE:
                return None
            if self._gaps[number] not in without:
                return self._gaps[number]
        return None

    def _likeness(self, wording: Wording) -> "NDArray[np.float64]":
        words = self._shared_words(wording)
        if wording.vector is None or wording.model != self._model:
            return words
        cosines = np.array([np.nan if vector is None else vector @ wording.vector for vector in self._vectors])
        scaled = np.clip((cosines - self._start) / (1 - self._start), 0, 1)
        return np.where(np.isnan(scaled), words, COSINE_WEIGHT * scaled + (1 - COSINE_WEIGHT) * words)

    def _shared_words(self, wording: Wording) -> "NDArray[np.float64]":
        both = np.zeros(len(self._gap_of))
        for gram, weight in wording.grams.items():
            for row, other in self._postings.get(gram, ()):
                both[row] += min(weight, other)
        total = np.array(self._weights) + wording.weight
        return np.divide(2 * both, total, out=np.zeros_like(both), where=total > 0)


def put_together(wordings: Sequence[Wording], start: float) -> list[int]:
    """Put questions into gaps one after the other, as the collector does; returns each one's gap by number."""
    model = next((wording.model for wording in wordings if wording.model), None)
    neighbours, gaps = Neighbours(model, start), list[UUID]()
    for wording in wordings:
        gap = neighbours.nearest(wording) or UUID(int=len(gaps))
        neighbours.add(gap, wording)
        gaps.append(gap)
    return [gap.int for gap in gaps]
