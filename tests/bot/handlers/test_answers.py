"""More of an answer, an answer in private, sharing it, taking it away."""

from pathlib import Path

from knowledge.models.answer import Question
from knowledge.models.conversation import Exchange
from tests.bot.handlers.asking_world import (
    ANNA,
    BEN,
    FORUM,
    ROOM,
    TINA,
    TOM,
    World,
    choice_of,
    direct,
    labels,
    make_member,
    plain,
    publish,
    rows,
    withdraw,
)

LED = "Wieviel Strom spart man mit LED-Straßenlampen?"
# Only members of the network may find this.
INTERNAL = """# LED-Straßenlampen in Kranichwerder

Mit LED-Straßenlampen spart man in Kranichwerder 82 Prozent Strom.
"""


class TestMore:
    async def test_longer_quotations_and_further_ones_come_once(self, world: World) -> None:
        answer = await world.ask(ANNA, LED)
        [more] = await world.choose(ANNA, answer, "More")
        assert "kam eine vernetzte Steuerung dazu" in plain(more)
        assert "kam eine vernetzte Steuerung dazu" not in plain(answer)
        assert await world.choose(ANNA, answer, "More") == []

    async def test_where_there_are_buttons_the_choice_goes(self, world: World) -> None:
        answer = await world.ask(TINA, LED)
        more, changed = await world.choose(TINA, answer, "More")
        assert (changed.text, changed.edits) == (None, (world.event_of(answer),))
        assert labels(changed) == ["Helped", "Did not help", "Delete"]
        assert plain(more)

    async def test_what_was_withdrawn_since_is_not_shown(self, world: World) -> None:
        answer = await world.ask(ANNA, LED)
        await withdraw(world, "erfahrungen/strassenbeleuchtung-led.md")
        [more] = await world.choose(ANNA, answer, "More")
        assert "vernetzte Steuerung" not in plain(more)


class TestOnlyForMe:
    async def test_a_member_reads_more_than_the_group_and_shares_what_it_may_see(
        self, world: World, tmp_path: Path
    ) -> None:
        await publish(world, tmp_path / "more", "led.md", INTERNAL, visibility="network")
        await world.ask(BEN, LED)
        await make_member(world, BEN)
        answer = await world.ask(ANNA, f"!frage {LED}", ROOM)
        [private] = await world.choose(BEN, answer, "Only for me")
        said = await world.choose(BEN, private, "Share")
        [shared] = [message for message in said if message.place.chat == ROOM.chat]
        assert private.place.chat == direct(BEN).chat
        assert ["82 Prozent" in plain(message) for message in (answer, private, shared)] == [False, True, False]
        assert "Shared by somebody" in plain(shared)

    async def test_a_link_brings_it_where_the_bot_cannot_write_first(self, world: World) -> None:
        answer = await world.ask(TINA, f"/frage {LED}", FORUM)
        address = choice_of(answer, "Only for me").address or ""
        private = await world.ask(TOM, f"/start {address.partition('start=')[2]}")
        assert "71 Prozent" in plain(private)
        assert private.place == direct(TOM)

    async def test_a_guessed_word_brings_nothing(self, world: World) -> None:
        answer = await world.ask(TINA, f"/frage {LED}", FORUM)
        word = (choice_of(answer, "Only for me").address or "").partition("start=")[2]
        guessed = word[:-2] + ("AA" if word[-2:] != "AA" else "BA")
        assert "71 Prozent" not in plain(await world.ask(TOM, f"/start {guessed}"))


class TestSharing:
    async def test_it_goes_back_to_where_it_was_asked_once(self, world: World) -> None:
        asked, [answer] = await world.happened(TINA, FORUM, f"/frage {LED}")
        address = choice_of(answer, "Only for me").address or ""
        private = await world.ask(TOM, f"/start {address.partition('start=')[2]}")
        said = await world.choose(TOM, private, "Share")
        [shared] = [message for message in said if message.place == FORUM]
        assert shared.reply_to == asked.event
        assert "71 Prozent" in plain(shared)
        assert "shared already" in plain(await world.choose(TOM, private, "Share"))


class TestDeleting:
    async def test_the_asker_takes_it_away_with_what_is_stored(self, world: World) -> None:
        answer = await world.ask(TINA, f"/frage {LED}", FORUM)
        [removed] = await world.choose(TINA, answer, "Delete")
        assert removed.deletes == (world.event_of(answer),)
        assert await rows(world, Question) == await rows(world, Exchange) == []

    async def test_nobody_else_can(self, world: World) -> None:
        answer = await world.ask(TINA, f"/frage {LED}", FORUM)
        assert await world.choose(TOM, answer, "Delete") == []
        assert len(await rows(world, Exchange)) == 1
