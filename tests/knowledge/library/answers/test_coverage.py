"""How much of a question a text covers."""

import pytest

from knowledge.library.answers.coverage import Question, coverage, idf, read_question
from knowledge.library.indexes.queries import Expansion, WordsQuery
from knowledge.library.text.analysis import grams_in

RARE = {"hundesteu": 1, "potsdam": 1, "chatbot": 1, "ozg": 1}


def ask(text: str, *expansions: Expansion, passages: int = 100) -> Question:
    return read_question(WordsQuery(text, expansions), RARE, passages)


def covers(question: Question, text: str) -> float:
    return coverage(question, grams_in(text))


class TestShares:
    def test_all_words_cover_everything(self) -> None:
        assert covers(ask("Hundesteuer in Potsdam"), "In Potsdam gilt eine Hundesteuer.") == 1.0

    def test_no_word_covers_nothing(self) -> None:
        assert covers(ask("Hundesteuer in Potsdam"), "Der Chatbot antwortet.") == 0.0

    def test_one_of_two_equally_rare_words_covers_half(self) -> None:
        assert covers(ask("Hundesteuer in Potsdam"), "Potsdam ist schön.") == pytest.approx(0.5)

    def test_half_of_a_word_covers_less_than_half(self) -> None:
        share = covers(ask("Hundesteuer"), "Die Steuer für Hunde")
        assert 0.1 < share < 0.5

    def test_rare_words_weigh_more_than_common_ones(self) -> None:
        question = read_question("Chatbot Gemeinde", {"chatbot": 1, "gemeind": 90}, 100)
        assert covers(question, "Chatbot") > 0.9

    def test_a_question_without_content_is_not_covered(self) -> None:
        assert covers(ask("Was ist das?"), "Das ist es.") == 0.0


class TestOtherWordings:
    def test_what_an_abbreviation_stands_for_covers_it(self) -> None:
        question = ask("Was regelt das OZG?", Expansion(("Onlinezugangsgesetz",), 0.8, "OZG"))
        without = ask("Was regelt das OZG?")
        text = "Das Onlinezugangsgesetz regelt Leistungen."
        assert covers(question, text) > covers(without, text) + 0.2

    def test_it_counts_no_more_than_its_weight(self) -> None:
        question = ask("OZG", Expansion(("Onlinezugangsgesetz",), 0.8, "OZG"))
        assert covers(question, "Onlinezugangsgesetz") == pytest.approx(0.8)
        assert covers(question, "OZG und Onlinezugangsgesetz") == 1.0

    def test_half_of_a_wording_counts_half(self) -> None:
        question = ask("OZG", Expansion(("Leistungen zuhause",), 0.8, "OZG"))
        assert covers(question, "Leistungen") == pytest.approx(0.4)

    def test_wordings_without_content_are_passed_over(self) -> None:
        assert covers(ask("OZG", Expansion(("und", ""), 0.8, "OZG")), "und") == 0.0


class TestWeights:
    def test_the_rarer_the_heavier(self) -> None:
        assert idf(0, 100) > idf(1, 100) > idf(50, 100) > idf(100, 100) > 0

    def test_counts_above_the_size_do_not_break_it(self) -> None:
        assert idf(101, 100) > 0

    def test_the_highest_score_grows_with_the_words(self) -> None:
        assert ask("Hundesteuer Potsdam").highest_score == pytest.approx(2 * ask("Hundesteuer").highest_score)
