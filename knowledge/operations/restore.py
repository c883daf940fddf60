"""Putting a backup into an empty database: all of it, or nothing changes."""

import asyncio
import errno
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Table
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from knowledge.jobs.repository import JobRepository
from knowledge.kit.database import Database
from knowledge.kit.errors import Conflict, InvalidInput, Unavailable
from knowledge.kit.language import _
from knowledge.kit.logs import get_logger
from knowledge.kit.migrations import current_version, known_versions
from knowledge.library.indexes.jobs import VECTORS_JOB, WORDS_JOB
from knowledge.library.indexes.repository import ChangeRepository, IndexRepository
from knowledge.operations.archive import BackupFromNewerProgram, BackupReader, Manifest, TableEntry
from knowledge.operations.encryption import Identity, open_backup
from knowledge.operations.migrating import bring_topics, migration_transaction, move_to, remove_tables
from knowledge.operations.repository import CHUNK, VERSION_TABLE, TableRepository
from knowledge.operations.schema import DatabaseAhead
from knowledge.operations.upgrading import BEGINNING as BEFORE_MIGRATION
from knowledge.operations.values import row_reader
from knowledge.privacy.erasure_log import ErasureLog
from knowledge.privacy.repository import EraseRepository
from knowledge.privacy.schemas import ErasureRecord
from knowledge.privacy.service import PrivacyService
from knowledge.topics.jobs import ask_to_link_all

# Told now and then: how many steps are left.
Left = Callable[[int], None]


class NotEmpty(Conflict):
    """There is a library already where the backup is to go."""

    code = "restore.not_empty"

    def __init__(self, table: str) -> None:
        message = _(
            "There is something in this database already ({table}), and a backup only goes into an empty one; once "
            "Allmende has run, it holds the lessons that come with it. Nothing was changed; please choose a new folder "
            "with ALLMENDE_DATA_DIR, or an empty database."
        )
        super().__init__(message.format(table=table))


class NoRoom(Unavailable):
    """The disk is too small for what is in the backup."""

    code = "restore.no_room"

    def __init__(self, folder: Path) -> None:
        message = _(
            "There is not enough room in “{folder}” for this backup. Nothing was changed; please make room first."
        )
        super().__init__(message.format(folder=folder))


class RowDoesNotFit(InvalidInput):
    """The backup is whole, but a row of it cannot be stored."""

    code = "restore.row_does_not_fit"

    def __init__(self, table: str, detail: str) -> None:
        message = _("The backup cannot be restored: a row of the table “{table}” does not fit. Nothing was changed.")
        super().__init__(message.format(table=table), detail=detail)


@dataclass(frozen=True, slots=True)
class BackupFile:
    """A backup with what belongs to it: secret keys, if it is encrypted, and lists of erasures from other hosts."""

    path: Path
    identities: Sequence[Identity] | None = None
    lists: tuple[Path, ...] = ()


async def restore_backup(database: Database, file: Path | BackupFile, *, room: Path, left: Left) -> Manifest:
    """Put a backup into an empty database and bring it to the version that this program needs.

    Everything happens in one transaction. All documents are to be indexed afterwards: the jobs for it are asked for.
    Whoever was erased since the backup was made is erased again, by the lists of erasures in the folder ``room`` and
    beside the backup, which are one list afterwards.

    Args:
        database: an empty one, with or without tables.
        file: the backup; a path alone for one that is not encrypted.
        room: the folder on whose disk the rows go.
        left: told the steps that are left; bytes while checking, rows afterwards.

    Raises ``BackupDamaged``, ``BackupFromNewerProgram``, ``KeyNeeded``, ``WrongKey``, ``NotEmpty``, ``NoRoom``,
    ``RowDoesNotFit`` or ``DatabaseAhead``; then nothing was changed.
    """
    given = BackupFile(file) if isinstance(file, Path) else file
    erasures = _read_erasures(given, room)
    with await asyncio.to_thread(open_backup, given.path, given.identities) as backup:
        _check_version(backup.manifest)
        if database.is_sqlite and backup.manifest.size > shutil.disk_usage(room).free:
            raise NoRoom(room)
        await check_empty(database)
        await asyncio.to_thread(_verify, backup, left)
        await _load(database, backup, left, erasures=erasures)
        await _write_erasures(database, room)
        return backup.manifest


async def check_backup(file: Path, identities: Sequence[Identity] | None, *, left: Left) -> Manifest:
    """Read a backup to its end and compare everything with what its manifest says; ``left`` is told the bytes left.

    Raises ``BackupDamaged``, ``BackupFromNewerProgram``, ``KeyNeeded``, ``WrongKey``, ``OSError``.
    """
    with await asyncio.to_thread(open_backup, file, identities) as backup:
        _check_version(backup.manifest)
        await asyncio.to_thread(_verify, backup, left)
        return backup.manifest


def is_listed(file: BackupFile, room: Path) -> bool:
    """Whether there is a list of erasures in the data folder, beside the backup, or named with it."""
    return bool(file.lists) or any(log.exists() for log in _erasure_logs(file, room))


def _read_erasures(file: BackupFile, room: Path) -> list[ErasureRecord]:
    """Return who was erased, without who, by the lists in the data folder, beside the backup and of other hosts."""
    for named in file.lists:
        if not named.is_file():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(named))
    return [record for log in _erasure_logs(file, room) for record in log.read()]


def _erasure_logs(file: BackupFile, room: Path) -> list[ErasureLog]:
    folders = [room, file.path.absolute().parent]
    if file.path.name.startswith(BEFORE_MIGRATION):
        # It lies within its data folder, whose own list knows who was erased since.
        folders.append(folders[-1].parent)
    return [*map(ErasureLog, folders), *(ErasureLog.of(path) for path in file.lists)]


async def _write_erasures(database: Database, room: Path) -> None:
    async with database.session(writes=False) as session:
        records = await EraseRepository(session).records()
    if records:
        await asyncio.to_thread(ErasureLog(room).add, records)


async def check_empty(database: Database) -> None:
    """Raise ``NotEmpty`` where the database holds anything, ``DatabaseAhead`` where it is of a newer program."""
    version = await current_version(database)
    if version is not None and version not in known_versions():
        raise DatabaseAhead
    async with database.engine.execution_options(writes=False).connect() as connection:
        filled = await TableRepository(connection).first_with_rows()
    if filled is not None:
        raise NotEmpty(filled)


def _check_version(manifest: Manifest) -> None:
    if manifest.version not in known_versions():
        raise BackupFromNewerProgram(manifest.program)


def _verify(backup: BackupReader, left: Left) -> None:
    remaining = backup.manifest.size

    def checked(size: int) -> None:
        nonlocal remaining
        remaining -= size
        left(remaining)

    backup.verify(checked)


async def _load(database: Database, backup: BackupReader, left: Left, *, erasures: Sequence[ErasureRecord]) -> None:
    """Fill tables of the backup's version, then bring them to the newest one, all in one transaction."""
    remaining = backup.manifest.rows
    async with migration_transaction(database) as connection:
        repository = TableRepository(connection)
        # Looked at again where nobody else can write any more.
        if (filled := await repository.first_with_rows()) is not None:
            raise NotEmpty(filled)
        await _make_tables(connection, backup.manifest.version)
        tables = {table.name: table for table in await repository.tables()}
        found = sorted(entry.name for entry in backup.manifest.tables)
        if found != sorted(tables):
            raise backup.damaged(f"tables {found} instead of {sorted(tables)}")
        # In the order of the file, which is that of references, too: an encrypted one is slow to go back in.
        for entry in backup.manifest.tables:
            await _fill(connection, tables[entry.name], backup, entry)
            remaining -= entry.rows
            left(remaining)
        await move_to(connection, "head")
        await bring_topics(connection)
        await repository.settle_jobs([WORDS_JOB, VECTORS_JOB])
        await repository.end_sessions()
        await _ask_for_indexes(connection)
        await _erase_again(connection, erasures)


async def _make_tables(connection: AsyncConnection, version: str) -> None:
    """Make empty tables of a version, or empty those that are there and have it."""
    repository = TableRepository(connection)
    names = await repository.names()
    if VERSION_TABLE in names and await repository.version() == version:
        await repository.empty_brought()
        return
    if names:
        await remove_tables(connection)
    await move_to(connection, version)


async def _erase_again(connection: AsyncConnection, erasures: Sequence[ErasureRecord]) -> None:
    async with AsyncSession(connection) as session:
        erased = await PrivacyService(session).replay(erasures)
        await session.commit()  # of the session alone; the connection's transaction goes on
    get_logger().info("erasures_replayed", known=len(erasures), erased=erased)


async def _ask_for_indexes(connection: AsyncConnection) -> None:
    async with AsyncSession(connection) as session:
        documents = await IndexRepository(session).published()
        # What the log says of another database's transactions means nothing here.
        await ChangeRepository(session).forget_all()
        await ChangeRepository(session).note(documents)
        await JobRepository(session).ask_many(VECTORS_JOB, [document.hex for document in documents])
        await ask_to_link_all(session)
        await session.commit()  # of the session alone; the connection's transaction goes on


async def _fill(connection: AsyncConnection, table: Table, backup: BackupReader, entry: TableEntry) -> None:
    repository, read = TableRepository(connection), row_reader(table)
    own = repository.own_references(table)
    # A row may refer to one that comes after it, so that is said when all are there.
    part, referring = [], []
    try:
        for values in backup.rows(entry):
            row = dict(read(values))
            if any(row[name] is not None for name in own):
                referring.append({name: row[name] for name in (table.primary_key.columns[0].name, *own)})
            part.append(row | dict.fromkeys(own))
            if len(part) == CHUNK:
                await repository.insert(table, part)
                part = []
        if part:
            await repository.insert(table, part)
        await repository.refer(table, referring)
        await repository.count_on(table)
    except ValueError as error:
        raise backup.damaged(f"{table.name}: {error}") from error
    except (DBAPIError, StatementError) as error:
        raise RowDoesNotFit(table.name, type(error).__name__) from error
