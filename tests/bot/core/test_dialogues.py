"""Guided dialogues: one question at a time, left and gone on with, never lost."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.core.dialogue import Dialogue, Draft, Prompt, Step
from bot.core.dialogues import begin_dialogue
from bot.core.messages import Choice, EventKind, Person, Place
from bot.core.registry import Registry
from bot.core.replies import nothing_said
from bot.core.text import rich
from bot.core.turn import ChoiceHandler, Command, Glance, Handler, Turn
from knowledge.kit.database import Database
from knowledge.kit.errors import InvalidInput
from tests.bot.core.world import ANNA, BEN, ONLY_REACTIONS, ROOM, ChatNetwork, direct, echo, running


async def _ask_tree(_turn: Turn, _draft: Draft) -> Prompt:
    return Prompt(rich("Which tree?"), (Choice("oak", "Eiche", "🌳"), Choice("elm", "Ulme")))


async def _take_tree(_turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer not in ("oak", "elm"):
        raise InvalidInput("Please choose a tree.")
    draft.data["tree"] = answer
    return "number"


async def _ask_number(_turn: Turn, draft: Draft) -> Prompt:
    return Prompt(rich(f"How many of {draft.data['tree']}?"))


async def _take_number(turn: Turn, draft: Draft, answer: str) -> str | None:
    turn.say(rich(f"{answer} of {draft.data['tree']}"))
    return None


async def _measure(glance: Glance, draft: Draft, answer: str) -> str:
    """Look at an answer before it is taken, with a draft that is only to be looked at."""
    draft.data["tree"] = "fir"
    return f"{answer}, {len(answer)} long, {'alone' if glance.is_direct else 'in company'}"


async def _take_height(turn: Turn, draft: Draft, _answer: str) -> str | None:
    turn.say(rich(f"{draft.data['tree']}: {turn.prepared}"))
    return None


PLANTING = Dialogue(
    "planting",
    "tree",
    {
        "tree": Step(_ask_tree, _take_tree),
        "number": Step(_ask_number, _take_number),
        "height": Step(_ask_number, _take_height, _measure),
    },
)


async def _begin(turn: Turn) -> None:
    await begin_dialogue(turn, PLANTING)


async def _grow(turn: Turn) -> None:
    await begin_dialogue(turn, PLANTING, {"tree": "oak"}, step="height")


async def _offer(turn: Turn) -> None:
    turn.say(rich("offer"), choices=(Choice("x:1", "One"), Choice("x:2", "Two", "🌲")))


async def _chosen(turn: Turn) -> None:
    turn.say(rich(f"chosen {turn.glance.choice}"))


async def _undone(turn: Turn) -> None:
    turn.say(rich(f"undone {turn.glance.choice}"))


async def _help(turn: Turn) -> None:
    turn.say(rich("help"))


REGISTRY = Registry(
    commands=(
        Command(("pflanzen", "plant"), lambda: "plant", Handler(_begin)),
        Command(("wachsen", "grow"), lambda: "grow", Handler(_grow)),
        Command(("angebot", "offer"), lambda: "offer", Handler(_offer)),
        Command(("hilfe", "help"), lambda: "help", Handler(_help)),
    ),
    choices=(ChoiceHandler("x", Handler(_chosen), Handler(_undone)),),
    dialogues=(PLANTING,),
    question=echo(),
)
CHAT = direct(ANNA)
sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def written(database: Database, texts: Sequence[str], *, place: Place = CHAT, by: Person = ANNA) -> list[str]:
    """Write one text after the other in a fresh process, and return all that the bot said."""
    network = ChatNetwork()
    async with running(database, REGISTRY, network) as bot:
        for text in texts:
            network.write(
                by,
                place,
                text,
                language="en",
                mentioned=place is ROOM,
                event=f"${id(network)}{len(network.sent)}{text}",
            )
            await network.settled(bot)
    return network.texts


class TestAnswering:
    @sqlite
    @pytest.mark.parametrize("answer", ["1", "Eiche", " EICHE ", "1️⃣", "oak"])
    async def test_choices_are_meant_by_number_label_or_key(self, answer: str, database: Database) -> None:
        said = await written(database, ["/plant", answer, "12"])
        assert said == ["Which tree?", "How many of oak?", "12 of oak"]

    @sqlite
    async def test_what_does_not_fit_is_asked_again(self, database: Database) -> None:
        said = await written(database, ["/plant", "3", "Ulme", "viele", "danach"])
        assert said == ["Which tree?", "Please choose a tree.", "How many of elm?", "viele of elm", "Echo: danach"]

    @sqlite
    async def test_what_takes_long_is_prepared_before_an_answer_is_taken(self, database: Database) -> None:
        said = await written(database, ["/grow", "twelve"])
        assert said == ["How many of oak?", "oak: twelve, 6 long, alone"]

    @sqlite
    async def test_reactions_answer_the_last_question_only(self, database: Database) -> None:
        network = ChatNetwork()
        async with running(database, REGISTRY, network) as bot:
            network.write(ANNA, CHAT, "/plant")
            await network.settled(bot)
            for person, emoji in ((BEN, "🌳"), (ANNA, "2️⃣"), (ANNA, "🌳")):
                network.choose(person, CHAT, emoji, about="$sent-1", language="en")
                await network.settled(bot)
            network.write(ANNA, CHAT, "4")
            await network.settled(bot)
        stale = "This choice is no longer open. Please ask again."
        assert network.texts == ["Which tree?", stale, "How many of elm?", stale, "4 of elm"]

    @sqlite
    async def test_a_person_is_in_it_in_one_chat_and_others_are_not(self, database: Database) -> None:
        network = ChatNetwork()
        async with running(database, REGISTRY, network) as bot:
            network.write(ANNA, ROOM, "/plant")
            await network.settled(bot)
            network.write(BEN, ROOM, "1")
            network.write(BEN, ROOM, "eins", mentioned=True)
            network.write(ANNA, CHAT, "eins")
            network.write(ANNA, ROOM, "Wer kommt mit?")
            await network.settled(bot)
            network.write(ANNA, ROOM, "1")
            await network.settled(bot)
        assert network.texts[0] == "Which tree?"
        assert sorted(network.texts[1:3]) == ["Echo: eins", "Echo: eins"]
        assert network.texts[3:] == ["How many of oak?"]


class TestLeaving:
    async def test_a_restart_in_the_middle_loses_nothing(self, database: Database) -> None:
        assert await written(database, ["/plant", "1"]) == ["Which tree?", "How many of oak?"]
        assert await written(database, ["7"]) == ["7 of oak"]

    async def test_any_other_command_leaves_it_with_the_draft_kept(self, database: Database) -> None:
        said = await written(database, ["/plant", "1", "/help", "danach", "/plant", "5"])
        assert said[2] == "help"
        assert said[3].startswith("What you had entered is put aside.")
        assert said[4] == "Echo: danach"
        assert said[5].startswith("Let us go on where you left.")
        assert said[5].endswith("How many of oak?")
        assert said[6] == "5 of oak"

    @pytest.mark.parametrize("word", ["/abbrechen", "/cancel"])
    async def test_cancelling_drops_the_draft(self, word: str, database: Database) -> None:
        said = await written(database, ["/plant", "1", word, "danach", word, "/plant"])
        assert said[2] == "Cancelled. What you had entered was not kept."
        assert said[3:] == ["Echo: danach", "There is nothing to cancel.", "Which tree?"]

    @sqlite
    async def test_a_draft_that_was_left_can_be_dropped(self, database: Database) -> None:
        said = await written(database, ["/plant", "1", "/help", "/abbrechen", "/plant"])
        assert said[-2:] == ["Cancelled. What you had entered was not kept.", "Which tree?"]


class TestChoices:
    @sqlite
    async def test_a_number_means_the_choices_of_the_last_message_or_the_one_replied_to(
        self, database: Database
    ) -> None:
        network = ChatNetwork()
        async with running(database, REGISTRY, network) as bot:
            for text in ("1", "/offer", "2", "3"):
                network.write(ANNA, CHAT, text)
                await network.settled(bot)
            network.write(ANNA, ROOM, "/offer")
            await network.settled(bot)
            network.write(ANNA, ROOM, "2")
            network.write(ANNA, ROOM, "1", reply_to="$sent-5", reply_to_bot=True)
            await network.settled(bot)
        no_question = nothing_said().plain
        assert network.texts == [no_question, "offer", "chosen 2", no_question, "offer", "chosen 1"]

    @sqlite
    async def test_reactions_that_were_offered_count_and_can_be_taken_back(self, database: Database) -> None:
        network = ChatNetwork()
        async with running(database, REGISTRY, network) as bot:
            network.write(ANNA, ROOM, "/offer")
            await network.settled(bot)
            for emoji in ("🌲", "❤️", "1️⃣"):
                network.choose(BEN, ROOM, emoji, about="$sent-1")
                await network.settled(bot)
            network.write(BEN, ROOM, "", kind=EventKind.CHOICE_UNDONE, choice="🌲", about="$sent-1")
            await network.settled(bot)
        assert network.texts == ["offer", "chosen 2", "chosen 1", "undone 2"]

    @sqlite
    async def test_old_and_forged_buttons_get_a_decent_answer(self, database: Database) -> None:
        network = ChatNetwork(features=replace(ONLY_REACTIONS, buttons=True))
        async with running(database, REGISTRY, network) as bot:
            network.write(ANNA, ROOM, "/offer")
            await network.settled(bot)
            for key, about in (("x:1", "$sent-1"), ("x:9", "$sent-1"), ("x:1", "$long-ago")):
                network.choose(BEN, ROOM, key, about=about, language="en")
                await network.settled(bot)
        assert network.texts[:2] == ["offer", "chosen 1"]
        assert [text[:26] for text in network.texts[2:]] == ["This choice is no longer o"] * 2
