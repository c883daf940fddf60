"""What goes into the indexes is read whole, however much it is."""

from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.files.blocks import Block, ParsedFile
from knowledge.library.indexes.repository import CHUNK, IndexRepository
from knowledge.library.repository import DocumentRepository
from knowledge.library.schemas import Description
from knowledge.library.service import IncomingFile, LibraryService

EACH = CHUNK // 5


async def test_no_passage_of_many_is_passed_over(database: Database) -> None:
    for number in range(13):
        parsed = ParsedFile((Block("paragraph", f"Text {number}"),), f"{number}.md", {}, "text/plain")
        async with unit_of_work(database) as unit:
            await LibraryService(unit).take_in(IncomingFile(f"{number}.md", f"{number:064}", 9, parsed), Description())
    async with unit_of_work(database) as unit:
        documents = DocumentRepository(unit.session)
        keys = [key async for key in documents.keys()]  # noqa: SIM118 - no dictionary
        for key in keys:
            await documents.replace_passages(key, [_row(key, position) for position in range(EACH)])
    async with unit_of_work(database, writes=False) as unit:
        chunks = [chunk async for chunk in IndexRepository(unit.session).passages(keys)]
    found = [passage for chunk in chunks for passage in chunk]
    assert len({passage.id for passage in found}) == len(found) == 13 * EACH
    assert [passage.document for passage in found] == [key.hex for key in sorted(keys) for _each in range(EACH)]
    assert max(map(len, chunks)) <= CHUNK < len(found)


def _row(document: object, position: int) -> dict[str, object]:
    place = {"place": None, "number": None, "last_number": None, "label": None}
    return {"document_id": document, "position": position, "text": f"Satz {position}.", "headings": [], **place} | {
        "quotable": True
    }
