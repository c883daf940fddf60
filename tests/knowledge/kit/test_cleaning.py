"""Texts from outside are cleaned before they are kept."""

import pytest

from knowledge.kit.cleaning import clean_line, clean_text


class TestText:
    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("  Guten Tag  \r\n\r\n\r\n\r\nund mehr\t hier ", "Guten Tag\n\nund mehr\t hier"),
            ("a\x00b\x1bc\ud800d", "abcd"),
            ("rechts\u202e nach links", "rechts nach links"),
            ("u\u0308ber", "über"),
            ("eine\u2028Zeile", "eine\nZeile"),
        ],
    )
    def test_keeps_words_and_breaks_alone(self, given: str, kept: str) -> None:
        assert clean_text(given) == kept

    def test_line_has_no_breaks(self) -> None:
        assert clean_line(" ein \n\n Titel\tmit  Luft ") == "ein Titel mit Luft"
