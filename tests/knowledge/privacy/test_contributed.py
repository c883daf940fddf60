"""Tests of what a member contributed: shown to them, taken apart from them, and over in its time."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from knowledge.kit.clock import now, use_clock
from knowledge.kit.database import Database
from knowledge.kit.settings import load_settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models import (
    ChatIdentity,
    Contribution,
    ContributionMessage,
    Credential,
    DirectoryLink,
    DirectoryProvider,
    Document,
    HubSession,
    KeepRequest,
    KeptForm,
    Notice,
    Passage,
    Report,
    SignInAttempts,
    SignInLink,
    UsedForm,
)
from knowledge.models.access import LinkPurpose
from knowledge.models.chat import Network
from knowledge.models.contribution import ContributionState, ReportReason
from knowledge.privacy.disclosure import DisclosureService
from knowledge.privacy.retention import run_retention
from knowledge.privacy.service import PrivacyService
from tests.knowledge.contributions.world import House, add_house, ask_back, publish_it, send
from tests.knowledge.privacy.people import MOMENT, add_group, everything, traces_of

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ADDRESS = "@ada:ort"


@pytest.fixture(autouse=True)
def clock() -> None:
    at(0)


def at(days: float) -> None:
    moment = MOMENT + timedelta(days=days)
    use_clock(lambda: moment)


async def ada(database: Database) -> tuple[House, UUID]:
    """Somebody who contributed, reported, is signed in, was asked whether a message may be kept, and was told."""
    async with unit_of_work(database) as unit:
        session = unit.session
        house = await add_house(session)
        group = await add_group(session)
        identity = ChatIdentity(network=Network.MATRIX, address=ADDRESS, member_id=house.member.id)
        session.add(identity)
        await session.flush()
        mine: dict[str, Any] = {"member_id": house.member.id}
        entered = {"issuer": "https://login.example", "client_id": "a", "client_secret": "sealed"}
        directory = DirectoryProvider(organisation_id=house.id, label="Rathaus", **entered)
        session.add(directory)
        await session.flush()
        session.add_all(
            [
                HubSession(digest="1" * 64, device="Firefox, Linux", expires_at=now() + timedelta(days=1), **mine),
                SignInLink(digest="2" * 64, purpose=LinkPurpose.SIGN_IN, expires_at=now() + timedelta(hours=1), **mine),
                DirectoryLink(provider_id=directory.id, digest="4" * 64, last_used=now().date(), **mine),
                Credential(login="ada", password_hash="secret-hash", **mine),
                KeptForm(digest="3" * 64, path="/", data={"x": "y"}, expires_at=now() + timedelta(hours=1), **mine),
                KeepRequest(chat_id=group, event="$e", author=ADDRESS, expires_at=now() + timedelta(days=7)),
                Notice(kind="account.password_set", identity_id=identity.id, told_at=now()),
            ]
        )
        return house, identity.id


async def published(database: Database, house: House) -> Document:
    sent = await send(database, house.author)
    await ask_back(database, sent.id, house.member.id)
    async with unit_of_work(database) as unit:
        said = {"from_author": True, "member_id": house.member.id, "text": "Meine Worte"}
        unit.session.add(ContributionMessage(contribution_id=sent.id, **said))
    return await publish_it(database, sent.id)


async def add(database: Database, *rows: Any) -> None:
    async with unit_of_work(database) as unit:
        unit.session.add_all(rows)


@only_sqlite
class TestDisclosure:
    async def test_shows_all_of_it_and_no_secret(self, database: Database) -> None:
        house, identity = await ada(database)
        document = await published(database, house)
        await add(
            database,
            Report(document_id=document.id, member_id=house.member.id, reason=ReportReason.WRONG, text="Zahl falsch"),
        )
        async with unit_of_work(database, writes=False) as unit:
            data = await DisclosureService(unit.session).everything(identity)

        (contribution,) = data.contributions
        assert contribution.state is ContributionState.PUBLISHED
        assert [message[2] for message in contribution.messages if message[0]] == ["Meine Worte"]
        assert [report.text for report in data.reports] == ["Zahl falsch"]
        assert [session.device for session in data.sessions] == ["Firefox, Linux"]
        assert data.sign_in is not None
        assert (data.sign_in.login, data.sign_in.second_factor) == ("ada", False)
        assert [(one.name, one.issuer) for one in data.directories] == [("Rathaus", "https://login.example")]
        assert len(data.keep_requests) == 1
        assert "secret-hash" not in repr(data)


class TestErasing:
    async def test_what_was_sent_stays_with_the_house_alone(self, database: Database) -> None:
        house, identity = await ada(database)
        document = await published(database, house)
        draft = await send(database, house.author, title="Entwurf")
        await add(
            database,
            Report(document_id=document.id, member_id=house.member.id, reason=ReportReason.WRONG, text="Zahl falsch"),
        )
        async with unit_of_work(database) as unit:
            (await unit.session.get_one(Contribution, draft.id)).state = ContributionState.DRAFT
        async with unit_of_work(database) as unit:
            await PrivacyService(unit.session).erase(identity, everywhere=True)

        assert await traces_of(database, house.member.id, identity, ADDRESS, "Meine Worte", "Frau Beispiel") == []
        rows = await everything(database)
        for table in (
            "hub_sessions",
            "credentials",
            "directory_links",
            "sign_in_links",
            "kept_forms",
            "keep_requests",
            "notices",
        ):
            assert rows[table] == [], table
        (kept,) = rows["contributions"]
        assert (kept["organisation_id"], kept["member_id"]) == (house.id, None)
        assert [row["text"] for row in rows["reports"]] == ["Zahl falsch"]
        async with unit_of_work(database, writes=False) as unit:
            headings = {
                heading for passage in await unit.session.scalars(select(Passage)) for heading in passage.headings
            }
        assert "Kosten und Aufwand" in headings
        assert "Ansprechperson" not in headings


@only_sqlite
class TestRetention:
    async def run_at(self, database: Database, days: float) -> dict[str, int]:
        at(days)
        return await run_retention(database, load_settings())

    async def test_ways_in_end_with_their_time(self, database: Database, tmp_path: Any) -> None:
        (tmp_path / "data").mkdir(exist_ok=True)
        await ada(database)
        await add(database, UsedForm(key="a", location="/"), SignInAttempts(key="b", count=1, since=now()))

        assert await self.run_at(database, 0.01) == {}
        first = await self.run_at(database, 1)
        assert first == {"hub_sessions": 1, "sign_in_links": 1, "kept_forms": 1, "sign_in_attempts": 1}
        assert await self.run_at(database, 7) == {"keep_requests": 1, "used_forms": 1}
        assert await self.run_at(database, 30) == {"notices": 1}

    async def test_drafts_and_what_was_rejected_go_after_half_a_year(self, database: Database, tmp_path: Any) -> None:
        (tmp_path / "data").mkdir(exist_ok=True)
        house, _identity = await ada(database)
        states = (ContributionState.DRAFT, ContributionState.REJECTED, ContributionState.WAITING)
        for state in states:
            sent = await send(database, house.author)
            async with unit_of_work(database) as unit:
                row = await unit.session.get_one(Contribution, sent.id)
                row.state, row.decided_at = state, now() if state is ContributionState.REJECTED else None

        await self.run_at(database, 179)
        assert await self.run_at(database, 180) == {"drafts": 1, "rejected": 1}
        assert [row["state"].value for row in (await everything(database))["contributions"]] == ["waiting"]
