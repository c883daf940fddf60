"""The same stories through the whole bot: taken, handled, committed, sent."""

import pytest

from bot.core.messages import EventKind
from bot.core.running import Bot
from bot.handlers.registry import build_registry
from knowledge.kit.database import Database
from knowledge.models.member import Role
from tests.bot.core.world import ANNA, BEN, ROOM, ROOM_2, ChatNetwork, direct, services_for
from tests.bot.handlers.inviting import circle_code, found_lindenau, invite

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def whole_bot(database: Database, network: ChatNetwork) -> Bot:
    return Bot(services_for(database, [network]), [network.adapter()], build_registry())


class TestThroughTheWholeBot:
    async def test_from_a_stranger_to_a_vouched_group(self, database: Database) -> None:
        await found_lindenau(database)
        network = ChatNetwork()
        async with whole_bot(database, network) as bot:
            code = await invite(database, role=Role.MODERATOR, organisation="lindenau")
            network.write(ANNA, direct(ANNA), "/beitreten")
            await network.said(1)
            network.write(ANNA, direct(ANNA), code)
            await network.said(2)
            network.write(ANNA, direct(ANNA), "Anna Weber")
            assert "Anna Weber" in (await network.said(3))[-1]

            network.write(ANNA, ROOM, f"/verbinden {await circle_code(database)}")
            assert "Klima" in (await network.said(4))[-1]
            network.write(ANNA, ROOM, "/arbeitskreis")
            await network.said(5)
            await bot.settle()  # noted what can be chosen below it
            network.choose(BEN, ROOM, "🤝", network.events[4][0])
            await network.said(6)
            network.choose(ANNA, ROOM, "🤝", network.events[4][0])
            await network.said(7)
            network.write(BEN, ROOM, "/arbeitskreis")
            assert network.texts[5] != network.texts[6]
            assert "Klima" in (await network.said(8))[-1]

    async def test_coming_joining_moving_going(self, database: Database) -> None:
        network = ChatNetwork()
        async with whole_bot(database, network):
            network.write(ANNA, ROOM, "", kind=EventKind.BOT_ADDED)
            await network.said(1)
            network.write(BEN, ROOM, "", kind=EventKind.JOINED)
            await network.said(2)
            network.write(ANNA, ROOM, "", kind=EventKind.MOVED, moved_to=ROOM_2.chat)
            network.write(ANNA, ROOM_2, "", kind=EventKind.BOT_ADDED)
            network.write(ANNA, ROOM_2, "/pause")
            await network.said(3)
            network.write(ANNA, ROOM_2, "", kind=EventKind.BOT_REMOVED)
            network.write(ANNA, direct(ANNA), "/start")
            await network.said(4)

        assert [message.place.chat for message in network.sent] == [
            ROOM.chat,
            direct(BEN).chat,
            ROOM_2.chat,
            direct(ANNA).chat,
        ]
