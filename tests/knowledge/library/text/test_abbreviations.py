"""Abbreviations that a text explains itself."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.library.text.abbreviations import Abbreviation, find_abbreviations

DEFINED = [
    ("Das Onlinezugangsgesetz (OZG) gilt.", "OZG", "Onlinezugangsgesetz"),
    ("Das OZG (Onlinezugangsgesetz) gilt.", "OZG", "Onlinezugangsgesetz"),
    ("Der Einsatz von Künstlicher Intelligenz (KI) nimmt zu.", "KI", "Künstlicher Intelligenz"),
    ("Sustainable Development Goals (SDGs)", "SDG", "Sustainable Development Goals"),
    ("die Sustainable Development Goals der Vereinten Nationen (SDG)", "SDG", "Sustainable Development Goals"),
    ("Ziele (Sustainable Development Goals, SDG)", "SDG", "Sustainable Development Goals"),
    ("Nachhaltige Entwicklungsziele (SDG)", "SDG", "Nachhaltige Entwicklungsziele"),
    ("die Datenschutz-Grundverordnung (DSGVO)", "DSGVO", "Datenschutz-Grundverordnung"),
    ("Bundesministerium für Wirtschaft (BMWi)", "BMWi", "Bundesministerium für Wirtschaft"),
    ("Deutsches Institut für Urbanistik (Difu)", "Difu", "Deutsches Institut für Urbanistik"),
    ("Elektronischer Personalausweis (ePA)", "ePA", "Elektronischer Personalausweis"),
    ("Natural Language Processing (kurz: NLP)", "NLP", "Natural Language Processing"),
    ("Gesellschaft mit beschränkter Haftung (GmbH)", "GmbH", "Gesellschaft mit beschränkter Haftung"),
    ("Hochwasserrückhaltebecken (HRB)", "HRB", "Hochwasserrückhaltebecken"),
]
NONSENSE = [
    "Das war im letzten Jahr (2021) so.",
    "Die Wirkung ist groß (vgl. Abb. 1).",
    "Friedrich der Große (II) regierte.",
    "Angela Merkel (CDU) und Olaf Scholz (SPD) sprachen.",
    "Es kostet drei Euro (EUR).",
    "Das ist in Potsdam (PM) bekannt.",
    "Die Kommune (KI) lernt.",
    "So steht es bei Beer (Hg.) und (ebd. S. 44).",
    "Die Gemeinde Gröbming in (GB) baut.",
    "(KI)",
]


class TestDefined:
    @pytest.mark.parametrize(("text", "short", "long"), DEFINED)
    def test_a_definition_is_learned(self, text: str, short: str, long: str) -> None:
        assert find_abbreviations(text) == [Abbreviation(short, long)]

    def test_inflected_forms_of_one_meaning_are_one(self) -> None:
        text = "Künstliche Intelligenz (KI) hilft. Der Einsatz Künstlicher Intelligenz (KI) wächst."

        assert find_abbreviations(text) == [Abbreviation("KI", "Künstliche Intelligenz")]

    def test_two_meanings_are_two(self) -> None:
        found = find_abbreviations("Der Landkreis (LK) zahlt. Der Leistungskurs (LK) lernt.")

        assert [pair.long for pair in found] == ["Landkreis", "Leistungskurs"]


class TestNonsense:
    @pytest.mark.parametrize("text", NONSENSE)
    def test_what_does_not_fit_is_left_out(self, text: str) -> None:
        assert find_abbreviations(text) == []


class TestAnyText:
    @given(st.text(alphabet="aAbB-(), .1", max_size=80))
    def test_it_never_fails(self, text: str) -> None:
        assert all(pair.short and pair.long for pair in find_abbreviations(text))

    @pytest.mark.parametrize(
        "text",
        ["(" * 300_000, "(A)" * 100_000, "a" * 119 + " (AAAAAAAAAAAA)", "a-" * 50 + " (ABABABABABAB)", "(AB" * 100_000],
    )
    def test_hostile_texts_take_no_longer(self, text: str) -> None:
        began = time.process_time()

        find_abbreviations(text)

        assert time.process_time() - began < 5


class TestRealTexts:
    def test_every_one_that_is_learned_is_right(self, shared_folder: Path) -> None:
        texts = [file.read_text("utf-8") for file in sorted((shared_folder / "corpus").glob("*.*"))]

        found = {pair.short for text in texts for pair in find_abbreviations(" ".join(text.split()))}

        assert found == {"KI", "SDG", "BBR"}
