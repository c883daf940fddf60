"""Does the list of what is kept about people name all that there is, and the periods that hold?"""

import re
from datetime import timedelta
from pathlib import Path

from knowledge.kit.settings import ChatSettings
from knowledge.models import Base
from knowledge.privacy.erasure_log import KEPT
from knowledge.privacy.expiry.repository import ATTEMPTS_KEPT, DRAFTS_KEPT, NOTES_KEPT, NOTICES_KEPT, UNSEEN_KEPT

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "datenschutz.md").read_text("utf-8")
SECTION = re.compile(r"^### `(\w+)`\n(.*?)(?=^##)", re.MULTILINE | re.DOTALL)
COLUMN = re.compile(r"^\| `(\w+)` \|", re.MULTILINE)
# What a person can be recognised by: such a column makes a table one about people.
PERSONAL = {"identity_id", "asker_id", "member_id", "vouched_by", "voter", "address", "chat", "payload", "name"}
PERSONAL |= {"created_by", "started_by", "answered_by", "comment"}
PERSONAL |= {"steward_id", "successor_id", "from_member_id", "to_member_id", "blocked_id", "asker", "decided_by"}


def listed() -> dict[str, set[str]]:
    """Return the columns that the document names, by table."""
    return {name: set(COLUMN.findall(text)) for name, text in SECTION.findall(TEXT)}


def without_people() -> set[str]:
    """Return the tables of which the document says that they are about nobody."""
    paragraph = TEXT.split("### Tabellen ohne Personenbezug")[1].split("\n\n")[1]
    return set(re.findall(r"`(\w+)`", paragraph))


def in_database() -> dict[str, set[str]]:
    """Return the columns of all tables."""
    return {table.name: set(table.columns.keys()) for table in Base.metadata.tables.values()}


class TestTables:
    def test_every_table_is_listed_once(self) -> None:
        assert len(listed()) > 10
        assert listed().keys() & without_people() == set()
        assert listed().keys() | without_people() == in_database().keys()

    def test_every_column_of_a_table_about_people_is_listed(self) -> None:
        tables = in_database()
        assert listed() == {name: tables[name] for name in listed()}

    def test_no_table_that_is_said_to_be_about_nobody_has_a_column_about_somebody(self) -> None:
        tables = in_database()
        # Organisations are no people, though they have names.
        suspicious = {name: tables[name] & PERSONAL for name in without_people()}
        assert {name: columns for name, columns in suspicious.items() if columns} == {"organisations": {"name"}}


class TestPeriods:
    def test_those_with_a_setting_are_its_defaults(self) -> None:
        chats = ChatSettings()
        for name in ("chat_thread_days", "chat_question_days", "chat_watch_days"):
            row = re.search(rf"^\|.*`ALLMENDE_{name.upper()}` \|$", TEXT, re.MULTILINE)
            assert row is not None
            assert f"{getattr(chats, name)} Tage" in row[0]

    def test_those_without_are_what_the_program_does(self) -> None:
        assert timedelta(days=7) == NOTES_KEPT
        assert timedelta(days=365) == UNSEEN_KEPT
        assert timedelta(days=3 * 365) == KEPT
        assert "| 7 Tage | – |" in TEXT
        assert "| 365 Tage, nachdem die Person zuletzt da war | – |" in TEXT
        assert "| Merkzeichen einer Löschung | 3 Jahre | – |" in TEXT

    def test_those_of_contributions_and_the_ways_in_are_too(self) -> None:
        assert timedelta(days=180) == DRAFTS_KEPT
        assert timedelta(days=30) == NOTICES_KEPT
        assert timedelta(days=1) == ATTEMPTS_KEPT
        for row in (
            "| Entwürfe von Erfahrungen | 180 Tage nach der letzten Änderung | – |",
            "| abgelehnte und zurückgezogene Erfahrungen | 180 Tage nach der Entscheidung | – |",
            "| Mitteilungen des Bots (nur Art und interne Nummern) | 30 Tage, nachdem sie ausgerichtet wurden | – |",
            "| Schlüssel abgeschickter Formulare | 7 Tage | – |",
            "| Zähler vergeblicher Anmeldungen | 1 Tag | – |",
        ):
            assert row in TEXT
