"""A conversation in the terminal goes on whatever one of its turns brings."""

from collections.abc import AsyncIterator, Sequence

import pytest

from bot.terminal.chat import converse
from knowledge.kit.errors import InvalidInput
from knowledge.kit.language import choose_language
from knowledge.library.answers.schemas import Reply


def reply(text: str) -> Reply:
    return Reply(False, 0.1, text, citations=[], suggestions=[], answer_id="a", took_ms=1.0, hints=[])


class Library:
    """Answers everything, but stumbles over some words."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def ask(self, text: str) -> Reply:
        self.asked.append(text)
        if text == "refuse":
            raise InvalidInput("Please ask something else.")
        if text == "stumble":
            raise ZeroDivisionError("the secret content of a document")
        return reply(f"about {text}")


async def said(lines: Sequence[str], library: Library) -> list[str]:
    """Return what the person is shown."""
    shown: list[str] = []

    async def typed() -> AsyncIterator[str]:
        for line in lines:
            yield line

    await converse(library.ask, lines=typed(), write=shown.append)
    return shown


@pytest.fixture(autouse=True)
def english() -> None:
    choose_language("en")


class TestConversation:
    async def test_questions_are_asked_as_they_were_typed_without_margins(self) -> None:
        library = Library()
        shown = await said(["  Was kostet das? ", "", "   "], library)
        assert library.asked == ["Was kostet das?"]
        assert shown[1] == "about Was kostet das?\n"

    @pytest.mark.parametrize("word", ["/ende", "/quit", "/EXIT", " /quit "])
    async def test_it_ends_when_told(self, word: str) -> None:
        library = Library()
        shown = await said([word, "nothing more"], library)
        assert library.asked == []
        assert shown[-1] == "Goodbye!"

    async def test_commands_never_become_questions(self) -> None:
        library = Library()
        shown = await said(["/help", "/hilfe", "/unknown"], library)
        assert library.asked == []
        assert shown[1] == shown[2] != shown[3]


class TestFailingTurn:
    async def test_a_refusal_is_told_and_the_next_question_answered(self) -> None:
        shown = await said(["refuse", "trees"], Library())
        assert shown[1:3] == ["Please ask something else.\n", "about trees\n"]

    async def test_a_surprise_does_not_end_it_and_tells_no_secrets(self) -> None:
        shown = await said(["stumble", "trees"], Library())
        assert "try again" in shown[1]
        assert "secret" not in shown[1]
        assert shown[2] == "about trees\n"
