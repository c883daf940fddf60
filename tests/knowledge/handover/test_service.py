"""Tests of handing over: what somebody looks after goes to a colleague who says yes, or stands open."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.contributions.schemas import Wishes
from knowledge.handover.errors import HandoverDecided, NoColleague, NoHouse, UnknownHandover
from knowledge.handover.interview import draft_of, send_drafts
from knowledge.handover.schemas import Area, HandoverEntry
from knowledge.handover.service import HandoverService
from knowledge.handover.unused import TIME_TO_ANSWER, UNUSED_AFTER, ask_unused, hand_over_unused
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.members.service import MemberService
from knowledge.models import ChatIdentity, Document, Handover, Member
from knowledge.models.chat import Network
from knowledge.models.contribution import Attribution, ContributionState
from knowledge.models.document import Visibility
from knowledge.models.handover import HandoverReason, HandoverState
from knowledge.models.member import Findable, Role
from tests.knowledge.contributions.world import (
    House,
    add_house,
    add_member,
    add_neighbours,
    entry_of,
    notices,
    publish_it,
    send,
)

State = HandoverState


async def looked_after(database: Database) -> tuple[House, UUID, Document]:
    """Return a house with a colleague and a published document of its first person."""
    async with unit_of_work(database) as unit:
        house = await add_house(unit.session)
        colleague = await add_member(unit.session, "Kollegin Beispiel", house.id)
    document = await publish_it(database, (await send(database, house.author)).id)
    return house, colleague.id, document


async def begin(database: Database, house: House, successor: UUID | None) -> HandoverEntry:
    async with unit_of_work(database) as unit:
        return await HandoverService(unit.session).begin(house.member.id, successor)


async def cared_for(database: Database, member: UUID) -> list[UUID]:
    async with unit_of_work(database, writes=False) as unit:
        return [document.id for document in (await HandoverService(unit.session).looking_after(member)).documents]


async def told(database: Database, kind: str) -> list[UUID | None]:
    return [to for name, to in await notices(database) if name == kind]


class TestHandingOver:
    async def test_goes_to_the_colleague_who_says_yes(self, database: Database) -> None:
        house, colleague, document = await looked_after(database)

        offered = await begin(database, house, colleague)
        assert offered.state is State.OFFERED
        assert [one.id for one in offered.documents] == [document.id]
        assert await told(database, "handover.offered") == [colleague]
        assert await cared_for(database, house.member.id) == [document.id]

        for _twice in range(2):
            async with unit_of_work(database) as unit:
                entry = await HandoverService(unit.session).accept(offered.id, colleague)
            assert entry.state is State.ACCEPTED

        assert await cared_for(database, colleague) == [document.id]
        assert await cared_for(database, house.member.id) == []
        assert await told(database, "handover.accepted") == [house.member.id]

    async def test_is_open_after_a_no_and_any_colleague_may_take_it(self, database: Database) -> None:
        house, colleague, document = await looked_after(database)
        async with unit_of_work(database) as unit:
            other = await add_member(unit.session, "Kollege Muster", house.id)
        offered = await begin(database, house, colleague)

        async with unit_of_work(database) as unit:
            entry = await HandoverService(unit.session).decline(offered.id, colleague)
        assert entry.state is State.OPEN
        assert entry.successor_id is None
        assert set(await told(database, "handover.open")) == {colleague, other.id}
        assert await told(database, "handover.declined") == [house.member.id]

        async with unit_of_work(database) as unit:
            await HandoverService(unit.session).accept(offered.id, other.id)
        async with unit_of_work(database) as unit:
            with pytest.raises(HandoverDecided):
                await HandoverService(unit.session).accept(offered.id, colleague)
        assert await cared_for(database, other.id) == [document.id]

    async def test_a_second_one_replaces_the_first(self, database: Database) -> None:
        house, colleague, document = await looked_after(database)
        await begin(database, house, None)
        second = await begin(database, house, colleague)

        async with unit_of_work(database, writes=False) as unit:
            (entry,) = await HandoverService(unit.session).undecided(house.id)
        assert entry.id == second.id
        assert [one.id for one in entry.documents] == [document.id]

    async def test_only_colleagues_of_the_house_who_take_part(self, database: Database) -> None:
        house, colleague, _document = await looked_after(database)
        async with unit_of_work(database) as unit:
            stranger = (await add_house(unit.session, "Unkenried")).member
            (await unit.session.get_one(Member, colleague)).suspended_at = now()
        for nobody in (stranger.id, colleague, house.member.id, new_id()):
            async with unit_of_work(database) as unit:
                with pytest.raises(NoColleague):
                    await HandoverService(unit.session).begin(house.member.id, nobody)

    async def test_is_nobody_elses_business(self, database: Database) -> None:
        house, _colleague, _document = await looked_after(database)
        entry = await begin(database, house, None)
        async with unit_of_work(database) as unit:
            stranger = (await add_house(unit.session, "Unkenried")).member.id
            with pytest.raises(UnknownHandover):
                await HandoverService(unit.session).accept(entry.id, stranger)
            loner = await add_member(unit.session, "Ohne Haus", None)
            with pytest.raises(NoHouse):
                await HandoverService(unit.session).begin(loner.id, None)

    async def test_administrators_hear_of_an_office(self, database: Database) -> None:
        house, _colleague, _document = await looked_after(database)
        async with unit_of_work(database) as unit:
            chief = await add_member(unit.session, "Verwaltung", None, role=Role.ADMINISTRATOR)
            (await unit.session.get_one(Member, house.member.id)).releases = True
        await begin(database, house, None)
        assert await told(database, "handover.office") == [chief.id]

    async def test_an_anonymous_experience_is_not_part_of_it(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            house = await add_house(unit.session)
            await add_neighbours(unit.session, 6)
        sent = await send(database, house.author, Wishes(attribution=Attribution.ANONYMOUS))
        document = await publish_it(database, sent.id)
        assert await cared_for(database, house.member.id) == [document.id]

        entry = await begin(database, house, None)

        assert entry.documents == ()
        async with unit_of_work(database, writes=False) as unit:
            row = await unit.session.get_one(Document, document.id)
            assert row.handover_id is None
            assert row.steward_id is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestInterview:
    async def test_becomes_drafts_for_the_own_house(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            house = await add_house(unit.session)
            area = Area("Ratsinformationssystem", "Die Vorlagen liegen im Ordner Rat.", "Vertrag bis 2027.")
            draft = await draft_of(unit, house.author, area)
        assert draft.visibility is Visibility.HOUSE
        assert draft.state is ContributionState.DRAFT
        assert draft.fields["done"] == area.needs
        assert "Ratsinformationssystem" in draft.title

        async with unit_of_work(database) as unit:
            assert await send_drafts(unit, house.author, [draft.id]) == 1
        assert (await entry_of(database, draft.id)).state is ContributionState.WAITING


class TestGone:
    async def test_who_leaves_leaves_the_succession_open(self, database: Database) -> None:
        house, colleague, document = await looked_after(database)
        async with unit_of_work(database) as unit:
            await MemberService(unit.session).leave(house.member.id.hex)

        async with unit_of_work(database, writes=False) as unit:
            (entry,) = await HandoverService(unit.session).undecided(house.id)
        assert entry.reason is HandoverReason.REMOVED
        assert [one.id for one in entry.documents] == [document.id]
        assert await told(database, "handover.open") == [colleague]
        assert await cared_for(database, house.member.id) == []


class TestUnusedAccounts:
    async def test_are_asked_once_and_handed_over_a_month_later(self, database: Database) -> None:
        house, colleague, document = await looked_after(database)
        later = now() + UNUSED_AFTER + timedelta(days=1)
        async with unit_of_work(database) as unit:
            unit.session.add(ChatIdentity(network=Network.MATRIX, address="@k:ort", member_id=colleague, seen_at=later))
            (await unit.session.get_one(Member, house.member.id)).findable = Findable.ON

        assert await ask_unused(database, now()) == 0
        assert await ask_unused(database, later) == 1
        assert await ask_unused(database, later) == 0
        assert await told(database, "account.unused") == [house.member.id]

        assert await hand_over_unused(database, later + timedelta(days=1)) == 0
        month_on = later + TIME_TO_ANSWER + timedelta(days=1)
        assert await hand_over_unused(database, month_on) == 1
        assert await hand_over_unused(database, month_on) == 0
        async with unit_of_work(database, writes=False) as unit:
            row = await unit.session.get_one(Member, house.member.id)
            assert row.findable is Findable.PAUSED
            assert (await unit.session.get_one(Document, document.id)).handover_id is not None

    async def test_whoever_comes_back_keeps_everything(self, database: Database) -> None:
        house, _colleague, document = await looked_after(database)
        later = now() + UNUSED_AFTER + timedelta(days=1)
        await ask_unused(database, later)
        async with unit_of_work(database) as unit:
            back = {"member_id": house.member.id, "seen_at": later + timedelta(days=3)}
            unit.session.add(ChatIdentity(network=Network.MATRIX, address="@a:ort", **back))

        assert await hand_over_unused(database, later + TIME_TO_ANSWER + timedelta(days=1)) == 0

        assert await cared_for(database, house.member.id) == [document.id]
        async with unit_of_work(database, writes=False) as unit:
            assert (await unit.session.get_one(Member, house.member.id)).asked_unused_at is None
            assert not [row for row in await _handovers(unit.session) if row.member_id == house.member.id]


async def _handovers(session: AsyncSession) -> list[Handover]:
    return list((await session.scalars(select(Handover))).all())
