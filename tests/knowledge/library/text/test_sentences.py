"""Where sentences end, and where a full stop ends nothing."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.library.text.sentences import sentence_texts, split_sentences

ONE_SENTENCE = [
    "Das gilt z. B. für Kommunen, d. h. auch für Ämter.",
    "Das steht in § 5 Abs. 1 S. 2 und in Art. 4, nicht in Nr. 3.",
    "Am 18. März 2024 begann um 13.30 Uhr der Workshop mit ca. 600 Personen.",
    "Genannt werden u. a. Ämter bzw. Kreise (vgl. Beer et al. 2021, S. 3).",
    "Im 19. Jahrhundert und im 2. Weltkrieg war das anders.",
    "Dr. Müller und Prof. Dr. Schmidt sprachen.",
    "Es kostet 3.5 Mio. Euro, genau 3.512.000,50 Euro.",
    "Mehr steht unter https://www.example.org/a.b?c=d.e im Netz.",
    "5. Plenarveranstaltung der Plattform",
    "Das ist eine Folge (Idee: Arbeitskreis. Eine Gruppe im Chat.) davon.",
    "Sie schloss mit „Warum nicht?“ und setzte sich.",
    "Der Verein Co:Lab e. V. hat das i. d. R. so gemacht.",
    "Friedrich II. von Preußen regierte.",
    "Das gilt i.S.v. Absatz 2.",
]

TWO_SENTENCES = [
    ("Das gilt z. B. hier.", "Dies nicht."),
    ("So war es 1999.", "Danach wurde es anders."),
    ("Das ist die Nr. 1.", "Danach kam lange nichts."),
    ("Es gibt Schulen, Kitas usw.", "Die Stadt wächst."),
    ("Er sagte: „Das ist gut.“", "Dann ging er."),
    ("Was ist KI?", "KI ist ein Teilgebiet der Informatik."),
    ("Das gilt nach Nr. 4.", "Kommunen lernen."),
    ("Das steht auf S. 3.", "Die nächste Seite ist leer."),
    ("Warum?", "Weil es so ist!"),
    ("Auf diese Art.", "Kommunen lernen voneinander."),
    ("Die Wirkung (vgl. Abb. 1).", "Menschen lernen."),
    ("Das Team verlor...", "Danach gewann es."),
]

ENGLISH = [
    ("Dr. Smith came to the U.S. in 1999.", "He liked it."),
    ("It cost $3.50, i.e. a lot.", "Nobody paid."),
    ("The vote took place in 12.", "Parliament agreed."),
]


class TestOneSentence:
    @pytest.mark.parametrize("text", ONE_SENTENCE)
    def test_a_full_stop_inside_does_not_split(self, text: str) -> None:
        assert sentence_texts(text) == [text]


class TestSentenceEnd:
    @pytest.mark.parametrize("parts", TWO_SENTENCES)
    def test_a_full_stop_between_two_sentences_splits(self, parts: tuple[str, str]) -> None:
        assert sentence_texts(" ".join(parts)) == list(parts)

    @pytest.mark.parametrize("parts", ENGLISH)
    def test_english_text_has_no_ordinals_with_full_stops(self, parts: tuple[str, str]) -> None:
        assert sentence_texts(" ".join(parts), "en") == list(parts)

    def test_every_line_is_a_sentence_of_its_own(self) -> None:
        assert sentence_texts("Folgende Punkte:\n• Teilhabe\n• Effizienz") == [
            "Folgende Punkte:",
            "• Teilhabe",
            "• Effizienz",
        ]

    def test_white_space_belongs_to_no_sentence(self) -> None:
        assert split_sentences("  Ja.  Nein. ") == [(2, 5), (7, 12)]

    def test_an_empty_text_has_none(self) -> None:
        assert split_sentences(" \n ") == []


class TestAnyText:
    @given(st.text(alphabet='aB1.!?…"“„() \n\t§-', max_size=200))
    def test_everything_but_white_space_is_in_exactly_one_sentence(self, text: str) -> None:
        spans = split_sentences(text)

        assert "".join("".join(text[start:end].split()) for start, end in spans) == "".join(text.split())
        assert all(before.end <= after.start for before, after in pairwise(spans))

    @given(st.text(max_size=300))
    def test_sentences_begin_and_end_with_something_to_read(self, text: str) -> None:
        assert all(part and part == part.strip() for part in sentence_texts(text))

    @pytest.mark.parametrize("piece", ["a", "A. ", "1. ", ".", "(", "„", "(A. ", "a.b", " ", ". \n"])
    def test_time_grows_only_with_the_length(self, piece: str) -> None:
        text = piece * (400_000 // len(piece))
        began = time.process_time()

        split_sentences(text)

        assert time.process_time() - began < 5
