"""The list of synonyms that comes with the program: found by stems, in both directions, and never in the way."""

from pathlib import Path

from knowledge.library.answers.thesaurus import load_thesaurus, stems_of


class TestShippedList:
    def test_words_of_a_group_lead_to_each_other(self) -> None:
        thesaurus = load_thesaurus("default")
        assert len(thesaurus) > 1000
        assert "Kommune" in thesaurus[stems_of("Gemeinde")]
        assert "Gemeinde" in thesaurus[stems_of("Kommune")]

    def test_inflected_words_are_found_by_their_stems(self) -> None:
        assert stems_of("Gemeinden") == stems_of("Gemeinde")

    def test_no_word_is_its_own_synonym(self) -> None:
        thesaurus = load_thesaurus("default")
        assert [key for key, words in thesaurus.items() if key in map(stems_of, words)] == []


class TestChoice:
    def test_it_can_be_switched_off(self) -> None:
        assert load_thesaurus("none") == {}

    def test_a_list_of_ones_own_takes_its_place_and_bad_lines_are_left_out(self, tmp_path: Path) -> None:
        file = tmp_path / "own.txt"
        file.write_text("# ours\nBauhof; Betriebshof\nallein\n", encoding="utf-8")
        assert load_thesaurus(str(file)) == {("bauhof",): ("Betriebshof",), ("betriebshof",): ("Bauhof",)}
