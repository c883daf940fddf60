"""The bot as a whole over a network inside the test."""

import pytest

from bot.core.registry import Registry
from knowledge.kit.database import Database
from tests.bot.core.world import ANNA, BEN, ROOM, ChatNetwork, direct, echo, running

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ECHO = Registry(question=echo())


class TestThinSlice:
    async def test_a_question_in_a_direct_chat_is_answered(self, database: Database) -> None:
        network = ChatNetwork()
        async with running(database, ECHO, network):
            network.write(ANNA, direct(ANNA), "Wie geht das?")
            assert await network.said(1) == ["Echo: Wie geht das?"]

    async def test_a_group_is_left_alone_until_it_speaks_to_the_bot(self, database: Database) -> None:
        network = ChatNetwork()
        async with running(database, ECHO, network):
            network.write(BEN, ROOM, "Mahlzeit!")
            network.write(ANNA, ROOM, "Wie geht das?", mentioned=True)
            assert await network.said(1) == ["Echo: Wie geht das?"]
