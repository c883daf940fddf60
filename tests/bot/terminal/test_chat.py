"""A conversation in the terminal: the same core as everywhere, line after line, whatever one of them brings."""

from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from bot.core.messages import Attachment, Choice, Outgoing, Place
from bot.core.registry import Registry
from bot.core.text import rich
from bot.core.turn import ChoiceHandler, Command, Glance, Handler, Turn
from bot.terminal.adapter import TerminalAdapter, written
from bot.terminal.chat import Conversation, claim_name
from knowledge.access.visibility import network_member
from knowledge.kit.database import Database
from knowledge.kit.errors import InvalidInput
from knowledge.kit.language import choose_language
from knowledge.kit.settings import load_settings
from knowledge.library.answers.service import AnswerService
from knowledge.models.chat import ChatKind, Network
from tests.bot.core.world import NoIndexes
from tests.bot.pictures import ALT, PICTURE

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PLACE = Place(Network.TERMINAL, "terminal-1", ChatKind.DIRECT)


async def _prepare(glance: Glance) -> str:
    if glance.argument == "refuse":
        raise InvalidInput("Please ask something else.")
    if glance.argument == "stumble":
        raise ZeroDivisionError("the secret content of a document")
    return f"about {glance.argument}, for {sorted(glance.viewer.access or ())}"


async def _answer(turn: Turn) -> None:
    turn.say(rich(turn.prepared), choices=(Choice("vote:up", "Yes", "👍"), Choice("vote:down", "No", "👎")))


async def _vote(turn: Turn) -> None:
    turn.say(rich(f"voted {turn.glance.choice}"))


async def _help(turn: Turn) -> None:
    turn.say(rich("help"))


REGISTRY = Registry(
    commands=(Command(("hilfe", "help"), lambda: "help", Handler(_help)),),
    choices=(ChoiceHandler("vote", Handler(_vote)),),
    question=Handler(_answer, _prepare, asks=True),
)


async def said(database: Database, lines: Sequence[str]) -> list[str]:
    """Return what the person is shown."""
    shown: list[str] = []

    async def typed() -> AsyncIterator[str]:
        for line in lines:
            yield line

    settings = load_settings()
    answers = AnswerService(database, NoIndexes(), settings.answers)
    adapter = TerminalAdapter(typed(), shown.append, name="terminal-1")
    await Conversation(settings, database, answers, REGISTRY).hold(adapter, shown.append, network_member())
    return shown


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    choose_language("en")
    monkeypatch.setattr("bot.core.handling.PAUSES", (0.0, 0.0))


@sqlite
class TestConversation:
    async def test_questions_are_asked_as_they_were_typed_without_margins(self, database: Database) -> None:
        shown = await said(database, ["  Was kostet das? ", "", "   "])
        assert shown[0].startswith("Hello!")
        assert shown[1].startswith("about Was kostet das?, for ['network', 'public']")
        assert shown[2:] == ["Goodbye!"]

    @pytest.mark.parametrize("word", ["/ende", "/quit", "/EXIT", " /quit "])
    async def test_it_ends_when_told(self, word: str, database: Database) -> None:
        shown = await said(database, [word, "nothing more"])
        assert shown[1:] == ["Goodbye!"]

    async def test_commands_in_both_languages_never_become_questions(self, database: Database) -> None:
        shown = await said(database, ["/help", "/hilfe", "/unknown"])
        assert shown[1] == shown[2] == "help\n"
        assert shown[3].startswith("I do not know this command")

    async def test_choices_are_made_by_number(self, database: Database) -> None:
        shown = await said(database, ["trees", "2", "trees", "1"])
        assert shown[1].endswith("\n\nType a number to choose: 1 Yes   2 No\n")
        assert (shown[2], shown[4]) == ("voted down\n", "voted up\n")

    async def test_many_lines_at_once_are_answered_one_after_the_other_without_limits(self, database: Database) -> None:
        lines = [f"tree {number}" for number in range(40)]
        shown = await said(database, lines)
        assert [text.partition(",")[0] for text in shown[1:-1]] == [f"about {line}" for line in lines]


@sqlite
class TestFailingTurn:
    async def test_a_refusal_is_told_and_the_next_question_answered(self, database: Database) -> None:
        shown = await said(database, ["refuse", "trees"])
        assert shown[1] == "Please ask something else.\n"
        assert shown[2].startswith("about trees")

    async def test_a_surprise_does_not_end_it_and_tells_no_secrets(self, database: Database) -> None:
        shown = await said(database, ["stumble", "trees"])
        assert "try again" in shown[1]
        assert "secret" not in "".join(shown)
        assert shown[2].startswith("about trees")


class TestShowing:
    def test_files_and_links_are_written_out(self) -> None:
        file = Attachment("data.json", "application/json", b'{"a": 1}\n')
        link = Choice("open", "Open", address="https://example.org")
        text = written(Outgoing(PLACE, rich("Here it is."), (link,), attachment=file))
        assert text == 'Here it is.\n\ndata.json:\n{"a": 1}\n\nOpen: https://example.org'

    def test_of_a_picture_it_says_what_it_shows(self) -> None:
        choices = (Choice("go", "Go on"),)
        text = written(Outgoing(PLACE, rich("Here it is."), choices, attachment=PICTURE))
        assert text == f"[Picture: {ALT}]\n\nHere it is.\n\nType a number to choose: 1 Go on"


class TestNames:
    def test_two_conversations_at_the_same_time_have_different_ones(self, tmp_path: Path) -> None:
        with ExitStack() as stack:
            assert [claim_name(tmp_path, stack) for _each in range(2)] == ["terminal-1", "terminal-2"]
        with ExitStack() as stack:
            assert claim_name(tmp_path, stack) == "terminal-1"
