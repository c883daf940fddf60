"""Tests of ``/meinedaten`` and ``/loeschen``: everything, for oneself alone, and gone when one says so."""

import json
from pathlib import Path

import pytest

from bot.core.messages import EventKind, Incoming, Outgoing, Person, Place
from bot.core.packing import pack_incoming, pack_outgoing
from bot.core.text import rich
from bot.handlers.registry import build_registry
from knowledge.kit.clock import now, use_clock
from knowledge.kit.database import Database
from knowledge.kit.settings import load_settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models import IncomingEvent, OutgoingMessage
from knowledge.models.chat import ChatKind, Network
from knowledge.privacy.erasure_log import ErasureLog
from tests.bot.handlers.privacy_stage import PrivacyStage
from tests.bot.handlers.stage import GROUP, TELEGRAM_ANNA, TELEGRAM_GROUP, texts
from tests.knowledge.privacy.people import (
    MOMENT,
    Somebody,
    add_group,
    add_member,
    add_person,
    everything,
    traces_of,
)

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ADA = Person(Network.MATRIX, "@ada:ort")
ADA_DIRECT = Place(Network.MATRIX, "!direct-ada", ChatKind.DIRECT)


@pytest.fixture
def stage(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PrivacyStage:
    use_clock(lambda: MOMENT)
    (tmp_path / "data").mkdir(exist_ok=True)
    monkeypatch.setattr("tests.bot.handlers.stage.REGISTRY", build_registry())
    return PrivacyStage(database)


async def ada_and_ben(database: Database, *, member: bool = False) -> tuple[Somebody, Somebody]:
    async with unit_of_work(database) as unit:
        group = await add_group(unit.session)
        ada = await add_person(
            unit.session, "ada", group=group, member=await add_member(unit.session) if member else None
        )
        return ada, await add_person(unit.session, "ben", group=group)


class TestMyData:
    async def test_one_file_to_read_and_one_for_machines(self, stage: PrivacyStage, database: Database) -> None:
        ada, ben = await ada_and_ben(database, member=True)
        heard = await stage.write(ADA, "/mydata", ADA_DIRECT)
        assert "Member: Ada Özdemir" in heard[0].text
        (read, _private), (machine, _also) = stage.files
        text = read.content.decode("utf-8-sig")
        for expected in (ada.address, ada.words, "Ada Özdemir", "moderator", "„39 Euro.“ (Leitfaden, S. 3)", "Kreis !"):
            assert expected in text
        data = json.loads(machine.content)
        assert data["member"]["name"] == "Ada Özdemir"
        assert [row["question"] for row in data["exchanges"]] == [ada.words, ada.words]
        assert [row["question"] for row in data["watches"]] == [ada.words]
        assert data["drafts"][0]["data"] == {"said": ada.words}
        assert {row["purpose"] for row in data["invitations"]} == {"member", "mail"}
        assert {row["incoming"] for row in data["messages"]} == {True, False}
        both = text + machine.content.decode()
        assert not [word for word in (ben.address, ben.words, str(ben.identity)) if word in both]

    async def test_every_table_with_something_of_the_person_is_in_it(
        self, stage: PrivacyStage, database: Database
    ) -> None:
        ada, _ben = await ada_and_ben(database)
        await stage.write(ADA, "/mydata", ADA_DIRECT)
        (_read, _), (machine, _) = stage.files
        data = json.loads(machine.content)
        shown = {name for name in ("exchanges", "watches", "drafts", "invitations", "messages") if data[name]}
        tables = {place.partition(".")[0] for place in await traces_of(database, ada.identity, ada.address, ada.words)}
        in_tables = {
            "exchanges": {"exchanges", "questions"},
            "watches": {"watches"},
            "drafts": {"dialogues"},
            "invitations": {"invitations", "jobs"},
            "messages": {"incoming_events", "outgoing_messages"},
        }
        covered = {table for name in shown for table in in_tables[name]}
        # The identity itself, with its direct chat, is always in it.
        assert tables - covered == {"chat_identities", "chats"}

    async def test_says_what_is_not_kept_and_what_others_keep(self, stage: PrivacyStage, database: Database) -> None:
        await ada_and_ben(database)
        await stage.write(ADA, "/mydata", ADA_DIRECT)
        text = stage.files[0][0].content.decode("utf-8-sig")
        assert "Your display name and picture are not kept" in text
        assert "for at most 365 days" in text
        assert "The chat network itself keeps your messages" in text

    async def test_messages_that_wait_are_shown_as_words(self, stage: PrivacyStage, database: Database) -> None:
        await ada_and_ben(database)
        incoming = Incoming("$x", EventKind.MESSAGE, ADA_DIRECT, ADA, now(), "my waiting question")
        payload = {"message": pack_outgoing(Outgoing(ADA_DIRECT, rich("my waiting answer"))), "language": "en"}
        async with unit_of_work(database) as unit:
            unit.session.add(IncomingEvent(network=Network.MATRIX, event="$x", payload=pack_incoming(incoming)))
            unit.session.add(OutgoingMessage(network=Network.MATRIX, chat=ADA_DIRECT.chat, payload=payload))
        await stage.write(ADA, "/mydata", ADA_DIRECT)
        text = stage.files[0][0].content.decode("utf-8-sig")
        assert "Text: my waiting question" in text
        assert "Text: my waiting answer" in text

    async def test_in_a_group_it_goes_to_the_direct_chat(self, stage: PrivacyStage, database: Database) -> None:
        await ada_and_ben(database)
        heard = await stage.write(ADA, "/mydata", GROUP)
        assert [one.private for one in heard] == [False, True, True]
        assert "direct chat" in heard[0].text
        assert [private for _file, private in stage.files] == [True, True]

    async def test_where_the_bot_cannot_write_first_a_link_opens_it(self, stage: PrivacyStage) -> None:
        (heard,) = await stage.write(TELEGRAM_ANNA, "/mydata", TELEGRAM_GROUP)
        assert heard.labels == ("Open the direct chat",)
        assert stage.files == []
        await stage.write(TELEGRAM_ANNA, "/start meinedaten")
        assert len(stage.files) == 2

    async def test_nobody_has_it_in_the_name_of_a_group(self, stage: PrivacyStage) -> None:
        nobody = Person(Network.TELEGRAM, "-100", anonymous=True)
        heard = await stage.write(nobody, "/mydata", TELEGRAM_GROUP)
        assert "in the name of the group" in texts(heard)
        assert stage.files == []


class TestErase:
    async def test_asked_once_with_what_goes_and_what_stays(self, stage: PrivacyStage, database: Database) -> None:
        await ada_and_ben(database)
        before = await everything(database)
        heard = (await stage.write(ADA, "/delete", ADA_DIRECT))[0]
        assert heard.labels == ("Yes, erase everything", "No, keep it")
        assert "Gone would be:" in heard.text
        assert "Left would be:" in heard.text
        after = await everything(database)
        # The question can be come back to, and the dialogue that was left keeps its draft.
        assert {table for table, rows in before.items() if after[table] != rows} == {"sent_messages", "dialogues"}

    async def test_yes_leaves_nothing(self, stage: PrivacyStage, database: Database) -> None:
        ada, ben = await ada_and_ben(database, member=True)
        question = (await stage.write(ADA, "/delete", ADA_DIRECT))[0]
        (heard,) = await stage.choose(ADA, "erase:all", question, ADA_DIRECT)
        assert "Everything about you is erased." in heard.text
        assert "no longer a member" in heard.text
        assert await traces_of(database, ada.identity, ada.address, ada.words, "Ada Özdemir") == []
        assert await traces_of(database, ben.identity)
        assert len(ErasureLog(load_settings().data_folder).read()) == 2

    async def test_no_leaves_everything(self, stage: PrivacyStage, database: Database) -> None:
        ada, _ben = await ada_and_ben(database)
        question = (await stage.write(ADA, "/delete", ADA_DIRECT))[0]
        (heard,) = await stage.choose(ADA, "erase:no", question, ADA_DIRECT)
        assert heard.text == "Nothing was erased."
        assert "exchanges.asker_id" in await traces_of(database, ada.identity)

    async def test_linked_accounts_are_asked_about(self, stage: PrivacyStage, database: Database) -> None:
        async with unit_of_work(database) as unit:
            group, member = await add_group(unit.session), await add_member(unit.session)
            ada = await add_person(unit.session, "ada", group=group, member=member)
            other = await add_person(unit.session, "4711", group=group, member=member, network=Network.TELEGRAM)
        question = (await stage.write(ADA, "/delete", ADA_DIRECT))[0]
        assert question.choices == ("erase:all", "erase:here", "erase:no")
        assert "Matrix, Telegram" in question.text
        (heard,) = await stage.choose(ADA, "erase:here", question, ADA_DIRECT)
        assert "Your other accounts and your membership stay." in heard.text
        assert await traces_of(database, ada.identity) == []
        assert await traces_of(database, other.identity)

    async def test_in_a_group_it_is_asked_privately(self, stage: PrivacyStage, database: Database) -> None:
        await ada_and_ben(database)
        heard = await stage.write(ADA, "/delete", GROUP)
        assert [(one.private, bool(one.choices)) for one in heard] == [(False, False), (True, True)]

    async def test_whoever_comes_back_begins_anew(self, stage: PrivacyStage, database: Database) -> None:
        ada, _ben = await ada_and_ben(database)
        question = (await stage.write(ADA, "/delete", ADA_DIRECT))[0]
        await stage.choose(ADA, "erase:all", question, ADA_DIRECT)
        await stage.write(ADA, "/mydata", ADA_DIRECT)
        data = json.loads(stage.files[1][0].content)
        assert data["identities"][0]["id"] != str(ada.identity)
        assert data["exchanges"] == []
