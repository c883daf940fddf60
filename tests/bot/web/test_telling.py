"""Who also talks in the browser is told things where they hear of them; the browser is where they wait otherwise."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.core.registry import Registry
from bot.core.running import Bot, make_services
from bot.web.adapter import WebAdapter
from knowledge.chats.outbox import Outbox
from knowledge.chats.service import ChatService
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.settings import load_settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.answers.service import AnswerService
from knowledge.models.chat import ChatIdentity, Network
from knowledge.models.notice import Notice
from knowledge.notices.repository import NoticeRepository
from knowledge.notices.service import tell
from knowledge.questions.reaching.repository import ReachRepository
from knowledge.webchat.service import WebChatService, new_token, talking, visiting
from tests.bot.core.world import NoIndexes
from tests.bot.handlers.contributing_world import ANNA, BEN, TINA, TOM, Desk, desk_of

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest_asyncio.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    """The bot on two networks, in a process without pages."""
    async with desk_of(database, load_settings()) as opened:
        yield opened


async def uses_browser(database: Database, member: UUID) -> UUID:
    """Let a member say something in the browser, later than everywhere else; returns their identity there."""
    async with unit_of_work(database) as unit:
        talker = talking(member)
        await WebChatService(unit.session).say(talker, new_id().hex, {"blocks": [], "choices": []})
        person = await ChatService(unit.session).look_up_person(Network.WEB, talker.address)
    return person.id


async def notify(desk: Desk, **whom: Any) -> None:
    """Let something happen to somebody, and tell what is to be told."""
    async with unit_of_work(desk.database) as unit:
        await tell(unit.session, "account.password_set", **whom)
    await desk.tell()


async def waiting_in_browser(database: Database, member: UUID) -> list[str]:
    """Start a process with pages, and return what the bot has said on a member's page then."""
    settings = load_settings()
    adapter = WebAdapter(database)
    answers = AnswerService(database, NoIndexes(), settings.answers)
    async with Bot(make_services(settings, database, answers, [adapter]), [adapter], Registry()) as bot:
        await bot.connected()
        while await _is_waiting(database):
            await bot.settle()
    async with unit_of_work(database, writes=False) as unit:
        said = (await WebChatService(unit.session).transcript(talking(member))).messages
    return ["".join(span.text for block in one.blocks for span in block.spans) for one in said if not one.mine]


async def _is_waiting(database: Database) -> bool:
    async with unit_of_work(database, writes=False) as unit:
        return bool(await Outbox(unit.session).waiting_chats(Network.WEB))


async def told(desk: Desk) -> list[bool]:
    """Return of each notice whether it is marked as told."""
    return [notice.told_at is not None for notice in await desk.rows(Notice)]


class TestWays:
    async def test_every_other_way_comes_before_the_browser(self, database: Database, desk: Desk) -> None:
        for person in (ANNA, TINA):
            member = await desk.make_member(person)
            await desk.write(person, "/help")
            await uses_browser(database, member)
            async with unit_of_work(database, writes=False) as unit:
                way = await NoticeRepository(unit.session).way_to(member)
                identity = await unit.session.get(ChatIdentity, way)
            assert identity is not None
            assert identity.network is person.network

    async def test_in_the_browser_only_where_there_is_a_conversation(self, database: Database, desk: Desk) -> None:
        # Somebody of Telegram who never wrote to the bot cannot be told anything there.
        member = await desk.make_member(TOM)
        async with unit_of_work(database, writes=False) as unit:
            assert await NoticeRepository(unit.session).way_to(member) is None
        identity = await uses_browser(database, member)
        async with unit_of_work(database, writes=False) as unit:
            assert await NoticeRepository(unit.session).way_to(member) == identity
            assert await ReachRepository(unit.session).way_at_home(member) == identity
            assert await ReachRepository(unit.session).reachable([member], abroad=False) == [member]


@sqlite
class TestNotices:
    async def test_are_told_in_the_chat_and_not_in_the_browser_as_well(self, database: Database, desk: Desk) -> None:
        member = await desk.make_member(BEN)
        await uses_browser(database, member)
        await notify(desk, member_id=member)
        assert len(desk.said(BEN)) == 1
        assert await waiting_in_browser(database, member) == []
        assert await told(desk) == [True]

    async def test_about_what_began_in_the_browser_come_in_the_chat(self, database: Database, desk: Desk) -> None:
        member = await desk.make_member(BEN)
        identity = await uses_browser(database, member)
        await notify(desk, identity_id=identity)
        assert len(desk.said(BEN)) == 1
        assert await waiting_in_browser(database, member) == []

    async def test_wait_in_the_browser_where_nobody_else_can_tell_them(self, database: Database, desk: Desk) -> None:
        member = await desk.make_member(TOM)
        await uses_browser(database, member)
        await notify(desk, member_id=member)
        said = await waiting_in_browser(database, member)
        assert len(said) == 1
        assert "Passwort" in said[0]
        # Another process that starts says nothing twice.
        assert await waiting_in_browser(database, member) == said
        assert await told(desk) == [True]

    async def test_nothing_waits_for_a_conversation_that_was_deleted(self, database: Database, desk: Desk) -> None:
        member = await desk.make_member(TOM)
        await uses_browser(database, member)
        async with unit_of_work(database) as unit:
            assert await WebChatService(unit.session).end(talking(member))
        await notify(desk, member_id=member)
        assert await waiting_in_browser(database, member) == []
        assert await told(desk) == [True]


@sqlite
class TestVisitors:
    async def test_are_never_somebodys_way(self, database: Database) -> None:
        talker = visiting(new_token())
        assert talker is not None
        async with unit_of_work(database) as unit:
            await WebChatService(unit.session).say(talker, "a", {"blocks": [], "choices": []})
        async with unit_of_work(database, writes=False) as unit:
            [row] = (await unit.session.scalars(select(ChatIdentity))).all()
        assert (row.network, row.member_id, row.address) == (Network.WEB, None, talker.address)
        assert row.address.startswith("visitor:")
