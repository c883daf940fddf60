"""Tests of what one person has in the network: all of it is shown to them, and goes with them."""

from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models import (
    Block,
    ContactRequest,
    Member,
    MemberTopic,
    OpenAnswer,
    OpenAnswerMessage,
    OpenQuestion,
    OpenQuestionFollower,
    Topic,
)
from knowledge.models.chat import Network
from knowledge.models.member import Findable
from knowledge.models.peer import ContactState
from knowledge.models.question import ReleasedAs
from knowledge.models.topic import Stance
from knowledge.privacy.disclosure import DisclosureService
from knowledge.privacy.network import network_of
from knowledge.privacy.service import PrivacyService
from knowledge.topics.seeding import seed_topics
from tests.knowledge.contributions.world import House, add_house
from tests.knowledge.privacy.people import Somebody, add_group, add_person, traces_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ALONE, ANSWERED = "Wer hat Krokusse gepflanzt?", "Wer mäht mit Schafen?"
OWN_ANSWER, WRITTEN, ASKED = "Wir nehmen Ziegen.", "Welche Rasse?", "Darf ich Sie anrufen?"


async def in_the_network(database: Database) -> tuple[Somebody, House, House]:
    """Return somebody who asked, was answered, answered, wrote, declared topics, asked for a contact and blocked."""
    async with unit_of_work(database) as unit:
        session = unit.session
        await seed_topics(session)
        house, other = await add_house(session), await add_house(session, "Unkenried")
        member = await session.get_one(Member, house.member.id)
        member.findable, member.languages = Findable.ON, ["de", "pl"]
        person = await add_person(session, "ada", group=await add_group(session), member=member.id)
        mine = {"member_id": member.id, "identity_id": person.identity, "organisation_id": house.id}
        alone = OpenQuestion(text=ALONE, released_as=ReleasedAs.NAME, **mine)
        answered = OpenQuestion(text=ANSWERED, released_as=ReleasedAs.NAME, **mine)
        theirs = OpenQuestion(text="Wer räumt?", released_as=ReleasedAs.ORGANISATION, member_id=other.member.id)
        session.add_all([alone, answered, theirs])
        await session.flush()
        to_mine = OpenAnswer(open_question_id=answered.id, member_id=other.member.id, text="Wir, seit 2020.")
        by_me = OpenAnswer(open_question_id=theirs.id, text=OWN_ANSWER, answered_as=ReleasedAs.NAME, **mine)
        topic = (await session.scalars(select(Topic.id).limit(1))).one()
        session.add_all([to_mine, by_me, OpenQuestionFollower(open_question_id=theirs.id, member_id=member.id)])
        await session.flush()
        session.add_all(
            [
                OpenAnswerMessage(open_answer_id=to_mine.id, from_asker=True, member_id=member.id, text=WRITTEN),
                MemberTopic(member_id=member.id, topic_id=topic, stance=Stance.HELPS),
                _request(member.id, other.member.id),
                Block(member_id=member.id, blocked_id=other.member.id),
            ]
        )
    return person, house, other


def _request(member: UUID, other: UUID) -> ContactRequest:
    soon = now() + timedelta(days=14)
    return ContactRequest(
        state=ContactState.OPEN, from_member_id=member, to_member_id=other, text=ASKED, expires_at=soon, closes_at=soon
    )


class TestShown:
    async def test_all_of_it(self, database: Database) -> None:
        person, _house, _other = await in_the_network(database)
        async with unit_of_work(database, writes=False) as unit:
            data = await DisclosureService(unit.session).everything(person.identity)
        said = str(asdict(data)["network"])
        for words in (ALONE, ANSWERED, OWN_ANSWER, WRITTEN, "Wer räumt?", "'pl'"):
            assert words in said
        assert data.network is not None
        assert len(data.network.peers["topics"]["helps"]) == 1
        assert len(data.network.peers["contacts_asked"]) == len(data.network.peers["blocked_since"]) == 1

    async def test_nothing_of_others(self, database: Database) -> None:
        _person, _house, other = await in_the_network(database)
        async with unit_of_work(database, writes=False) as unit:
            member = await unit.session.get_one(Member, other.member.id)
            said = str(asdict(await network_of(unit.session, member)))
        assert "Person Kranichhorst" not in said
        assert WRITTEN not in said


class TestErased:
    async def test_what_is_theirs_goes_and_what_helped_others_stays_without_them(self, database: Database) -> None:
        person, house, other = await in_the_network(database)
        assert await traces_of(database, ALONE, WRITTEN, ASKED)

        async with unit_of_work(database) as unit:
            assert (await PrivacyService(unit.session).erase(person.identity, everywhere=True)).membership

        assert await traces_of(database, house.member.id, person.identity, "Person Kranichhorst") == []
        assert await traces_of(database, ALONE, WRITTEN, ASKED) == []
        async with unit_of_work(database, writes=False) as unit:
            answers = (await unit.session.scalars(select(OpenAnswer).order_by(OpenAnswer.text))).all()
            assert [(row.text, row.member_id) for row in answers] == [
                (OWN_ANSWER, None),
                ("Wir, seit 2020.", other.member.id),
            ]
            kept = (await unit.session.scalars(select(OpenQuestion).where(OpenQuestion.text == ANSWERED))).one()
            assert kept.released_as is ReleasedAs.ORGANISATION

    async def test_another_network_keeps_the_membership(self, database: Database) -> None:
        person, house, _other = await in_the_network(database)
        async with unit_of_work(database) as unit:
            group = await add_group(unit.session, "!second:ort")
            await add_person(unit.session, "ada2", group=group, member=house.member.id, network=Network.TELEGRAM)
        async with unit_of_work(database) as unit:
            assert not (await PrivacyService(unit.session).erase(person.identity, everywhere=False)).membership
        assert await traces_of(database, ALONE)
