"""Bringing in files and folders: each file is a transaction of its own, so that one bad file costs no other."""

import hashlib
import os
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge.kit.database import Database
from knowledge.kit.errors import AllmendeError, InvalidInput
from knowledge.kit.language import _
from knowledge.kit.settings import ImportSettings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.files.errors import UnknownFileType
from knowledge.library.files.limits import MEGABYTE, ReadLimits
from knowledge.library.files.reader import FileReader
from knowledge.library.files.source import open_source
from knowledge.library.schemas import Description, ImportOutcome, ImportResult
from knowledge.library.service import IncomingFile, LibraryService


class NothingThere(InvalidInput):
    """A path that was given does not exist."""

    code = "import.nothing_there"


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file to import and the source that it will be known by."""

    path: Path
    source: str


def find_files(paths: Sequence[Path]) -> list[FoundFile]:
    """Return the files below ``paths`` in a stable order; hidden ones are passed over, links not followed.

    Raises ``NothingThere`` for a path that does not exist, before anything is imported.
    """
    for path in paths:
        if not os.path.lexists(path):
            raise NothingThere(_("There is nothing at “{path}”.").format(path=printable(path)))
    return [found for path in paths for found in _below(path)]


def _below(path: Path) -> Iterator[FoundFile]:
    if path.is_symlink() or not path.is_dir():
        yield FoundFile(path, printable(Path(path.name)))
        return
    for folder, folders, names in os.walk(path, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(folder) / name
            if not name.startswith(".") and not file.is_symlink():
                yield FoundFile(file, printable(file.relative_to(path)))


def printable(path: Path) -> str:
    """Return a path as text that can be stored and shown: bytes that are no text become question marks in boxes."""
    return os.fsencode(path).decode("utf-8", "replace").replace("\x00", "")


def read_limits(settings: ImportSettings) -> ReadLimits:
    """Return the limits on one file that the settings say."""
    return ReadLimits(
        seconds=settings.import_seconds,
        memory=settings.import_memory_mb * MEGABYTE,
        size=settings.import_max_mb * MEGABYTE,
        pages=settings.import_pages,
    )


class Importer:
    """Reads files and takes them in, one after the other.

    Args:
        database: where they go.
        reader: reads files into blocks, within limits.
        limits: the same limits, for what is checked before reading.
    """

    def __init__(self, database: Database, reader: FileReader, limits: ReadLimits) -> None:
        self._database = database
        self._reader = reader
        self._limits = limits

    async def run(self, files: Iterable[FoundFile], given: Description) -> AsyncIterator[ImportOutcome]:
        """Import files; yields what became of each. A file that fails is an outcome, not an exception."""
        for file in files:
            try:
                yield await self._import(file, given)
            except UnknownFileType as error:
                yield ImportOutcome(file.source, ImportResult.SKIPPED, message=error.message)
            except AllmendeError as error:
                yield ImportOutcome(file.source, ImportResult.FAILED, message=error.message)

    async def _import(self, file: FoundFile, given: Description) -> ImportOutcome:
        size, content_hash = _digest(file.path, self._limits)
        async with unit_of_work(self._database, writes=False) as unit:
            known = await LibraryService(unit).is_unchanged(file.source, content_hash)
        if known is not None:
            return ImportOutcome(
                file.source, ImportResult.UNCHANGED, str(known.id), known.title, known.version, message=_already()
            )
        parsed = await self._reader.read(file.path)
        async with unit_of_work(self._database) as unit:
            return await LibraryService(unit).take_in(IncomingFile(file.source, content_hash, size, parsed), given)


def _already() -> str:
    return _("Already in the library, unchanged.")


def _digest(path: Path, limits: ReadLimits) -> tuple[int, str]:
    with open_source(path, limits) as source:
        digest = hashlib.sha256()
        while chunk := source.file.read(MEGABYTE):
            digest.update(chunk)
        return source.file.tell(), digest.hexdigest()
