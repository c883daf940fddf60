"""How an answer reads."""

from dataclasses import replace

import pytest

from bot.core.answer_text import answer_text, describe_source
from knowledge.kit.language import choose_language
from knowledge.library.answers.schemas import Citation, Reply

CITATION = Citation(
    document="d",
    title="Leitfaden Video",
    source="video.pdf",
    url=None,
    locator="S. 3",
    quote="Das kostet 39 Euro.",
    score=1.0,
    kind="literature",
    publisher="Verlag",
    organisation=None,
    year=2025,
    licence=None,
    visibility="network",
    notes=[],
)
ANSWER = Reply(True, 0.95, "„Das kostet 39 Euro.“ [1]", [CITATION], [], answer_id="a", took_ms=1.0, hints=[])


@pytest.fixture(autouse=True)
def english() -> None:
    choose_language("en")


class TestAnswers:
    def test_quotation_then_source_then_what_to_think_of_it(self) -> None:
        parts = answer_text(ANSWER).split("\n\n")
        assert parts[0] == "„Das kostet 39 Euro.“ [1]"
        assert parts[1] == "Sources\n[1] Leitfaden Video, Verlag 2025, S. 3"
        assert parts[2].endswith("Reliability: high.")

    def test_doubts_are_told(self) -> None:
        noted = replace(CITATION, notes=["made for Bayern"], url="https://example.org/video")
        text = answer_text(replace(ANSWER, confidence=0.55, citations=[noted], hints=["Words alone."]))
        assert "please check" in text
        assert "\n    https://example.org/video\n    Please note: made for Bayern" in text
        assert text.endswith("(Words alone.)")


class TestAbstentions:
    def test_what_may_help_comes_without_numbers(self) -> None:
        text = answer_text(replace(ANSWER, answered=False, text="Nothing.", citations=[], suggestions=[CITATION]))
        assert text == "Nothing.\n\nThis may help:\n· Leitfaden Video, Verlag 2025, S. 3"

    def test_nothing_at_all(self) -> None:
        assert answer_text(replace(ANSWER, answered=False, text="Nothing.", citations=[])) == "Nothing."


class TestTextsAreData:
    def test_a_title_stays_on_its_line_and_is_not_filled_in(self) -> None:
        odd = replace(CITATION, title="Erste Zeile\n[2] Falsche Quelle {quote} %s", publisher=None, year=None)
        assert describe_source(odd) == "Erste Zeile [2] Falsche Quelle {quote} %s, S. 3"
        assert "{quote} %s" in answer_text(replace(ANSWER, citations=[odd]))
