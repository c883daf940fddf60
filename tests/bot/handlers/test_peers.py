"""``/kollegen`` in direct chats and groups, at home and in a foreign house."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.core.messages import EventKind
from bot.handlers.peers import ASK, TOPIC_BYTES, ask_key, read_ask_key
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.settings import load_settings
from knowledge.models.chat import Network
from knowledge.models.document import Visibility
from knowledge.models.topic import TopicKind
from knowledge.peers.likeness import NOTHING
from knowledge.peers.schemas import PeerPerson
from knowledge.topics.tree import TopicEntry
from tests.bot.handlers.contributing_world import ANNA, BEN, FORUM, ROOM, TINA, TOM, ZOE, direct
from tests.bot.handlers.peers_world import Peers, peers_of, shown_abroad

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest_asyncio.fixture
async def peers(database: Database) -> AsyncIterator[Peers]:
    async with peers_of(database) as opened:
        yield opened


class TestDirect:
    async def test_organisations_and_people_with_the_reason(self, peers: Peers) -> None:
        await peers.join(ANNA)
        await peers.join(BEN, "Birkenau", "Ben Birke")
        await peers.offer(BEN)
        await peers.publish("Birkenau", "Die E-Akte im kleinen Rathaus", "E-Akte")

        said = await peers.desk.write(ANNA, "/kollegen E-Akten")

        assert "Birkenau (other body): 1 experience on “E-Akte”, same state" in said
        assert "Die E-Akte im kleinen Rathaus" in said
        assert "1. somebody of Birkenau: can help with “E-Akte”, same state" in said
        assert "Ben Birke" not in said
        assert peers.desk.offering("Ask 1 for contact", direct(ANNA))

    async def test_nothing_is_said_as_it_is_and_the_network_offered(self, peers: Peers) -> None:
        await peers.join(ANNA)
        said = await peers.desk.write(ANNA, "/peers Raumfahrt")
        assert "Nobody has told of “Raumfahrt” here yet" in said
        assert "!asknetwork" in said
        assert "Nobody like you takes part yet" in await peers.desk.write(ANNA, "/peers")

    async def test_without_words_those_like_ours(self, peers: Peers) -> None:
        await peers.join(ANNA)
        await peers.publish("Birkenau", "Die E-Akte im kleinen Rathaus")
        assert "Birkenau (other body): 1 experience, same state" in await peers.desk.write(ANNA, "/peers")

    async def test_is_for_members(self, peers: Peers) -> None:
        await peers.publish("Birkenau", "Öffentliches", "E-Akte", visibility=Visibility.PUBLIC)
        said = await peers.desk.write(ZOE, "/kollegen E-Akte")
        assert "The network answers members" in said
        assert "Birkenau" not in said

    async def test_a_flood_of_words_is_refused(self, peers: Peers) -> None:
        await peers.join(ANNA)
        assert "please shorten it" in await peers.desk.write(ANNA, "/kollegen " + "Wort " * 5000)


class TestGroups:
    async def test_organisations_there_and_people_alone(self, peers: Peers) -> None:
        await peers.join(ANNA)
        await peers.join(BEN, "Birkenau")
        await peers.offer(BEN)
        await peers.publish("Birkenau", "Öffentliches", "E-Akte", visibility=Visibility.PUBLIC)
        await peers.publish("Birkenau", "Für das Netzwerk", "E-Akte")

        await peers.desk.write(ANNA, "/kollegen E-Akte", ROOM)

        matrix = peers.desk.networks[Network.MATRIX]
        group, alone = "\n".join(matrix.texts_in(ROOM)), peers.desk.said(ANNA)[-1]
        assert "Öffentliches" in group
        assert "Für das Netzwerk" not in group
        assert "somebody" not in group
        assert "somebody of Birkenau: can help with “E-Akte”" in alone

    async def test_on_telegram_no_people_at_all(self, peers: Peers) -> None:
        await peers.join(TINA)
        await peers.join(TOM, "Birkenau")
        await peers.offer(TOM)
        await peers.publish("Birkenau", "Öffentliches", "E-Akte", visibility=Visibility.PUBLIC)
        await peers.publish("Birkenau", "Für das Netzwerk", "E-Akte")

        said = ""
        for place in (FORUM, None):
            said = await peers.desk.write(TINA, "/kollegen E-Akte", place, mentioned=True)
            assert "Öffentliches" in said
            assert "Für das Netzwerk" not in said
            assert "can help" not in said
        assert "Here I name only what is public" in said

    async def test_on_telegram_people_where_the_house_allows_it(self, database: Database) -> None:
        async with peers_of(database, shown_abroad(load_settings())) as peers:
            await peers.join(TINA)
            await peers.join(TOM, "Birkenau")
            await peers.offer(TOM)
            assert "somebody of Birkenau: can help with “E-Akte”" in await peers.desk.write(TINA, "/kollegen E-Akte")


class TestKeys:
    async def test_fit_and_come_back(self, database: Database) -> None:
        del database
        topic = TopicEntry(new_id(), "x", TopicKind.FIELD, None, "x", "x", retired=False)
        one = PeerPerson(new_id(), None, None, topic, (), NOTHING, 0.0, "")
        key = ask_key(one)

        assert len(key) <= 40
        assert read_ask_key(key.removeprefix(f"{ASK}:")) == (one.member_id, topic.id.bytes[:TOPIC_BYTES])

    async def test_nonsense_asks_nobody(self, peers: Peers) -> None:
        await peers.join(ANNA)
        await peers.join(BEN, "Birkenau")
        await peers.offer(BEN)
        await peers.desk.write(ANNA, "/kollegen E-Akte")
        about = peers.desk.event_of(peers.desk.offering("Ask 1", direct(ANNA)))
        for choice in ("", "x", "-" * 21, "ä" * 22, "AAAAAAAAAAAAAAAAAAAAAA!"):
            await peers.desk.happen(ANNA, kind=EventKind.CHOICE, choice=f"{ASK}:{choice}", about=about)
        assert await peers.requests() == []


class TestLikeOurs:
    async def test_no_answer_leads_to_colleagues_and_the_network(self, peers: Peers) -> None:
        await peers.join(ANNA)
        await peers.join(BEN, "Birkenau")
        await peers.offer(BEN)

        said = await peers.desk.write(ANNA, "Hat eine Kommune wie unsere schon die E-Akte eingeführt?")

        assert "No other organisation has told of that here yet" in said
        assert peers.desk.offering("Ask the network", direct(ANNA))
        assert "somebody of Birkenau: can help with “E-Akte”" in await peers.desk.press(ANNA, "Find colleagues")
        assert "What shall they have done?" in await peers.desk.write(
            ZOE, "Hat eine Kommune wie wir das schon gemacht?"
        )
