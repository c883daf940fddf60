"""``allmende backup``, ``backup-key`` and ``restore``."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import DBAPIError

from hub.cli.options import AsJson
from hub.cli.output import Progress, put_json
from hub.cli.surroundings import Surroundings, opened, put, run_async, say
from hub.cli.upkeep import fill_indexes
from knowledge.kit.clock import HOME, now
from knowledge.kit.errors import Conflict, InvalidInput
from knowledge.kit.language import _
from knowledge.library.indexes.lock import IndexesOwned, OwnerLock
from knowledge.library.indexes.owner import IndexFolders
from knowledge.operations.archive import Manifest
from knowledge.operations.backup import backup_name, note_backup, remove_old, write_backup
from knowledge.operations.encryption import Identity, Recipient, make_key, read_identities, read_recipients
from knowledge.operations.reindexing import Reindexed, forget_embedded
from knowledge.operations.restore import BackupFile, check_backup, check_empty, is_listed, restore_backup

# Tables that an old backup may bring people back in.
PEOPLE = ("chat_identities", "members")

Backup = Annotated[Path, typer.Argument(metavar="FILE", help=_("The backup."))]
NewFile = Annotated[
    Path | None,
    typer.Argument(
        metavar="[FILE]", help=_("A new file, or a folder for one named by the time (default: this folder).")
    ),
]
NewKey = Annotated[Path, typer.Argument(metavar="FILE", help=_("A new file for the secret key."))]
To = Annotated[
    list[str] | None,
    typer.Option(
        "--to", metavar="KEY", help=_("Encrypt for this public key (several times: for each of them; age1… or ssh-…).")
    ),
]
Keep = Annotated[
    int | None,
    typer.Option("--keep", min=1, help=_("Delete all but so many backups of the folder that are named by the time.")),
]
Check = Annotated[
    bool, typer.Option("--check", help=_("Write nothing; read FILE to its end and say whether it is whole."))
]
KeyFile = Annotated[
    Path | None, typer.Option("--identity", metavar="KEYFILE", help=_("The file with the secret key, if encrypted."))
]
Lists = Annotated[
    list[Path] | None,
    typer.Option("--erasures", metavar="FILE", help=_("An erasures.log of another host (several times).")),
]


class FolderInUse(Conflict):
    """Somebody works with the data folder that a backup is to go into."""

    code = "restore.in_use"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Another Allmende process works with this data folder. Nothing was changed; please end it first, or "
                "choose a new folder with ALLMENDE_DATA_DIR."
            )
        )


class DamagedDatabase(Conflict):
    """There is a database file that cannot be read."""

    code = "restore.damaged_database"

    def __init__(self, file: Path | None) -> None:
        message = _("The database file “{file}” is damaged. Please move it to another place, then restore again.")
        super().__init__(message.format(file=file))


class NothingToCheck(InvalidInput):
    """No backup was named that could be checked."""

    code = "backup.nothing_to_check"

    def __init__(self) -> None:
        super().__init__(_("Please name the backup that is to be checked: allmende backup --check FILE"))


class KeepNeedsUsualName(InvalidInput):
    """Old backups are counted by their usual names only."""

    code = "backup.keep_needs_usual_name"

    def __init__(self) -> None:
        super().__init__(_("With --keep, please name a folder: backups are then named by the time, and counted so."))


def backup(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    file: NewFile = None,
    to: To = None,
    keep: Keep = None,
    check: Check = False,
    identity: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Write a backup into one file, also while others work, or check one."""
    if check:
        _check(file, identity, as_json)
        return
    if keep is not None and file is not None and not file.is_dir():
        raise KeepNeedsUsualName
    target, written = run_async(lambda: _write(file, to))
    if as_json:
        put_json({"file": str(target.absolute()), **written.model_dump(mode="json")})
    else:
        put(str(target))
    size = f"{target.stat().st_size / 1_000_000:.1f}"
    say(_("{rows} rows, {size} MB. Please keep it on another machine.").format(rows=written.rows, size=size))
    if keep is not None and (removed := remove_old(target.parent, keep=keep)):
        say(_("Old backups that were deleted: {count}.").format(count=len(removed)))


async def _write(file: Path | None, to: Sequence[str] | None) -> tuple[Path, Manifest]:
    async with opened(check=False) as surroundings:
        recipients = read_recipients(to or surroundings.settings.backups.recipients)
        target = _target(file, recipients)
        with Progress(_("Writing the backup …")) as progress:
            written = await write_backup(surroundings.database, target, left=progress.left, recipients=recipients)
        note_backup(surroundings.settings.data_folder, written.created_at)
        return target, written


def _target(file: Path | None, recipients: Sequence[Recipient]) -> Path:
    name = backup_name(now().astimezone(HOME), is_encrypted=bool(recipients))
    if file is None:
        return Path(name)
    return file / name if file.is_dir() else file


def _check(file: Path | None, identity: Path | None, as_json: bool) -> None:
    if file is None:
        raise NothingToCheck

    async def work() -> Manifest:
        with Progress(_("Checking …")) as progress:
            return await check_backup(file, _keys(identity), left=progress.left)

    manifest = run_async(work)
    if as_json:
        put_json({"file": str(file.absolute()), **manifest.model_dump(mode="json")})
    else:
        message = _("The backup from {moment} is whole: {rows} rows.")
        put(message.format(moment=_moment(manifest), rows=manifest.rows))


def _keys(identity: Path | None) -> Sequence[Identity] | None:
    return None if identity is None else read_identities(identity)


def _moment(manifest: Manifest) -> str:
    return f"{manifest.created_at.astimezone(HOME):%Y-%m-%d %H:%M}"


def backup_key(file: NewKey, as_json: AsJson = False) -> None:
    """Make a pair of keys for encrypted backups."""
    public = make_key(file, now())
    if as_json:
        put_json({"file": str(file.absolute()), "recipient": public})
    else:
        put(public)
    say(
        _(
            "The key above is public: give it to “backup --to” or ALLMENDE_BACKUP_RECIPIENTS. The file “{file}” is the "
            "secret one: whoever has it reads every backup, and without it nobody does. Please keep two copies of it, "
            "none of them on this machine."
        ).format(file=file)
    )


def restore(
    file: Backup,
    identity: KeyFile = None,
    erasures: Lists = None,
    no_wait: Annotated[bool, typer.Option("--no-wait", help=_("Build the indexes at the next start."))] = False,
    as_json: AsJson = False,
) -> int:
    """Put a backup into an empty data folder, and build the indexes."""
    given = BackupFile(file, _keys(identity), tuple(erasures or ()))

    async def work() -> tuple[Manifest, Reindexed | None, bool]:
        async with opened(check=False) as surroundings:
            listed = is_listed(given, surroundings.settings.data_folder)
            manifest = await _restore(surroundings, given)
            if no_wait:
                return manifest, None, listed
            async with surroundings.indexes() as indexes:
                return manifest, await fill_indexes(surroundings, indexes), listed

    manifest, done, listed = run_async(work)
    if as_json:
        put_json({**manifest.model_dump(mode="json"), "indexes": asdict(done) if done else None})
    else:
        message = _("Restored {rows} rows of the backup from {moment}.")
        put(message.format(rows=manifest.rows, moment=_moment(manifest)))
    if not listed and any(table.rows for table in manifest.tables if table.name in PEOPLE):
        _say_unlisted()
    if done is None:
        say(_("The indexes are built at the next start."))
    elif done.postponed:
        say(_("{count} jobs could not be done yet and wait. “allmende doctor” says more.").format(count=done.postponed))
    return 0


def _say_unlisted() -> None:
    say(
        _(
            "There is no list of erasures (erasures.log) in the data folder or beside the backup. Whoever was "
            "erased after this backup is back; if you have the list, put it beside the backup and restore into "
            "another empty folder."
        )
    )


async def _restore(surroundings: Surroundings, file: BackupFile) -> Manifest:
    """Restore while nobody else can open the indexes, which belong to the library that was here before."""
    folder = surroundings.settings.data_folder
    folders = IndexFolders(folder / "indexes")
    lock = OwnerLock(folders.root)
    try:
        lock.take()
    except IndexesOwned as error:
        raise FolderInUse from error
    try:
        await _check_empty(surroundings)
        forget_embedded(folders)
        with Progress(_("Restoring …")) as progress:
            return await restore_backup(surroundings.database, file, room=folder, left=progress.left)
    finally:
        lock.release()


async def _check_empty(surroundings: Surroundings) -> None:
    try:
        await check_empty(surroundings.database)
    except DBAPIError as error:
        if "malformed" in str(error.orig) or "not a database" in str(error.orig):
            raise DamagedDatabase(surroundings.database.path) from error
        raise
