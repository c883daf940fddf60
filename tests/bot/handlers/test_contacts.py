"""Asking for contact in chat: own words, one person, a yes of both, and a no that says nothing."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.core.messages import Person
from knowledge.kit.database import Database
from knowledge.kit.settings import load_settings
from knowledge.models.peer import ContactState
from knowledge.models.question import NetworkReport
from knowledge.peers.settling import settle_contacts
from tests.bot.handlers.contributing_world import ANNA, BEN, TINA, TOM, ZOE
from tests.bot.handlers.peers_world import WORDS, Peers, peers_of, shown_abroad

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CLARA = Person(ZOE.network, "@clara:ort")


@pytest_asyncio.fixture
async def peers(database: Database) -> AsyncIterator[Peers]:
    async with peers_of(database) as opened:
        await opened.join(ANNA, name="Anna Ahorn")
        await opened.join(BEN, "Birkenau", "Ben Birke")
        await opened.offer(BEN)
        yield opened


async def ask(peers: Peers, person: Person = ANNA, words: str = WORDS) -> str:
    await peers.desk.write(person, "/kollegen E-Akte")
    await peers.desk.press(person, "Ask 1 for contact")
    said = await peers.desk.write(person, words)
    await peers.desk.tell()
    return said


async def states(peers: Peers) -> list[ContactState]:
    return [row.state for row in await peers.requests()]


class TestAsking:
    async def test_both_say_yes_and_get_names_and_addresses(self, peers: Peers) -> None:
        assert "Sent." in await ask(peers)
        request = peers.desk.said(BEN)[-1]
        assert "somebody of Lindenau (E-Akte) would like to talk to you." in request
        assert WORDS in request
        assert "Anna" not in request

        said = await peers.desk.press(BEN, "Accept")
        await peers.desk.tell()

        assert "Anna Ahorn, Lindenau" in said
        assert "@anna:ort" in said
        answer = peers.desk.said(ANNA)[-1]
        assert "Accepted: somebody of Birkenau" in answer
        assert "Ben Birke, Birkenau" in answer
        assert "@ben:ort" in answer
        assert "names exchanged" in await peers.desk.write(ANNA, "/kontakte")
        assert "Ben Birke" in await peers.desk.press(ANNA, "Show 1")

    async def test_says_before_what_happens_to_the_words(self, peers: Peers) -> None:
        await peers.desk.write(ANNA, "/kollegen E-Akte")
        said = await peers.desk.press(ANNA, "Ask 1 for contact")
        assert "with the name of your organisation: Lindenau" in said
        assert "E-Akte: What would you like to talk about?" in said
        assert "Nothing was sent" in await peers.desk.press(ANNA, "Cancel")
        assert await peers.requests() == []

    async def test_personal_data_is_shown_to_the_writer(self, peers: Peers) -> None:
        said = await ask(peers, words=f"{WORDS} Rufen Sie an: klaus.schmidt@lindenau.example")
        assert "This looks like personal data" in said
        assert "Sent." in await peers.desk.press(ANNA, "Redact it")
        await peers.desk.tell()
        assert "klaus.schmidt" not in peers.desk.said(BEN)[-1]

    async def test_too_few_words_are_given_back(self, peers: Peers) -> None:
        assert "in a sentence or two" in await ask(peers, words="Hallo")
        assert await peers.requests() == []

    async def test_is_refused_clearly_when_it_is_too_much(self, peers: Peers) -> None:
        await ask(peers)
        said = await ask(peers)
        assert "one person at a time" in said
        assert WORDS in said


class TestDeciding:
    async def test_a_no_is_told_days_later_and_says_nothing(self, peers: Peers) -> None:
        await ask(peers)
        before = len(peers.desk.said(ANNA))
        assert "Declined." in await peers.desk.press(BEN, "Decline")
        await peers.desk.tell()
        assert len(peers.desk.said(ANNA)) == before
        assert "waits for an answer" in await peers.desk.write(ANNA, "/kontakte")

        [row] = await peers.requests()
        await settle_contacts(peers.desk.database, row.closes_at)
        await peers.desk.tell()
        assert "Not available: somebody of Birkenau (E-Akte)." in peers.desk.said(ANNA)[-1]
        assert "not available" in await peers.desk.write(ANNA, "/kontakte")

    async def test_a_colleague_is_named_and_asked(self, peers: Peers) -> None:
        await peers.join(CLARA, "Birkenau", "Clara Buche")
        await ask(peers)
        await peers.desk.press(BEN, "Name a colleague")
        assert "I know nobody of that name" in await peers.desk.write(BEN, "Anna Ahorn")
        assert "Is it this colleague?" in await peers.desk.write(BEN, "buche")
        assert "I ask Clara Buche" in await peers.desk.press(BEN, "Clara Buche")
        await peers.desk.tell()

        assert "A colleague of your house named you: somebody of Lindenau" in peers.desk.said(CLARA)[-1]
        await peers.desk.press(CLARA, "Accept")
        await peers.desk.tell()
        assert "Clara Buche, Birkenau" in peers.desk.said(ANNA)[-1]

    async def test_blocking_is_asked_once_more_and_can_be_undone(self, peers: Peers) -> None:
        await ask(peers)
        assert "They do not learn of it" in await peers.desk.press(BEN, "Block")
        assert "Blocked." in await peers.desk.press(BEN, "Yes, block them")
        assert await states(peers) == [ContactState.DECLINED]
        assert "somebody (Lindenau)" in await peers.desk.write(BEN, "/blockiert")
        assert "They may ask you again" in await peers.desk.press(BEN, "Unblock 1")
        assert "You have blocked nobody" in await peers.desk.write(BEN, "/blocked")

    async def test_it_is_reported_to_the_moderators(self, peers: Peers) -> None:
        await ask(peers, words="Sie sind ein unfähiger Haufen, wissen Sie das?")
        await peers.desk.press(BEN, "Report")
        await peers.desk.press(BEN, "It is insulting")
        await peers.desk.press(BEN, "Decline")

        [row] = await peers.requests()
        [report] = await peers.desk.rows(NetworkReport)
        assert report.contact_request_id == row.id
        assert row.text != ""  # until the moderators have looked

    async def test_whoever_comes_too_late_is_told_so(self, peers: Peers) -> None:
        await ask(peers)
        await peers.desk.write(ANNA, "/kontakte")
        await peers.desk.press(ANNA, "Show 1")
        assert "Withdrawn. Your words are erased." in await peers.desk.press(ANNA, "Withdraw it")
        assert "over already" in await peers.desk.press(BEN, "Accept")

    async def test_nobody_else_can_press(self, peers: Peers) -> None:
        await ask(peers)
        offered = peers.desk.offering("Accept", peers.desk.networks[BEN.network].sent[-1].place)
        await peers.join(CLARA, "Birkenau")
        await peers.desk.write(CLARA, "/kontakte")
        assert all("Anna" not in text for text in peers.desk.said(CLARA))
        assert offered.choices
        assert await states(peers) == [ContactState.OPEN]


class TestTelling:
    async def test_nobody_is_told_what_does_not_hold_any_more(self, peers: Peers) -> None:
        await peers.desk.write(ANNA, "/kollegen E-Akte")
        await peers.desk.press(ANNA, "Ask 1 for contact")
        await peers.desk.write(ANNA, WORDS)
        await peers.desk.write(ANNA, "/kontakte")
        await peers.desk.press(ANNA, "Show 1")
        await peers.desk.press(ANNA, "Withdraw it")
        before = peers.desk.said(BEN)
        await peers.desk.tell()
        assert peers.desk.said(BEN) == before

    async def test_who_pauses_before_it_is_told_is_left_in_peace(self, peers: Peers) -> None:
        await peers.desk.write(ANNA, "/kollegen E-Akte")
        await peers.desk.press(ANNA, "Ask 1 for contact")
        await peers.desk.write(ANNA, WORDS)
        await peers.desk.press(BEN, "Pause")
        before = peers.desk.said(BEN)
        await peers.desk.tell()
        assert peers.desk.said(BEN) == before
        assert "somebody of Lindenau" in await peers.desk.write(BEN, "/kontakte")

    async def test_who_paused_meanwhile_is_not_asked_and_the_asker_sees_no_difference(self, peers: Peers) -> None:
        await peers.desk.write(ANNA, "/kollegen E-Akte")
        await peers.desk.press(ANNA, "Ask 1 for contact")
        await peers.desk.press(BEN, "Pause")
        assert "Sent." in await peers.desk.write(ANNA, WORDS)
        before = peers.desk.said(BEN)
        await peers.desk.tell()
        assert peers.desk.said(BEN) == before
        assert await states(peers) == [ContactState.UNDELIVERED]
        assert "waits for an answer" in await peers.desk.write(ANNA, "/kontakte")


class TestTelegram:
    async def test_names_are_exchanged_in_the_hub_alone(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ALLMENDE_HUB_URL", "https://hub.example")
        async with peers_of(database, shown_abroad(load_settings())) as peers:
            await peers.join(TINA, name="Tina Tanne")
            await peers.join(TOM, "Birkenau", "Tom Tulpe")
            await peers.offer(TOM)
            await ask(peers, TINA)
            assert WORDS in peers.desk.said(TOM)[-1]
            said = await peers.desk.press(TOM, "Accept")
            await peers.desk.tell()
            told = [said, peers.desk.said(TINA)[-1], await peers.desk.write(TINA, "/kontakte")]
            told.append(await peers.desk.press(TINA, "Show 1"))

        assert "stand in the hub" in told[0]
        assert "stand in the hub" in told[1]
        for text in told:
            assert "Tina Tanne" not in text
            assert "Tom Tulpe" not in text
            assert TINA.address not in text

    async def test_words_are_not_shown_in_a_foreign_house(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ALLMENDE_HUB_URL", "https://hub.example")
        async with peers_of(database) as peers:
            await peers.join(ANNA, name="Anna Ahorn")
            await peers.join(TOM, "Birkenau")
            await peers.offer(TOM)
            await ask(peers)
            said = peers.desk.said(TOM)[-1]
            assert "You can read it in the hub" in said
            assert WORDS not in said
            assert "Lindenau" not in said
            listed = await peers.desk.write(TOM, "/kontakte")
            assert "Lindenau" not in listed
            assert [row.state for row in await peers.requests()] == [ContactState.OPEN]
