"""The way back from a migration: a backup in the data folder before anything is changed."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from knowledge.kit.clock import HOME, now
from knowledge.kit.database import Database
from knowledge.kit.errors import Unavailable
from knowledge.kit.language import _
from knowledge.kit.migrations import current_version, known_versions, newest_version
from knowledge.operations.backup import backup_name, remove_old, write_backup
from knowledge.operations.encryption import Recipient
from knowledge.operations.repository import TableRepository

FOLDER = "backups"
BEGINNING = "allmende-before-migration-"
# So many stay; older versions of the program than that nobody goes back to.
KEPT = 3


class NoRoomForBackup(Unavailable):
    """The data folder's disk has no room for a backup before the migration."""

    code = "migrate.no_room"

    def __init__(self, folder: Path) -> None:
        message = _(
            "There is not enough room in “{folder}” for a backup before the migration. Nothing was changed; please "
            "make room, or write a backup somewhere else (allmende backup FILE), then: allmende migrate --no-backup"
        )
        super().__init__(message.format(folder=folder))


async def is_behind(database: Database) -> bool:
    """Whether a migration would change tables that are there."""
    version = await current_version(database)
    return version is not None and version != newest_version() and version in known_versions()


async def back_up_before(
    database: Database, data_folder: Path, recipients: Sequence[Recipient], *, left: Callable[[int], None]
) -> Path:
    """Write a backup into the data folder's own folder for them, and return it; the newest three stay there.

    Raises ``NoRoomForBackup``, ``FileNotWritten``.
    """
    folder = data_folder / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    async with database.engine.execution_options(writes=False).connect() as connection:
        size = await TableRepository(connection).size()
    # Compressed rows take less than the database, whatever is in them.
    if shutil.disk_usage(folder).free < size:
        raise NoRoomForBackup(folder)
    moment = now().astimezone(HOME)
    file = folder / backup_name(moment, is_encrypted=bool(recipients), beginning=BEGINNING)
    await write_backup(database, file, left=left, recipients=recipients)
    remove_old(folder, keep=KEPT, beginning=BEGINNING)
    return file
