"""A lesson fits into a chat and into five minutes."""

import pytest

from knowledge.lessons.checking import (
    LONGEST_MESSAGE,
    find_problems,
    message_lengths,
    read_fitting_lesson,
    reading_minutes,
)
from knowledge.lessons.errors import LessonInvalid
from knowledge.lessons.markdown import read_lesson
from tests.knowledge.lessons.writing import QUESTION, written


def codes(text: str) -> list[tuple[int, str]]:
    return [(problem.line, problem.code) for problem in find_problems(read_lesson(text))]


class TestFitting:
    def test_each_step_is_a_message_and_a_question_two(self) -> None:
        lesson = read_fitting_lesson(written(steps=["Kurz.", QUESTION, "![Bild](a.png)\n\nDarunter."]))
        lengths = message_lengths(lesson.steps)
        assert len(lengths) == 4
        assert max(lengths) < LONGEST_MESSAGE

    def test_a_message_that_is_too_long_is_told_with_its_line(self) -> None:
        text = written(steps=["Kurz.", "lang " * 180], minutes="5")
        assert codes(text) == [(text.split("\n").index("lang " * 180) + 1, "message_too_long")]

    def test_an_explanation_counts_with_what_is_right(self) -> None:
        explained = f"## ? Frage?\n\n- [ ] a :: {'nein ' * 90}\n- [x] b :: {'ja ' * 120}"
        assert [code for _line, code in codes(written(steps=[explained], minutes="5"))] == ["message_too_long"]

    def test_too_many_messages(self) -> None:
        assert codes(written(steps=["x"] * 13)) == []
        assert codes(written(steps=["x"] * 14)) == [(0, "too_many_messages")]
        assert codes(written(steps=["x"] * 10 + [QUESTION, QUESTION])) == [(0, "too_many_messages")]

    def test_more_than_five_minutes(self) -> None:
        steps = ["wort " * 150] * 7
        assert reading_minutes(read_lesson(written(steps=steps)).steps) > 5
        assert codes(written(steps=steps, minutes="5")) == [(0, "too_many_minutes")]

    def test_a_lesson_that_says_it_is_shorter_than_it_is(self) -> None:
        assert codes(written(steps=["wort " * 150] * 4, minutes="4")) == []
        assert codes(written(steps=["wort " * 150] * 4, minutes="1")) == [(0, "too_many_minutes")]

    def test_long_questions_answers_and_sources(self) -> None:
        asked = f"## ? {'warum ' * 60}?\n\n- [ ] {'a' * 170} :: nein\n- [x] b :: ja"
        sources = "[" + ", ".join(f"{{title: {'t' * 200}{number}}}" for number in range(5)) + "]"
        found = [code for _line, code in codes(written(steps=[asked], sources=sources))]
        assert found == ["question_too_long", "choice_too_long", "sources_too_long"]

    def test_what_does_not_fit_is_not_taken(self) -> None:
        with pytest.raises(LessonInvalid):
            read_fitting_lesson(written(steps=["x"] * 14))
