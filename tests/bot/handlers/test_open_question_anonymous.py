"""Somebody asks anonymously and reads along in a group that the question comes to: nobody else learns whose it is."""

import pytest

from bot.core.messages import Outgoing
from tests.bot.handlers.contributing_world import ANNA, ROOM, ZOE, Desk, plain
from tests.bot.handlers.open_question_world import make_circle, release

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def in_room(desk: Desk) -> list[Outgoing]:
    """Return what was said in the group."""
    return [message for message in desk.networks[ROOM.network].sent if message.place.chat == ROOM.chat]


class TestPressingBelowOnesOwn:
    @pytest.mark.parametrize("label", ["Answer", "We have this, too"])
    async def test_is_not_told_to_the_group(self, desk: Desk, label: str) -> None:
        await desk.make_member(ANNA)
        await make_circle(desk, ROOM, ZOE)
        await release(desk, ANNA, whom="Anonymous")
        before = len(in_room(desk))
        await desk.press(ANNA, label, ROOM)
        assert "your own" not in plain(in_room(desk)[before:])
        assert "your own" in desk.said(ANNA)[-1]

    async def test_nor_by_replying(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await make_circle(desk, ROOM, ZOE)
        await release(desk, ANNA, whom="Anonymous")
        before, event = len(in_room(desk)), desk.event_of(desk.offering("Answer", ROOM))
        await desk.write(ANNA, "Das wüsste ich auch gern.", ROOM, reply_to=event, reply_to_bot=True)
        assert "your own" not in plain(in_room(desk)[before:])

    async def test_nor_by_what_is_offered_below(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await desk.make_member(ZOE)
        await make_circle(desk, ROOM, ZOE)
        await release(desk, ANNA, whom="Anonymous")
        offered = []
        for person in (ZOE, ANNA):
            await desk.write(person, "/questions", ROOM, mentioned=True)
            await desk.press(person, "1.", ROOM)
            offered.append([choice.label for choice in in_room(desk)[-1].choices])
        assert offered[0] == offered[1]
