"""How lessons read in a chat: each message short, nothing lost, and the same in the preview."""

import pytest

from bot.core.text import BlockKind
from bot.handlers.lesson_choices import (
    ANSWER,
    Chosen,
    begin_key,
    helpful_choices,
    opening_choices,
    read_chosen,
    step_choices,
)
from bot.handlers.lesson_preview import preview_lesson
from bot.handlers.lesson_text import About, closing_text, explanation_text, opening_text, rich_blocks, step_text
from knowledge.kit.ids import new_id
from knowledge.kit.language import choose_language
from knowledge.lessons.checking import LONGEST_MESSAGE
from knowledge.lessons.markdown import LessonReference, read_lesson
from knowledge.lessons.steps import LinkStep, QuestionStep
from knowledge.models.training import Level

LESSON = """---
key: baum
title: Bäume gießen
summary: Wann ein Baum Wasser braucht.
level: beginner
minutes: 2
language: de
topics: [Stadtgrün]
visibility: public
---
# Warum gießen?

**Junge** Bäume haben kurze Wurzeln:

1. Sie trocknen schnell aus.
2. Sie brauchen Hilfe.

- im Sommer
- im [Herbst](https://baum.example/)

---
![Ein Baum mit einem Sack Wasser am Stamm](baum.png)

So sieht das aus.

---
## ? Wann gießen Sie?

- [ ] Mittags :: Da verdunstet viel.
- [x] Abends :: Da bleibt das Wasser im Boden.
- [ ] Nie :: Junge Bäume schaffen es nicht allein.

---
Was andere erlebt haben:

[Bäume gießen](bibliothek:Bäume gießen)
"""
STEPS = read_lesson(LESSON).steps


@pytest.fixture(autouse=True)
def english() -> None:
    choose_language("en")


class TestTexts:
    def test_what_begins_it(self) -> None:
        about = About("Trees", "When to water them.", Level.BEGINNER, 1, 4, needs=("Soil",))
        said = opening_text(about).plain
        assert said == (
            "Trees\n\nWhen to water them.\n\nfor beginners · 1 minute · 4 steps\n\nGood to have done before: Soil\n\n"
            "How far you are and what you answer, only you see."
        )

    def test_a_step_says_how_far_it_is_and_keeps_lists_and_links(self) -> None:
        said = step_text(STEPS[0], 1, 4)
        assert said.plain == (
            "Step 1 of 4\n\nWarum gießen?\n\nJunge Bäume haben kurze Wurzeln:\n\n"
            "1. Sie trocknen schnell aus.\n2. Sie brauchen Hilfe.\n\n· im Sommer\n· im Herbst"
        )
        kinds = [block.kind for block in said.blocks]
        assert kinds[1] is BlockKind.HEADING
        assert [span.link for block in said.blocks for span in block.spans if span.link] == ["https://baum.example/"]

    def test_two_lists_are_not_made_one(self) -> None:
        step = read_lesson(LESSON.replace("- im Sommer", "Und dann:\n\n1. Neu zählen.\n\n- im Sommer")).steps[0]
        assert not isinstance(step, QuestionStep | LinkStep)
        texts = [block.plain for block in rich_blocks(getattr(step, "blocks", ()))]
        assert "1. Sie trocknen schnell aus.\n2. Sie brauchen Hilfe." in texts
        assert "1. Neu zählen." in texts

    def test_a_question_numbers_its_answers(self) -> None:
        assert step_text(STEPS[2], 3, 4).plain == "Step 3 of 4\n\nWann gießen Sie?\n\n1. Mittags\n2. Abends\n3. Nie"

    def test_an_answer_is_explained_and_so_is_the_right_one(self) -> None:
        question = STEPS[2]
        assert isinstance(question, QuestionStep)
        said = [explanation_text(question, choice).plain for choice in question.choices]
        assert said[1] == "That is right.\nDa bleibt das Wasser im Boden."
        assert said[0].startswith("Not quite.\nDa verdunstet viel.\n\nRight is: Abends\nDa bleibt")
        assert said[2].startswith("Not quite.\nJunge")

    def test_the_end_names_the_sources_and_stays_short(self) -> None:
        references = [LessonReference("Baumfibel", "Gartenamt", 2024, "Seite 3", "https://baum.example/fibel")]
        said = closing_text("Bäume", "Wann gießen. " * 100, references)
        assert "Gartenamt, Baumfibel, Seite 3 (2024)" in said.plain
        assert [span.link for block in said.blocks for span in block.spans if span.link] == [
            "https://baum.example/fibel"
        ]
        assert len(said.plain) <= LONGEST_MESSAGE
        assert "Wann gießen." in said.plain


class TestChoices:
    def test_every_key_is_short_enough_and_comes_back(self) -> None:
        run = new_id()
        choices = [choice for number, step in enumerate(STEPS) for choice in step_choices(run, number, step)]
        choices += [*opening_choices(run), *helpful_choices(run)]
        read = [read_chosen(choice.key.partition(":")[2]) for choice in choices]
        assert all(len(choice.key) <= 40 and choice.key.isascii() for choice in choices)
        assert {chosen.key for chosen in read if chosen} == {run}
        assert None not in read
        assert Chosen(ANSWER, run, 2, 1) in read
        assert read_chosen(begin_key(run).partition(":")[2]) == Chosen("b", run)

    @pytest.mark.parametrize("text", ["", "b", "x" * 23, "bäöü" * 6, "z" + "A" * 22, "b" + "A" * 22 + "9999"])
    def test_anything_else_is_none(self, text: str) -> None:
        assert read_chosen(text) is None

    def test_answers_come_first_so_that_a_number_that_is_typed_means_them(self) -> None:
        labels = [choice.label for choice in step_choices(new_id(), 2, STEPS[2])]
        assert labels == ["Answer 1", "Answer 2", "Answer 3", "Stop"]


class TestPreview:
    def test_each_chat_shows_what_its_people_will_read(self) -> None:
        matrix, telegram = preview_lesson(STEPS)
        assert (matrix.name, telegram.name) == ("Matrix", "Telegram")
        assert [len(chat.messages) for chat in (matrix, telegram)] == [5, 5]
        assert [message.picture for message in telegram.messages] == [None, "baum.png", None, None, None]
        picture = "Ein Baum mit einem Sack Wasser am Stamm"
        assert picture in matrix.messages[1].text
        assert f"Picture: {picture}" in telegram.messages[1].text
        assert telegram.messages[2].buttons == ("Answer 1", "Answer 2", "Answer 3", "Stop")
        assert matrix.messages[2].text.endswith("1️⃣ Answer 1 · 2️⃣ Answer 2 · 3️⃣ Answer 3 · ⏹️ Stop")
        assert "Right is: Abends" in matrix.messages[3].text
        assert "📚 Bäume gießen" in matrix.messages[4].text
