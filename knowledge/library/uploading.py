"""Files that are sent to the hub: read outside of any transaction, and taken in one by one."""

import asyncio
import hashlib
import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from knowledge.audit.service import record
from knowledge.kit.database import Database
from knowledge.kit.errors import AllmendeError
from knowledge.kit.ids import new_id
from knowledge.kit.language import _
from knowledge.kit.settings import ImportSettings
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.library.browsing.schemas import Caretaker
from knowledge.library.descriptions import check_description
from knowledge.library.editing import OutOfCare
from knowledge.library.files.errors import EmptyFile, FileTooLarge, UnknownFileType
from knowledge.library.files.limits import MEGABYTE, ReadLimits
from knowledge.library.files.reader import FileReader
from knowledge.library.importing import read_limits
from knowledge.library.repository import DocumentRepository
from knowledge.library.schemas import Description, ImportOutcome, ImportResult
from knowledge.library.service import IncomingFile, LibraryService

LONGEST_NAME = 200
UNNAMED = "datei"


class Uploads:
    """Reads what was sent.

    Args:
        reader: reads files into blocks, in processes of its own.
        limits: what one file may cost.
    """

    def __init__(self, reader: FileReader, limits: ReadLimits) -> None:
        self._reader = reader
        self._limits = limits

    @classmethod
    @asynccontextmanager
    async def opened(cls, settings: ImportSettings, reader: FileReader | None) -> AsyncIterator["Uploads"]:
        """Read with the given reader, or with one that is there for the length of a block."""
        limits = read_limits(settings)
        async with AsyncExitStack() as stack:
            if reader is None:
                reader = await stack.enter_async_context(FileReader(limits, workers=settings.import_workers))
            yield cls(reader, limits)

    async def read(self, name: str, content: BinaryIO) -> IncomingFile:
        """Return a file as blocks; its source is its name. Raises a ``FileUnreadable``."""
        source = clean_name(name)
        with tempfile.TemporaryDirectory(prefix="allmende-upload-") as folder:
            # Under a name of our own with the ending that was given: what is inside decides.
            path = Path(folder) / f"upload{Path(source).suffix[:20]}"
            size, digest = await asyncio.to_thread(_copy, content, path, self._limits.size)
            return IncomingFile(source, digest, size, await self._reader.read(path))


class Uploader:
    """Takes files into the library for somebody who looks after it, each in a transaction of its own.

    Args:
        database: where they go.
        uploads: reads them.
        caretaker: what whoever sends them looks after; nothing else is replaced by them.
        by: the member who sends them.
        house: the member's organisation, which alone is noted as who brought a file in.
    """

    def __init__(
        self, database: Database, uploads: Uploads, caretaker: Caretaker, *, by: UUID | None, house: UUID | None
    ) -> None:
        self._database = database
        self._uploads = uploads
        self._caretaker = caretaker
        self._by = by
        self._added_by = f"organisation:{house.hex}" if house else "hub"

    async def take(self, name: str, content: BinaryIO, given: Description) -> ImportOutcome:
        """Take in one file; what keeps it out is an outcome, not an exception."""
        try:
            check_description(given)
            incoming = await self._uploads.read(name, content)
            try:
                return await self._take_in(incoming, given)
            except IntegrityError:
                # On PostgreSQL, somebody else brought in the same source at the same moment; now it is there.
                return await self._take_in(incoming, given)
        except UnknownFileType as error:
            return ImportOutcome(clean_name(name), ImportResult.SKIPPED, message=error.message)
        except AllmendeError as error:
            return ImportOutcome(clean_name(name), ImportResult.FAILED, message=error.message)

    async def _take_in(self, incoming: IncomingFile, given: Description) -> ImportOutcome:
        async with unit_of_work(self._database) as unit:
            library = LibraryService(unit)
            source = await self._source(unit, incoming.source)
            known = await library.is_unchanged(source, incoming.content_hash)
            if known is not None:
                message = _("Already in the library, unchanged.")
                key, result = str(known.id), ImportResult.UNCHANGED
                return ImportOutcome(incoming.source, result, key, known.title, known.version, message=message)
            file = IncomingFile(source, incoming.content_hash, incoming.size, incoming.parsed)
            outcome = await library.take_in(file, given, added_by=self._added_by)
            taken = await DocumentRepository(unit.session).by_source(source)
            if taken is None or not self._caretaker.covers(taken):
                raise OutOfCare
            thing = ("document", outcome.document or "")
            await record(unit.session, "library:upload", thing, by=self._by, result=outcome.result.value)
            return await self._seen(unit, outcome)

    async def _source(self, unit: UnitOfWork, name: str) -> str:
        """Return by what a file is known: its name, unless that is a document in somebody else's care."""
        documents = DocumentRepository(unit.session)
        for source in (name, f"{self._added_by.partition(':')[2][:12] or 'hub'}/{name}"):
            known = await documents.by_source(source)
            if known is None or self._caretaker.covers(known):
                return source
        return f"{new_id().hex[:12]}/{name}"

    async def _seen(self, unit: UnitOfWork, outcome: ImportOutcome) -> ImportOutcome:
        """Return an outcome without a word about documents that are in nobody's care who sends files."""
        documents = DocumentRepository(unit.session)
        similar = [await documents.by_source(source) for source in outcome.similar_to]
        seen = tuple(other.title for other in similar if other is not None and self._caretaker.covers(other))
        return ImportOutcome(
            source=outcome.source.rsplit("/", 1)[-1],
            result=outcome.result,
            document=outcome.document,
            title=outcome.title,
            version=outcome.version,
            passages=outcome.passages,
            similar_to=seen,
            message=outcome.message,
        )


def clean_name(name: str) -> str:
    """Return a file's name without folders and signs that nobody sees."""
    last = re.split(r"[/\\]", name)[-1]
    seen = "".join(letter for letter in last if letter.isprintable()).strip().lstrip(".")
    if len(seen) > LONGEST_NAME:
        path = Path(seen)
        seen = path.stem[: LONGEST_NAME - 20] + path.suffix[:20]
    return seen or UNNAMED


def _copy(content: BinaryIO, path: Path, limit: int) -> tuple[int, str]:
    """Copy what was sent into a file. Raises ``EmptyFile`` or ``FileTooLarge``."""
    digest, size = hashlib.sha256(), 0
    content.seek(0)
    with path.open("wb") as file:
        while chunk := content.read(MEGABYTE):
            size += len(chunk)
            if size > limit:
                raise FileTooLarge(size=-(-size // MEGABYTE), limit=limit // MEGABYTE)
            digest.update(chunk)
            file.write(chunk)
    if not size:
        raise EmptyFile
    return size, digest.hexdigest()
