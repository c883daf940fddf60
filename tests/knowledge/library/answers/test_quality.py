"""Do ranking and confidence keep their figures? A short seeded form of the long measurements.

The data is XQuAD-de (CC BY-SA 4.0), not part of the project: its folder is named by ``ALLMENDE_SHARED_DIR``.
"""

import json
import math
import os
import random
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

import pytest

from knowledge.library.answers.confidence import ANSWER_LINE, confidence, confidence_features
from knowledge.library.answers.coverage import read_question
from knowledge.library.answers.ranking import RERANKED, PassageText, fuse, rerank
from knowledge.library.indexes.queries import analyse_query
from knowledge.library.indexes.schemas import IndexedPassage
from knowledge.library.indexes.words import WordsIndex
from knowledge.library.text.sentences import sentence_texts

SHARED = Path(os.environ.get("ALLMENDE_SHARED_DIR", Path(__file__).resolve().parents[5] / "shared"))
DATA = SHARED / "data" / "xquad-de-dev.json"

pytestmark = pytest.mark.skipif(
    not DATA.is_file(), reason=f"The question set xquad-de-dev.json is not in {DATA.parent}; set ALLMENDE_SHARED_DIR."
)


class Answered(NamedTuple):
    """What came back for a question: the keys of the passages, best first, and the confidence."""

    passages: list[int]
    confidence: float


@cache
def data() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    return loaded


@cache
def text_of(text: str) -> PassageText:
    return PassageText(tuple(sentence_texts(text)))


class Library:
    """Passages in a words index, asked as the product asks them, without vectors."""

    def __init__(self, folder: Path, texts: Mapping[int, str]) -> None:
        self._texts = texts
        self._index = WordsIndex.open(folder)
        self._index.add(IndexedPassage(key, f"{key:032x}", "public", text, "", ()) for key, text in texts.items())
        self._index.commit()

    def ask(self, text: str) -> Answered:
        lexical = self._index.search(text, limit=100)
        frequencies = self._index.document_frequencies(analyse_query(text).stems)
        question = read_question(text, frequencies, self._index.count())
        fused = fuse(lexical, [])
        texts = {hit.id: text_of(self._texts[hit.id]) for hit in fused[:RERANKED]}
        ranked = rerank(question, fused, texts, lexical=lexical)
        return Answered([entry.id for entry in ranked], confidence(confidence_features(question, ranked)))


def keys() -> dict[str, int]:
    return {passage["id"]: key for key, passage in enumerate(data()["passages"], start=1)}


def ndcg(passages: list[int], wanted: int) -> float:
    return 1 / math.log2(passages.index(wanted) + 2) if wanted in passages[:10] else 0.0


def auroc(positive: list[float], negative: list[float]) -> float:
    """The chance that an answerable question has the higher confidence."""
    wins = sum((yes > no) + 0.5 * (yes == no) for yes in positive for no in negative)
    return wins / (len(positive) * len(negative))


def calibration_error(judged: list[tuple[float, bool]], bins: int = 10) -> float:
    """Expected calibration error: how far stated and true shares are apart, over equal bins of the confidence."""
    error = 0.0
    for number in range(bins):
        inside = [entry for entry in judged if min(int(entry[0] * bins), bins - 1) == number]
        if inside:
            error += abs(fmean(stated for stated, _ in inside) - fmean(true for _, true in inside)) * len(inside)
    return error / len(judged)


class TestRanking:
    def test_the_right_passage_is_near_the_top(self, tmp_path: Path) -> None:
        library = Library(tmp_path / "words", {keys()[entry["id"]]: entry["text"] for entry in data()["passages"]})
        questions = data()["questions"]
        assert len(questions) == 612
        figure = fmean(ndcg(library.ask(entry["question"]).passages, keys()[entry["passage"]]) for entry in questions)
        assert figure >= 0.956


class TestConfidence:
    def test_it_tells_what_the_library_cannot_answer(self, tmp_path: Path) -> None:
        articles = sorted({entry["article"] for entry in data()["passages"]})
        imported = set(random.Random(20).sample(articles, len(articles) // 2))
        texts = {keys()[p["id"]]: p["text"] for p in data()["passages"] if p["article"] in imported}
        library = Library(tmp_path / "words", texts)
        judged = [
            (library.ask(entry["question"]).confidence, keys()[entry["passage"]] in texts)
            for entry in data()["questions"]
        ]
        positive = [stated for stated, true in judged if true]
        negative = [stated for stated, true in judged if not true]
        assert min(len(positive), len(negative)) > 150
        assert auroc(positive, negative) >= 0.965
        assert calibration_error(judged) <= 0.06
        answered = fmean(stated >= ANSWER_LINE for stated in positive)
        abstained = fmean(stated < ANSWER_LINE for stated in negative)
        assert (answered + abstained) / 2 >= 0.91
