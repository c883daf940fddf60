"""Tests of looking at the key of the second factors."""

from pathlib import Path

import pytest

from knowledge.access.keys import load_key
from knowledge.access.signing_in import sealed_for
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.settings import Settings, load_settings
from knowledge.models.access import Credential
from knowledge.operations.findings import Level
from knowledge.operations.key_checks import check_key
from tests.knowledge.mailing.people import make_member


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a host whose key lies in a folder of its own."""
    monkeypatch.setenv("ALLMENDE_HUB_KEY_FILE", str(tmp_path / "hub.key"))
    return load_settings()


async def set_up(database: Database, key_path: Path) -> None:
    """Have somebody with a second factor that was encrypted with a key."""
    member_id = await make_member(database)
    sealed = load_key(key_path).seal("GEHEIM", about=sealed_for(member_id))
    entry = Credential(member_id=member_id, login="mo", password_hash="", totp_secret=sealed, totp_confirmed_at=now())
    async with database.session() as session:
        session.add(entry)
        await session.commit()


class TestKey:
    async def test_none_is_needed_before_the_first_second_factor(self, database: Database, settings: Settings) -> None:
        assert (await check_key(settings, database)).level is Level.OK
        assert not settings.hub_key_path.exists(), "looking changes nothing"

    async def test_the_right_one_is_fine(self, database: Database, settings: Settings) -> None:
        await set_up(database, settings.hub_key_path)
        assert (await check_key(settings, database)).level is Level.OK

    async def test_one_that_is_not_there_is_said_and_not_made(self, database: Database, settings: Settings) -> None:
        await set_up(database, settings.hub_key_path.with_name("other.key"))
        finding = await check_key(settings, database)
        assert (finding.level, str(settings.hub_key_path) in finding.message) == (Level.WARNING, True)
        assert not settings.hub_key_path.exists()

    async def test_that_of_another_host_is_a_problem(self, database: Database, settings: Settings) -> None:
        await set_up(database, settings.hub_key_path.with_name("other.key"))
        load_key(settings.hub_key_path)
        finding = await check_key(settings, database)
        assert finding.level is Level.PROBLEM

    async def test_a_damaged_one_is_a_problem(self, database: Database, settings: Settings) -> None:
        await set_up(database, settings.hub_key_path)
        settings.hub_key_path.write_bytes(b"short")
        assert (await check_key(settings, database)).level is Level.PROBLEM
