"""What the confidence says, and when."""

from dataclasses import replace
from typing import Any

import pytest

from knowledge.library.answers.confidence import (
    ANSWER_LINE,
    LARGEST,
    ConfidenceFeatures,
    confidence,
    confidence_features,
)
from knowledge.library.answers.coverage import read_question
from knowledge.library.answers.ranking import PassageText, fuse, rerank
from knowledge.library.indexes.schemas import Hit

MIDDLING = ConfidenceFeatures(share=0.4, document=0.5, sentence=0.4, margin=0.1, words=4, passages=240)


class TestNumber:
    @pytest.mark.parametrize("feature", ["share", "document", "sentence", "margin"])
    def test_more_evidence_never_lowers_it(self, feature: str) -> None:
        changes: list[dict[str, Any]] = [{feature: value / 10} for value in range(11)]
        numbers = [confidence(replace(MIDDLING, **change)) for change in changes]
        assert numbers == sorted(numbers)
        assert numbers[0] < numbers[-1]

    def test_the_same_evidence_means_less_among_more_passages(self) -> None:
        numbers = [confidence(replace(MIDDLING, passages=size)) for size in (5, 240, 10_000)]
        assert numbers == sorted(numbers, reverse=True)

    def test_it_stays_between_the_ends(self) -> None:
        nothing = ConfidenceFeatures(share=0.0, document=0.0, sentence=0.0, margin=0.0, words=1, passages=10**7)
        everything = ConfidenceFeatures(share=1.0, document=1.0, sentence=1.0, margin=1.0, words=40, passages=5)
        assert 0 < confidence(nothing) < 0.01
        assert 0.99 < confidence(everything) < 1

    def test_beyond_the_fitted_sizes_it_stays_the_same(self) -> None:
        assert confidence(replace(MIDDLING, passages=LARGEST)) == confidence(replace(MIDDLING, passages=10**7))

    def test_nothing_found_is_no_confidence(self) -> None:
        assert confidence(None) == 0.0


def ask(text: str, *passages: tuple[float, str]) -> ConfidenceFeatures | None:
    """The features for a question and passages with their scores, in a library of 100."""
    question = read_question(text, {"hundesteu": 1, "potsdam": 1}, 100)
    hits = [Hit(key, score) for key, (score, _text) in enumerate(passages, start=1)]
    texts = {key: PassageText((text,)) for key, (_score, text) in enumerate(passages, start=1)}
    return confidence_features(question, rerank(question, fuse(hits, []), texts, lexical=hits))


class TestFeatures:
    def test_a_passage_that_has_it_all(self) -> None:
        features = ask("Hundesteuer in Potsdam", (20.0, "Die Hundesteuer in Potsdam"), (5.0, "Potsdam"))
        assert features is not None
        assert (features.document, features.sentence, features.words, features.passages) == (1.0, 1.0, 2, 100)
        assert features.margin > 0.5
        assert confidence(features) > ANSWER_LINE

    def test_a_passage_with_one_of_four_words(self) -> None:
        features = ask("Hundesteuer Potsdam Gebührensatzung Fälligkeit", (5.0, "Potsdam ist schön"), (4.9, "Potsdam"))
        assert features is not None
        assert features.document < 0.3
        assert confidence(features) < ANSWER_LINE

    def test_a_single_passage_has_nobody_behind_it(self) -> None:
        features = ask("Hundesteuer", (5.0, "Die Hundesteuer"))
        assert features is not None
        assert features.margin == 1.0

    def test_the_share_never_exceeds_one(self) -> None:
        features = ask("Hundesteuer", (500.0, "Die Hundesteuer"))
        assert features is not None
        assert features.share == 1.0

    def test_no_hits_and_no_content_give_no_features(self) -> None:
        assert ask("Hundesteuer") is None
        assert ask("Was ist das?", (1.0, "Das ist es.")) is None
