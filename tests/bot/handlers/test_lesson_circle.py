"""A circle takes a path together: who decides, when the lessons come, and where one learns them."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from bot.core.messages import Outgoing
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.lessons.circles import post_lessons
from knowledge.models.lesson import CirclePath, CirclePathState, Lesson, LessonPath, LessonRun, LessonState
from knowledge.models.member import Role
from tests.bot.handlers.contributing_world import ANNA, BEN, FORUM, ROOM, TINA, Desk
from tests.bot.handlers.digest_world import add_circle
from tests.bot.handlers.lesson_world import teach

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
WEEK = timedelta(days=7)


async def began(desk: Desk, visibility: str = "public") -> None:
    """Let a moderator begin the path for their circle."""
    await teach(desk, visibility)
    await add_circle(desk, ROOM, ANNA)
    await desk.make_member(ANNA, role=Role.MODERATOR)
    await desk.write(ANNA, "/path", ROOM)
    for label in ("1: Trees for all", "Wednesday", "10 o’clock"):
        await desk.press(ANNA, label, ROOM)


async def next_at(desk: Desk) -> datetime:
    """Return when the next lesson is due."""
    [moment] = [datetime.fromisoformat(str(row.next_at)) for row in await desk.rows(CirclePath)]
    return moment


async def bring(desk: Desk, moment: datetime) -> list[Outgoing]:
    """Let it become some moment, and return what came into the groups."""
    before = {network: len(desk.networks[network].sent) for network in desk.networks}
    await post_lessons(desk.database, moment)
    await desk.tell()
    return [message for network, known in desk.networks.items() for message in known.sent[before[network] :]]


class TestBeginning:
    async def test_a_moderator_chooses_path_day_and_hour(self, desk: Desk) -> None:
        await began(desk)
        [row] = await desk.rows(CirclePath)
        assert (row.day, row.hour, row.state) == (2, 10, CirclePathState.RUNNING)
        said = desk.networks[ROOM.network].texts_in(ROOM)[-1]
        assert "This circle takes the learning path “Trees for all” together." in said
        assert "each Wednesday at 10 o’clock" in said

    async def test_others_see_it_and_decide_nothing(self, desk: Desk) -> None:
        await began(desk)
        [shown] = await desk.happen(BEN, ROOM, "/lernpfad")
        assert "0 of 2 lessons so far" in str(shown.text)
        assert shown.choices == ()
        await desk.write(ANNA, "/path", ROOM)
        assert "Only moderators decide this." in await desk.press(BEN, "Pause", ROOM)
        assert "Only moderators decide this." in await desk.write(BEN, "/path off", ROOM)
        [row] = await desk.rows(CirclePath)
        assert row.state is CirclePathState.RUNNING

    async def test_a_group_without_a_circle_and_one_without_a_path(self, desk: Desk) -> None:
        assert "not linked to a circle" in await desk.write(ANNA, "/path", ROOM)
        await add_circle(desk, ROOM, ANNA)
        assert "takes no learning path" in await desk.write(ANNA, "/path", ROOM)
        await desk.make_member(ANNA, role=Role.MODERATOR)
        assert "no learning path that this group could take" in await desk.write(ANNA, "/path", ROOM)

    async def test_another_time_a_pause_and_the_end(self, desk: Desk) -> None:
        await began(desk)
        await bring(desk, await next_at(desk))
        assert "each Thursday at 14 o’clock" in await desk.write(ANNA, "/path Thursday 14", ROOM)
        assert "day of the week" in await desk.write(ANNA, "/path someday", ROOM)
        await desk.write(ANNA, "/path", ROOM)
        assert "It pauses at the moment." in await desk.press(ANNA, "Pause", ROOM)
        assert "each Thursday" in await desk.press(ANNA, "Go on", ROOM)
        assert "Shall “Trees for all” end here?" in await desk.press(ANNA, "End it", ROOM)
        assert "has ended" in await desk.press(ANNA, "Yes, end it", ROOM)
        assert await desk.rows(CirclePath) == []
        assert "takes this learning path no longer" in await desk.press(BEN, "Learn it in our chat", ROOM)

    async def test_a_path_that_the_group_may_find_no_longer_is_not_named(self, desk: Desk) -> None:
        await began(desk)
        async with unit_of_work(desk.database) as unit:
            await unit.session.execute(update(LessonPath).values(access="house:0"))
        said = [await desk.write(ANNA, "/path", ROOM)]
        said += [await desk.press(ANNA, label, ROOM) for label in ("Pause", "Go on", "End it")]
        assert "may not be shown here at the moment" in said[0]
        assert "Shall the learning path end here?" in said[-1]
        assert not any("Trees" in one for one in said)


class TestComing:
    async def test_one_lesson_a_week_then_the_end(self, desk: Desk) -> None:
        await began(desk)
        first = await next_at(desk)
        [message] = await bring(desk, first)
        assert message.place.chat == ROOM.chat
        assert message.text is not None
        said = message.text.plain
        assert said.startswith("The lesson of the week: Watering trees\n\nWhat Watering trees is about.")
        assert "Trees for all: lesson 1 of 2 · 2 minutes" in said
        assert "talk about it in the thread" in said
        assert await bring(desk, first + timedelta(minutes=5)) == []
        [second] = await bring(desk, first + WEEK)
        assert "lesson 2 of 2" in str(second.text)
        [end] = await bring(desk, first + 2 * WEEK)
        assert "All lessons of the learning path “Trees for all” have come" in str(end.text)
        assert "!certificates" in str(end.text)

    async def test_learning_it_begins_alone_as_a_part_of_the_path(self, desk: Desk) -> None:
        await began(desk)
        await bring(desk, await next_at(desk))
        said = await desk.press(BEN, "Learn it in our chat", ROOM)
        assert said.startswith("Watering trees")
        assert desk.said(BEN)[-1] == said
        [run] = await desk.rows(LessonRun)
        [path] = await desk.rows(CirclePath)
        assert run.path_id == path.path_id

    async def test_who_may_not_find_it_is_told_so_alone(self, desk: Desk) -> None:
        await began(desk, "network")
        await bring(desk, await next_at(desk))
        said = await desk.press(BEN, "Learn it in our chat", ROOM)
        assert "not open to you" in said
        assert "!join" in said
        assert desk.said(BEN)[-1] == said

    async def test_on_telegram_a_link_leads_there(self, desk: Desk) -> None:
        await teach(desk)
        await add_circle(desk, FORUM, TINA)
        await desk.make_member(TINA, role=Role.MODERATOR)
        await desk.write(TINA, "/path", FORUM)
        for label in ("1: Trees", "Monday", "8"):
            await desk.press(TINA, label, FORUM)
        [message] = await bring(desk, await next_at(desk))
        [choice] = message.choices
        assert choice.address is not None
        word = choice.address.removeprefix("https://chat.example/bot?start=")
        assert len(word) <= 64
        assert (await desk.write(TINA, f"/start {word}")).startswith("Watering trees")

    async def test_what_was_withdrawn_meanwhile_is_not_told(self, desk: Desk) -> None:
        await began(desk)
        await post_lessons(desk.database, await next_at(desk))
        async with unit_of_work(desk.database) as unit:
            await unit.session.execute(update(Lesson).values(state=LessonState.WITHDRAWN))
        before = len(desk.networks[ROOM.network].sent)
        await desk.tell()
        assert len(desk.networks[ROOM.network].sent) == before
