"""Does what the handbook says hold: its questions are answered, its commands are there."""

import re
from pathlib import Path

from bot.core.messages import Person
from bot.core.routing import CANCEL
from bot.handlers.registry import build_registry
from knowledge.kit.language import choose_language
from knowledge.models.chat import Network
from tests.bot.handlers.asking_world import World, direct, plain

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "handbuch.md").read_text("utf-8")
QUESTION = re.compile(r"^> (.+\?)$", re.MULTILINE)
COMMAND = re.compile(r"`[/!](\w+)[^`]*`")
# Said not to be answered, and said to go on from the question before it.
UNANSWERED, FOLLOW_UP = "Hebesatz", "Und was"


class TestQuestions:
    async def test_every_question_is_answered_as_the_handbook_says(self, world: World) -> None:
        questions = QUESTION.findall(TEXT)
        assert len(questions) > 5
        asker = Person(Network.MATRIX, "@asker-0:ort")
        for number, question in enumerate(questions):
            if not question.startswith(FOLLOW_UP):
                asker = Person(Network.MATRIX, f"@asker-{number}:ort")
            answer = plain(await world.ask(asker, question, direct(asker)))
            assert ("found no answer" in answer) is (UNANSWERED in question), (question, answer)

    async def test_the_answer_that_is_shown_is_the_one_that_comes(self, world: World) -> None:
        asker = Person(Network.MATRIX, "@asker:ort")
        answer = plain(await world.ask(asker, "Was kostet eine Straßenzustandserfassung mit KI pro Kilometer?"))
        assert "Unser Anteil betrug 4.900 Euro, etwa 79 Euro je Kilometer." in answer
        assert "Straßenzustand mit der Kamera erfassen – was es brachte und was nicht" in answer


class TestCommands:
    def test_every_command_exists(self) -> None:
        named = set(COMMAND.findall(TEXT))
        assert len(named) > 15
        registry = build_registry()
        assert [name for name in named if registry.command(name) is None and name not in CANCEL] == []

    def test_every_command_for_people_is_in_the_handbook(self) -> None:
        choose_language("de")
        missing = {command.names[0] for command in build_registry().commands} - set(COMMAND.findall(TEXT))
        assert missing == {"start"}, "the network itself says it"
