"""Telling the same text twice from two texts on one subject."""

from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.library.text.duplicates import bands, fingerprint, is_near_duplicate, same_text, similarity

MINUTES = " ".join(
    f"Punkt {number}: Die Verwaltung der Gemeinde Ort{number} berichtet über Vorhaben {number * 7} "
    f"und nennt {number * 13} Beteiligte sowie die Kosten von {number * 101} Euro."
    for number in range(60)
)


class TestDocuments:
    def test_a_text_is_a_duplicate_of_itself(self) -> None:
        assert similarity(fingerprint(MINUTES), fingerprint(MINUTES)) == 1

    def test_line_breaks_and_broken_words_make_no_difference(self) -> None:
        raw = MINUTES.replace("Verwaltung", "Ver-\nwaltung").replace("Gemeinde ", "Gemeinde\n")

        assert similarity(fingerprint(MINUTES), fingerprint(raw)) == 1

    def test_a_revised_text_is_a_near_duplicate(self) -> None:
        revised = MINUTES[: len(MINUTES) * 9 // 10] + " Der letzte Teil wurde ganz neu geschrieben."

        assert is_near_duplicate(fingerprint(MINUTES), fingerprint(revised))
        assert set(bands(fingerprint(MINUTES))) & set(bands(fingerprint(revised)))

    def test_another_text_in_the_same_words_is_not(self) -> None:
        other = " ".join(reversed(MINUTES.split()))

        assert similarity(fingerprint(MINUTES), fingerprint(other)) < 0.1

    def test_a_few_words_have_no_fingerprint(self) -> None:
        assert fingerprint("Nur drei Wörter") == b""
        assert bands(b"") == []
        assert similarity(b"", b"") == 0

    def test_fingerprints_stay_the_same_for_ever_because_they_are_stored(self) -> None:
        assert fingerprint("eins zwei drei vier fünf").hex() == STORED

    @given(st.text())
    def test_any_text_has_one_that_fits_its_columns(self, text: str) -> None:
        mark = fingerprint(text)

        assert len(mark) <= 512
        assert all(0 <= band < 2**63 for band in bands(mark))


STORED = "7d3a87284f2a76a3"


class TestPassages:
    SENTENCE = "Die Risikoklasse 2 umfasst Systeme, von denen ein geringes Risiko ausgeht."

    def test_the_same_sentence_is_the_same_text(self) -> None:
        assert same_text(self.SENTENCE, self.SENTENCE.upper())

    def test_a_part_is_the_same_text_as_the_whole(self) -> None:
        assert same_text(self.SENTENCE, f"Zur Einordnung. {self.SENTENCE} Mehr dazu im Anhang des Papiers.")

    def test_a_similar_sentence_is_another_text(self) -> None:
        assert not same_text(self.SENTENCE, "Ein hohes Risiko geht von Systemen der Risikoklasse 3 aus.")

    def test_short_texts_are_the_same_only_word_for_word(self) -> None:
        assert same_text("Stand: 2024", "Stand 2024")
        assert not same_text("Stand: 2024", "Stand: 2023")

    def test_nothing_is_the_same_as_nothing(self) -> None:
        assert not same_text("", "")


class TestRealTexts:
    @pytest.fixture
    def texts(self, shared_folder: Path) -> dict[str, bytes]:
        folder = shared_folder / "corpus"
        return {
            file.name: fingerprint(file.read_text("utf-8")) for file in folder.iterdir() if file.name != "README.md"
        }

    def test_only_the_two_minutes_are_near_duplicates(self, texts: dict[str, bytes]) -> None:
        alike = [sorted(pair) for pair in combinations(texts, 2) if is_near_duplicate(texts[pair[0]], texts[pair[1]])]

        assert alike == [["workshop-protokoll-2024-pdf-text.txt", "workshop-protokoll-2024.md"]]

    def test_texts_on_one_subject_are_far_apart(self, texts: dict[str, bytes]) -> None:
        others = [mark for name, mark in texts.items() if "protokoll" not in name]

        assert len(others) == 3
        assert max(similarity(one, other) for one, other in combinations(others, 2)) < 0.05
