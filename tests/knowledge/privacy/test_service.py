"""Tests of erasing somebody: nothing of them is left, and all of the others."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from knowledge.conversations.service import ConversationService
from knowledge.kit.clock import now, use_clock
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.members.service import MemberNotFound, MemberService
from knowledge.models import Answer, Chat, Circle, Exchange, IncomingEvent, Member, Question, Vote, Watch
from knowledge.models.chat import Network
from knowledge.privacy.digests import digest_of, identity_subject, member_subject
from knowledge.privacy.disclosure import DisclosureService
from knowledge.privacy.schemas import Erased
from knowledge.privacy.service import NobodyKnown, PrivacyService
from tests.knowledge.privacy.people import (
    MOMENT,
    Somebody,
    add_group,
    add_member,
    add_person,
    ask,
    everything,
    traces_of,
)

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def clock() -> None:
    use_clock(lambda: MOMENT)


async def a_person(database: Database, name: str = "ada", **more: object) -> Somebody:
    async with unit_of_work(database) as unit:
        group = await unit.session.scalar(select(Chat.id).where(Chat.address == "!group:ort"))
        return await add_person(unit.session, name, group=group or await add_group(unit.session), **more)  # type: ignore[arg-type]


async def a_member(database: Database) -> tuple[Somebody, Somebody]:
    """Somebody on Matrix and on Telegram."""
    async with unit_of_work(database) as unit:
        group = await add_group(unit.session)
        member = await add_member(unit.session)
        one = await add_person(unit.session, "ada", group=group, member=member)
        other = await add_person(unit.session, "4711", group=group, member=member, network=Network.TELEGRAM)
        return one, other


async def erase(database: Database, person: Somebody, *, everywhere: bool = True) -> Erased:
    async with unit_of_work(database) as unit:
        return await PrivacyService(unit.session).erase(person.identity, everywhere=everywhere)


class TestErasing:
    async def test_nothing_of_the_person_is_left_anywhere(self, database: Database) -> None:
        ada = await a_person(database)
        marks = (ada.identity, ada.address, ada.words, ada.direct, "!direct-ada")
        before = await traces_of(database, *marks)
        assert {name.partition(".")[0] for name in before} >= {
            "chat_identities",
            "chats",
            "dialogues",
            "exchanges",
            "incoming_events",
            "invitations",
            "jobs",
            "outgoing_messages",
            "questions",
            "sent_messages",
            "watches",
        }
        await erase(database, ada)
        assert await traces_of(database, *marks) == []

    async def test_somebody_else_keeps_everything(self, database: Database) -> None:
        ben = await a_person(database, "ben")
        before = await everything(database)
        await erase(database, await a_person(database, "ada"))
        after = await everything(database)
        # Besides, there are the traces of Ada's answers, the notes of her events, and the record of her erasure.
        assert all(row in after[table] for table, rows in before.items() for row in rows)
        assert await traces_of(database, ben.words)

    async def test_how_answers_came_about_stays_without_words(self, database: Database) -> None:
        ada = await a_person(database)
        await erase(database, ada)
        async with database.session(writes=False) as session:
            assert await session.scalar(select(func.count()).select_from(Question)) == 0
            answers = (await session.scalars(select(Answer))).all()
        assert len(answers) == 2
        assert {answer.question_id for answer in answers} == {None}

    async def test_numbers_of_messages_name_nobody_afterwards(self, database: Database) -> None:
        """Telegram counts messages per chat, and a direct chat has the person's own number."""
        ada = await a_person(database, "4711", network=Network.TELEGRAM)
        assert "incoming_events.event" in await traces_of(database, "!direct-4711/")
        await erase(database, ada)
        assert await traces_of(database, "@4711", "direct-4711") == []

    async def test_events_are_still_known_where_they_name_nobody(self, database: Database) -> None:
        await erase(database, await a_person(database))
        async with database.session(writes=False) as session:
            events = (await session.scalars(select(IncomingEvent))).all()
        assert [(event.payload, event.handled_at) for event in events] == [(None, MOMENT)] * 2

    async def test_a_stranger_is_told_so(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            with pytest.raises(NobodyKnown):
                await PrivacyService(unit.session).erase(new_id(), everywhere=True)


@only_sqlite
class TestVotes:
    async def test_a_vote_stays_without_whoever_gave_it(self, database: Database) -> None:
        ada, ben = await a_person(database, "ada"), await a_person(database, "ben")
        async with unit_of_work(database) as unit:
            conversations = ConversationService(unit.session)
            assert await conversations.vote(ben.exchanges[0], ada.identity, helpful=True)
            assert await conversations.vote(ben.exchanges[0], ben.identity, helpful=False)
        await erase(database, ada)
        async with database.session(writes=False) as session:
            votes = (await session.scalars(select(Vote).order_by(Vote.helpful))).all()
        assert [(vote.helpful, vote.voter is None) for vote in votes] == [(False, False), (True, True)]


@only_sqlite
class TestWordsThatOthersWaitFor:
    async def test_stay_until_nobody_waits(self, database: Database) -> None:
        ada, ben = await a_person(database, "ada"), await a_person(database, "ben")
        question = ada.exchanges[0].question_id
        async with unit_of_work(database) as unit:
            unit.session.add(
                Watch(question_id=question, identity_id=ben.identity, expires_at=now() + timedelta(days=9))
            )
        await erase(database, ada)
        assert await traces_of(database, ada.words) == ["questions.text"]
        await erase(database, ben)
        assert await traces_of(database, ada.words) == []


@only_sqlite
class TestWordsThatOthersTookUp:
    async def test_go_as_if_the_message_had_been_taken_back(self, database: Database) -> None:
        """„Nur für mich" below somebody else's question answers the same words once more."""
        ada, ben = await a_person(database, "ada"), await a_person(database, "ben")
        async with unit_of_work(database) as unit:
            copy = await ask(unit.session, ben.direct, ben.identity, ada.words)
            row = await unit.session.get_one(Exchange, copy.id)
            row.follows_id, row.question_event = ada.exchanges[0].id, ada.exchanges[0].anchor.question_event
        await erase(database, ada)
        assert await traces_of(database, ada.words) == []
        assert ben.words in str(await everything(database))


class TestMembership:
    async def test_everywhere_takes_the_member_along(self, database: Database) -> None:
        one, other = await a_member(database)
        erased = await erase(database, one)
        assert erased.membership
        assert len(erased.records) == 3
        assert await traces_of(database, "Ada Özdemir", one.identity, other.identity, other.words, "vouched") == []

    async def test_a_member_goes_by_themselves_with_all_addresses(self, database: Database) -> None:
        one, other = await a_member(database)
        assert one.member is not None
        async with unit_of_work(database) as unit:
            erased = await PrivacyService(unit.session).erase_member(one.member)
        assert (erased.membership, len(erased.records)) == (True, 3)
        assert await traces_of(database, "Ada Özdemir", one.identity, other.identity, other.words, "vouched") == []

    async def test_somebody_who_left_and_has_no_address_is_found_shown_and_erased(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            members = MemberService(unit.session)
            ada = await members.add("Ada Özdemir")
            await members.add("Ben")
            await members.leave("Ada Özdemir")
        async with unit_of_work(database) as unit:
            members = MemberService(unit.session)
            with pytest.raises(MemberNotFound):
                await members.get("Ada Özdemir")
            for reference in ("ada özdemir", ada.id.hex, ada.id.hex[:20]):
                assert (await members.get(reference, inactive=True)).id == ada.id
            shown = await DisclosureService(unit.session).of_member(ada.id)
            assert (shown.identities, shown.member and shown.member.name) == ((), "Ada Özdemir")
            erased = await PrivacyService(unit.session).erase_member(ada.id)
            assert (erased.membership, len(erased.records)) == (True, 1)
        assert [row["name"] for row in (await everything(database))["members"]] == ["Ben"]
        async with unit_of_work(database) as unit:
            with pytest.raises(NobodyKnown):
                await PrivacyService(unit.session).erase_member(ada.id)
            with pytest.raises(NobodyKnown):
                await DisclosureService(unit.session).of_member(ada.id)

    async def test_what_a_moderator_decided_stays_without_the_name(self, database: Database) -> None:
        one, _other = await a_member(database)
        await erase(database, one)
        async with database.session(writes=False) as session:
            circle = (await session.scalars(select(Circle))).one()
        assert circle.vouched_at == MOMENT
        assert circle.vouched_by is None

    async def test_one_network_alone_leaves_the_rest(self, database: Database) -> None:
        one, other = await a_member(database)
        erased = await erase(database, one, everywhere=False)
        assert not erased.membership
        assert len(erased.records) == 1
        assert await traces_of(database, one.identity, one.words) == []
        assert "members.name" in await traces_of(database, "Ada Özdemir")
        assert await traces_of(database, other.words)

    async def test_the_last_network_takes_the_member_along(self, database: Database) -> None:
        one, other = await a_member(database)
        await erase(database, one, everywhere=False)
        assert (await erase(database, other, everywhere=False)).membership
        assert await traces_of(database, "Ada Özdemir") == []


@only_sqlite
class TestRecords:
    async def test_name_nobody_and_can_be_compared(self, database: Database) -> None:
        one, _other = await a_member(database)
        erased = await erase(database, one)
        (key,) = {record.key for record in erased.records}
        assert member_subject(one.member or new_id()).startswith("member:")
        expected = {
            digest_of(identity_subject(Network.MATRIX, "@ada:ort"), key),
            digest_of(identity_subject(Network.TELEGRAM, "@4711:ort"), key),
            digest_of(member_subject(one.member or new_id()), key),
        }
        assert {record.digest for record in erased.records} == expected
        rows = (await everything(database))["erasures"]
        assert {row["digest"] for row in rows} == expected

    async def test_being_erased_twice_leaves_one_record_with_the_later_moment(self, database: Database) -> None:
        await erase(database, await a_person(database))
        use_clock(lambda: MOMENT + timedelta(days=1))
        await erase(database, await a_person(database))
        (row,) = (await everything(database))["erasures"]
        assert row["erased_at"] == MOMENT + timedelta(days=1)


@only_sqlite
class TestReplay:
    async def test_erases_who_was_erased_before_and_nobody_else(self, database: Database) -> None:
        ada, ben = await a_person(database, "ada"), await a_person(database, "ben")
        record = (await erase(database, ada)).records
        again = await a_person(database, "ada")  # as an old backup brings her back
        async with unit_of_work(database) as unit:
            assert await PrivacyService(unit.session).replay(record) == 1
        assert await traces_of(database, again.identity, again.words) == []
        assert "exchanges.asker_id" in await traces_of(database, ben.identity)

    async def test_leaves_alone_who_came_back_afterwards(self, database: Database) -> None:
        records = (await erase(database, await a_person(database, "ada"))).records
        use_clock(lambda: MOMENT + timedelta(hours=1))
        again = await a_person(database, "ada")
        async with unit_of_work(database) as unit:
            assert await PrivacyService(unit.session).replay(records) == 0
        assert await traces_of(database, again.identity)

    async def test_takes_a_member_whom_the_backup_knows_on_no_network_yet(self, database: Database) -> None:
        one, _other = await a_member(database)
        records = (await erase(database, one)).records
        async with unit_of_work(database) as unit:
            unit.session.add(Member(id=one.member, name="Ada Özdemir", search_name="ada özdemir"))
            unit.session.add(Member(name="Ben", search_name="ben"))
        async with unit_of_work(database) as unit:
            assert await PrivacyService(unit.session).replay(records) == 1
        assert [row["name"] for row in (await everything(database))["members"]] == ["Ben"]

    async def test_old_traffic_is_dropped(self, database: Database) -> None:
        await a_person(database, "ben")
        async with unit_of_work(database) as unit:
            await PrivacyService(unit.session).replay([])
        rows = await everything(database)
        assert rows["outgoing_messages"] == []
        assert [row["payload"] for row in rows["incoming_events"]] == [None, None]
        assert all(row["handled_at"] for row in rows["incoming_events"])


@only_sqlite
class TestExchangesInGroups:
    async def test_others_follow_ups_stay(self, database: Database) -> None:
        ada, ben = await a_person(database, "ada"), await a_person(database, "ben")
        async with unit_of_work(database) as unit:
            entry = await ask(unit.session, ben.direct, ben.identity, "und das?")
            row = await unit.session.get_one(Exchange, entry.id)
            row.follows_id = ada.exchanges[0].id
        await erase(database, ada)
        async with database.session(writes=False) as session:
            row = await session.get_one(Exchange, entry.id)
        assert row.follows_id is None
