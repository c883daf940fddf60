"""Which questions say something, what is shown of them, and which are alike."""

from uuid import UUID

import numpy as np
import pytest

from knowledge.gaps.likeness import Neighbours, kept_vector, put_together, read_wording, resemblance, scale_start
from knowledge.gaps.schemas import step_of
from knowledge.gaps.words import LONGEST_SHOWN, best_first, says_something, shown

SALT, DOGS = UUID(int=1), UUID(int=2)


class TestSayingSomething:
    @pytest.mark.parametrize(
        "text", ["hallo", "Guten Morgen zusammen", "Test 123", "???", "Wer bist du?", "danke!", ""]
    )
    def test_greetings_and_trials_do_not(self, text: str) -> None:
        assert not says_something(text)

    @pytest.mark.parametrize("text", ["Hundesteuer", "Was ist Bias?", "Hallo, wie lange dauert ein Bauantrag?", "OZG"])
    def test_whatever_names_a_thing_does(self, text: str) -> None:
        assert says_something(text)


class TestShowing:
    def test_without_personal_data_and_on_one_line(self) -> None:
        text = shown("Darf Herr Krause\naus dem Rosenweg 5 das?\n Tel. 0331 1234567")
        assert "Krause" not in text
        assert "Rosenweg" not in text
        assert "1234567" not in text
        assert "\n" not in text

    def test_long_ones_are_cut(self) -> None:
        assert len(shown("Streusalz " * 200)) <= LONGEST_SHOWN

    def test_whole_questions_come_first_and_each_once(self) -> None:
        texts = ["streusalz brücke", "Darf Streusalz auf die Brücke?", "Was kostet Salz?", "Streusalz Brücke"]
        assert best_first([read_wording(text) for text in texts]) == [1, 2, 0]

    def test_people_are_counted_in_steps(self) -> None:
        assert [step_of(count) for count in (0, 2, 3, 4, 5, 11, 700)] == [0, 0, 3, 3, 5, 10, 50]


class TestLikeness:
    def test_compounds_and_their_parts_are_alike(self) -> None:
        compound, parts = read_wording("Hundesteuersatz"), read_wording("Satz der Hundesteuer")
        assert resemblance(compound, parts) > 0.6
        assert resemblance(compound, read_wording("Winterdienst")) < 0.1
        assert resemblance(read_wording(""), read_wording("")) == 0

    def test_a_question_goes_to_the_gap_that_is_most_like_it(self) -> None:
        neighbours = Neighbours()
        neighbours.add(DOGS, read_wording("Wie hoch ist die Hundesteuer?"))
        neighbours.add(SALT, read_wording("Darf Streusalz auf Brücken?"))
        salt = read_wording("Streusalz Brücken erlaubt")
        assert neighbours.nearest(salt) == SALT
        assert neighbours.nearest(salt, without=frozenset({SALT})) is None
        assert neighbours.nearest(read_wording("Wer leert die Biotonne?")) is None

    def test_a_model_can_bring_together_what_shares_few_words(self) -> None:
        texts = ("Streusalz Brücken erlaubt", "Brücken und Stege im Winter: womit räumt der Bauhof?")
        near = [read_wording(text, vector=kept_vector([1.0, 0.0]), model="m") for text in texts]
        far = [near[0], read_wording(texts[1], vector=kept_vector([0.0, 1.0]), model="m")]
        other = [near[0], read_wording(texts[1], vector=kept_vector([1.0, 0.0]), model="other")]
        assert put_together(near, 0.0) == [0, 0]
        assert put_together(far, 0.0) == [0, 1]
        assert put_together(other, 0.0) == [0, 1]

    def test_a_scale_begins_where_unrelated_questions_are(self) -> None:
        vectors = np.array([[1.0, 0.0], [0.6, 0.8], [0.6, 0.8]], dtype=np.float32)
        assert scale_start(vectors) == pytest.approx(0.6)
