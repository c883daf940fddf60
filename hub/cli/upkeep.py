"""``allmende migrate``, ``reindex`` and ``doctor``: looking after it."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bot.matrix.doctor import matrix_findings
from hub.cli.options import AsJson
from hub.cli.output import Progress, put_json
from hub.cli.surroundings import Surroundings, opened, put, run_async, say
from knowledge.kit.language import _
from knowledge.library.indexes.access import LibraryIndexes
from knowledge.operations.doctor import examine, retry_dead_letters
from knowledge.operations.encryption import read_recipients
from knowledge.operations.findings import Finding, Level
from knowledge.operations.migrating import migrate as migrate_database
from knowledge.operations.reindexing import Reindexed
from knowledge.operations.reindexing import reindex as fill_again
from knowledge.operations.upgrading import back_up_before, is_behind

FAILED = 1

NoBackup = Annotated[bool, typer.Option("--no-backup", help=_("Do not write a backup into the data folder before."))]


def migrate(no_backup: NoBackup = False, as_json: AsJson = False) -> None:
    """Bring the database to the version that this program needs, after a backup where that changes anything."""

    async def work() -> tuple[str | None, str, Path | None]:
        async with opened(check=False) as surroundings:
            saved = None if no_backup else await _back_up(surroundings)
            return *await migrate_database(surroundings.database), saved

    before, after, saved = run_async(work)
    if as_json:
        put_json({"from": before, "to": after, "backup": None if saved is None else str(saved)})
    elif before == after:
        put(_("The database has the version {version} already; nothing was to be done.").format(version=after))
    elif before is None:
        put(_("The database was empty and has the version {version} now.").format(version=after))
    else:
        put(_("The database was migrated from {before} to {after}.").format(before=before, after=after))
    if saved is not None:
        say(_("The way back: the program as it was before, and “allmende restore {file}”.").format(file=saved))


async def _back_up(surroundings: Surroundings) -> Path | None:
    if not await is_behind(surroundings.database):
        return None
    recipients = read_recipients(surroundings.settings.backups.recipients)
    with Progress(_("Writing a backup before anything is changed …")) as progress:
        return await back_up_before(
            surroundings.database, surroundings.settings.data_folder, recipients, left=progress.left
        )


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
            return await fill_indexes(surroundings, indexes)

    done = run_async(work)
    if as_json:
        put_json(asdict(done))
    else:
        put(_("The indexes hold {count} passages.").format(count=done.passages))
    if done.postponed:
        say(_("{count} jobs could not be done yet and wait. “allmende doctor” says more.").format(count=done.postponed))
    return FAILED if done.postponed else 0


async def fill_indexes(surroundings: Surroundings, indexes: LibraryIndexes) -> Reindexed:
    """Build both indexes anew, with progress."""
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
