"""Circles on both databases."""

from uuid import uuid4

import pytest

from knowledge.chats.schemas import ChatEntry, IdentityEntry
from knowledge.chats.service import ChatService
from knowledge.circles.schemas import Linked
from knowledge.circles.service import CircleExists, CircleNotFound, CircleService, read_topics
from knowledge.kit.database import Database
from knowledge.kit.errors import InvalidInput
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.members.invitations import CodeRefused, InvitationService
from knowledge.models.chat import ChatKind, Network


async def group(database: Database, address: str) -> ChatEntry:
    async with unit_of_work(database) as unit:
        entry = ChatEntry(uuid4(), Network.MATRIX, address, ChatKind.GROUP, is_new=True)
        return await ChatService(unit.session).keep_chat(entry, of=None)


async def somebody(database: Database) -> IdentityEntry:
    async with unit_of_work(database) as unit:
        entry = IdentityEntry(uuid4(), Network.MATRIX, "@anna:ort", is_new=True)
        return await ChatService(unit.session).keep_person(entry)


async def link(database: Database, name: str, chat: ChatEntry, person: IdentityEntry) -> Linked:
    async with unit_of_work(database) as unit:
        circles, codes = CircleService(unit.session), InvitationService(unit.session)
        code = (await codes.circle_code((await circles.get_or_add(name)).id)).code
        return await circles.link(await codes.find(code, person, database), chat, person.id)


class TestNames:
    async def test_are_told_apart_without_case(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            circles = CircleService(unit.session)
            await circles.add("  Ämter und   Wärme ")
            with pytest.raises(CircleExists):
                await circles.add("ämter UND wärme")

            assert (await circles.get("ÄMTER und Wärme")).name == "Ämter und Wärme"
            assert [circle.name for circle in await circles.list()] == ["Ämter und Wärme"]
            with pytest.raises(CircleNotFound):
                await circles.get("Klima\x00")
            for wrong in ("", "  ", "\u200b\x00", "x" * 121):
                with pytest.raises(InvalidInput):
                    await circles.add(wrong)


class TestTopics:
    def test_are_each_there_once(self) -> None:
        assert read_topics("Wärme, klima,\nKLIMA; \u202e ,") == ["Wärme", "klima"]
        assert read_topics(" ") == []
        with pytest.raises(InvalidInput):
            read_topics(",".join(map(str, range(31))))


class TestLinking:
    async def test_a_group_has_one_circle_and_a_circle_one_group(self, database: Database) -> None:
        anna = await somebody(database)
        first, second = await group(database, "!1"), await group(database, "!2")

        assert await link(database, "Klima", first, anna) == await link(database, "Klima", first, anna)
        moved = await link(database, "Klima", second, anna)
        replaced = await link(database, "Wärme", second, anna)

        assert (moved.moved, moved.replaced) == (True, None)
        assert (replaced.moved, replaced.replaced) == (False, "Klima")
        async with unit_of_work(database, writes=False) as unit:
            circles = await CircleService(unit.session).list()
            assert [(circle.name, circle.linked) for circle in circles] == [("Klima", False), ("Wärme", True)]
            assert await CircleService(unit.session).linked_by(replaced.circle) == anna.id

    async def test_a_new_code_ends_the_last_one(self, database: Database) -> None:
        anna, chat = await somebody(database), await group(database, "!1")
        async with unit_of_work(database) as unit:
            circles, codes = CircleService(unit.session), InvitationService(unit.session)
            circle = await circles.add("Klima")
            old, new = [(await codes.circle_code(circle.id)).code for _time in range(2)]
            with pytest.raises(CodeRefused):
                await codes.find(old, anna, database)
            await circles.link(await codes.find(new, anna, database), chat, anna.id)


class TestForgetting:
    async def test_the_group_goes_and_the_circle_stays(self, database: Database) -> None:
        anna, chat = await somebody(database), await group(database, "!1")
        linked = await link(database, "Klima", chat, anna)
        async with unit_of_work(database) as unit:
            circles = CircleService(unit.session)
            await circles.vouch(linked.circle, by=None)
            known = await ChatService(unit.session).chat(chat.id)
            assert known is not None
            await circles.forget_group(known)

        async with unit_of_work(database, writes=False) as unit:
            (circle,) = await CircleService(unit.session).list()
            assert (circle.linked, circle.vouched_at) == (False, None)
            assert await ChatService(unit.session).chat(chat.id) is None


class TestTelling:
    async def test_once_for_a_group_and_once_a_day_for_newcomers(self, database: Database) -> None:
        chat = await group(database, "!1")
        async with unit_of_work(database) as unit:
            circles = CircleService(unit.session)

            assert [await circles.introduce(chat.id) for _time in range(2)] == [True, False]
            assert [await circles.tell_newcomers(chat.id) for _time in range(2)] == [True, False]
