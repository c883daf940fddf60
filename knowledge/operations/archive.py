"""The file of a backup: a ZIP archive with the rows of each table as JSON lines, and a manifest that vouches for them.

Nothing is ever unpacked to disk, so no name in an archive can lead anywhere.
"""

import hashlib
import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Annotated, Any, Literal, Self
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from knowledge.kit.errors import InvalidInput
from knowledge.kit.language import _

MANIFEST = "manifest.json"
FORMAT_VERSION = 1
# Bytes; a manifest takes a hundred per table, and the largest row is a document with very many pages.
LONGEST_MANIFEST, LONGEST_ROW, CHUNK = 1 << 20, 1 << 29, 1 << 20
# What reading a damaged archive may raise, beside its own error.
DAMAGE = (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, KeyError)
# Places in the file that are none are the system's errors.
DAMAGE_INSIDE = (*DAMAGE, OSError)

_Hash = Annotated[str, StringConstraints(pattern=re.compile(r"^[0-9a-f]{64}$"))]
_Name = Annotated[str, StringConstraints(pattern=re.compile(r"^[a-z][a-z0-9_]{0,62}$"))]


class BackupDamaged(InvalidInput):
    """The file is no backup, or not whole."""

    code = "backup.damaged"

    def __init__(self, file: Path, detail: str) -> None:
        message = _(
            "“{name}” is no backup of Allmende, or it is damaged. Nothing was changed; please take another one."
        )
        super().__init__(message.format(name=file.name), detail=detail)


class BackupFromNewerProgram(InvalidInput):
    """The backup was written by a newer program."""

    code = "backup.newer"

    def __init__(self, program: str) -> None:
        message = _(
            "This backup is from a newer version of Allmende ({program}). Nothing was changed; please update the "
            "program first."
        )
        super().__init__(message.format(program=program[:40]))


class TableEntry(BaseModel):
    """What one table in a backup must have: rows, bytes of its JSON lines, and their SHA-256."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: _Name
    rows: Annotated[int, Field(ge=0)]
    size: Annotated[int, Field(ge=0)]
    sha256: _Hash


class Manifest(BaseModel):
    """What is in a backup; ``version`` is that of the tables, ``database`` the kind it came from."""

    model_config = ConfigDict(frozen=True)

    format: Literal["allmende-backup"] = "allmende-backup"
    format_version: int = FORMAT_VERSION
    program: str
    version: str
    database: str
    created_at: AwareDatetime
    tables: tuple[TableEntry, ...]

    @property
    def rows(self) -> int:
        """All rows together."""
        return sum(table.rows for table in self.tables)

    @property
    def size(self) -> int:
        """Bytes of all JSON lines together."""
        return sum(table.size for table in self.tables)


class _Identity(BaseModel):
    """The part of a manifest that every version of the format has."""

    format: Literal["allmende-backup"]
    format_version: int
    program: str


class TableWriter:
    """Takes the rows of one table."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._digest = hashlib.sha256()
        self._rows = self._size = 0

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write rows of plain JSON values."""
        for row in rows:
            line = json.dumps(row, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
            self._stream.write(line)
            self._digest.update(line)
            self._rows += 1
            self._size += len(line)

    def entry(self, name: str) -> TableEntry:
        """Return what was written."""
        return TableEntry(name=name, rows=self._rows, size=self._size, sha256=self._digest.hexdigest())


class BackupWriter:
    """Writes the archive into an open file, table after table, and the manifest at the end."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._archive = ZipFile(stream, "w", ZIP_DEFLATED, compresslevel=6)
        self._entries: list[TableEntry] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            # The file will be thrown away, so it does not matter that its end cannot be written either.
            with suppress(OSError, ValueError):
                self._archive.close()

    @contextmanager
    def table(self, name: str) -> Iterator[TableWriter]:
        """Open the next table."""
        with self._archive.open(_compressed(_member(name)), "w", force_zip64=True) as stream:
            writer = TableWriter(stream)
            yield writer
        self._entries.append(writer.entry(name))

    def finish(self, *, program: str, version: str, database: str, created_at: datetime) -> Manifest:
        """Write the manifest and end the archive."""
        manifest = Manifest(
            program=program, version=version, database=database, created_at=created_at, tables=tuple(self._entries)
        )
        self._archive.writestr(_compressed(MANIFEST), manifest.model_dump_json(indent=2))
        self._archive.close()
        return manifest


class BackupReader:
    """Reads an archive; made by :meth:`open`."""

    def __init__(self, file: Path, archive: ZipFile, manifest: Manifest, stream: IO[bytes]) -> None:
        self.manifest = manifest
        self._file = file
        self._archive = archive
        self._stream = stream

    @classmethod
    def open(cls, file: Path, source: IO[bytes] | None = None) -> Self:
        """Open a backup and read its manifest.

        Args:
            file: the backup.
            source: what to read in its place, where ``file`` itself is encrypted; closed with the reader.

        Raises ``BackupDamaged``, ``BackupFromNewerProgram``, ``OSError``.
        """
        stream = file.open("rb") if source is None else source
        try:
            archive = ZipFile(stream)
            manifest = _read_manifest(archive)
            _check_members(archive, manifest)
        except DAMAGE_INSIDE as error:
            stream.close()
            raise BackupDamaged(file, repr(error)) from error
        except BaseException:
            stream.close()
            raise
        return cls(file, archive, manifest, stream)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._archive.close()
        self._stream.close()

    def verify(self, checked: Callable[[int], None]) -> None:
        """Read everything once and compare it with the manifest; ``checked`` is told the bytes of each part.

        Raises ``BackupDamaged``.
        """
        for table in self.manifest.tables:
            digest = hashlib.sha256()
            try:
                with self._archive.open(_member(table.name)) as stream:
                    while chunk := stream.read(CHUNK):
                        digest.update(chunk)
                        checked(len(chunk))
            except DAMAGE_INSIDE as error:
                raise self.damaged(repr(error)) from error
            if digest.hexdigest() != table.sha256:
                raise self.damaged(f"{table.name}: other content than the manifest says")

    def rows(self, table: TableEntry) -> Iterator[dict[str, Any]]:
        """Yield the rows of a table. Raises ``BackupDamaged``."""
        count = 0
        try:
            with self._archive.open(_member(table.name)) as stream:
                while line := stream.readline(LONGEST_ROW):
                    row = json.loads(line)
                    if not isinstance(row, dict):
                        raise self.damaged(f"{table.name}: a row is no object")
                    count += 1
                    yield row
        except DAMAGE_INSIDE as error:
            raise self.damaged(f"{table.name}: {error!r}") from error
        if count != table.rows:
            raise self.damaged(f"{table.name}: {count} rows instead of {table.rows}")

    def damaged(self, detail: str) -> BackupDamaged:
        """Return the error for a backup whose content is not right."""
        return BackupDamaged(self._file, detail)


def _read_manifest(archive: ZipFile) -> Manifest:
    info = archive.getinfo(MANIFEST)
    if info.file_size > LONGEST_MANIFEST:
        raise ValueError("the manifest is too long")
    with archive.open(info) as stream:
        content = stream.read(LONGEST_MANIFEST)
    identity = _Identity.model_validate_json(content)
    if identity.format_version > FORMAT_VERSION:
        raise BackupFromNewerProgram(identity.program)
    return Manifest.model_validate_json(content)


def _check_members(archive: ZipFile, manifest: Manifest) -> None:
    """Refuse archives that hold anything but what the manifest lists, or with other sizes."""
    found = sorted((info.filename, info.file_size) for info in archive.infolist() if info.filename != MANIFEST)
    if found != sorted((_member(table.name), table.size) for table in manifest.tables):
        raise ValueError("other members than the manifest says")
    if len(archive.infolist()) != len(manifest.tables) + 1:
        raise ValueError("members of the same name")


def _member(table: str) -> str:
    return f"tables/{table}.jsonl"


def _compressed(name: str) -> ZipInfo:
    info = ZipInfo(name)
    info.compress_type = ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info
