"""``allmende migrate``, ``reindex``, ``doctor``, ``backup`` and ``restore``: looking after it."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import DBAPIError

from bot.matrix.doctor import matrix_findings
from hub.cli.options import AsJson
from hub.cli.output import Progress, put_json
from hub.cli.surroundings import Surroundings, opened, put, run_async, say
from knowledge.kit.clock import HOME, now
from knowledge.kit.errors import Conflict
from knowledge.kit.language import _
from knowledge.library.indexes.access import LibraryIndexes
from knowledge.library.indexes.lock import IndexesOwned, OwnerLock
from knowledge.library.indexes.owner import IndexFolders
from knowledge.operations.archive import Manifest
from knowledge.operations.backup import backup_name, note_backup, write_backup
from knowledge.operations.doctor import examine, retry_dead_letters
from knowledge.operations.findings import Finding, Level
from knowledge.operations.migrating import migrate as migrate_database
from knowledge.operations.reindexing import Reindexed, forget_embedded
from knowledge.operations.reindexing import reindex as fill_again
from knowledge.operations.restore import check_empty, is_listed, restore_backup

FAILED = 1
# Tables that an old backup may bring people back in.
PEOPLE = ("chat_identities", "members")

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help=_("The backup."))]
NewFile = Annotated[
    Path | None, typer.Argument(metavar="[FILE]", help=_("A new file (default: allmende-backup-… in this folder)."))
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


def migrate(as_json: AsJson = False) -> None:
    """Bring the database to the version that this program needs."""

    async def work() -> tuple[str | None, str]:
        async with opened(check=False) as surroundings:
            return await migrate_database(surroundings.database)

    before, after = run_async(work)
    if as_json:
        put_json({"from": before, "to": after})
    elif before == after:
        put(_("The database has the version {version} already; nothing was to be done.").format(version=after))
    elif before is None:
        put(_("The database was empty and has the version {version} now.").format(version=after))
    else:
        put(_("The database was migrated from {before} to {after}.").format(before=before, after=after))


def reindex(as_json: AsJson = False) -> int:
    """Build both indexes anew; exit code 1 when a part must follow later."""

    async def work() -> Reindexed:
        async with opened() as surroundings, surroundings.indexes() as indexes:
            if not indexes.is_owner:
                say(
                    _(
                        "Another process holds the indexes and writes everything into them once more, without emptying "
                        "them. To mend damage or to change the model, please end that process first."
                    )
                )
            return await _fill_again(surroundings, indexes)

    done = run_async(work)
    if as_json:
        put_json(asdict(done))
    else:
        put(_("The indexes hold {count} passages.").format(count=done.passages))
    if done.postponed:
        say(_("{count} jobs could not be done yet and wait. “allmende doctor” says more.").format(count=done.postponed))
    return FAILED if done.postponed else 0


async def _fill_again(surroundings: Surroundings, indexes: LibraryIndexes) -> Reindexed:
    with Progress(_("Indexing …")) as progress:
        return await fill_again(surroundings.database, indexes, left=progress.left)


def doctor(
    retry: Annotated[bool, typer.Option("--retry", help=_("Try work once more that was given up."))] = False,
    as_json: AsJson = False,
) -> int:
    """Check that everything is in order; exit code 1 when there are problems."""

    async def work() -> tuple[int | None, list[Finding]]:
        async with opened(check=retry) as surroundings:
            revived = await retry_dead_letters(surroundings.database) if retry else None
            findings = []
            async for finding in examine(surroundings.settings, surroundings.database):
                findings.append(finding)
                if not as_json:
                    _put_finding(finding)
            for finding in matrix_findings(surroundings.settings.matrix, surroundings.settings.data_folder / "matrix"):
                findings.append(finding)
                if not as_json:
                    _put_finding(finding)
            return revived, findings

    revived, findings = run_async(work)
    problems = sum(finding.level is Level.PROBLEM for finding in findings)
    if as_json:
        put_json({"ok": not problems, "revived": revived, "findings": [asdict(finding) for finding in findings]})
    if revived is not None:
        say(_("{count} jobs that had been given up are tried again.").format(count=revived))
    if problems:
        say(_("{count} problems were found.").format(count=problems))
    return FAILED if problems else 0


def _put_finding(finding: Finding) -> None:
    marks = {Level.OK: _("ok"), Level.WARNING: _("note"), Level.PROBLEM: _("PROBLEM")}
    put(f"[{marks[finding.level]}] {finding.message}" + (f" → {finding.todo}" if finding.todo else ""))
    for letter in finding.facts.get("letters", []):
        put(f"    {letter['job']}  {letter['kind']}  {letter['key']}  {letter['error']} ({letter['attempts']}×)")


def backup(file: NewFile = None, as_json: AsJson = False) -> None:
    """Write a backup into one file, also while others work."""
    target = file or Path(backup_name(now().astimezone(HOME)))

    async def work() -> Manifest:
        async with opened(check=False) as surroundings:
            with Progress(_("Writing the backup …")) as progress:
                written = await write_backup(surroundings.database, target, left=progress.left)
            note_backup(surroundings.settings.data_folder, written.created_at)
            return written

    written = run_async(work)
    if as_json:
        put_json({"file": str(target.absolute()), **written.model_dump(mode="json")})
    else:
        put(str(target))
    size = target.stat().st_size
    say(
        _("{rows} rows, {size} MB. Please keep it on another machine.").format(rows=written.rows, size=_megabytes(size))
    )


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f}"


def restore(
    file: FileArgument,
    no_wait: Annotated[bool, typer.Option("--no-wait", help=_("Build the indexes at the next start."))] = False,
    as_json: AsJson = False,
) -> int:
    """Put a backup into an empty data folder, and build the indexes."""

    async def work() -> tuple[Manifest, Reindexed | None, bool]:
        async with opened(check=False) as surroundings:
            listed = is_listed(file, surroundings.settings.data_folder)
            manifest = await _restore(surroundings, file)
            if no_wait:
                return manifest, None, listed
            async with surroundings.indexes() as indexes:
                return manifest, await _fill_again(surroundings, indexes), listed

    manifest, done, listed = run_async(work)
    if as_json:
        put_json({**manifest.model_dump(mode="json"), "indexes": asdict(done) if done else None})
    else:
        moment = f"{manifest.created_at.astimezone(HOME):%Y-%m-%d %H:%M}"
        put(_("Restored {rows} rows of the backup from {moment}.").format(rows=manifest.rows, moment=moment))
    if not listed and any(table.rows for table in manifest.tables if table.name in PEOPLE):
        say(
            _(
                "There is no list of erasures (erasures.log) in the data folder or beside the backup. Whoever was "
                "erased after this backup is back; if you have the list, put it beside the backup and restore into "
                "another empty folder."
            )
        )
    if done is None:
        say(_("The indexes are built at the next start."))
    elif done.postponed:
        say(_("{count} jobs could not be done yet and wait. “allmende doctor” says more.").format(count=done.postponed))
    return 0


async def _restore(surroundings: Surroundings, file: Path) -> Manifest:
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
