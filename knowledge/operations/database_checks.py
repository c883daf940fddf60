"""Looking at the database: version, soundness, what is in it, and work that waits or was given up."""

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy.exc import DBAPIError

from knowledge.jobs.repository import JobRepository
from knowledge.kit.database import Database
from knowledge.kit.language import _, ngettext
from knowledge.kit.migrations import broken_references, current_version, known_versions, newest_version
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.repository import DocumentRepository
from knowledge.operations.findings import Finding, fine, problem, warning
from knowledge.operations.repository import CountRepository, TableRepository

# Counts about people are told from three on.
FEWEST_PEOPLE = 3
ABOUT_PEOPLE = ("members", "questions", "answers")
SHOWN_LETTERS = 20


async def check_database(database: Database) -> AsyncIterator[Finding]:
    """Yield what there is to say about the database; of one that cannot be used, no more than that."""
    try:
        async for finding in _check(database):
            yield finding
    except (DBAPIError, OSError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        message = _("The database cannot be read ({reason}).").format(reason=type(cause).__name__)
        todo = _("Please check that its server runs and ALLMENDE_DATABASE_URL is right, or who owns its file.")
        yield problem("database", message, todo)


async def _check(database: Database) -> AsyncIterator[Finding]:
    if database.is_sqlite:
        sound = await _check_soundness(database)
        yield sound
        if sound.todo is not None:
            return
    version = await _check_version(database)
    yield version
    if version.todo is not None or version.facts["version"] is None:
        return
    yield await _check_content(database)
    async for finding in check_jobs(database):
        yield finding


async def _check_soundness(database: Database) -> Finding:
    todo = _("Please move the damaged file away and restore the last backup: allmende restore FILE")
    try:
        async with database.engine.execution_options(writes=False).connect() as connection:
            tables = TableRepository(connection)
            faults = [*await tables.faults(), *([table] if (table := await broken_references(connection)) else [])]
    except DBAPIError as error:
        if "malformed" not in str(error.orig) and "not a database" not in str(error.orig):
            raise
        faults = [str(error.orig)]
    if faults:
        return problem("database.sound", _("The database file is damaged."), todo, faults=faults)
    return fine("database.sound", _("The database file is sound."))


async def _check_version(database: Database) -> Finding:
    version, newest = await current_version(database), newest_version()
    facts: dict[str, Any] = {"version": version, "needed": newest, "kind": database.url.get_backend_name()}
    if version is None:
        return fine("database.version", _("The database is empty; the first command sets it up."), **facts)
    if version == newest:
        return fine("database.version", _("The database has the version that is needed."), **facts)
    if version in known_versions():
        message, todo = (
            _("The database is from an older version."),
            _("Please run: allmende backup, then allmende migrate"),
        )
    else:
        message, todo = _("The database is from a newer version of Allmende."), _("Please update the program.")
    return problem("database.version", message, todo, **facts)


async def _check_content(database: Database) -> Finding:
    async with unit_of_work(database, writes=False) as unit:
        library = await DocumentRepository(unit.session).statistics()
        others = await CountRepository(unit.session).counts()
    counts: dict[str, int | str] = {
        "published": library.get("published", 0),
        "withdrawn": library.get("withdrawn", 0),
        "passages": library["passages"],
        "abbreviations": library["abbreviations"],
        **others,
    }
    for name in ABOUT_PEOPLE:
        if others[name] < FEWEST_PEOPLE:
            counts[name] = f"<{FEWEST_PEOPLE}"
    message = _(
        "{published} published documents, {withdrawn} withdrawn, {passages} passages, {organisations} organisations, "
        "{members} members, {synonyms} groups of synonyms, {abbreviations} abbreviations, {answers} answers."
    )
    return fine("database.content", message.format(**counts), **counts)


async def check_jobs(database: Database) -> AsyncIterator[Finding]:
    """Yield what there is to say about work that waits, and about work that was given up."""
    async with unit_of_work(database, writes=False) as unit:
        jobs = JobRepository(unit.session)
        counts = await jobs.counts()
        failed = await CountRepository(unit.session).failed_jobs()
        letters = [
            {"job": job.id, "kind": job.kind, "key": job.key, "error": job.error, "attempts": job.attempts}
            for job in await jobs.dead_letters(SHOWN_LETTERS)
        ]
    yield _waiting(sum(count for (_kind, state), count in counts.items() if state != "dead"), failed)
    dead = sum(count for (_kind, state), count in counts.items() if state == "dead")
    if dead:
        message = ngettext("{count} job was given up.", "{count} jobs were given up.", dead).format(count=dead)
        todo = _("When the reason is mended, try again with: allmende doctor --retry")
        yield problem("jobs.dead", message, todo, count=dead, letters=letters)
    else:
        yield fine("jobs.dead", _("No job was given up."), count=0)


def _waiting(count: int, failed: int) -> Finding:
    if not count:
        return fine("jobs.waiting", _("No job is waiting."), count=0)
    message = ngettext("{count} job is waiting.", "{count} jobs are waiting.", count).format(count=count)
    if failed:
        todo = _("Some failed before and are tried again by themselves; see whether a problem below is the reason.")
        return warning("jobs.waiting", message, todo, count=count, failed=failed)
    return fine("jobs.waiting", message, count=count)
