"""From a question to weighted terms."""

from knowledge.library.indexes.queries import (
    GRAM_WEIGHT,
    LIGHT_WEIGHT,
    MAX_GRAMS,
    MAX_STEMS,
    MAX_WORDS,
    Expansion,
    WordsQuery,
    analyse_query,
    weighted_terms,
)


def everywhere(_field: str, _term: str) -> int:
    return 1


def weights(query: WordsQuery, field: str) -> dict[str, float]:
    return {term.term: term.weight for term in weighted_terms(query, everywhere, 100) if term.field == field}


class TestAnalysing:
    def test_words_are_taken_once(self) -> None:
        assert list(analyse_query("Hund und Hunde und Hund").stems) == ["hund"]

    def test_a_light_word_weighs_less(self) -> None:
        assert analyse_query("Wer braucht Hunde?").stems == {"braucht": LIGHT_WEIGHT, "hund": 1.0}

    def test_a_shouted_question_is_read_like_a_spoken_one(self) -> None:
        assert analyse_query("WIE HOCH IST DIE STEUER") == analyse_query("wie hoch ist die steuer")

    def test_an_abbreviation_alone_is_not_shouting(self) -> None:
        assert list(analyse_query("OB").stems) == ["ob"]

    def test_grams_shared_with_a_full_word_weigh_fully(self) -> None:
        grams = analyse_query("lange Langeweile").grams
        assert grams["_lan"] == 1.0
        assert grams["ang_"] == LIGHT_WEIGHT

    def test_only_the_first_words_of_an_endless_text_are_read(self) -> None:
        assert len(analyse_query(" ".join(f"w{number}" for number in range(5_000))).stems) <= MAX_WORDS


class TestWeighing:
    def test_grams_weigh_less_than_stems(self) -> None:
        query = WordsQuery("Hundesteuer")
        assert weights(query, "stems") == {"hundesteu": 1.0}
        assert set(weights(query, "grams").values()) == {GRAM_WEIGHT}

    def test_terms_that_do_not_occur_are_left_out(self) -> None:
        assert weighted_terms(WordsQuery("Hundesteuer"), lambda _field, _term: 0, 100) == []

    def test_frequent_grams_are_left_out_of_large_libraries(self) -> None:
        def frequent(field: str, _term: str) -> int:
            return 300 if field == "grams" else 1

        assert {term.field for term in weighted_terms(WordsQuery("Hund"), frequent, 1_000)} == {"stems"}
        assert {term.field for term in weighted_terms(WordsQuery("Hund"), frequent, 2_000)} == {"stems", "grams"}

    def test_in_the_largest_libraries_the_number_of_passages_counts_rather_than_their_share(self) -> None:
        def counted(count: int) -> set[str]:
            return {term.field for term in weighted_terms(WordsQuery("Hund"), lambda _field, _term: count, 1_000_000)}

        assert counted(150_000) == {"stems", "grams"}
        assert counted(150_001) == {"stems"}

    def test_of_too_many_terms_the_rarest_stay(self) -> None:
        def counted(_field: str, term: str) -> int:
            return 1 if "rar" in term else 50

        text = " ".join(f"wort{letter}{other}" for letter in "abcdefgh" for other in "abcdefgh") + " rar"
        terms = weighted_terms(WordsQuery(text), counted, 100)
        assert sum(term.field == "stems" for term in terms) == MAX_STEMS
        assert sum(term.field == "grams" for term in terms) <= MAX_GRAMS
        assert "rar" in {term.term for term in terms}


class TestOtherWordings:
    def test_a_wording_of_several_words_shares_its_weight(self) -> None:
        query = WordsQuery("KI", (Expansion(("Künstliche Intelligenz",), 0.8, "KI"),))
        assert weights(query, "stems") == {"ki": 1.0, "kunstlich": 0.4, "intelligenz": 0.4}

    def test_the_questions_own_words_keep_their_weight(self) -> None:
        query = WordsQuery("Hund", (Expansion(("Hunde",), 0.5, "Hund"),))
        assert weights(query, "stems") == {"hund": 1.0}

    def test_a_wording_without_content_adds_nothing(self) -> None:
        query = WordsQuery("Hund", (Expansion(("und", ""), 0.5, "Hund"),))
        assert weights(query, "stems") == {"hund": 1.0}
