"""Bringing in files and folders: each file is a transaction of its own, so that one bad file costs no other."""

import asyncio
import hashlib
import os
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sqlalchemy.exc import IntegrityError

from knowledge.kit.database import Database
from knowledge.kit.errors import AllmendeError, Conflict, InvalidInput, Unavailable
from knowledge.kit.language import _
from knowledge.kit.settings import ImportSettings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.files.errors import UnknownFileType
from knowledge.library.files.limits import MEGABYTE, ReadLimits
from knowledge.library.files.reader import FileReader
from knowledge.library.files.source import open_source
from knowledge.library.schemas import Description, ImportOutcome, ImportResult
from knowledge.library.service import IncomingFile, LibraryService
from knowledge.models.document import Document


class NothingThere(InvalidInput):
    """A path that was given does not exist."""

    code = "import.nothing_there"


class SourceTaken(Conflict):
    """Two different files of one call would be the same document."""

    code = "import.source_taken"

    def __init__(self, other: Path) -> None:
        super().__init__(
            _(
                "“{other}” has the same name and would be replaced. Please add the folder that holds both, or rename "
                "one of them."
            ).format(other=printable(other))
        )


class FolderUnreadable(Unavailable):
    """A folder below one that was given cannot be looked into."""

    code = "import.folder_unreadable"

    def __init__(self, error: OSError) -> None:
        message = _("This folder cannot be read ({reason}). Please check who owns it.")
        super().__init__(message.format(reason=error.strerror or type(error).__name__))


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file to import and the source that it will be known by; ``problem`` says why there is nothing to import."""

    path: Path
    source: str
    problem: AllmendeError | None = None


def find_files(paths: Sequence[Path], *, but: Path | None = None) -> list[FoundFile]:
    """Return the files below ``paths`` in a stable order; hidden ones are passed over, links not followed.

    Args:
        paths: files and folders.
        but: a folder that is passed over, because our own data lies in it.

    Raises ``NothingThere`` for a path that does not exist, before anything is imported.
    """
    for path in paths:
        if not os.path.lexists(path):
            raise NothingThere(_("There is nothing at “{path}”.").format(path=printable(path)))
    return [found for path in paths for found in _below(path, but.resolve() if but else None)]


def _below(path: Path, but: Path | None) -> Iterator[FoundFile]:
    if path.is_symlink() or not path.is_dir():
        yield FoundFile(path, printable(Path(path.name)))
        return
    unreadable: list[OSError] = []
    for folder, folders, names in os.walk(path, onerror=unreadable.append, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and not _is(Path(folder) / name, but))
        for name in sorted(names):
            file = Path(folder) / name
            if not name.startswith(".") and not file.is_symlink():
                yield FoundFile(file, printable(file.relative_to(path)))
    for error in unreadable:
        closed = Path(error.filename)
        source = printable(closed.relative_to(path)) if closed != path else printable(path)
        yield FoundFile(closed, source, FolderUnreadable(error))


def _is(folder: Path, other: Path | None) -> bool:
    return other is not None and folder.name == other.name and folder.resolve() == other


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


# What is known of a file before it is taken in: its blocks, or that it is there already.
Prepared = IncomingFile | ImportOutcome
# Files that are read while another one is taken in.
READ_AHEAD = 2


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
        """Import files; yields what became of each, in order. A file that fails is an outcome, not an exception.

        While one is taken in, the next ones are read already, by the reader's own processes.
        """
        taken: dict[str, Path] = {}
        waiting = iter(files)
        ahead: deque[tuple[FoundFile, asyncio.Task[Prepared]]] = deque()
        try:
            while True:
                for file in islice(waiting, READ_AHEAD + 1 - len(ahead)):
                    ahead.append((file, asyncio.create_task(self._prepare(file))))
                if not ahead:
                    return
                file, prepared = ahead.popleft()
                yield await self._finish(file, prepared, given, taken)
        finally:
            for _file, task in ahead:
                task.cancel()
            await asyncio.gather(*(task for _file, task in ahead), return_exceptions=True)

    async def _finish(
        self, file: FoundFile, prepared: asyncio.Task[Prepared], given: Description, taken: dict[str, Path]
    ) -> ImportOutcome:
        try:
            incoming = await prepared
            _check_source(file, taken)
            if isinstance(incoming, ImportOutcome):
                return incoming
            return await self._import(file, incoming, given)
        except UnknownFileType as error:
            return ImportOutcome(file.source, ImportResult.SKIPPED, message=error.message)
        except AllmendeError as error:
            return ImportOutcome(file.source, ImportResult.FAILED, message=error.message)

    async def _prepare(self, file: FoundFile) -> Prepared:
        """Read a file, unless it is known as it is."""
        if file.problem is not None:
            raise file.problem
        size, content_hash = await asyncio.to_thread(_digest, file.path, self._limits)
        async with unit_of_work(self._database, writes=False) as unit:
            known = await LibraryService(unit).is_unchanged(file.source, content_hash)
        if known is not None:
            return _unchanged(file, known)
        return IncomingFile(file.source, content_hash, size, await self._reader.read(file.path))

    async def _import(self, file: FoundFile, incoming: IncomingFile, given: Description) -> ImportOutcome:
        try:
            return await self._take_in(file, incoming, given)
        except IntegrityError:
            # On PostgreSQL, another command brought in the same source at the same moment; now it is there.
            return await self._take_in(file, incoming, given)

    async def _take_in(self, file: FoundFile, incoming: IncomingFile, given: Description) -> ImportOutcome:
        async with unit_of_work(self._database) as unit:
            library = LibraryService(unit)
            # Looked at again: another command may have brought it in while this one was reading.
            known = await library.is_unchanged(file.source, incoming.content_hash)
            return _unchanged(file, known) if known is not None else await library.take_in(incoming, given)


def _check_source(file: FoundFile, taken: dict[str, Path]) -> None:
    """Raise ``SourceTaken`` where another file of the same call has the same source, and would be replaced."""
    other = taken.setdefault(file.source, file.path)
    if other != file.path and other.resolve() != file.path.resolve():
        raise SourceTaken(other)


def _unchanged(file: FoundFile, known: Document) -> ImportOutcome:
    return ImportOutcome(
        file.source,
        ImportResult.UNCHANGED,
        str(known.id),
        known.title,
        known.version,
        message=_("Already in the library, unchanged."),
    )


def _digest(path: Path, limits: ReadLimits) -> tuple[int, str]:
    with open_source(path, limits) as source:
        digest = hashlib.sha256()
        while chunk := source.file.read(MEGABYTE):
            digest.update(chunk)
        return source.file.tell(), digest.hexdigest()
