"""Lessons are read as they are written, and what chats cannot show is refused with its line."""

import pytest

from knowledge.kit.language import choose_language
from knowledge.lessons.errors import LessonInvalid
from knowledge.lessons.markdown import MOST_STEPS, LessonReference, read_lesson, read_references
from knowledge.lessons.steps import (
    LessonBlockKind,
    LinkStep,
    PictureStep,
    QuestionStep,
    SpanStyle,
    TextStep,
    pack_steps,
    plain_text,
    unpack_steps,
)
from knowledge.models.document import Visibility
from tests.knowledge.lessons.writing import QUESTION, written


def problems_of(text: str) -> list[tuple[int, str]]:
    """Return the lines and codes of what is wrong with a lesson."""
    with pytest.raises(LessonInvalid) as refused:
        read_lesson(text)
    return [(problem.line, problem.code) for problem in refused.value.problems]


def step_problem(step: str) -> str:
    """Return the code of the one thing that is wrong with a step."""
    ((_line, code),) = problems_of(written(steps=[step]))
    return code


class TestReading:
    def test_a_lesson_with_all_kinds_of_steps(self) -> None:
        steps = [
            "# Was ist das?\n\nEin **Wort**, *schräg*, `code`, [hier](https://example.org/a).\n\n- eins\n- zwei",
            "![Eine Waage](waage.png)\n\nLinks liegt mehr.",
            QUESTION,
            "Mehr dazu: [Transparenz](bibliothek:Transparenz bei KI)",
        ]
        lesson = read_lesson(written(steps=steps, needs="[zahlen]", topics="[KI, KI]", visibility="network"))
        text, shown, asked, led = lesson.steps
        assert isinstance(text, TextStep)
        assert plain_text(text.blocks) == "Was ist das?\n\nEin Wort, schräg, code, hier.\n\n· eins\n· zwei"
        assert [block.kind for block in text.blocks] == [
            LessonBlockKind.HEADING,
            LessonBlockKind.PARAGRAPH,
            LessonBlockKind.ITEM,
            LessonBlockKind.ITEM,
        ]
        styles = [(span.text, span.style, span.link) for span in text.blocks[1].spans if span.text.isalpha()]
        assert styles == [
            ("Wort", SpanStyle.BOLD, None),
            ("schräg", SpanStyle.ITALIC, None),
            ("code", SpanStyle.CODE, None),
            ("hier", SpanStyle.PLAIN, "https://example.org/a"),
        ]
        assert isinstance(shown, PictureStep)
        assert (shown.picture, shown.alt, plain_text(shown.caption)) == ("waage.png", "Eine Waage", "Links liegt mehr.")
        assert isinstance(asked, QuestionStep)
        assert [(choice.text, choice.correct) for choice in asked.choices] == [
            ("Ein Tier", False),
            ("Eine Rechenvorschrift", True),
        ]
        assert asked.right.explanation == "Ja, Schritt für Schritt."
        assert isinstance(led, LinkStep)
        assert (led.title, led.search, plain_text(led.blocks)) == (
            "Transparenz",
            "Transparenz bei KI",
            "Mehr dazu: Transparenz",
        )
        assert (lesson.needs, lesson.topics, lesson.visibility) == (("zahlen",), ("KI",), Visibility.NETWORK)

    def test_steps_survive_json(self) -> None:
        lesson = read_lesson(written(steps=["1. erst\n2. dann", "![Bild](a.jpg)", QUESTION, "[X](bibliothek:y z)"]))
        assert unpack_steps(pack_steps(lesson.steps)) == lesson.steps
        assert plain_text(lesson.steps[0].blocks if isinstance(lesson.steps[0], TextStep) else ()) == "1. erst\n2. dann"

    def test_sources_are_read_from_the_text_again(self) -> None:
        text = written(sources="[{title: KI-Verordnung, publisher: EU, year: 2024, place: Artikel 4}]")
        assert read_references(text) == (LessonReference("KI-Verordnung", "EU", 2024, "Artikel 4"),)
        assert str(read_lesson(text).references[0]) == "EU, KI-Verordnung, Artikel 4 (2024)"
        assert read_references("no lesson") == ()

    def test_windows_line_ends_and_a_byte_order_mark_do_no_harm(self) -> None:
        lesson = read_lesson("\ufeff" + written().replace("\n", "\r\n"))
        assert len(lesson.steps) == 3


class TestProblems:
    def test_all_problems_are_told_with_their_lines(self) -> None:
        text = written(steps=["Gut.", "<b>fett</b>", "## ? Frage?\n\n- [ ] a :: b\n- [ ] c :: d"], minutes="9")
        lines = text.split("\n")
        assert problems_of(text) == [
            (lines.index("minutes: 9") + 1, "number"),
            (lines.index("<b>fett</b>") + 1, "html"),
            (lines.index("## ? Frage?") + 1, "nothing_right"),
        ]

    @pytest.mark.parametrize("key", ["verwalten", "pfad"])
    def test_a_word_that_is_an_address_of_the_hub_is_no_key(self, key: str) -> None:
        assert problems_of(written(key=key)) == [(2, "key_taken")]

    def test_a_problem_says_its_line_in_words(self) -> None:
        choose_language("en")
        with pytest.raises(LessonInvalid) as refused:
            read_lesson(written(steps=["| a | b |\n|---|---|\n| 1 | 2 |"]))
        assert refused.value.message == "Line 12: Chats do not show tables. Please make a list of it."

    @pytest.mark.parametrize(
        ("step", "code"),
        [
            ("# Eins\n\n# Zwei", "heading"),
            ("### Drei", "heading"),
            ("- a\n  - b", "list_in_list"),
            ("> Zitat", "not_shown"),
            ("```\ncode\n```", "code"),
            ("Text ![Bild](a.png) Text", "picture_alone"),
            ("![](a.png)", "picture_alt"),
            ("![Bild](a.svg)", "picture_name"),
            ("## Keine Frage", "heading"),
            ("## ? Frage?", "question_list"),
            ("## ? Frage?\n\nText", "question_list"),
            ("## ? Frage?\n\n- [x] a :: b", "choices"),
            ("## ? Frage?\n\n- [x] a :: b\n- [ ] c", "choice"),
            ("## ? Frage?\n\n- [x] a :: b\n- [ ] A :: c", "same_choices"),
            ("## ? Frage?\n\n- [x] a :: b\n- [ ] [c](https://example.org) :: d", "link_here"),
            ("[a](bibliothek:b) und [c](bibliothek:d)", "library_twice"),
            ("[a](bibliothek:)", "empty_search"),
        ],
    )
    def test_what_chats_do_not_show_is_refused(self, step: str, code: str) -> None:
        assert step_problem(step) == code

    def test_an_empty_step_between_two(self) -> None:
        assert [code for _line, code in problems_of(written(steps=["a", "", "b"]))] == ["empty_step"]

    @pytest.mark.parametrize(
        ("field", "value", "code"),
        [
            ("key", "Ä b", "key"),
            ("title", "''", "text_missing"),
            ("title", "x" * 121, "too_long"),
            ("level", "expert", "choice_of_field"),
            ("visibility", "house", "visibility"),
            ("language", "fr", "language"),
            ("topics", "KI", "words"),
            ("needs", "[Ä]", "key"),
            ("autor", "x", "unknown_field"),
            ("sources", "[{title: a, url: 'javascript:alert(1)'}]", "link_not_allowed"),
            ("summary", "&a [*a, *a]", "yaml_reference"),
            ("summary", "[[[[[[[[[[x]]]]]]]]]]", "too_deep"),
            ("summary", "a: b: c", "yaml"),
            ("summary", "!!python/object/apply:os.system [ls]", "yaml"),
            ("summary", "2026-11-21", "text_missing"),
        ],
    )
    def test_front_matter_that_is_wrong(self, field: str, value: str, code: str) -> None:
        assert [found for _line, found in problems_of(written(**{field: value}))] == [code]

    def test_no_front_matter_and_no_steps(self) -> None:
        assert problems_of("Nur Text.") == [(1, "no_front_matter")]
        assert [code for _line, code in problems_of(written(steps=[]))] == ["no_steps"]


class TestHostile:
    @pytest.mark.parametrize(
        ("step", "code"),
        [
            ("<script>alert(1)</script>", "html"),
            ("Text <img src=x onerror=alert(1)> Text", "html"),
            ("<!-- weg -->", "html"),
            ("[klick](javascript:alert(1))", "link_not_allowed"),
            ("[klick](JaVaScRiPt&colon;alert(1))", "link_not_allowed"),
            ("[klick][a]\n\n[a]: data:text/html,x", "link_not_allowed"),
            ("[klick](//example.org)", "link_not_allowed"),
            ("[klick](https://user@example.org)", "link_not_allowed"),
            ("[klick](matrix:u/a)", "link_not_allowed"),
            ("<javascript:alert(1)>", "link_not_allowed"),
            ("![Bild](https://example.org/a.png)", "picture_name"),
            ("![Bild](../../geheim.png)", "picture_name"),
            ("![Bild](/etc/a.png)", "picture_name"),
            ("![Bild](..%2Fa.png)", "picture_name"),
            ("![Bild](data:image/png;base64,AAAA)", "picture_name"),
        ],
    )
    def test_nothing_is_executed_or_fetched(self, step: str, code: str) -> None:
        assert step_problem(step) == code

    def test_what_only_looks_like_markup_is_text(self) -> None:
        (step,) = read_lesson(written(steps=["&lt;script&gt; und 1 < 2 und \\<b>"])).steps
        assert isinstance(step, TextStep)
        assert plain_text(step.blocks) == "<script> und 1 < 2 und <b>"

    @pytest.mark.parametrize("character", ["\x00", "\x1b", "\u202e", "\u2066"])
    def test_characters_that_hide_something_are_refused(self, character: str) -> None:
        text = written(steps=["Gut.", f"Bö{character}se"])
        assert problems_of(text) == [(len(text.split("\n")), "hidden_character")]

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ("\n---\n".join(["x"] * 5_000), "too_many_steps"),
            ("\n---\n".join(["x"] * 10_000), "too_long"),
            ("x" * 70_000, "too_long"),
            ("> " * 1_900 + "x", "not_shown"),
            ("- " * 1_900 + "x", "list_in_list"),
            ("[" * 3_900, None),
            ("*" * 3_900 + "x", None),
            ("`" * 1_950 + " " + "`" * 1_949, None),
            ("x" * 5_000, "step_too_long"),
        ],
        ids=["steps", "more", "length", "quotes", "lists", "brackets", "stars", "ticks", "long"],
    )
    def test_much_of_anything_is_settled(self, body: str, code: str | None) -> None:
        if code is None:
            assert len(read_lesson(written(steps=[body])).steps) == 1
        else:
            assert problems_of(written(steps=[body]))[0][1] == code

    def test_as_many_steps_as_there_may_be(self) -> None:
        assert len(read_lesson(written(steps=["x"] * MOST_STEPS)).steps) == MOST_STEPS
