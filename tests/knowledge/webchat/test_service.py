"""Conversations in the browser are kept for a while, told to whose they are, and gone with them."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from knowledge.kit.clock import now, use_clock
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.language import choose_language
from knowledge.kit.settings import load_settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.members.service import MemberService
from knowledge.models.chat import Chat, ChatIdentity
from knowledge.models.webchat import WebConversation, WebFile, WebMessage
from knowledge.organisations.schemas import NewOrganisation
from knowledge.organisations.service import OrganisationService
from knowledge.privacy.disclosure import DisclosureService
from knowledge.privacy.retention import run_retention
from knowledge.privacy.service import PrivacyService
from knowledge.privacy.told.person import sections
from knowledge.webchat.schemas import Talker
from knowledge.webchat.service import TOGETHER, UnknownWebFile, WebChatService, new_token, talking, visiting

TABLES = (ChatIdentity, Chat, WebConversation, WebMessage, WebFile)
sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path) -> None:
    """Have somewhere to note who was erased."""
    (tmp_path / "data").mkdir(exist_ok=True)


def visitor() -> Talker:
    """Return a new visitor."""
    talker = visiting(new_token())
    assert talker is not None
    return talker


async def a_member(database: Database) -> Talker:
    """Return a new member."""
    async with unit_of_work(database) as unit:
        await OrganisationService(unit.session).add(NewOrganisation(key="lindenau", name="Lindenau"))
        return talking((await MemberService(unit.session).add("Ada Ahorn", "lindenau")).id)


async def talk(database: Database, talker: Talker, *texts: str) -> None:
    """Let somebody say things, and be sent a picture and a file."""
    async with unit_of_work(database) as unit:
        chat = WebChatService(unit.session)
        for text in texts or ("Guten Tag",):
            values = {"blocks": [["paragraph", [[text, "plain", None]]]], "choices": []}
            await chat.say(talker, new_id().hex, values)
        for name, kind in (("baum.png", "image/png"), ("daten.txt", "text/plain")):
            file = {"file": {"name": name, "media_type": kind}}
            await chat.hear(talker.address, new_id().hex, {"blocks": [], "choices": [], **file}, b"content")


async def counted(database: Database) -> list[int]:
    """Return how many rows there are of people, chats, conversations, messages and files."""
    async with unit_of_work(database, writes=False) as unit:
        return [await unit.session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES]


def later(**period: float) -> None:
    """Let time pass."""
    moment = now() + timedelta(**period)
    use_clock(lambda: moment)


class TestKeeping:
    async def test_a_visitors_goes_after_a_day_of_silence_with_everything(self, database: Database) -> None:
        talker = visitor()
        await talk(database, talker)
        later(hours=20)
        await talk(database, talker)
        later(hours=20)
        assert (await run_retention(database, load_settings())).keys() == {"web_files"}
        assert await counted(database) == [1, 1, 1, 6, 3]
        later(hours=5)
        gone = await run_retention(database, load_settings())
        assert gone.keys() >= {"web_visits", "web_chats", "web_visitors"}
        assert await counted(database) == [0, 0, 0, 0, 0]

    async def test_a_members_goes_after_a_month_and_files_after_a_day(self, database: Database) -> None:
        await talk(database, await a_member(database))
        later(days=2)
        assert (await run_retention(database, load_settings()))["web_files"] == 1
        assert await counted(database) == [1, 1, 1, 3, 1]
        later(days=27.9)
        await run_retention(database, load_settings())
        assert await counted(database) == [1, 1, 1, 3, 1]
        later(days=0.2)
        await run_retention(database, load_settings())
        # Who it was stays, as the account of a member.
        assert await counted(database) == [1, 0, 0, 0, 0]

    @sqlite
    async def test_only_ones_own_is_deleted(self, database: Database) -> None:
        member, other = await a_member(database), visitor()
        for talker in (member, other):
            await talk(database, talker)
        async with unit_of_work(database) as unit:
            assert await WebChatService(unit.session).end(other)
            assert not await WebChatService(unit.session).end(visitor())
        assert await counted(database) == [1, 1, 1, 3, 2]


@sqlite
class TestShowing:
    async def test_long_conversations_come_in_parts(self, database: Database) -> None:
        talker = visitor()
        await talk(database, talker, *(f"Nummer {number}" for number in range(TOGETHER)))
        async with unit_of_work(database, writes=False) as unit:
            newest = await WebChatService(unit.session).transcript(talker)
            before = await WebChatService(unit.session).transcript(talker, before=newest.messages[0].id)
        assert (len(newest.messages), newest.has_earlier) == (TOGETHER, True)
        assert [message.blocks[0].spans[0].text for message in before.messages] == ["Nummer 0", "Nummer 1"]
        assert not before.has_earlier

    async def test_files_are_ones_own(self, database: Database) -> None:
        talker, other = visitor(), visitor()
        for one in (talker, other):
            await talk(database, one)
        async with unit_of_work(database, writes=False) as unit:
            chat = WebChatService(unit.session)
            last = (await chat.transcript(talker)).messages[-1].id
            assert (await chat.file(talker, last)).content == b"content"
            for stranger in (other, visitor()):
                with pytest.raises(UnknownWebFile):
                    await chat.file(stranger, last)


class TestSecrets:
    @pytest.mark.parametrize("token", ["", "x" * 42, "ä" * 43, "x" * 42 + "\n", "x" * 42 + "'"])
    def test_what_is_no_secret_of_ours_is_nobody(self, token: str) -> None:
        assert visiting(token) is None

    def test_the_address_does_not_tell_the_secret(self) -> None:
        token = new_token()
        talker = visiting(token)
        assert talker is not None
        assert token not in talker.address


@sqlite
class TestPrivacy:
    async def test_a_member_is_told_what_was_said_and_erased_with_it(self, database: Database) -> None:
        choose_language("en")
        member = await a_member(database)
        await talk(database, member, "Was kostet eine Drohne?")
        await talk(database, visitor(), "Nur meins")
        assert member.member_id is not None
        async with unit_of_work(database, writes=False) as unit:
            data = await DisclosureService(unit.session).of_member(member.member_id)
        told = str(sections(data))
        assert [(row.mine, row.text, row.file) for row in data.said_in_browser] == [
            (True, "Was kostet eine Drohne?", None),
            (False, "", "baum.png"),
            (False, "", "daten.txt"),
        ]
        assert data.said_in_browser[0].kept_until - data.said_in_browser[0].created_at >= timedelta(days=30)
        assert "Your conversation in the browser" in told
        assert "Was kostet eine Drohne?" in told
        assert "Nur meins" not in told
        async with unit_of_work(database) as unit:
            await PrivacyService(unit.session).erase_member(member.member_id)
        assert await counted(database) == [1, 1, 1, 3, 2]
