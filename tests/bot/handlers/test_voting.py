"""Saying whether an answer helped: by reactions and by buttons, without the person being kept."""

from knowledge.models.chat import ChatIdentity
from knowledge.models.conversation import Exchange, Vote
from tests.bot.handlers.asking_world import ANNA, BEN, FORUM, ROOM, TINA, TOM, World, labels, plain, rows

LED = "Wieviel Strom spart man mit LED-Straßenlampen?"


async def votes(world: World) -> list[bool]:
    return sorted(vote.helpful for vote in await rows(world, Vote))


class TestReactions:
    async def test_they_are_counted_without_a_word(self, world: World) -> None:
        answer = await world.ask(ANNA, f"!frage {LED}", ROOM)
        assert await world.choose(ANNA, answer, "Helped") == []
        assert await world.choose(BEN, answer, "Did not help") == []
        assert await votes(world) == [False, True]

    async def test_one_person_has_one_vote_and_may_change_their_mind(self, world: World) -> None:
        answer = await world.ask(ANNA, f"!frage {LED}", ROOM)
        await world.choose(ANNA, answer, "Helped")
        await world.choose(ANNA, answer, "Did not help")
        assert await votes(world) == [False]

    async def test_taking_the_reaction_back_takes_the_vote_back(self, world: World) -> None:
        answer = await world.ask(ANNA, f"!frage {LED}", ROOM)
        await world.choose(ANNA, answer, "Helped")
        await world.choose(ANNA, answer, "Helped", undo=True)
        assert await votes(world) == []

    async def test_the_older_of_two_reactions_is_taken_back_after_the_newer_came(self, world: World) -> None:
        answer = await world.ask(ANNA, f"!frage {LED}", ROOM)
        await world.choose(ANNA, answer, "Helped")
        await world.choose(ANNA, answer, "Did not help")
        await world.choose(ANNA, answer, "Helped", undo=True)
        assert await votes(world) == [False]


class TestButtons:
    async def test_they_show_how_many_in_a_group(self, world: World) -> None:
        answer = await world.ask(TINA, f"/frage {LED}", FORUM)
        await world.choose(TINA, answer, "Helped")
        [changed] = await world.choose(TOM, answer, "Helped")
        assert changed.text is None
        assert labels(changed)[:2] == ["Helped (2)", "Did not help"]
        assert "Only for me" in labels(changed)

    async def test_pressed_once_more_takes_back(self, world: World) -> None:
        answer = await world.ask(TINA, LED)
        [chosen] = await world.choose(TINA, answer, "Helped")
        [undone] = await world.choose(TINA, answer, "Helped")
        assert (labels(chosen)[0], labels(undone)[0]) == ("Helped ✓", "Helped")
        assert await votes(world) == []


class TestAfterANo:
    async def test_a_direct_chat_is_offered_more(self, world: World) -> None:
        answer = await world.ask(ANNA, LED)
        [said] = await world.choose(ANNA, answer, "Did not help")
        assert "try other words" in plain(said)
        assert labels(said) == ["Tell me later", "Ask the network"]


class TestPrivacy:
    async def test_a_vote_names_nobody(self, world: World) -> None:
        answer = await world.ask(ANNA, f"!frage {LED}", ROOM)
        await world.choose(BEN, answer, "Helped")
        [vote] = await rows(world, Vote)
        [exchange] = await rows(world, Exchange)
        people = {person.id.hex for person in await rows(world, ChatIdentity)}
        assert vote.voter not in people
        assert vote.voter != exchange.vote_salt
        assert len(people) == 2
