"""What becomes of words on their way into the index."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.library.text.analysis import (
    MAX_WORD_LENGTH,
    analyse,
    grams_in,
    grams_of,
    is_function_word,
    is_light_word,
    words_of,
)


def stems(text: str) -> list[str]:
    return list(analyse(text).stems)


class TestStems:
    def test_inflected_forms_meet(self) -> None:
        assert stems("Schule") == stems("Schulen") == ["schul"]

    def test_umlauts_may_be_typed_with_two_letters_or_without_dots(self) -> None:
        assert stems("Gebühren") == stems("Gebuehren") == stems("Gebuhren")

    def test_sharp_s_is_double_s(self) -> None:
        assert stems("Straße") == stems("Strasse") == stems("STRASSE")

    def test_decomposed_umlauts_are_the_same_letters(self) -> None:
        assert stems("Bu\u0308rger") == stems("Bürger")

    def test_soft_hyphens_inside_a_word_are_not_seen(self) -> None:
        assert stems("Stadt\u00adverwaltung") == stems("Stadtverwaltung")

    def test_function_and_question_words_are_left_out(self) -> None:
        assert stems("Wie hoch ist die Hundesteuer in der Stadt?") == ["hoch", "hundesteu", "stadt"]

    def test_function_words_may_be_typed_without_umlauts(self) -> None:
        assert stems("Gebühr für Hunde") == stems("Gebuehr fuer Hunde") == stems("Gebuhr fur Hunde")

    def test_english_function_words_are_left_out_too(self) -> None:
        assert stems("What is the scope of the act?") == ["scop", "act"]

    def test_hyphenated_compounds_give_their_parts(self) -> None:
        assert stems("KI-Strategie") == stems("KI Strategie")

    def test_a_single_letter_before_a_hyphen_belongs_to_its_word(self) -> None:
        assert stems("E-Akte") == stems("eAkte") == ["eakt"]


class TestGenderForms:
    @pytest.mark.parametrize(
        "written", ["Bürger:innen", "Bürger*innen", "Bürger_innen", "Bürger/-innen", "Bürger(innen)", "BürgerInnen"]
    )
    def test_every_spelling_finds_the_plain_word(self, written: str) -> None:
        assert stems(written) == stems("Bürger")

    def test_the_feminine_form_finds_the_plain_word(self) -> None:
        assert stems("Mitarbeiterinnen") == stems("Mitarbeiter")

    def test_a_slash_before_the_word_in_is_not_a_gender_form(self) -> None:
        assert stems("Weg/in der Innenstadt") == ["weg", "innenstadt"]


class TestAbbreviations:
    def test_two_to_four_capitals_are_never_function_words(self) -> None:
        assert not is_function_word("OB")
        assert is_function_word("ob")

    def test_the_mayor_is_found_by_his_abbreviation(self) -> None:
        assert stems("Wer ist OB, und ob er bleibt") == ["ob", "bleibt"]


class TestNumbers:
    @pytest.mark.parametrize("written", ["1.200", "1'200", "1200", "1\u202f200"])
    def test_separators_of_thousands_do_not_matter(self, written: str) -> None:
        assert stems(written) == ["1200"]

    def test_decimal_commas_and_points_are_the_same(self) -> None:
        assert stems("12,5") == stems("12.5") == ["12.5"]

    def test_an_amount_with_cents_is_one_number(self) -> None:
        assert stems("100.000,50 Euro") == ["100000.50", "euro"]

    def test_a_date_is_found_by_its_year(self) -> None:
        assert stems("30.11.2023") == ["30", "11", "2023"]

    def test_a_month_with_year_is_found_by_its_year(self) -> None:
        assert stems("11.2023") == ["11", "2023"]

    def test_numbers_with_letters_stay_whole(self) -> None:
        assert stems("5G CO2 H2O") == ["5g", "co2", "h2o"]

    @pytest.mark.parametrize("written", ["§ 5", "§5", "§§ 5", "Paragraf 5", "Paragraph 5"])
    def test_sections_are_found_as_sections_and_by_number(self, written: str) -> None:
        assert stems(written) == ["§5", "5"]


class TestGrams:
    def test_ends_are_marked(self) -> None:
        assert grams_of("schul") == ("_sch", "schu", "chul", "hul_")

    def test_short_stems_stay_whole(self) -> None:
        assert grams_of("ki") == ("_ki_",)

    def test_a_compound_shares_most_pieces_with_its_parts(self) -> None:
        compound = grams_in("Straßenzustandserfassung")
        parts = grams_in("Erfassung des Straßenzustands")
        assert len(compound & parts) / len(compound) > 0.7

    def test_strangers_share_none(self) -> None:
        assert not grams_in("Straßenzustandserfassung") & grams_in("Hundehalterin")


class TestOddInput:
    @pytest.mark.parametrize("text", ["", " ", "…?!", "🙂🙂", "und der die", "\u200b"])
    def test_text_without_content_has_no_terms(self, text: str) -> None:
        assert analyse(text).stems == ()
        assert grams_in(text) == frozenset()

    def test_endless_words_are_cut(self) -> None:
        assert all(len(stem) <= MAX_WORD_LENGTH for stem in stems("x" * 20_000))

    def test_other_scripts_are_kept(self) -> None:
        assert stems("Київ") == ["київ"]

    @given(st.text(max_size=200))
    def test_no_text_breaks_it_and_terms_hold_no_space(self, text: str) -> None:
        terms = analyse(text)
        assert not [term for term in terms.stems + terms.grams if not term or " " in term]
        assert grams_in(text) == frozenset(terms.grams)


class TestLightWords:
    def test_words_that_questions_are_made_of_are_light(self) -> None:
        assert is_light_word("braucht")
        assert is_light_word("Viele")

    def test_subjects_are_not(self) -> None:
        assert not is_light_word("Hundesteuer")


class TestWords:
    def test_words_come_as_they_are_written(self) -> None:
        assert words_of("Die E-Akte, seit 1.1.2024!") == ["Die", "E-Akte", "seit", "1.1.2024"]
