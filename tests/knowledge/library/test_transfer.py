"""Tests of documents as JSON lines: out of one library, into another, or back into the same one."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from knowledge.jobs.repository import JobRepository
from knowledge.kit.clock import use_clock
from knowledge.kit.database import Database
from knowledge.kit.migrations import upgrade_database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.descriptions import WrongDescription
from knowledge.library.files.blocks import Block, ParsedFile
from knowledge.library.indexes.jobs import VECTORS_JOB
from knowledge.library.indexes.repository import ChangeRepository
from knowledge.library.indexes.schemas import Position
from knowledge.library.listing import near_duplicates
from knowledge.library.repository import DocumentFilter, DocumentRepository
from knowledge.library.schemas import Description
from knowledge.library.service import IncomingFile, LibraryService
from knowledge.library.transfer import (
    LineDamaged,
    LineFromNewerProgram,
    RegisterMissing,
    TransferOutcome,
    TransferResult,
    TransferService,
    read_line,
)
from knowledge.models.document import Kind, Passage, Rights, Status, Visibility
from knowledge.organisations.schemas import NewOrganisation
from knowledge.organisations.service import OrganisationService
from knowledge.synonyms.service import SynonymService

MORNING = datetime(2026, 11, 21, 9, 0, 0, 123456, tzinfo=UTC)
HOUSE = "house/Übersicht „Wege“.pdf"
OPEN = "leitfaden.md"


def parsed(*sentences: str) -> ParsedFile:
    """Return what a PDF with a heading, some paragraphs and a table was read into."""
    blocks = [Block("heading", "Straßen und Wege", level=1, place="page", number=1)]
    blocks += [Block("paragraph", text, place="page", number=2) for text in sentences]
    blocks.append(Block("table", "Straße | Zustand\nHauptstraße | gut", label="Blatt", place="sheet", number=1))
    blocks.append(Block("paragraph", "Nr. 7: Codina (2025).", note="references", place="page", number=3))
    return ParsedFile(tuple(blocks), "Straßen und Wege", {}, "application/pdf")


async def take_in(database: Database, source: str, content: str, **said: Any) -> None:
    """Bring in a file, as ``allmende add`` does."""
    async with unit_of_work(database) as unit:
        text = f"Das Onlinezugangsgesetz (OZG) gilt. {content} Der Zustand der Straßen wurde im Mai mit KI erfasst."
        file = IncomingFile(source, content.encode().hex().ljust(64, "0")[:64], 1234, parsed(text))
        await LibraryService(unit).take_in(file, Description(**said))


async def fill(database: Database) -> None:
    """Make a library with two documents, one of them with everything that can be said about it."""
    async with unit_of_work(database) as unit:
        body = NewOrganisation(name="Kompetenzzentrum Brandenburg", key="kompetenz-bb", state="12", example=True)
        await OrganisationService(unit.session).add(body)
    await take_in(database, OPEN, "Erste Fassung.", visibility=Visibility.PUBLIC)
    described: dict[str, Any] = {
        "title": "Titel mit „Anführung“ und 🛣",
        "kind": Kind.EXPERIENCE,
        "publisher": "Musterstadt",
        "organisation": "kompetenz-bb",
        "year": 2025,
        "licence": "CC BY 4.0",
        "rights": Rights.QUOTE,
        "url": "https://example.org/wege",
        "visibility": Visibility.HOUSE,
        "state": "Brandenburg",
        "valid_from": date(2025, 1, 1),
        "valid_until": date(2027, 12, 31),
        "review_by": date(2026, 6, 30),
        "topics": ("Wege", "KI"),
        "details": {"status": "läuft"},
    }
    await take_in(database, HOUSE, "Alt.", **described)
    use_clock(lambda: MORNING + timedelta(hours=1))
    await take_in(database, HOUSE, "Neu.")


async def export(database: Database, *, published: bool = False) -> list[bytes]:
    """Return the lines of an export."""
    async with unit_of_work(database, writes=False) as unit:
        lines = TransferService(unit).export(published=published)
        return [line.model_dump_json().encode() async for line in lines]


async def import_lines(database: Database, lines: list[bytes]) -> list[TransferOutcome]:
    """Take lines in, each in a transaction of its own."""
    outcomes = []
    for number, line in enumerate(lines, 1):
        async with unit_of_work(database) as unit:
            outcomes.append(await TransferService(unit).take_in(read_line(line), number=number))
    return outcomes


def changed(line: bytes, **values: Any) -> bytes:
    """Return a line with other values."""
    return json.dumps(json.loads(line) | values).encode()


async def passages_of(database: Database, source: str) -> list[Passage]:
    """Return the passages of a document."""
    async with database.session(writes=False) as session:
        documents = DocumentRepository(session)
        document = await documents.by_source(source)
        assert document is not None
        return list(await documents.passages_of(document.id))


@pytest.fixture(autouse=True)
def morning() -> None:
    """Let it be a certain moment."""
    use_clock(lambda: MORNING)


@pytest_asyncio.fixture(params=["sqlite", "postgresql"])
async def other(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """Another library, empty, on either kind of server."""
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path / 'other.db'}"
    else:
        url = request.getfixturevalue("empty_postgres")
    database = Database(url)
    await upgrade_database(database)
    yield database
    await database.close()


only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class TestRoundTrip:
    async def test_an_empty_library_exports_the_same_lines_again(self, database: Database, other: Database) -> None:
        await fill(database)
        lines = await export(database)
        assert len(lines) == 2
        outcomes = await import_lines(other, lines)
        assert [outcome.result for outcome in outcomes] == [TransferResult.ADDED] * 2
        assert await export(other) == lines

    async def test_passages_and_other_words_are_made_anew(self, database: Database, other: Database) -> None:
        await fill(database)
        await import_lines(other, await export(database))
        before, after = await passages_of(database, HOUSE), await passages_of(other, HOUSE)
        assert before
        for name in ("position", "text", "headings", "place", "number", "last_number", "label", "quotable"):
            assert [getattr(one, name) for one in before] == [getattr(one, name) for one in after]
        async with other.session(writes=False) as session:
            assert await SynonymService(session).lookup(["OZG"])

    async def test_index_jobs_are_asked_for(self, database: Database, other: Database) -> None:
        await fill(database)
        await import_lines(other, await export(database))
        async with other.session(writes=False) as session:
            assert await JobRepository(session).unfinished([VECTORS_JOB]) == 2
            assert len(await ChangeRepository(session).after(Position())) == 2

    async def test_the_organisation_comes_along(self, database: Database, other: Database) -> None:
        await fill(database)
        await import_lines(other, await export(database))
        async with other.session(writes=False) as session:
            organisation = await OrganisationService(session).get_by_key("kompetenz-bb")
            document = await DocumentRepository(session).by_source(HOUSE)
        assert document is not None
        assert document.access == f"house:{organisation.id.hex}"
        assert (organisation.name, organisation.example) == ("Kompetenzzentrum Brandenburg", True)


@only_sqlite
class TestSameLibraryAgain:
    async def test_nothing_changes(self, database: Database) -> None:
        await fill(database)
        lines = await export(database)
        outcomes = await import_lines(database, lines)
        assert {outcome.result for outcome in outcomes} == {TransferResult.UNCHANGED}
        assert await export(database) == lines

    async def test_the_same_text_under_another_key_is_the_same_document(self, database: Database) -> None:
        await fill(database)
        lines = [changed(line, id="0" * 32) for line in await export(database)]
        outcomes = await import_lines(database, lines)
        assert {outcome.result for outcome in outcomes} == {TransferResult.UNCHANGED}

    async def test_a_key_that_is_taken_is_not_taken_away(self, database: Database) -> None:
        await fill(database)
        line = next(line for line in await export(database) if OPEN.encode() in line)
        (outcome,) = await import_lines(database, [changed(line, source="anderes.md")])
        assert outcome.result is TransferResult.ADDED
        assert outcome.document != str(json.loads(line)["id"])


@only_sqlite
class TestNewerLine:
    async def test_continues_the_versions(self, database: Database, other: Database) -> None:
        await fill(database)
        await import_lines(other, await export(database))
        use_clock(lambda: MORNING + timedelta(hours=2))
        await take_in(database, OPEN, "Zweite Fassung.")
        lines = await export(database)
        outcomes = await import_lines(other, lines)
        assert sorted(outcome.result for outcome in outcomes) == ["new_version", "unchanged"]
        assert await export(other) == lines
        assert "Zweite Fassung" in (await passages_of(other, OPEN))[0].text

    async def test_keeps_what_went_another_way_as_an_older_version(self, database: Database, other: Database) -> None:
        await fill(database)
        await import_lines(other, await export(database))
        use_clock(lambda: MORNING + timedelta(hours=2))
        await take_in(other, OPEN, "Unsere Fassung.")
        use_clock(lambda: MORNING + timedelta(hours=3))
        await take_in(database, OPEN, "Ihre Fassung.")
        lines = await export(database)
        outcomes = await import_lines(other, lines)
        assert outcomes[1].version == 3
        assert "Ihre Fassung" in (await passages_of(other, OPEN))[0].text
        async with other.session(writes=False) as session:
            document = await DocumentRepository(session).by_source(OPEN)
            assert document is not None
            assert len(await DocumentRepository(session).versions(document.id)) == 3
        again = await import_lines(other, lines)
        assert again[1].result is TransferResult.KEPT

    async def test_changes_what_is_said_about_a_document(self, database: Database) -> None:
        await fill(database)
        later = (MORNING + timedelta(hours=2)).isoformat()
        lines = [changed(line, title="Neuer Titel", updated_at=later) for line in await export(database)]
        outcomes = await import_lines(database, lines)
        assert {outcome.result for outcome in outcomes} == {TransferResult.UPDATED}
        assert {json.loads(line)["title"] for line in await export(database)} == {"Neuer Titel"}


@only_sqlite
class TestOlderLine:
    async def test_changes_nothing(self, database: Database) -> None:
        await fill(database)
        old = await export(database)
        use_clock(lambda: MORNING + timedelta(hours=2))
        await take_in(database, OPEN, "Zweite Fassung.")
        before = await export(database)
        outcomes = await import_lines(database, old)
        assert sorted(outcome.result for outcome in outcomes) == ["kept", "unchanged"]
        assert await export(database) == before


async def set_status(database: Database, status: Status) -> None:
    """Withdraw the open document, or bring it back."""
    async with unit_of_work(database) as unit:
        service = LibraryService(unit)
        document = await service.find_document(OPEN)
        await (service.withdraw(document) if status is Status.WITHDRAWN else service.restore(document))


async def published_sources(database: Database) -> list[str]:
    """Return the sources of what may be found."""
    async with database.session(writes=False) as session:
        listed = await DocumentRepository(session).listed(DocumentFilter(status=Status.PUBLISHED))
        return [document.source for document, _organisation in listed]


@only_sqlite
class TestWithdrawn:
    async def test_an_older_export_does_not_bring_it_back(self, database: Database) -> None:
        await fill(database)
        old = await export(database)
        use_clock(lambda: MORNING + timedelta(hours=2))
        await set_status(database, Status.WITHDRAWN)
        await import_lines(database, old)
        assert await published_sources(database) == [HOUSE]

    async def test_a_newer_line_that_says_published_does(self, database: Database) -> None:
        await fill(database)
        await set_status(database, Status.WITHDRAWN)
        lines = await export(database)
        later = (MORNING + timedelta(hours=3)).isoformat()
        back = [changed(line, status="published", updated_at=later) for line in lines]
        await import_lines(database, back)
        assert sorted(await published_sources(database)) == sorted([HOUSE, OPEN])

    async def test_it_is_exported_and_stays_withdrawn(self, database: Database, other: Database) -> None:
        await fill(database)
        use_clock(lambda: MORNING + timedelta(hours=2))
        await set_status(database, Status.WITHDRAWN)
        lines = await export(database)
        await import_lines(other, lines)
        assert await published_sources(other) == [HOUSE]
        assert await export(other) == lines

    async def test_it_can_be_left_out(self, database: Database) -> None:
        await fill(database)
        await set_status(database, Status.WITHDRAWN)
        (line,) = await export(database, published=True)
        assert json.loads(line)["source"] == HOUSE


@only_sqlite
class TestUnknownOrganisation:
    async def test_of_the_register_asks_for_the_register(self, database: Database) -> None:
        await fill(database)
        line = next(line for line in await export(database) if b"kompetenz-bb" in line)
        organisation = json.loads(line)["organisation"] | {"key": "120540000000", "name": "Potsdam"}
        with pytest.raises(RegisterMissing) as caught:
            await import_lines(database, [changed(line, source="neu.pdf", organisation=organisation)])
        assert "120540000000" in caught.value.message


@only_sqlite
class TestDamagedLine:
    @pytest.mark.parametrize(
        "values",
        [
            {"visibility": "everybody"},
            {"status": None},
            {"source": 7},
            {"source": "a\x00b"},
            {"created_at": "2026-11-21T09:00:00"},
            {"versions": []},
            {"version": 9},
            {"surprise": True},
            {"format": "something-else"},
        ],
    )
    async def test_wrong_values_are_named(self, database: Database, values: dict[str, Any]) -> None:
        await fill(database)
        line = (await export(database))[0]
        with pytest.raises(LineDamaged):
            read_line(changed(line, **values))

    @pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
    async def test_a_line_cut_off_is_refused(self, database: Database, share: float) -> None:
        await fill(database)
        line = (await export(database))[0]
        with pytest.raises(LineDamaged):
            read_line(line[: int(len(line) * share)])

    async def test_a_dangerous_address_is_refused(self, database: Database) -> None:
        await fill(database)
        line = (await export(database))[0]
        with pytest.raises(WrongDescription):
            read_line(changed(line, url="javascript:alert(1)"))

    async def test_a_newer_format_asks_for_a_newer_program(self, database: Database) -> None:
        with pytest.raises(LineFromNewerProgram):
            read_line(b'{"format": "allmende-document", "format_version": 2, "parts": []}')


class TestNearDuplicates:
    async def test_are_found_among_the_documents_given(self, database: Database) -> None:
        text = " ".join(f"Der Ausschuss hat am {day}. Mai über Punkt {day} beraten." for day in range(1, 31))
        await take_in(database, "protokoll-1.md", text)
        await take_in(database, "protokoll-2.md", text.replace("30. Mai", "31. Mai"))
        await take_in(database, "anderes.md", "Ganz anderes steht hier über Bäume und Parks in der Stadt.")
        async with database.session(writes=False) as session:
            listed = await DocumentRepository(session).listed(DocumentFilter())
            keys = {document.source: document.id for document, _organisation in listed}
            found = await near_duplicates(session, keys.values())
            assert found == {
                keys["protokoll-1.md"]: [keys["protokoll-2.md"]],
                keys["protokoll-2.md"]: [keys["protokoll-1.md"]],
            }
            assert not await near_duplicates(session, [keys["protokoll-1.md"], keys["anderes.md"]])
