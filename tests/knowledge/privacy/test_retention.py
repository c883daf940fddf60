"""Tests of what is deleted by itself: on its day, not before, and nothing else."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from knowledge.kit.clock import now, use_clock
from knowledge.kit.database import Database
from knowledge.kit.settings import load_settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models import ChatIdentity, OutgoingMessage, Watch
from knowledge.models.chat import Network
from knowledge.models.message import SendState
from knowledge.models.training import Training
from knowledge.privacy.erasure_log import ErasureLog
from knowledge.privacy.retention import keep_retention, oldest_overdue, run_retention
from knowledge.privacy.service import PrivacyService
from knowledge.trainings.settling import settle_trainings
from tests.knowledge.privacy.people import (
    MOMENT,
    Somebody,
    add_group,
    add_member,
    add_person,
    everything,
    make_invitation,
    traces_of,
)
from tests.knowledge.trainings.ground import add_training

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def clock(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(exist_ok=True)
    at(0)


def at(days: float) -> None:
    """Let it be so many days after everything was asked."""
    moment = MOMENT + timedelta(days=days)
    use_clock(lambda: moment)


async def a_person(database: Database) -> Somebody:
    async with unit_of_work(database) as unit:
        return await add_person(unit.session, "ada", group=await add_group(unit.session))


async def add(database: Database, *rows: Any) -> None:
    async with unit_of_work(database) as unit:
        unit.session.add_all(rows)


async def run_at(database: Database, days: float) -> dict[str, int]:
    at(days)
    return await run_retention(database, load_settings())


async def left(database: Database) -> dict[str, int]:
    return {table: len(rows) for table, rows in (await everything(database)).items() if rows}


class TestTime:
    async def test_nothing_goes_before_its_day(self, database: Database) -> None:
        await a_person(database)
        before = await everything(database)
        assert await run_at(database, 6.9) == {}
        assert await everything(database) == before

    async def test_links_end_first_then_words_then_the_person(self, database: Database) -> None:
        ada = await a_person(database)
        first = await run_at(database, 14.1)
        assert first["exchanges"] == 2
        assert first["watches"] == first["dialogues"] == 1
        assert await traces_of(database, ada.identity) == [
            "chat_identities.id",
            "chats.identity_id",
            "invitations.identity_id",
            "outgoing_messages.chat",
        ]
        assert (await left(database))["questions"] == 2, "the words stay longer than the link"
        await run_at(database, 365.1)
        rows = await left(database)
        assert rows == {"answers": 2, "chats": 1, "circles": 1, "incoming_events": 1, "outgoing_messages": 3}

    async def test_a_second_run_does_no_more(self, database: Database) -> None:
        await a_person(database)
        assert await run_at(database, 400)
        after = await everything(database)
        assert await run_at(database, 400) == {}
        assert await everything(database) == after


@only_sqlite
class TestRules:
    async def test_handled_events_and_sent_messages_are_noted_for_a_week(self, database: Database) -> None:
        await a_person(database)
        sent = OutgoingMessage(network=Network.MATRIX, chat="!x", state=SendState.SENT, sent_at=now())
        failed = OutgoingMessage(network=Network.MATRIX, chat="!x", state=SendState.FAILED, error="SendRefused")
        await add(database, sent, failed)
        gone = await run_at(database, 7)
        assert gone == {"incoming_events": 1, "outgoing_messages": 1, "failed_messages": 1, "mails": 1}

    async def test_used_codes_go_after_a_week_and_unused_ones_after_their_time(self, database: Database) -> None:
        await add(database, make_invitation(used_at=now()), make_invitation(expires_at=now() + timedelta(days=3)))
        assert await run_at(database, 6) == {}
        assert await run_at(database, 7) == {"used_invitations": 1}
        assert await run_at(database, 10) == {"invitations": 1}

    async def test_whoever_was_told_is_forgotten_a_week_later(self, database: Database) -> None:
        ada = await a_person(database)
        question = ada.exchanges[1].question_id
        told = Watch(question_id=question, identity_id=ada.identity, expires_at=now() + timedelta(90), told_at=now())
        await add(database, told)
        assert "told_watches" not in await run_at(database, 6)
        assert (await run_at(database, 7))["told_watches"] == 1

    async def test_words_stay_as_long_as_somebody_waits(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ALLMENDE_CHAT_QUESTION_DAYS", "5")
        await a_person(database)
        assert (await run_at(database, 5))["questions"] == 1
        assert (await run_at(database, 14.1))["questions"] == 1

    async def test_members_are_not_forgotten_however_long_they_are_silent(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            group, member = await add_group(unit.session), await add_member(unit.session)
            ada = await add_person(unit.session, "ada", group=group, member=member)
        assert "identities" not in await run_at(database, 1000)
        assert "members.name" in await traces_of(database, "Ada Özdemir")
        assert "chat_identities.address" in await traces_of(database, ada.address)

    async def test_somebody_seen_lately_is_not_forgotten(self, database: Database) -> None:
        await add(database, ChatIdentity(network=Network.MATRIX, address="@a", seen_at=now() + timedelta(days=1)))
        assert await run_at(database, 365) == {}
        assert await run_at(database, 366) == {"identities": 1}

    async def test_many_rows_go_in_several_transactions(self, database: Database) -> None:
        await add(database, *(make_invitation(used_at=now()) for _ in range(1234)))
        assert await run_at(database, 7) == {"used_invitations": 1234}


@only_sqlite
class TestErasures:
    async def test_the_list_outside_is_completed(self, database: Database) -> None:
        """The process was killed between the commit and the list, or another host did it."""
        ada = await a_person(database)
        async with unit_of_work(database) as unit:
            erased = await PrivacyService(unit.session).erase(ada.identity, everywhere=True)
        log = ErasureLog(load_settings().data_folder)
        assert not log.exists()
        await run_retention(database, load_settings())
        assert log.read() == list(erased.records)

    async def test_records_go_when_no_backup_can_be_so_old(self, database: Database) -> None:
        ada = await a_person(database)
        async with unit_of_work(database) as unit:
            await PrivacyService(unit.session).erase(ada.identity, everywhere=True)
        assert "erasures" not in await run_at(database, 3 * 365 - 1)
        assert (await run_at(database, 3 * 365))["erasures"] == 1


@only_sqlite
class TestOverdue:
    async def test_a_worker_that_does_not_run_is_noticed(self, database: Database) -> None:
        await a_person(database)
        at(8)
        assert await oldest_overdue(database, load_settings()) is None
        at(10)
        overdue = await oldest_overdue(database, load_settings())
        assert overdue is not None
        assert overdue.since == MOMENT + timedelta(days=7)
        await run_retention(database, load_settings())
        assert await oldest_overdue(database, load_settings()) is None

    async def test_names_that_are_still_in_registrations_are_noticed_and_no_training_is_deleted(
        self, database: Database
    ) -> None:
        async with unit_of_work(database) as unit:
            await add_training(unit.session, MOMENT - timedelta(hours=2))
        at(31)
        assert await oldest_overdue(database, load_settings()) is None
        at(33)
        overdue = await oldest_overdue(database, load_settings())
        assert overdue is not None
        assert (overdue.name, overdue.since) == ("registrations", MOMENT + timedelta(days=30))
        await run_retention(database, load_settings())
        await settle_trainings(database, MOMENT + timedelta(days=33))
        assert await oldest_overdue(database, load_settings()) is None
        async with unit_of_work(database, writes=False) as unit:
            assert (await unit.session.scalars(select(Training.cleared_at))).one() is not None


@only_sqlite
class TestKeeping:
    async def test_it_runs_at_once_and_stops_when_told(self, database: Database) -> None:
        await add(database, make_invitation(used_at=now()))
        at(7)
        stop = asyncio.Event()
        keeper = asyncio.create_task(keep_retention(database, load_settings(), stop))
        async with asyncio.timeout(30):
            while await left(database):  # noqa: ASYNC110 - there is nothing to wait for but the outcome
                await asyncio.sleep(0.01)
        stop.set()
        await asyncio.wait_for(keeper, 30)
