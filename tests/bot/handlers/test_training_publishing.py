"""``/schulung``: a publisher enters a training by chat, sees who comes, publishes and cancels."""

from datetime import UTC, datetime

import pytest

from knowledge.models.document import Visibility
from knowledge.models.training import Training, TrainingDate, TrainingState
from tests.bot.handlers.contributing_world import ANNA, ROOM, ZOE, Desk
from tests.bot.handlers.training_world import TITLE, morning, open_training, publisher, register

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def in_words() -> str:
    """Return a morning as somebody writes it."""
    return f"{morning().starts_at:%d.%m.%Y} 9–12 Uhr"


async def enter(desk: Desk, *, dates: str) -> str:
    """Let Zoe enter a training up to the last look, and return that."""
    await publisher(desk)
    await desk.write(ZOE, "/schulung neu")
    await desk.write(ZOE, TITLE)
    await desk.write(ZOE, "Anfragen stellen, ohne Personendaten preiszugeben.")
    await desk.write(ZOE, dates)
    return await finish(desk)


async def finish(desk: Desk) -> str:
    """Answer all that comes after the dates."""
    await desk.write(ZOE, "Rathaus, Saal 3")
    await desk.write(ZOE, "Lindenau")
    await desk.write(ZOE, "2")
    await desk.press(ZOE, "Until it begins")
    return await desk.press(ZOE, "Everybody")


class TestEntering:
    async def test_the_essentials_and_then_it_is_published(self, desk: Desk) -> None:
        said = await enter(desk, dates=in_words())
        for part in (TITLE, "from 9:00 to 12:00", "Rathaus, Saal 3, Lindenau", "Places: 2", "found by: everybody"):
            assert part in said
        assert "Published." in await desk.press(ZOE, "Publish it")
        [row] = await desk.rows(Training)
        assert (row.state, row.visibility, row.capacity) == (TrainingState.PUBLISHED, Visibility.PUBLIC, 2)
        assert row.state_key == "12"  # that of the house
        assert TITLE in await desk.write(ANNA, "/schulungen")

    async def test_a_draft_is_for_the_house_alone_until_it_is_published(self, desk: Desk) -> None:
        await enter(desk, dates=in_words())
        assert "Kept as a draft" in await desk.press(ZOE, "Keep as a draft")
        assert TITLE not in await desk.write(ANNA, "/schulungen")
        await desk.write(ZOE, "/schulung")
        await desk.press(ZOE, "1. ")
        assert "Published." in await desk.press(ZOE, "Publish it")
        assert TITLE in await desk.write(ANNA, "/schulungen")

    async def test_one_answer_anew(self, desk: Desk) -> None:
        await enter(desk, dates=in_words())
        await desk.press(ZOE, "Change something")
        await desk.press(ZOE, "Places")
        said = await desk.write(ZOE, "alle")
        assert "Places: as many as want to" in said
        assert TITLE in said
        await desk.press(ZOE, "Change something")
        await desk.press(ZOE, "Place")
        await desk.press(ZOE, "Online")
        assert "https://treffen.example/a" in await desk.write(ZOE, "https://treffen.example/a")

    async def test_what_cannot_be_is_said_and_nothing_is_lost(self, desk: Desk) -> None:
        await publisher(desk)
        await desk.write(ZOE, "/schulung neu")
        await desk.write(ZOE, TITLE)
        await desk.press(ZOE, "Skip")
        for wrong, problem in (
            ("12.3.2020 9–12 Uhr", "lies in the past"),
            ("29.2.2027 9–12 Uhr", "no such day"),
            (f"{morning().starts_at:%d.%m.%Y} 12–9 Uhr", "ends before it begins"),
            ("28.3.2027 2:30–4 Uhr", "does not exist"),
            ("irgendwann", "I see no date"),
        ):
            assert problem in await desk.write(ZOE, wrong)
        assert "Where does it take place?" in await desk.write(ZOE, in_words())
        await desk.press(ZOE, "Cancel")
        assert await desk.rows(Training) == []

    async def test_a_time_that_comes_twice_is_asked_about(self, desk: Desk) -> None:
        await publisher(desk)
        await desk.write(ZOE, "/schulung neu")
        await desk.write(ZOE, TITLE)
        await desk.press(ZOE, "Skip")
        assert "comes twice" in await desk.write(ZOE, "31.10.2027 2:30–4 Uhr")
        await desk.press(ZOE, "The second")
        assert "2:30 (winter time)" in await finish(desk)
        await desk.press(ZOE, "Publish it")
        [row] = await desk.rows(TrainingDate)
        assert row.starts_at == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


class TestRunning:
    async def test_the_list_says_how_many_come(self, desk: Desk) -> None:
        entry = await open_training(desk, capacity=1)
        await register(desk, entry, await desk.make_member(ANNA))
        said = await desk.write(ZOE, "/schulung")
        assert "1 registered · fully booked, waiting list" in said

    async def test_cancelling_wants_a_reason_and_a_second_yes(self, desk: Desk) -> None:
        entry = await open_training(desk)
        await register(desk, entry, await desk.make_member(ANNA))
        await desk.write(ANNA, "/help")
        await desk.write(ZOE, "/schulung")
        await desk.press(ZOE, "1. ")
        await desk.press(ZOE, "It does not take place")
        assert "1 person is told" in await desk.write(ZOE, "Die Referentin ist krank.")
        assert "is told now" in await desk.press(ZOE, "Yes, call it off")
        await desk.tell()
        assert "Die Referentin ist krank." in desk.said(ANNA)[-1]

    async def test_a_draft_can_be_deleted(self, desk: Desk) -> None:
        await enter(desk, dates=in_words())
        await desk.press(ZOE, "Keep as a draft")
        await desk.press(ZOE, "Show it")
        await desk.press(ZOE, "Delete the draft")
        assert "deleted" in await desk.press(ZOE, "Yes, delete it")
        assert await desk.rows(Training) == []

    async def test_for_all_others_it_is_the_list(self, desk: Desk) -> None:
        await open_training(desk)
        await desk.make_member(ANNA)
        for place in (None, ROOM):
            said = await desk.write(ANNA, "/schulung neu", place)
            assert "A new training" not in said
        assert TITLE in await desk.write(ANNA, "/schulung Bürgerbüro")
