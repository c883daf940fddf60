"""Contact by double yes: nothing is exchanged before both said so, and a no tells nothing."""

import asyncio
from uuid import UUID

import pytest

from knowledge.kit.database import Database
from knowledge.kit.language import choose_language
from knowledge.models.chat import Network
from knowledge.models.member import Findable, Member
from knowledge.models.peer import Block, ContactState
from knowledge.peers.errors import (
    AlreadyAsked,
    RequestOver,
    TooManyRequests,
    UnknownColleague,
    UnknownPeer,
    UnknownRequest,
    WordsInvalid,
)
from knowledge.peers.requests.limits import (
    MOST_BY_DAY,
    MOST_BY_WEEK,
    MOST_TO_PERSON,
    declined_closes,
    undelivered_closes,
)
from knowledge.peers.schemas import Outlook
from tests.knowledge.peers.asking import WORDS, Houses, add_address, open_houses

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def houses(database: Database) -> Houses:
    choose_language("en")
    return await open_houses(database)


async def states(houses: Houses) -> list[ContactState]:
    return [row.state for row in await houses.requests()]


class TestYes:
    async def test_both_get_names_and_addresses_only_then(self, houses: Houses) -> None:
        await add_address(houses.database, houses.anna, Network.MATRIX, "@anna:ort")
        await add_address(houses.database, houses.ben, Network.MATRIX, "@ben:ort")
        await add_address(houses.database, houses.ben, Network.TELEGRAM, "1002")
        await add_address(houses.database, houses.ben, Network.MAIL, "unbestaetigt@birkenau.test")
        request = await houses.ask(topic="E-Akte")

        seen = await houses.see(request, houses.ben)
        assert (seen.text, seen.organisation, seen.outlook) == (WORDS, "Lindenau", Outlook.WAITING)
        assert "Anna" not in repr(seen)
        assert (request.organisation, request.text, request.outlook) == ("Birkenau", "", Outlook.WAITING)
        for member in (houses.anna, houses.ben):
            async with houses.contacts() as contacts:
                with pytest.raises(UnknownRequest):
                    await contacts.exchanged(request.id, member.id)

        async with houses.contacts() as contacts:
            card = await contacts.accept(request.id, houses.ben.id)

        assert (card.name, card.organisation, card.addresses) == (
            "Anna Ahorn",
            "Lindenau",
            ((Network.MATRIX, "@anna:ort"),),
        )
        async with houses.contacts() as contacts:
            other = await contacts.exchanged(request.id, houses.anna.id)
        assert (other.name, other.addresses) == ("Ben Birke", ((Network.MATRIX, "@ben:ort"),))
        assert await houses.told() == [("contact.asked", houses.ben.id), ("contact.accepted", houses.anna.id)]
        [row] = await houses.requests()
        assert row.text == ""

    async def test_nobody_else_knows_of_it(self, houses: Houses) -> None:
        request = await houses.ask()
        for deed in ("get", "accept", "decline", "withdraw", "block", "exchanged"):
            with pytest.raises(UnknownRequest):
                await houses.do(deed, request, houses.bea)
        with pytest.raises(UnknownRequest):
            await houses.do("accept", request, houses.anna)
        with pytest.raises(UnknownRequest):
            await houses.do("withdraw", request, houses.ben)
        assert await states(houses) == [ContactState.OPEN]

    @ON_SQLITE
    async def test_it_is_decided_once(self, houses: Houses) -> None:
        request = await houses.ask()
        await houses.do("decline", request, houses.ben)
        with pytest.raises(RequestOver):
            await houses.do("accept", request, houses.ben)
        await houses.do("withdraw", request, houses.anna)  # for Anna it still waits
        with pytest.raises(RequestOver):
            await houses.do("withdraw", request, houses.anna)


class TestAtTheSameSecond:
    async def test_a_yes_and_a_withdrawal_are_not_both_true(self, houses: Houses) -> None:
        request = await houses.ask()
        done = await asyncio.gather(
            houses.do("accept", request, houses.ben),
            houses.do("withdraw", request, houses.anna),
            return_exceptions=True,
        )
        assert [type(one) for one in done if one is not None] == [RequestOver]
        seen = [(await houses.see(request, member)).outlook for member in (houses.anna, houses.ben)]
        assert seen in ([Outlook.EXCHANGED, Outlook.EXCHANGED], [Outlook.WITHDRAWN, Outlook.OVER])

    async def test_two_requests_do_not_go_past_the_limits(self, houses: Houses) -> None:
        people = [await houses.add_person(f"Person {number}") for number in range(4)]
        done = await asyncio.gather(*(houses.ask(person) for person in people), return_exceptions=True)
        refused = [one for one in done if isinstance(one, AlreadyAsked)]
        assert len(refused) == 3
        assert len(await states(houses)) == 1


class TestNo:
    @ON_SQLITE
    @pytest.mark.parametrize("why", ["declined", "blocked", "paused", "off", "suspended", "asked by too many", "gone"])
    async def test_looks_the_same_and_is_told_days_later(self, houses: Houses, why: str) -> None:
        await prepare(houses, why)
        request = await houses.ask()
        await decide(houses, why, request.id)

        assert await houses.see(request, houses.anna) == request
        await houses.pass_by(hours=12)
        assert ("contact.not_available", houses.anna.id) not in await houses.told()
        assert await houses.see(request, houses.anna) == request
        await houses.pass_by(days=15)
        assert (await houses.see(request, houses.anna)).outlook is Outlook.NOT_AVAILABLE
        await houses.pass_by(days=1)
        assert (await houses.told()).count(("contact.not_available", houses.anna.id)) == 1

    @ON_SQLITE
    async def test_expires_after_two_weeks(self, houses: Houses) -> None:
        request = await houses.ask()
        await houses.pass_by(days=13)
        assert (await houses.see(request, houses.ben)).outlook is Outlook.WAITING
        await houses.pass_by(days=1)

        assert (await houses.see(request, houses.ben)).outlook is Outlook.OVER
        assert (await houses.see(request, houses.anna)).outlook is Outlook.NOT_AVAILABLE
        with pytest.raises(RequestOver):
            await houses.do("accept", request, houses.ben)
        [row] = await houses.requests()
        assert row.text == ""

    async def test_what_is_over_is_forgotten(self, houses: Houses) -> None:
        await houses.ask()
        await houses.pass_by(days=15)
        assert len(await states(houses)) == 1
        await houses.pass_by(days=100)
        assert await states(houses) == []


async def prepare(houses: Houses, why: str) -> None:
    """Let there be a reason not to be asked, before Anna asks."""
    if why == "blocked":
        async with houses.contacts() as contacts:
            block = Block(member_id=houses.ben.id, blocked_id=houses.anna.id, created_at=houses.moment)
            await contacts.repository.add_block(block)
    elif why == "asked by too many":
        for number in range(MOST_TO_PERSON):
            await ask_as(houses, await houses.add_person(f"Frager {number}", houses.lindenau))
    values: dict[str, dict[str, object]] = {
        "paused": {"findable": Findable.PAUSED},
        "off": {"findable": Findable.OFF},
        "suspended": {"suspended_at": houses.moment},
    }
    if why in values:
        await houses.change(houses.ben, **values[why])
    if why == "gone":
        async with houses.database.session() as session:
            await session.delete(await session.get_one(Member, houses.ben.id))
            await session.commit()


async def decide(houses: Houses, why: str, request: UUID) -> None:
    async with houses.contacts() as contacts:
        if why == "declined":
            await contacts.decline(request, houses.ben.id)
        else:
            book = await contacts.of_member(houses.ben.id)
            assert request not in [entry.id for entry in book.to_me]
            with pytest.raises(UnknownRequest):
                await contacts.get(request, houses.ben.id)


async def ask_as(houses: Houses, asker: Member) -> None:
    anna, houses.anna = houses.anna, asker
    await houses.ask()
    houses.anna = anna


@ON_SQLITE
class TestNews:
    async def test_of_a_block_and_of_a_quick_no_come_at_the_same_times(self, houses: Houses) -> None:
        """Two hundred of each: every hour at which a refusal is told, a block is told now and then, too."""
        request = await houses.ask()
        [row] = await houses.requests()
        declined = [declined_closes(row, row.created_at) for _ in range(300)]
        blocked = [undelivered_closes(row) for _ in range(300)]

        early = [moment for moment in blocked if moment != row.expires_at]
        assert 150 < len(early) < 290  # the others end as if nobody had answered
        assert {moment.date() for moment in early} == {moment.date() for moment in declined}
        assert all(1 <= (moment.date() - row.created_at.date()).days <= 3 for moment in declined)
        assert declined_closes(row, row.expires_at) == request.expires_at


class TestPassingOn:
    async def test_a_colleague_is_asked_in_turn_and_the_asker_hears_at_the_end(self, houses: Houses) -> None:
        request = await houses.ask()
        async with houses.contacts() as contacts:
            [found] = await contacts.colleagues(request.id, houses.ben.id, "buche")
            assert (found.name, found.member_id) == ("Bea Buche", houses.bea.id)
            await contacts.pass_on(request.id, houses.ben.id, found.member_id)

        assert await houses.see(request, houses.anna) == request
        assert (await houses.see(request, houses.ben)).outlook is Outlook.PASSED_ON
        assert await houses.told() == [("contact.asked", houses.ben.id), ("contact.passed_on", houses.bea.id)]
        async with houses.contacts() as contacts:
            [brought] = (await contacts.of_member(houses.bea.id)).to_me
            assert brought.text == WORDS
            await contacts.accept(brought.id, houses.bea.id)
            assert (await contacts.exchanged(request.id, houses.anna.id)).name == "Bea Buche"
            with pytest.raises(UnknownRequest):
                await contacts.exchanged(request.id, houses.ben.id)
        assert [row.text for row in await houses.requests()] == ["", ""]

    @ON_SQLITE
    async def test_only_to_somebody_of_the_house_who_was_not_asked_yet(self, houses: Houses) -> None:
        stranger = await houses.add_person("Carl Kiefer", houses.lindenau)
        gone = await houses.add_person("Dora Eiche", active=False)
        request = await houses.ask()
        for person in (stranger, gone, houses.ben, houses.anna):
            with pytest.raises(UnknownColleague):
                await houses.do("pass_on", request, houses.ben, person.id)
        async with houses.contacts() as contacts:
            for name in ("kiefer", "eiche", "birke", "", "%%%", "bu"):
                assert await contacts.colleagues(request.id, houses.ben.id, name) == []
        await houses.do("pass_on", request, houses.ben, houses.bea.id)
        async with houses.contacts() as contacts:
            [entry] = (await contacts.of_member(houses.bea.id)).to_me
            with pytest.raises(UnknownColleague):
                await contacts.pass_on(entry.id, houses.bea.id, houses.ben.id)

    @ON_SQLITE
    async def test_a_name_is_no_list_of_who_is_here(self, houses: Houses) -> None:
        for number in range(5):
            await houses.add_person(f"Maria Linde {number}")
        request = await houses.ask()
        async with houses.contacts() as contacts:
            assert await contacts.colleagues(request.id, houses.ben.id, "linde") == []
            assert len(await contacts.colleagues(request.id, houses.ben.id, "Maria Linde 3")) == 1

    @ON_SQLITE
    async def test_to_somebody_who_wants_no_requests_looks_the_same_to_all(self, houses: Houses) -> None:
        await houses.change(houses.bea, findable=Findable.PAUSED)
        request = await houses.ask()
        await houses.do("pass_on", request, houses.ben, houses.bea.id)

        assert (await houses.see(request, houses.ben)).outlook is Outlook.PASSED_ON
        async with houses.contacts() as contacts:
            assert (await contacts.of_member(houses.bea.id)).to_me == ()
        await houses.pass_by(days=15)
        assert (await houses.see(request, houses.anna)).outlook is Outlook.NOT_AVAILABLE


@ON_SQLITE
class TestWithdrawing:
    async def test_erases_the_words_and_ends_it(self, houses: Houses) -> None:
        request = await houses.ask()
        await houses.do("withdraw", request, houses.anna)

        assert (await houses.see(request, houses.anna)).outlook is Outlook.WITHDRAWN
        assert (await houses.see(request, houses.ben)).outlook is Outlook.OVER
        with pytest.raises(RequestOver):
            await houses.do("accept", request, houses.ben)
        assert [row.text for row in await houses.requests()] == [""]
        await houses.pass_by(days=20)
        assert await houses.told() == [("contact.asked", houses.ben.id)]

    async def test_also_what_was_passed_on_or_brought_to_nobody(self, houses: Houses) -> None:
        request = await houses.ask()
        await houses.do("pass_on", request, houses.ben, houses.bea.id)
        await houses.do("withdraw", request, houses.anna)
        await houses.change(houses.bea, findable=Findable.PAUSED)
        hidden = await houses.ask(houses.bea, topic="Klima")
        await houses.do("withdraw", hidden, houses.anna)

        for entry in (request, hidden):
            assert (await houses.see(entry, houses.anna)).outlook is Outlook.WITHDRAWN


class TestBlocking:
    async def test_ends_it_and_what_comes_later_never_arrives(self, houses: Houses) -> None:
        request = await houses.ask()
        await houses.do("block", request, houses.ben)
        await houses.pass_by(days=31)
        later = await houses.ask()

        assert later.outlook is Outlook.WAITING
        assert [kind for kind, _who in await houses.told()].count("contact.asked") == 1
        async with houses.contacts() as contacts:
            [blocked] = await contacts.blocked(houses.ben.id)
            assert (blocked.organisation, blocked.name) == ("Lindenau", None)
            await contacts.unblock(houses.ben.id, blocked.key)
            assert await contacts.blocked(houses.ben.id) == []
        await houses.pass_by(days=31)
        await houses.ask()
        assert [kind for kind, _who in await houses.told()].count("contact.asked") == 2

    @ON_SQLITE
    async def test_of_somebody_whose_name_is_known(self, houses: Houses) -> None:
        request = await houses.ask()
        await houses.do("accept", request, houses.ben)
        await houses.do("block", request, houses.ben)

        async with houses.contacts() as contacts:
            [blocked] = await contacts.blocked(houses.ben.id)
        assert blocked.name == "Anna Ahorn"


@ON_SQLITE
class TestSuspended:
    async def test_are_cut_off_at_once(self, houses: Houses) -> None:
        waiting, person = await houses.ask(), await houses.add_person("Carl Kiefer")
        exchanged = await houses.ask(person, topic="Klima")
        await houses.do("accept", exchanged, person)
        await houses.change(houses.anna, suspended_at=houses.moment)

        with pytest.raises(UnknownRequest):
            await houses.do("accept", waiting, houses.ben)
        async with houses.contacts() as contacts:
            assert (await contacts.of_member(houses.ben.id)).to_me == ()
            with pytest.raises(UnknownRequest):
                await contacts.exchanged(exchanged.id, person.id)
            with pytest.raises(UnknownPeer):
                await contacts.ask(houses.author, houses.bea.id, WORDS)


@ON_SQLITE
class TestLimits:
    async def test_one_person_at_a_time_about_one_thing(self, houses: Houses) -> None:
        await houses.ask(topic="Klima")
        with pytest.raises(AlreadyAsked, match="one person at a time"):
            await houses.ask(await houses.add_person("Carl Kiefer"), topic="Klima")
        with pytest.raises(AlreadyAsked, match="not long ago"):
            await houses.ask(topic="E-Akte")
        with pytest.raises(UnknownPeer):
            await houses.ask(houses.anna)
        with pytest.raises(UnknownPeer):
            await houses.ask(await houses.add_person("Kollegin", houses.lindenau))

    async def test_a_thousand_requests_are_refused_clearly(self, houses: Houses) -> None:
        people = [await houses.add_person(f"Person {number}") for number in range(10)]
        refused: list[TooManyRequests] = []
        async with houses.contacts() as contacts:
            for person in people * 100:
                try:
                    request = await contacts.ask(houses.author, person.id, WORDS)
                    await contacts.withdraw(request.id, houses.anna.id)
                except TooManyRequests as error:
                    refused.append(error)

        assert len(refused) == 1000 - MOST_BY_DAY
        assert len(await states(houses)) == MOST_BY_DAY
        assert "wait until tomorrow" in refused[-1].message
        assert refused[-1].status == 429

    async def test_nor_can_they_be_spread_over_the_week(self, houses: Houses) -> None:
        people, refused = [await houses.add_person(f"Person {number}") for number in range(15)], set()
        for number, person in enumerate(people):
            try:
                await houses.do("withdraw", await houses.ask(person), houses.anna)
            except TooManyRequests as error:
                refused.add(error.message)
            if number % 3 == 2:
                await houses.pass_by(days=1)

        assert len(await states(houses)) == MOST_BY_WEEK
        assert any("within a week" in message for message in refused)

    @pytest.mark.parametrize("text", ["", "  \n ", "kurz", "?!?!?!?!?!?!", "x" * 1001])
    async def test_words_that_say_nothing_or_too_much(self, houses: Houses, text: str) -> None:
        with pytest.raises(WordsInvalid):
            await houses.ask(text=text)
        assert await states(houses) == []
