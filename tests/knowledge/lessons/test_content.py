"""The lessons that come with the program: they fit into a chat, name their sources, and are alike in both languages."""

import re
from collections.abc import Iterator
from io import BytesIO
from itertools import chain
from pathlib import Path

import pytest
from PIL import Image

from bot.handlers.registry import build_registry
from knowledge.lessons import drawing
from knowledge.lessons.checking import (
    LONGEST_MESSAGE,
    MOST_MESSAGES,
    closing_length,
    message_lengths,
    opening_length,
    read_fitting_lesson,
    reading_minutes,
)
from knowledge.lessons.importing import LessonFolder, find_unknown, read_folder
from knowledge.lessons.markdown import LessonSource
from knowledge.lessons.path_file import read_paths
from knowledge.lessons.self_check_file import SelfCheckSource
from knowledge.lessons.steps import (
    LessonChoice,
    LinkStep,
    PictureStep,
    QuestionStep,
    Step,
    TextStep,
    pictures_of,
    plain_text,
)
from knowledge.models.document import Visibility
from knowledge.topics.seeding import FILES, read_topics_file
from knowledge.topics.words import fold_topic

CONTENT = drawing.CONTENT
HANDBOOK = Path(__file__).parents[3] / "docs" / "handbuch-schulungen.md"
MOST_PICTURE_BYTES = 60_000
PICTURE_WIDTH = 1_000
# What the chat itself says before an explanation.
VERDICT = re.compile(r"(Ja|Nein|Richtig|Falsch|Genau|Yes|No|Right|Wrong|Exactly)\b[,.:!]")
COMMAND = re.compile(r"(?<![\w/])/([a-zäöü]+)")


def read(language: str) -> LessonFolder:
    return read_folder(CONTENT / language)


@pytest.fixture(scope="module", params=drawing.LANGUAGES)
def folder(request: pytest.FixtureRequest) -> LessonFolder:
    return read(str(request.param))


@pytest.fixture(scope="module")
def both() -> tuple[LessonFolder, LessonFolder]:
    return read("de"), read("en")


def sources(folder: LessonFolder) -> list[LessonSource]:
    found = [lesson.source for lesson in folder.lessons]
    assert len(found) == 15
    return found


def said(step: Step) -> str:
    """All that is said in a step."""
    if isinstance(step, QuestionStep):
        return " ".join([step.text, *(f"{choice.text} {choice.explanation}" for choice in step.choices)])
    return plain_text(getattr(step, "blocks", ()) or getattr(step, "caption", ()))


def topic_words() -> set[str]:
    topics = chain.from_iterable(read_topics_file(kind) for kind in FILES)
    return {fold_topic(word) for topic in topics for word in (topic.name_de, topic.name_en, *topic.words)}


class TestEveryLesson:
    """Each of them can be read, and taken in a chat in five minutes."""

    def test_nothing_is_wrong_with_any_file(self, folder: LessonFolder) -> None:
        assert [str(problem) for problem in folder.problems] == []
        assert [str(problem) for problem in find_unknown(folder)] == []

    def test_fits_into_a_chat_from_first_to_last_message(self, folder: LessonFolder) -> None:
        for lesson in sources(folder):
            steps = message_lengths(lesson.steps)
            lengths = [
                opening_length(lesson.title, lesson.summary, lesson.needs),
                *steps,
                closing_length(lesson.references),
            ]
            assert len(lengths) <= MOST_MESSAGES, lesson.key
            assert max(lengths) <= LONGEST_MESSAGE, lesson.key

    def test_takes_about_as_long_as_it_says(self, folder: LessonFolder) -> None:
        for lesson in sources(folder):
            assert lesson.minutes - 1.5 <= reading_minutes(lesson.steps) <= lesson.minutes, lesson.key

    def test_is_five_to_nine_steps_with_one_to_three_questions(self, folder: LessonFolder) -> None:
        for lesson in sources(folder):
            questions = [step for step in lesson.steps if isinstance(step, QuestionStep)]
            assert 5 <= len(lesson.steps) <= 9, lesson.key
            assert 1 <= len(questions) <= 3, lesson.key

    def test_leads_into_the_library(self, folder: LessonFolder) -> None:
        for lesson in sources(folder):
            links = [step for step in lesson.steps if isinstance(step, LinkStep)]
            assert links, lesson.key
            assert all(2 <= len(link.search.split()) <= 8 for link in links), lesson.key

    def test_names_where_its_facts_are_from(self, folder: LessonFolder) -> None:
        for lesson in sources(folder):
            assert lesson.references, lesson.key
            for reference in lesson.references:
                assert all((reference.title, reference.publisher, reference.year)), lesson.key

    def test_is_there_for_everybody(self, folder: LessonFolder) -> None:
        assert {lesson.visibility for lesson in sources(folder)} == {Visibility.PUBLIC}
        assert {path.visibility for path in folder.paths} == {Visibility.PUBLIC}

    def test_has_topics_of_the_tree(self, folder: LessonFolder) -> None:
        known = topic_words()
        for lesson in sources(folder):
            assert lesson.topics, lesson.key
            assert {fold_topic(word) for word in lesson.topics} <= known, lesson.key

    def test_is_in_the_language_of_its_folder(self, folder: LessonFolder) -> None:
        language = folder.self_checks[0].language
        assert {lesson.language for lesson in sources(folder)} == {language}
        assert {path.language for path in folder.paths} == {language}


class TestQuestions:
    """What is asked, and what is said to an answer."""

    def test_explains_each_answer_without_repeating_whether_it_was_right(self, folder: LessonFolder) -> None:
        for lesson in sources(folder):
            for choice in choices(lesson):
                assert len(choice.explanation) >= 40, choice.text
                assert not VERDICT.match(choice.explanation), choice.explanation

    def test_the_right_answer_is_not_always_at_the_same_place(self, folder: LessonFolder) -> None:
        places = [
            [choice.correct for choice in step.choices].index(True)
            for lesson in sources(folder)
            for step in lesson.steps
            if isinstance(step, QuestionStep)
        ]
        assert set(places) == {0, 1, 2}
        assert max(places.count(place) for place in set(places)) < 0.75 * len(places)


def choices(lesson: LessonSource) -> Iterator[LessonChoice]:
    for step in lesson.steps:
        if isinstance(step, QuestionStep):
            yield from step.choices


class TestCommands:
    """Commands that a lesson names are there, under the name that its language gives them."""

    def test_are_the_bots(self, folder: LessonFolder) -> None:
        place = drawing.LANGUAGES.index(folder.self_checks[0].language)
        # The German name comes first, then the English one; some have one name for both.
        known = {[*command.names, command.names[0]][place] for command in build_registry().commands}
        named = {name for lesson in sources(folder) for step in lesson.steps for name in COMMAND.findall(said(step))}
        assert len(named) >= 10
        assert named <= known


class TestPictures:
    """The pictures are small, clear, and drawn from the words that the module for it holds."""

    def test_are_those_that_can_be_drawn(self, folder: LessonFolder) -> None:
        shown = {name for lesson in sources(folder) for name in pictures_of(lesson.steps)}
        assert shown == {f"{name}.png" for name in drawing.PICTURES}

    def test_are_small_files_of_a_thousand_pixels(self, folder: LessonFolder) -> None:
        contents = [content for lesson in folder.lessons for content in lesson.pictures.values()]
        assert len(contents) == len(drawing.PICTURES)
        for content in contents:
            assert len(content) <= MOST_PICTURE_BYTES
            assert Image.open(BytesIO(content)).width == PICTURE_WIDTH

    def test_can_be_drawn_anew(self) -> None:
        drawn = Image.open(BytesIO(drawing.draw("fahrplan", "de")))
        assert (drawn.format, drawn.width) == ("PNG", PICTURE_WIDTH)


class TestPaths:
    """The paths take one through all lessons."""

    def test_each_lesson_is_in_one_path(self, folder: LessonFolder) -> None:
        in_paths = [key for path in folder.paths for key in path.lessons]
        assert sorted(in_paths) == sorted(lesson.key for lesson in sources(folder))

    def test_there_are_ten_units_on_ai_and_three_on_allmende(self, folder: LessonFolder) -> None:
        ai, allmende = folder.paths
        assert len(ai.lessons) >= 10
        assert len(allmende.lessons) == 3

    def test_say_in_a_few_lines_what_one_can_do_afterwards(self, folder: LessonFolder) -> None:
        for path in folder.paths:
            assert 3 <= len(path.outcomes.split("\n")) <= 10, path.key

    def test_what_one_should_have_done_before_comes_before(self, folder: LessonFolder) -> None:
        order = [key for path in folder.paths for key in path.lessons]
        for lesson in sources(folder):
            assert all(order.index(key) < order.index(lesson.key) for key in lesson.needs), lesson.key


class TestBothLanguages:
    """English and German are the same course."""

    def test_have_the_same_paths_in_the_same_order(self, both: tuple[LessonFolder, LessonFolder]) -> None:
        german, english = both
        for path, other in zip(german.paths, english.paths, strict=True):
            assert other.key == f"{path.key}-en"
            assert other.lessons == tuple(f"{key}-en" for key in path.lessons)

    def test_have_the_same_steps_and_right_answers(self, both: tuple[LessonFolder, LessonFolder]) -> None:
        german, english = both
        others = {lesson.key: lesson for lesson in sources(english)}
        for lesson in sources(german):
            other = others[f"{lesson.key}-en"]
            assert shape(other) == shape(lesson), lesson.key
            assert other.needs == tuple(f"{key}-en" for key in lesson.needs)
            assert (other.level, other.minutes) == (lesson.level, lesson.minutes), lesson.key
            assert [reference.year for reference in other.references] == [
                reference.year for reference in lesson.references
            ]

    def test_have_the_same_self_check(self, both: tuple[LessonFolder, LessonFolder]) -> None:
        german, english = (folder.self_checks[0] for folder in both)
        assert check_shape(english) == check_shape(german)


def shape(lesson: LessonSource) -> list[object]:
    """What a lesson's steps are, without their words."""
    return [
        [choice.correct for choice in step.choices]
        if isinstance(step, QuestionStep)
        else (type(step), pictures_of([step]))
        for step in lesson.steps
    ]


def check_shape(check: SelfCheckSource) -> list[object]:
    return [
        (
            part.key,
            {degree: [key.removesuffix("-en") for key in keys] for degree, keys in part.lessons.items()},
            [(question.key, [answer.points for answer in question.answers]) for question in part.questions],
        )
        for part in check.dimensions
    ]


class TestSelfCheck:
    """„Wie weit sind wir?" asks about six things and knows what comes next."""

    def test_asks_two_questions_about_each_of_six_things(self, folder: LessonFolder) -> None:
        (check,) = folder.self_checks
        assert [part.key for part in check.dimensions] == ["goal", "use-case", "data", "people", "money", "scale"]
        assert all(len(part.questions) == 2 for part in check.dimensions)

    def test_answers_go_from_nothing_to_three_points(self, folder: LessonFolder) -> None:
        (check,) = folder.self_checks
        for question in check.questions:
            points = [answer.points for answer in question.answers]
            assert 3 <= len(points) <= 4
            assert points == sorted(points), question.key
            assert (points[0], points[-1]) == (0, 3), question.key

    def test_has_lessons_and_a_topic_for_each(self, folder: LessonFolder) -> None:
        (check,) = folder.self_checks
        known = topic_words()
        for part in check.dimensions:
            assert all(part.lessons[degree] for degree in ("low", "middle", "high")), part.key
            assert fold_topic(part.topic or "") in known, part.key


class TestHandbook:
    """What the handbook for publishers shows as an example works."""

    @staticmethod
    def example(language: str) -> str:
        (found,) = re.findall(rf"^```{language}\n(.*?)^```$", HANDBOOK.read_text("utf-8"), re.MULTILINE | re.DOTALL)
        return str(found)

    def test_its_lesson_is_one(self) -> None:
        lesson = read_fitting_lesson(self.example("markdown"))
        assert [type(step) for step in lesson.steps] == [TextStep, PictureStep, QuestionStep, LinkStep]

    def test_its_path_is_one(self) -> None:
        (path,) = read_paths(self.example("yaml"))
        assert "ki-ohne-namen" in path.lessons
