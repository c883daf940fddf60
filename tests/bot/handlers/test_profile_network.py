"""What a member declares for colleagues elsewhere: topics, languages, found or not; each with one tap."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from knowledge.kit.database import Database
from knowledge.models.member import Findable, Member
from knowledge.models.topic import MemberTopic
from tests.bot.handlers.contributing_world import ANNA, BEN, ROOM
from tests.bot.handlers.peers_world import Peers, peers_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest_asyncio.fixture
async def peers(database: Database) -> AsyncIterator[Peers]:
    async with peers_of(database) as opened:
        yield opened


async def member(peers: Peers) -> Member:
    [row] = [row for row in await peers.desk.rows(Member) if row.organisation_id == peers.houses["Lindenau"]]
    assert isinstance(row, Member)
    return row


class TestFindable:
    async def test_is_off_until_said_and_says_what_it_means(self, peers: Peers) -> None:
        await peers.join(ANNA, name="Anna Ahorn")
        assert "Found by colleagues elsewhere: no" in await peers.desk.write(ANNA, "/profil")

        said = await peers.desk.press(ANNA, "Let me be found")

        assert "somebody of Lindenau" in said
        assert "never your name" in said
        assert "others may guess who that is" in said
        assert "named no topic" in said
        assert "Anna Ahorn" not in said
        assert (await member(peers)).findable is Findable.ON

    async def test_is_paused_and_off_with_one_tap_each(self, peers: Peers) -> None:
        await peers.join(ANNA)
        await peers.offer(ANNA)
        assert "Paused. Nobody finds you" in await peers.desk.press(ANNA, "Pause")
        assert (await member(peers)).findable is Findable.PAUSED
        assert "paused" in await peers.desk.write(ANNA, "/profile")
        await peers.desk.press(ANNA, "Let me be found")
        assert "Nobody finds you any more" in await peers.desk.press(ANNA, "Find me no more")

        assert (await member(peers)).findable is Findable.OFF
        assert len(await peers.desk.rows(MemberTopic)) == 1

    async def test_is_for_members_and_never_in_groups(self, peers: Peers) -> None:
        assert "I can help with" not in await peers.desk.write(BEN, "/profil")
        await peers.join(ANNA)
        assert "I can help with" not in await peers.desk.write(ANNA, "/profil", ROOM)
        assert "I can help with" in await peers.desk.write(ANNA, "/profil")


class TestTopics:
    async def test_are_typed_shown_with_what_is_above_and_taken_off(self, peers: Peers) -> None:
        await peers.join(ANNA)
        await peers.desk.write(ANNA, "/profil")
        await peers.desk.press(ANNA, "What I can help with")
        said = await peers.desk.write(ANNA, "e-akte, Klima")
        assert "1. Digitalisierung › E-Akte" in said
        assert "2. Klima" in said

        assert "Klima" in await peers.desk.press(ANNA, "Take off 1")
        said = await peers.desk.press(ANNA, "Done")

        assert "I can help with: Klima" in said
        assert "I look for others on: nothing said" in said

    async def test_a_word_that_is_no_topic_brings_those_near_it(self, peers: Peers) -> None:
        await peers.join(ANNA)
        await peers.desk.write(ANNA, "/profil")
        await peers.desk.press(ANNA, "What I can help with")
        assert "I know no topic “rathausinformation”" in await peers.desk.write(ANNA, "rathausinformation")
        assert "choose one of these" in await peers.desk.write(ANNA, "informationssystem")
        assert "Ratsinformationssystem" in await peers.desk.press(ANNA, "Digitalisierung › Ratsinformationssystem")
        assert "I know no topic “%”" in await peers.desk.write(ANNA, "%")


class TestLanguages:
    async def test_are_named_in_german_or_english(self, peers: Peers) -> None:
        await peers.join(ANNA)
        await peers.desk.write(ANNA, "/profil")
        await peers.desk.press(ANNA, "Languages")
        assert "I do not know this language" in await peers.desk.write(ANNA, "Deutsch, Klingonisch")
        assert "I speak: German, Polish, Lower Sorbian" in await peers.desk.write(ANNA, "Deutsch, polish; dsb")
        await peers.desk.press(ANNA, "Languages")
        assert "I speak: nothing said" in await peers.desk.press(ANNA, "Say nothing about it")
