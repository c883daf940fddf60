"""Tests of looking at the chats: what waits, what failed, what was never connected, and what should be gone."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from knowledge.kit.clock import use_clock
from knowledge.kit.database import Database
from knowledge.kit.language import choose_language
from knowledge.kit.settings import load_settings
from knowledge.models import Chat, Cursor, Erasure, IncomingEvent, OutgoingMessage
from knowledge.models.chat import ChatKind, Network
from knowledge.models.message import SendState
from knowledge.operations.chat_checks import check_chats
from knowledge.operations.findings import Finding, Level
from knowledge.privacy.erasure_log import ErasureLog
from knowledge.privacy.schemas import ErasureRecord
from tests.knowledge.operations.filling import fill_every_table
from tests.knowledge.privacy.people import make_invitation

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def world(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    choose_language("en")
    use_clock(lambda: NOW)


def ago(**period: float) -> datetime:
    return NOW - timedelta(**period)


async def findings(database: Database, *rows: Any) -> dict[str, Finding]:
    """Return what is found with some rows there."""
    async with database.session() as session:
        session.add_all(rows)
        await session.commit()
    return {finding.check: finding async for finding in check_chats(load_settings(), database)}


def levels(found: dict[str, Finding]) -> dict[str, Level]:
    return {name: finding.level for name, finding in found.items()}


def problems(found: dict[str, Finding]) -> Sequence[str]:
    return [name for name, finding in found.items() if finding.level is not Level.OK]


class TestNothingSetUp:
    async def test_is_in_order(self, database: Database) -> None:
        found = await findings(database)
        assert problems(found) == []
        assert {"chats.networks", "chats.incoming", "chats.outgoing", "chats.failed", "mail"} <= found.keys()
        assert {"privacy.retention", "privacy.erasures", "chats.content"} <= found.keys()


class TestNetworks:
    async def test_one_that_was_never_reached(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ALLMENDE_MATRIX_HOMESERVER", "https://matrix.example.org")
        monkeypatch.setenv("ALLMENDE_TELEGRAM_TOKEN", "4711:token")
        found = await findings(database, Cursor(account="matrix:@bot:example.org", value="s1"))
        assert found["chats.matrix"].level is Level.OK
        assert found["chats.telegram"].level is Level.WARNING
        assert "never connected" in found["chats.telegram"].message

    async def test_whoever_runs_it_should_say_so(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ALLMENDE_MATRIX_HOMESERVER", "https://matrix.example.org")
        assert (await findings(database))["chats.operator"].level is Level.WARNING
        monkeypatch.setenv("ALLMENDE_OPERATOR", "Amt Musterland")
        monkeypatch.setenv("ALLMENDE_OPERATOR_CONTACT", "post@example.org")
        assert "chats.operator" not in await findings(database)


class TestMail:
    @pytest.mark.parametrize(
        ("settings", "level"),
        [
            ({}, Level.OK),
            ({"SMTP_HOST": "mail.example.org"}, Level.PROBLEM),
            ({"SMTP_HOST": "mail.example.org", "MAIL_FROM": "a@example.org"}, Level.OK),
            (
                {"SMTP_HOST": "mail.example.org", "MAIL_FROM": "a@b.org", "MAIL_BOUNCES": "bounces@example.org"},
                Level.OK,
            ),
            ({"SMTP_HOST": "mail.example.org", "MAIL_FROM": "a@b.org", "MAIL_BOUNCES": "a+b@b.org"}, Level.PROBLEM),
            ({"SMTP_HOST": "mail.example.org", "MAIL_FROM": "a@b.org", "MAIL_BOUNCES": "bounces"}, Level.PROBLEM),
            (
                {"SMTP_HOST": "mail.example.org", "MAIL_FROM": "a@b.org", "MAIL_BOUNCES": "a" * 30 + "@b.org"},
                Level.PROBLEM,
            ),
            (
                {
                    "SMTP_HOST": "mail.example.org",
                    "MAIL_FROM": "a@example.org",
                    "SMTP_SECURITY": "none",
                    "SMTP_USER": "bot",
                },
                Level.WARNING,
            ),
        ],
        ids=[
            "none",
            "no sender",
            "complete",
            "bounces",
            "bounces with a plus",
            "no bounces",
            "bounces too long",
            "open password",
        ],
    )
    async def test_is_complete_or_said_not_to_be(
        self, database: Database, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], level: Level
    ) -> None:
        for name, value in settings.items():
            monkeypatch.setenv(f"ALLMENDE_{name}", value)
        assert (await findings(database))["mail"].level is level


class TestWaiting:
    async def test_what_came_just_now_is_no_trouble(self, database: Database) -> None:
        event = IncomingEvent(network=Network.MATRIX, event="$1", payload={}, received_at=ago(minutes=9))
        message = OutgoingMessage(network=Network.MATRIX, chat="!x", created_at=ago(minutes=9), run_at=ago(minutes=9))
        assert problems(await findings(database, event, message)) == []

    async def test_questions_that_nobody_takes(self, database: Database) -> None:
        handled = IncomingEvent(network=Network.MATRIX, event="$1", received_at=ago(days=3), handled_at=ago(days=3))
        waits = IncomingEvent(network=Network.MATRIX, event="$2", payload={}, received_at=ago(hours=3))
        finding = (await findings(database, handled, waits))["chats.incoming"]
        assert finding.level is Level.PROBLEM
        assert "3 hours" in finding.message
        assert "allmende serve" in str(finding.todo)

    async def test_answers_that_do_not_get_out(self, database: Database) -> None:
        waits = OutgoingMessage(network=Network.MATRIX, chat="!x", created_at=ago(days=4), run_at=ago(minutes=1))
        finding = (await findings(database, waits))["chats.outgoing"]
        assert finding.level is Level.WARNING
        assert "4 days" in finding.message

    async def test_answers_that_were_refused(self, database: Database) -> None:
        common = {"network": Network.MATRIX, "chat": "!x", "state": SendState.FAILED, "created_at": ago(hours=1)}
        rows = [OutgoingMessage(**common, error=error) for error in ("SendRefused", "SendRefused", "withdrawn")]
        finding = (await findings(database, *rows))["chats.failed"]
        assert finding.level is Level.WARNING
        assert finding.facts["errors"] == {"SendRefused": 2}


class TestPrivacy:
    async def test_what_should_have_been_deleted(self, database: Database) -> None:
        finding = (await findings(database, make_invitation(used_at=ago(days=10))))["privacy.retention"]
        assert finding.level is Level.PROBLEM
        assert "18 November 2026 (used_invitations)" in finding.message

    async def test_erasures_that_a_backup_would_undo(self, database: Database) -> None:
        record = ErasureRecord("ab" * 32, "cd" * 16, ago(days=1))
        row = Erasure(digest=record.digest, key=record.key, erased_at=record.erased_at)
        assert (await findings(database, row))["privacy.erasures"].level is Level.WARNING
        ErasureLog(load_settings().data_folder).add([record])
        assert (await findings(database))["privacy.erasures"].level is Level.OK


class TestSecrecy:
    async def test_no_finding_holds_an_address_a_name_or_a_text(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ALLMENDE_TELEGRAM_TOKEN", "4711:token")
        await fill_every_table(database)
        said = str(
            [*(await findings(database, Chat(network=Network.MATRIX, address="!g", kind=ChatKind.GROUP))).values()]
        )
        assert "chats.content" in said
        assert not [word for word in ("ort.example", "Özdemir", "Was kostet", "4711") if word in said]
