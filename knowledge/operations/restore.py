"""Putting a backup into an empty database: all of it, or nothing changes."""

import asyncio
import shutil
from collections.abc import Callable, Sequence
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
from knowledge.library.indexes.jobs import INDEX_JOBS
from knowledge.library.indexes.repository import IndexRepository
from knowledge.operations.archive import BackupFromNewerProgram, BackupReader, Manifest, TableEntry
from knowledge.operations.migrating import bring_topics, migration_transaction, move_to, remove_tables
from knowledge.operations.repository import CHUNK, TableRepository
from knowledge.operations.schema import DatabaseAhead
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
            "There is something in this database already ({table}), and a backup only goes into an empty one. Nothing "
            "was changed; please choose a new folder with ALLMENDE_DATA_DIR, or an empty database."
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


async def restore_backup(database: Database, file: Path, *, room: Path, left: Left) -> Manifest:
    """Put a backup into an empty database and bring it to the version that this program needs.

    Everything happens in one transaction. All documents are to be indexed afterwards: the jobs for it are asked for.
    Whoever was erased since the backup was made is erased again, by the lists of erasures in the folder ``room`` and
    beside the backup, which are one list afterwards.

    Args:
        database: an empty one, with or without tables.
        file: the backup.
        room: the folder on whose disk the rows go.
        left: told the steps that are left; bytes while checking, rows afterwards.

    Raises ``BackupDamaged``, ``BackupFromNewerProgram``, ``NotEmpty``, ``NoRoom``, ``RowDoesNotFit`` or
    ``DatabaseAhead``; then nothing was changed.
    """
    with BackupReader.open(file) as backup:
        _check_version(backup.manifest)
        if database.is_sqlite and backup.manifest.size > shutil.disk_usage(room).free:
            raise NoRoom(room)
        await check_empty(database)
        await asyncio.to_thread(_verify, backup, left)
        await _load(database, backup, left, erasures=_read_erasures(file, room))
        await _write_erasures(database, room)
        return backup.manifest


def is_listed(file: Path, room: Path) -> bool:
    """Whether there is a list of erasures in the data folder or beside the backup."""
    return any(log.exists() for log in _erasure_logs(file, room))


def _read_erasures(file: Path, room: Path) -> list[ErasureRecord]:
    """Return who was erased, without who, by the lists in the data folder and beside the backup."""
    return [record for log in _erasure_logs(file, room) for record in log.read()]


def _erasure_logs(file: Path, room: Path) -> list[ErasureLog]:
    return [ErasureLog(room), ErasureLog(file.absolute().parent)]


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
        await remove_tables(connection)
        await move_to(connection, backup.manifest.version)
        tables = {table.name: table for table in await repository.tables()}
        entries = {entry.name: entry for entry in backup.manifest.tables}
        if tables.keys() != entries.keys():
            raise backup.damaged(f"tables {sorted(entries)} instead of {sorted(tables)}")
        for name, table in tables.items():
            await _fill(connection, table, backup, entries[name])
            remaining -= entries[name].rows
            left(remaining)
        await move_to(connection, "head")
        await bring_topics(connection)
        await repository.settle_jobs(INDEX_JOBS)
        await _ask_for_indexes(connection)
        await _erase_again(connection, erasures)


async def _erase_again(connection: AsyncConnection, erasures: Sequence[ErasureRecord]) -> None:
    async with AsyncSession(connection) as session:
        erased = await PrivacyService(session).replay(erasures)
        await session.commit()  # of the session alone; the connection's transaction goes on
    get_logger().info("erasures_replayed", known=len(erasures), erased=erased)


async def _ask_for_indexes(connection: AsyncConnection) -> None:
    async with AsyncSession(connection) as session:
        documents = [document.hex for document in await IndexRepository(session).published()]
        for kind in INDEX_JOBS:
            await JobRepository(session).ask_many(kind, documents)
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
