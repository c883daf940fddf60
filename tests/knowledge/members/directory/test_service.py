"""The directory of members on both databases: what only shows where two act at once, and in the chat."""

import asyncio
from uuid import uuid4

import pytest

from knowledge.access.rights import RIGHTS, Visitor
from knowledge.access.visibility import network_member
from knowledge.chats.service import ChatService
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.members.directory.schemas import MemberChange, MemberFilter, MemberState
from knowledge.members.directory.service import LastAdministrator, MemberDirectory
from knowledge.members.invitations import CodeRefused, InvitationService
from knowledge.members.schemas import MemberEntry
from knowledge.members.service import MemberService
from knowledge.models.chat import ChatIdentity, Network
from knowledge.models.member import Role


async def add(database: Database, name: str, role: Role) -> MemberEntry:
    async with unit_of_work(database) as unit:
        return await MemberService(unit.session).add(name, role=role)


def visitor(member: MemberEntry) -> Visitor:
    return Visitor(RIGHTS[member.role], network_member(), member=member, session_id=uuid4(), second_factor=True)


async def demote(database: Database, who: MemberEntry, by: MemberEntry) -> None:
    change = MemberChange(name=who.name, organisation="", role=Role.MEMBER, releases=False)
    async with unit_of_work(database) as unit:
        directory = MemberDirectory(unit.session)
        revision = (await directory.details(who.id)).revision
        await directory.change(who.id, change, by=visitor(by), revision=revision)


class TestTwoAtOnce:
    async def test_two_administrators_never_take_the_role_from_each_other(self, database: Database) -> None:
        first = await add(database, "Ada", Role.ADMINISTRATOR)
        second = await add(database, "Bea", Role.ADMINISTRATOR)
        results = await asyncio.gather(
            demote(database, second, by=first), demote(database, first, by=second), return_exceptions=True
        )
        assert sorted(type(result).__name__ for result in results) == ["LastAdministrator", "NoneType"]
        async with unit_of_work(database) as unit:
            page = await MemberDirectory(unit.session).page(MemberFilter(role=Role.ADMINISTRATOR), 1)
        assert page.count == 1


class TestSuspended:
    async def test_in_the_chat_they_find_what_is_public_and_cannot_join_anew(self, database: Database) -> None:
        boss = await add(database, "Ada", Role.ADMINISTRATOR)
        member = await add(database, "Carl", Role.MEMBER)
        async with unit_of_work(database) as unit:
            unit.session.add(ChatIdentity(network=Network.MATRIX, address="@carl:ort", member_id=member.id))
        async with unit_of_work(database) as unit:
            await MemberDirectory(unit.session).suspend(member.id, by=visitor(boss))
            code = (await InvitationService(unit.session).invite(Role.MEMBER, name="Carla")).code
        async with unit_of_work(database) as unit:
            person = await ChatService(unit.session).look_up_person(Network.MATRIX, "@carl:ort")
            assert not person.verified
            with pytest.raises(CodeRefused):
                await InvitationService(unit.session).redeem(code, person, database)
        async with unit_of_work(database) as unit:
            await MemberDirectory(unit.session).lift(member.id, by=visitor(boss))
        async with unit_of_work(database) as unit:
            person = await ChatService(unit.session).look_up_person(Network.MATRIX, "@carl:ort")
        assert person.member_id == member.id

    async def test_the_last_administrator_is_not_suspended(self, database: Database) -> None:
        boss, helper = await add(database, "Ada", Role.ADMINISTRATOR), await add(database, "Bea", Role.MODERATOR)
        async with unit_of_work(database) as unit:
            with pytest.raises(LastAdministrator):
                await MemberDirectory(unit.session).suspend(boss.id, by=visitor(helper))
            assert (await MemberDirectory(unit.session).details(boss.id)).line.state is MemberState.ACTIVE
