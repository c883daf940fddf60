"""Codes on both databases: used once, also when two use them in the same moment."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from knowledge.chats.schemas import IdentityEntry
from knowledge.chats.service import ChatService
from knowledge.kit.clock import use_clock
from knowledge.kit.database import Database
from knowledge.kit.errors import InvalidInput
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.members.invitations import AlreadyMember, CodeRefused, InvitationService
from knowledge.members.schemas import IssuedCode, Redeemed
from knowledge.members.service import MemberExists, MemberService
from knowledge.models.chat import Network
from knowledge.models.member import Role
from knowledge.organisations.schemas import NewOrganisation
from knowledge.organisations.service import OrganisationNotFound, OrganisationService, OrganisationUnusable

START = datetime(2026, 3, 1, tzinfo=UTC)


async def somebody(database: Database, address: str) -> IdentityEntry:
    async with unit_of_work(database) as unit:
        entry = IdentityEntry(uuid4(), Network.MATRIX, address, is_new=True)
        return await ChatService(unit.session).keep_person(entry)


async def redeem(database: Database, code: str, person: IdentityEntry) -> Redeemed:
    async with unit_of_work(database) as unit:
        return await InvitationService(unit.session).redeem(code, person, database)


async def invited(database: Database, name: str | None = "Anna") -> IssuedCode:
    async with unit_of_work(database) as unit:
        return await InvitationService(unit.session).invite(Role.MEMBER, name=name)


class TestOnce:
    async def test_two_in_the_same_moment_get_one_membership(self, database: Database) -> None:
        issued = await invited(database)
        people = [await somebody(database, f"@{number}:ort") for number in range(4)]

        outcomes = await asyncio.gather(
            *(redeem(database, issued.code, person) for person in people), return_exceptions=True
        )

        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["CodeRefused"] * 3 + ["Redeemed"]
        async with unit_of_work(database, writes=False) as unit:
            assert len(await MemberService(unit.session).list()) == 1

    async def test_two_in_the_same_moment_never_both_wait_for_a_name(self, database: Database) -> None:
        issued = await invited(database, name=None)
        people = [await somebody(database, f"@{number}:ort") for number in range(4)]

        outcomes = await asyncio.gather(
            *(redeem(database, issued.code, person) for person in people), return_exceptions=True
        )

        waiting = [outcome for outcome in outcomes if isinstance(outcome, Redeemed)]
        assert len(waiting) == 1
        assert waiting[0].member is None

    async def test_the_code_itself_is_nowhere(self, database: Database) -> None:
        issued = await invited(database)

        async with unit_of_work(database, writes=False) as unit:
            stored = await InvitationService(unit.session).repository.by_id(issued.id, START)
        assert stored is not None
        assert issued.code not in repr(vars(stored))
        assert issued.code.replace("-", "") not in repr(vars(stored))


class TestInviting:
    async def test_refuses_what_cannot_be(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            organisations = OrganisationService(unit.session)
            area = await organisations.add(NewOrganisation(name="Sachsenwald"))
            area.unincorporated = True
            await MemberService(unit.session).add("Anna")
            service = InvitationService(unit.session)
            with pytest.raises(OrganisationNotFound):
                await service.invite(Role.MEMBER, organisation_key="nirgendwo")
            with pytest.raises(OrganisationUnusable):
                await service.invite(Role.MEMBER, organisation_key="sachsenwald")
            with pytest.raises(MemberExists):
                await service.invite(Role.MEMBER, name="ANNA")
            for days in (0, 366):
                with pytest.raises(InvalidInput):
                    await service.invite(Role.MEMBER, days=days)

    async def test_a_code_lasts_as_long_as_was_said(self, database: Database) -> None:
        use_clock(lambda: START)
        anna = await somebody(database, "@anna:ort")
        async with unit_of_work(database) as unit:
            issued = await InvitationService(unit.session).invite(Role.MEMBER, name="Anna", days=3)
        assert issued.expires_at == START + timedelta(days=3)

        use_clock(lambda: START + timedelta(days=3))
        with pytest.raises(CodeRefused):
            await redeem(database, issued.code, anna)

    async def test_the_name_may_take_a_day_after_the_code_ran_out(self, database: Database) -> None:
        use_clock(lambda: START)
        anna, issued = await somebody(database, "@anna:ort"), await invited(database, name=None)
        use_clock(lambda: START + timedelta(days=13, hours=23))
        redeemed = await redeem(database, issued.code, anna)

        use_clock(lambda: START + timedelta(days=14, hours=22))
        async with unit_of_work(database) as unit:
            member = await InvitationService(unit.session).complete(redeemed.invitation, anna, "Anna")
        assert member.name == "Anna"

    async def test_a_member_who_left_takes_no_further_chat_account(self, database: Database) -> None:
        anna = await somebody(database, "@anna:ort")
        async with unit_of_work(database) as unit:
            await MemberService(unit.session).add("Anna")
            issued = await InvitationService(unit.session).invite_known("Anna")
            (row,) = await MemberService(unit.session).repository.all(inactive=False)
            row[0].active = False

        with pytest.raises(CodeRefused):
            await redeem(database, issued.code, anna)

    async def test_who_belongs_already_uses_no_code(self, database: Database) -> None:
        anna = await somebody(database, "@anna:ort")
        await redeem(database, (await invited(database)).code, anna)
        async with unit_of_work(database, writes=False) as unit:
            known = await ChatService(unit.session).person(anna.id)
        assert known is not None

        with pytest.raises(AlreadyMember):
            await redeem(database, (await invited(database, name="Ben")).code, known)
