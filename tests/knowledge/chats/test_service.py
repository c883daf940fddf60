"""People and chats: looked up without being stored, stored when they speak."""

import asyncio
from datetime import timedelta

from sqlalchemy import func, select

from knowledge.chats.dialogues import DialogueBook, DialogueState
from knowledge.chats.inbox import Inbox
from knowledge.chats.outbox import UNMADE, Outbox
from knowledge.chats.service import ChatService
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.chat import Chat, ChatIdentity, ChatKind, Circle, Network
from knowledge.models.member import Member, Role


class TestLooking:
    async def test_a_look_stores_nothing(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            chats = ChatService(unit.session)
            person = await chats.look_up_person(Network.MATRIX, "@anna:ort")
            chat = await chats.look_up_chat(Network.MATRIX, "!a", ChatKind.GROUP)
            assert (person.is_new, chat.is_new) == (True, True)
            assert await unit.session.scalar(select(func.count()).select_from(ChatIdentity)) == 0
            assert await unit.session.scalar(select(func.count()).select_from(Chat)) == 0

    async def test_members_who_left_count_as_nobody(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            member = Member(name="Anna", search_name="anna", role=Role.MODERATOR)
            unit.session.add(member)
            await unit.session.flush()
            chats = ChatService(unit.session)
            person = await chats.keep_person(await chats.look_up_person(Network.MATRIX, "@anna:ort"))
            await chats.change_person(person.id, member_id=member.id, language="en")
            known = await chats.look_up_person(Network.MATRIX, "@anna:ort")
            assert (known.verified, known.moderates, known.language) == (True, True, "en")
            member.active = False
            await unit.session.flush()
            assert (await chats.look_up_person(Network.MATRIX, "@anna:ort")).role is None

    async def test_a_groups_circle_is_known(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            chats = ChatService(unit.session)
            chat = await chats.keep_chat(await chats.look_up_chat(Network.MATRIX, "!a", ChatKind.GROUP), of=None)
            circle = Circle(name="Bauen", search_name="bauen", chat_id=chat.id, topics=["Bau"], recognises_since=now())
            unit.session.add(circle)
            await unit.session.flush()
            known = await chats.look_up_chat(Network.MATRIX, "!a", ChatKind.GROUP)
            assert known.circle is not None
            assert (known.circle.topics, known.circle.recognises, known.circle.vouched) == (("Bau",), True, False)
            assert list(await chats.repository.overheard(Network.MATRIX)) == ["!a"]


class TestKeeping:
    async def test_two_who_keep_the_same_person_at_once_get_the_same_one(self, database: Database) -> None:
        async def keep() -> object:
            async with unit_of_work(database) as unit:
                chats = ChatService(unit.session)
                entry = await chats.look_up_person(Network.MATRIX, "@anna:ort")
                return (await chats.keep_person(entry)).id

        assert len({str(key) for key in await asyncio.gather(*(keep() for _each in range(5)))}) == 1

    async def test_an_outage_is_noted_once_in_a_while(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            chats = ChatService(unit.session)
            chat = await chats.keep_chat(await chats.look_up_chat(Network.MATRIX, "!a", ChatKind.GROUP), of=None)
            moment, hour = now(), timedelta(hours=1)
            note = chats.repository.note_outage
            assert await note(chat.id, moment=moment, unless_after=moment - hour)
            assert not await note(chat.id, moment=moment, unless_after=moment - hour)
            assert await note(chat.id, moment=moment + 2 * hour, unless_after=moment + hour)


class TestInbox:
    async def test_order_and_identity_are_kept(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            inbox = Inbox(unit.session)
            first = await inbox.take(Network.MATRIX, [("b", {"n": 1}), ("a", {"n": 2}), ("b", {"n": 3})])
            assert [(row.event, row.payload) for row in first] == [("b", {"n": 1}), ("a", {"n": 2})]
            again = await inbox.take(Network.MATRIX, [("a", {}), ("c", {})])
            assert [row.event for row in again] == ["c"]
            assert [row.event for row in await inbox.take(Network.TELEGRAM, [("a", {})])] == ["a"]
            assert await inbox.finish(first[0].key)
            assert not await inbox.finish(first[0].key)
            assert [row.event for row in await inbox.unhandled(Network.MATRIX)] == ["a", "c"]

    async def test_what_was_never_kept_is_noted_once(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            inbox = Inbox(unit.session)
            assert await inbox.finish_unkept(Network.MATRIX, "x")
            assert not await inbox.finish_unkept(Network.MATRIX, "x")
            assert await inbox.take(Network.MATRIX, [("x", {})]) == []


class TestOutbox:
    async def test_private_messages_wait_for_a_chat_to_be_made(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            chats, outbox = ChatService(unit.session), Outbox(unit.session)
            person = await chats.keep_person(await chats.look_up_person(Network.MATRIX, "@anna:ort"))
            chat = await outbox.add_private(Network.MATRIX, person.id, {"message": 1}, exchange_id=None)
            assert chat == f"{UNMADE}{person.id.hex}"
            found = await outbox.next(Network.MATRIX, chat)
            assert found is not None
            assert (found[0].recipient, found[1]) == (person.id, False)
            await outbox.redirect(Network.MATRIX, chat, to="!direct")
            assert list(await outbox.waiting_chats(Network.MATRIX)) == ["!direct"]


class TestDialogues:
    async def test_one_is_left_and_found_again(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            chats = ChatService(unit.session)
            person = await chats.keep_person(await chats.look_up_person(Network.MATRIX, "@anna:ort"))
            chat = await chats.keep_chat(await chats.look_up_chat(Network.MATRIX, "!a", ChatKind.DIRECT), of=person.id)
            book = DialogueBook(unit.session, person.id, chat.id)
            for step in ("one", "two"):
                await book.keep(DialogueState("form", step, {"a": 1}, 2, (("k", "Label"),)), keep_days=3)
            state = await book.active()
            assert state is not None
            assert (state.step, state.data, state.asked, state.choices) == ("two", {"a": 1}, 2, (("k", "Label"),))
            await book.leave()
            assert await book.active() is None
            left = await book.newest()
            assert left is not None
            assert not left.active
            await book.forget("form")
            assert await book.named("form") is None
