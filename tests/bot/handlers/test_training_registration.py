"""Registering with a tap, what is asked, the waiting list, and cancelling."""

import pytest

from bot.core.messages import EventKind, Person
from knowledge.kit.database import Database
from knowledge.kit.settings import load_settings
from knowledge.models.document import Visibility
from knowledge.models.training import Registration, RegistrationState
from tests.bot.handlers.contributing_world import ANNA, BEN, FORUM, ROOM, TINA, Desk, desk_of, direct, plain
from tests.bot.handlers.peers_world import shown_abroad
from tests.bot.handlers.training_world import (
    PLACE,
    QUESTIONS,
    TITLE,
    open_training,
    publish,
    publisher,
    register,
    registration,
)

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def look(desk: Desk, person: Person = ANNA) -> None:
    """Let somebody look at the only training."""
    await desk.write(person, "/schulungen")
    await desk.press(person, "1. ")


class TestRegistering:
    async def test_one_tap_and_it_says_what_is_kept(self, desk: Desk) -> None:
        await open_training(desk)
        await desk.make_member(ANNA)
        await look(desk)
        said = await desk.press(ANNA, "Register for it")
        assert f"You are registered: {TITLE}" in said
        assert PLACE in said
        assert "30 days after the training they are deleted" in said
        assert "You are registered" in await desk.press(ANNA, "Register for it")
        assert (await registration(desk)).state is RegistrationState.REGISTERED  # one, pressed twice
        before = desk.said(ANNA)
        await desk.tell()
        assert desk.said(ANNA) == before  # nobody is told again what they read just now

    async def test_others_are_told_how_to_join(self, desk: Desk) -> None:
        await open_training(desk)
        await look(desk, BEN)
        assert "belong to the network: !join" in await desk.press(BEN, "Register for it")
        assert await desk.rows(Registration) == []

    async def test_from_a_group_it_goes_on_alone(self, desk: Desk) -> None:
        await open_training(desk)
        await desk.make_member(ANNA)
        await desk.write(ANNA, "/schulungen", ROOM)
        await desk.press(ANNA, "1. ", ROOM)
        await desk.press(ANNA, "Register for it", ROOM)
        assert TITLE in desk.said(ANNA)[-1]
        assert "You are registered" in await desk.press(ANNA, "Register for it")

    async def test_from_a_group_on_telegram_by_a_link(self, desk: Desk) -> None:
        entry = await open_training(desk)
        await desk.make_member(TINA)
        await desk.write(TINA, "/schulungen", FORUM)
        await desk.press(TINA, "1. ", FORUM)
        await desk.press(TINA, "Register for it", FORUM)
        link = desk.offering("To our chat", FORUM).choices[0].address
        assert link is not None
        said = await desk.write(TINA, f"/start {link.partition('start=')[2]}")
        assert entry.title in said
        said = await desk.press(TINA, "Register for it")
        assert "You are registered" in said
        assert PLACE in said  # it is public


class TestAbroad:
    async def test_the_place_is_not_written_unless_it_is_public(self, database: Database) -> None:
        async with desk_of(database, shown_abroad(load_settings())) as desk:
            entry = await publish(desk, await publisher(desk), visibility=Visibility.NETWORK)
            await register(desk, entry, await desk.make_member(TINA))
            await desk.write(TINA, "/schulungen")
            said = await desk.press(TINA, "1. ")
            assert "Place and link may not be written on Telegram" in said
            assert PLACE not in said


class TestQuestions:
    async def test_they_are_asked_one_after_the_other(self, desk: Desk) -> None:
        await open_training(desk, questions=QUESTIONS)
        await desk.make_member(ANNA)
        await look(desk)
        assert "Question 1 of 2" in await desk.press(ANNA, "Register for it")
        said = await desk.write(ANNA, "–")
        assert "Wie viele kommen mit?" in said
        said = await desk.write(ANNA, "1")  # the number of no choice
        assert "Shall I register you?" in said
        assert "Wie viele kommen mit? 1" in said
        assert await desk.rows(Registration) == []
        assert "You are registered" in await desk.press(ANNA, "Register for it")
        assert list((await registration(desk)).answers.values()) == ["1"]

    async def test_what_is_needed_cannot_be_skipped_and_stopping_registers_nobody(self, desk: Desk) -> None:
        await open_training(desk, questions=QUESTIONS[1:])
        await desk.make_member(ANNA)
        await look(desk)
        said = await desk.press(ANNA, "Register for it")
        assert "Question 1 of 1" in said
        assert "needs an answer" in await desk.write(ANNA, "–")
        assert "at most 1000 characters" in await desk.write(ANNA, "ja " * 400)
        await desk.write(ANNA, "ja")
        assert "You are not registered" in await desk.press(ANNA, "Cancel")
        assert await desk.rows(Registration) == []


class TestWaiting:
    async def test_it_says_the_number_and_the_place_comes_by_itself(self, desk: Desk) -> None:
        entry = await open_training(desk, capacity=1)
        await desk.make_member(ANNA)
        first = await register(desk, entry, await desk.make_member(BEN))
        await look(desk)
        said = await desk.press(ANNA, "Onto the waiting list")
        assert "waiting list for “KI im Bürgerbüro”, at number 1" in said
        assert "24 hours" in said
        assert "you are number 1 on the waiting list" in await desk.write(ANNA, "/schulungen")

        await desk.write(BEN, "/schulungen meine")
        await desk.press(BEN, "1. ")
        await desk.press(BEN, "Cancel my registration")
        await desk.press(BEN, "Yes, cancel it")
        await desk.tell()
        assert "A place has become free for you" in desk.said(ANNA)[-1]
        said = await desk.press(ANNA, "I take the place")
        assert "You are registered" in said
        assert PLACE in said
        states = {row.id: row.state for row in await desk.rows(Registration)}
        assert states.pop(first) is RegistrationState.CANCELLED
        assert list(states.values()) == [RegistrationState.REGISTERED]

    async def test_a_declined_place_goes_on(self, desk: Desk) -> None:
        entry = await open_training(desk, capacity=1)
        await desk.make_member(ANNA)
        ben = await desk.make_member(BEN)
        await register(desk, entry, ben)
        await look(desk)
        await desk.press(ANNA, "Onto the waiting list")
        await desk.write(BEN, "/schulungen")
        await desk.press(BEN, "1. ")
        await desk.press(BEN, "Cancel my registration")
        await desk.press(BEN, "Yes, cancel it")
        await desk.tell()
        assert "goes to the next one" in await desk.press(ANNA, "Not this time")
        assert "was not kept" not in await desk.write(ANNA, "/schulungen")
        assert "kept for you any more" in await desk.press(ANNA, "I take the place")


class TestCancelling:
    async def test_it_asks_once(self, desk: Desk) -> None:
        entry = await open_training(desk)
        await register(desk, entry, await desk.make_member(ANNA))
        await look(desk)
        assert "Shall I cancel your registration?" in await desk.press(ANNA, "Cancel my registration")
        assert "Everything stays as it is" in await desk.press(ANNA, "Leave it as it is")
        assert (await registration(desk)).state is RegistrationState.REGISTERED
        await desk.press(ANNA, "Cancel my registration")
        assert "Cancelled. Thank you" in await desk.press(ANNA, "Yes, cancel it")
        assert (await registration(desk)).state is RegistrationState.CANCELLED

    async def test_nobody_cancels_for_another(self, desk: Desk) -> None:
        entry = await open_training(desk)
        await register(desk, entry, await desk.make_member(ANNA))
        await look(desk)
        await desk.press(ANNA, "Cancel my registration")
        await desk.make_member(BEN)
        about = desk.event_of(desk.offering("Yes, cancel it", direct(ANNA)))
        said = plain(await desk.happen(BEN, kind=EventKind.CHOICE, choice="✖️", about=about))
        assert "not registered" in said
        assert (await registration(desk)).state is RegistrationState.REGISTERED
