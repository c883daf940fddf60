"""How an answer reads."""

from dataclasses import replace
from uuid import uuid4

import pytest

from bot.core.answer_text import answer_text, cut_at_sentence, describe_source, echo, phone_sized, rich_answer
from bot.core.text import BlockKind
from knowledge.kit.language import choose_language
from knowledge.library.answers.schemas import Citation, PreparedAnswer, Reply

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

    def test_what_to_know_of_an_experience_stands_below_its_source_once(self) -> None:
        known = replace(CITATION, facts=["2,000 to 5,000 inhabitants", "running"])
        text = answer_text(replace(ANSWER, citations=[known, known]))
        assert text.count("2,000 to 5,000 inhabitants · running") == 1
        assert rich_answer(replace(ANSWER, citations=[known, known])).plain.count("inhabitants · running") == 1


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


def prepared(reply: Reply) -> PreparedAnswer:
    shown = [{"document": citation.document, "quote": citation.quote} for citation in reply.citations]
    return PreparedAnswer("Was?", reply, {"shown": shown, "line": 0.4}, uuid4(), uuid4())


class TestOnAPhone:
    def test_quotation_source_and_label(self) -> None:
        kinds = [block.kind for block in rich_answer(ANSWER).blocks]
        assert kinds == [BlockKind.QUOTE, BlockKind.PARAGRAPH, BlockKind.NOTE]
        assert rich_answer(ANSWER).plain.split("\n\n")[:2] == [
            "„Das kostet 39 Euro.“",
            "Source: Leitfaden Video, Verlag 2025, S. 3",
        ]

    def test_several_sources_are_numbered_and_a_document_is_named_once(self) -> None:
        other = replace(CITATION, document="e", title="Anderes", quote="Nein.", locator=None)
        again = replace(CITATION, quote="Im Monat.", locator="S. 9")
        text = rich_answer(replace(ANSWER, citations=[CITATION, other, again])).plain
        assert "„Nein.“ [2]" in text
        assert "· Leitfaden Video, Verlag 2025\n[1] S. 3\n[3] S. 9\n· [2] Anderes, Verlag 2025" in text

    @pytest.mark.parametrize(
        "url", ["javascript:alert(1)", "ftp://a", "https://a b", "https://a\n.de", "https://" + "a" * 3000, None]
    )
    def test_only_web_addresses_become_links(self, url: str | None) -> None:
        spans = [
            span
            for block in rich_answer(replace(ANSWER, citations=[replace(CITATION, url=url)])).blocks
            for span in block.spans
        ]
        assert [span.link for span in spans if span.link] == []

    def test_web_address(self) -> None:
        linked = replace(CITATION, url="https://example.org/video")
        spans = rich_answer(replace(ANSWER, citations=[linked])).blocks[1].spans
        assert [span.link for span in spans if span.link] == ["https://example.org/video"]

    def test_much_is_cut_to_what_fits_and_the_trace_says_so(self) -> None:
        long = replace(CITATION, quote="Ein Satz steht hier. " * 40)
        cut = phone_sized(prepared(replace(ANSWER, citations=[long, long, CITATION])))
        assert len(cut.reply.citations) == 1
        assert (cut.reply.citations[0].quote or "").endswith("steht hier. …")
        assert cut.trace["shown"][0]["quote"] == cut.reply.citations[0].quote
        assert len(rich_answer(cut.reply).plain) <= 900

    def test_an_endless_sentence_is_cut_at_a_word(self) -> None:
        assert cut_at_sentence("wort " * 100, 20) == "wort wort wort wort …"
        assert cut_at_sentence("w" * 100, 20) == "w" * 20 + " …"

    def test_what_others_asked_holds_no_signs_that_turn_the_writing(self) -> None:
        assert echo("Wie\u202e viel\u200b\nkostet   das?", 100) == "Wie viel kostet das?"

    def test_abstention_with_and_without_something_near(self) -> None:
        near = replace(ANSWER, answered=False, citations=[], suggestions=[CITATION])
        assert rich_answer(near).plain.endswith("\n\n· Leitfaden Video, Verlag 2025, S. 3")
        assert "does not know" in rich_answer(replace(near, suggestions=[])).plain
