"""Writing everything that cannot be made anew into one file, while others go on working.

One transaction sees the whole database at one moment: PostgreSQL by its isolation level, SQLite because in WAL mode a
reader keeps what it saw first. What is written is the same for both, so a backup of one can be restored on the other.
The indexes are not in it; they are built anew from the database.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.errors import Conflict
from knowledge.kit.language import _
from knowledge.kit.logs import get_logger
from knowledge.kit.migrations import current_version
from knowledge.models.erasure import Erasure
from knowledge.operations.archive import BackupWriter, Manifest
from knowledge.operations.encryption import SUFFIX, Recipient, encrypted
from knowledge.operations.program import program_version
from knowledge.operations.repository import TableRepository
from knowledge.operations.safe_file import new_file, remove_abandoned
from knowledge.operations.values import to_plain
from knowledge.privacy.erasure_log import ErasureLog
from knowledge.privacy.repository import EraseRepository
from knowledge.privacy.schemas import ErasureRecord

# Told now and then: how many rows are left.
Left = Callable[[int], None]
LAST_BACKUP = "last-backup"
BEGINNING = "allmende-backup-"
# How the usual names go on.
MOMENT = r"\d{4}-\d\d-\d\d-\d{6}\.zip(\.age)?"


class NothingToBackUp(Conflict):
    """The database has no tables yet."""

    code = "backup.nothing"

    def __init__(self) -> None:
        super().__init__(_("There is nothing to back up yet: this data folder is empty."))


def backup_name(moment: datetime, *, is_encrypted: bool = False, beginning: str = BEGINNING) -> str:
    """Return the usual name of a backup made at ``moment``."""
    return f"{beginning}{moment:%Y-%m-%d-%H%M%S}.zip{SUFFIX if is_encrypted else ''}"


def usual_backups(folder: Path, beginning: str = BEGINNING) -> Sequence[Path]:
    """Return the backups with a usual name in a folder, the newest first. Raises ``OSError``."""
    usual = re.compile(re.escape(beginning) + MOMENT)
    found = [file for file in folder.iterdir() if usual.fullmatch(file.name) and file.is_file()]
    return sorted(found, key=lambda file: file.name, reverse=True)


def remove_old(folder: Path, *, keep: int, beginning: str = BEGINNING) -> Sequence[Path]:
    """Delete all but the newest ``keep`` backups with a usual name in a folder, and what killed ones left behind.

    Files with other names stay. Returns what was deleted; one that cannot be is left and logged.
    """
    remove_abandoned(folder, beginning)
    removed = []
    for file in usual_backups(folder, beginning)[keep:]:
        try:
            file.unlink()
        except OSError as error:
            get_logger().warning("old_backup_not_removed", error=type(error).__name__)
        else:
            removed.append(file)
    return removed


async def write_backup(database: Database, file: Path, *, left: Left, recipients: Sequence[Recipient] = ()) -> Manifest:
    """Write a backup of ``database``, whatever version its tables have, into the new file ``file``.

    The list of erasures beside it is brought up to date, for the day on which an older backup is restored from there.

    Args:
        database: may be in use by others, whom nothing holds up.
        file: must not be there.
        left: told how many rows are left.
        recipients: the public keys that it is encrypted for; without any it is not.

    Raises ``NothingToBackUp``, ``FileExists``, ``FileNotWritten``; then there is no file.
    """
    if await current_version(database) is None:
        raise NothingToBackUp
    with new_file(file) as stream:
        async with _one_moment(database) as connection:
            with encrypted(stream, recipients) as plain:
                manifest = await _write(database, connection, plain, left)
            erasures = await _erasures(connection)
    await asyncio.to_thread(_list_erasures, file, erasures)
    return manifest


async def _erasures(connection: AsyncConnection) -> Sequence[ErasureRecord]:
    """Return who was erased, without who; tables of an older version know nobody."""
    if Erasure.__tablename__ not in await TableRepository(connection).names():
        return []
    async with AsyncSession(connection) as session:
        return await EraseRepository(session).records()


def _list_erasures(file: Path, erasures: Sequence[ErasureRecord]) -> None:
    """Write the list beside a backup; where that fails the data folder still has it."""
    if not erasures:
        return
    try:
        ErasureLog(file.absolute().parent).add(erasures)
    except OSError as error:
        get_logger().error("erasure_log_not_written", error=type(error).__name__)


@asynccontextmanager
async def _one_moment(database: Database) -> AsyncIterator[AsyncConnection]:
    """Yield a connection that sees the database as it was when it read first."""
    options = {"writes": False} if database.is_sqlite else {"isolation_level": "REPEATABLE READ"}
    async with database.engine.execution_options(**options).connect() as connection:
        yield connection


async def _write(database: Database, connection: AsyncConnection, stream: IO[bytes], left: Left) -> Manifest:
    repository, moment = TableRepository(connection), now()
    version = await repository.version()
    tables = await repository.tables()
    remaining = sum([await repository.count(table) for table in tables])
    left(remaining)
    with BackupWriter(stream) as writer:
        for table in tables:
            with writer.table(table.name) as rows:
                async for part in repository.rows(table):
                    rows.add({name: to_plain(value) for name, value in row.items()} for row in part)
                    remaining -= len(part)
                    left(remaining)
        return writer.finish(
            program=program_version(),
            version=str(version),
            database=database.url.get_backend_name(),
            created_at=moment,
        )


def note_backup(data_folder: Path, moment: datetime) -> None:
    """Remember in the data folder when the last backup was made; where that fails, nobody is worse off."""
    with suppress(OSError):
        (data_folder / LAST_BACKUP).write_text(moment.isoformat() + "\n", encoding="ascii")


def last_backup(data_folder: Path) -> datetime | None:
    """Return when the last backup was made, if that is known."""
    try:
        return datetime.fromisoformat((data_folder / LAST_BACKUP).read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        return None
