"""Names as they are written and as they are typed."""

import pytest

from knowledge.organisations.names import (
    LONGEST_FORM,
    MOST_SPELLINGS,
    fold_name,
    fold_search,
    search_spellings,
    short_name,
)


class TestFolding:
    @pytest.mark.parametrize(
        ("name", "folded"),
        [
            ("Lübeck, Hansestadt", "luebeck hansestadt"),
            ("GROẞENHAIN", "grossenhain"),
            ("Lu\u0308beck", "luebeck"),
            ("Cottbus/Chóśebuz", "cottbus chosebuz"),
            ("Lübbenau/Spreewald / Lubnjow/Błota", "luebbenau spreewald lubnjow blota"),
            ("100%_*", "100"),
            ("Київ", ""),
        ],
    )
    def test_leaves_letters_digits_and_single_spaces(self, name: str, folded: str) -> None:
        assert fold_name(name) == folded

    def test_writes_umlauts_as_plain_vowels_if_asked(self) -> None:
        assert fold_name("Lübeck", plain=True) == "lubeck"

    @pytest.mark.parametrize("name", ["Neustadt a.d.Waldnaab", "Neustadt an der Waldnaab", "neustadt  waldnaab"])
    def test_passes_over_small_words(self, name: str) -> None:
        assert fold_search(name) == "neustadt waldnaab"

    def test_keeps_a_name_of_small_words(self) -> None:
        assert fold_search("Auf der") == "auf der"

    def test_takes_saints_written_short_and_in_full_for_the_same(self) -> None:
        assert fold_search("St. Wendel") == fold_search("Sankt Wendel")


class TestSpellings:
    @pytest.mark.parametrize(
        ("name", "spellings"),
        [
            ("Flensburg, Stadt", "|flensburg|"),
            ("Lübeck, Hansestadt", "|luebeck|lubeck|"),
            ("Halle (Saale), Stadt", "|halle saale|halle|"),
            ("Weil am Rhein, Stadt", "|weil rhein|weil|"),
            ("Neustadt a.Main", "|neustadt main|neustadt|"),
            ("Neustadt/ Westerwald", "|neustadt westerwald|neustadt|"),
            ("Am Mellensee", "|mellensee|"),
            ("Amt Neuhaus", "|amt neuhaus|"),
        ],
    )
    def test_of_names_in_the_register(self, name: str, spellings: str) -> None:
        assert search_spellings(name) == spellings

    def test_fit_their_column_however_long_the_name(self) -> None:
        longest = search_spellings("ö" * 90 + " (" + "ü" * 50 + ") am " + "ä" * 90)

        assert len(longest) <= MOST_SPELLINGS * (LONGEST_FORM + 1) + 1 <= 800

    def test_drop_what_follows_the_comma(self) -> None:
        assert short_name("Hamburg, Freie und Hansestadt") == "Hamburg"
