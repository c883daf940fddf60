"""Documents that are for one circle alone: taken in, changed, carried from one library into another."""

import hashlib
import json
from typing import Any

import pytest

from knowledge.access.visibility import VisibilityNeedsCircle
from knowledge.circles.service import CircleNotFound, CircleService
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.descriptions import check_description
from knowledge.library.files.blocks import Block, ParsedFile
from knowledge.library.repository import DocumentFilter, DocumentRepository
from knowledge.library.schemas import Description
from knowledge.library.service import IncomingFile, LibraryService
from knowledge.library.transfer import TransferResult, TransferService, read_line
from knowledge.models.document import Document, Visibility

SOURCE = "protokoll.md"
SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def take_in(database: Database, text: str, properties: dict[str, Any] | None = None, **said: Any) -> Document:
    parsed = ParsedFile((Block("paragraph", text),), None, properties or {}, "text/plain")
    file = IncomingFile(SOURCE, hashlib.sha256(text.encode()).hexdigest(), len(text), parsed)
    async with unit_of_work(database) as unit:
        await LibraryService(unit).take_in(file, Description(**said))
        return await LibraryService(unit).find_document(SOURCE)


async def add_circle(database: Database, name: str) -> str:
    async with unit_of_work(database) as unit:
        return f"circle:{(await CircleService(unit.session).add(name)).id.hex}"


async def export(database: Database) -> list[bytes]:
    async with unit_of_work(database, writes=False) as unit:
        return [line.model_dump_json().encode() async for line in TransferService(unit).export()]


async def bring_back(database: Database, line: bytes) -> TransferResult:
    async with unit_of_work(database) as unit:
        return (await TransferService(unit).take_in(read_line(line))).result


class TestDescribing:
    def test_the_visibility_needs_a_circle(self) -> None:
        with pytest.raises(VisibilityNeedsCircle):
            check_description(Description(visibility=Visibility.CIRCLE))


@SQLITE
class TestTakingIn:
    async def test_a_circles_document_carries_its_token_and_a_new_version_keeps_it(self, database: Database) -> None:
        token = await add_circle(database, "Klima")

        first = await take_in(database, "Alt.", visibility=Visibility.CIRCLE, circle="KLIMA")
        second = await take_in(database, "Neu.")

        assert [first.access, second.access, second.version] == [token, token, 2]

    async def test_another_visibility_takes_it_away_from_the_circle(self, database: Database) -> None:
        await add_circle(database, "Klima")
        await take_in(database, "Alt.", visibility=Visibility.CIRCLE, circle="Klima")

        changed = await take_in(database, "Neu.", visibility=Visibility.NETWORK)

        assert (changed.access, changed.circle_id) == ("network", None)

    async def test_an_unknown_circle_is_refused(self, database: Database) -> None:
        with pytest.raises(CircleNotFound):
            await take_in(database, "Text.", visibility=Visibility.CIRCLE, circle="Klima")

    async def test_a_file_cannot_put_itself_into_a_circle(self, database: Database) -> None:
        await add_circle(database, "Klima")

        taken = await take_in(database, "Text.", {"visibility": "circle", "circle": "Klima"})

        assert (taken.access, taken.circle_id) == ("network", None)


@SQLITE
class TestTransfer:
    async def test_a_line_names_the_circle_and_changes_nothing_where_it_came_from(self, database: Database) -> None:
        await add_circle(database, "Klima")
        await take_in(database, "Text.", visibility=Visibility.CIRCLE, circle="Klima")

        (line,) = await export(database)

        assert (json.loads(line)["visibility"], json.loads(line)["circle"]) == ("circle", "Klima")
        assert await bring_back(database, line) is TransferResult.UNCHANGED

    async def test_another_library_gets_the_circle_without_a_group(self, database: Database) -> None:
        await take_in(database, "Text.", visibility=Visibility.PUBLIC)
        (line,) = await export(database)
        values = json.loads(line) | {"source": "anders.md", "visibility": "circle", "circle": "Wärme"}

        assert await bring_back(database, json.dumps(values).encode()) is TransferResult.ADDED

        async with unit_of_work(database, writes=False) as unit:
            (circle,) = await CircleService(unit.session).list()
            rows = await DocumentRepository(unit.session).listed(DocumentFilter(text="anders.md"))
        assert (circle.name, circle.linked, circle.documents) == ("Wärme", False, 1)
        assert rows[0][0].access == f"circle:{circle.id.hex}"

    async def test_a_line_from_before_there_were_circles_is_read(self, database: Database) -> None:
        await take_in(database, "Text.", visibility=Visibility.PUBLIC)
        (line,) = await export(database)
        values = json.loads(line)
        del values["circle"]

        assert await bring_back(database, json.dumps(values).encode()) is TransferResult.UNCHANGED

    async def test_a_line_for_a_circle_that_it_does_not_name_is_refused(self, database: Database) -> None:
        await take_in(database, "Text.", visibility=Visibility.PUBLIC)
        (line,) = await export(database)
        values = json.loads(line) | {"source": "anders.md", "visibility": "circle"}

        with pytest.raises(VisibilityNeedsCircle):
            await bring_back(database, json.dumps(values).encode())
