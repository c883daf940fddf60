"""What a command did not foresee, in words: wrong usage, a full disk, no permission, a database that is away."""

import errno
import sqlite3

import click
from sqlalchemy.exc import DBAPIError

from knowledge.kit.language import _
from knowledge.kit.logs import get_logger

FAILED, WRONG_USAGE, INTERRUPTED = 1, 2, 130


def explain(error: Exception) -> tuple[str, int]:
    """Return what to tell the person and the exit code."""
    if isinstance(error, click.exceptions.Abort):
        return _("Interrupted. What was finished until now is kept."), INTERRUPTED
    if isinstance(error, click.UsageError):
        return _usage(error), WRONG_USAGE
    if isinstance(error, click.ClickException):
        return error.format_message(), FAILED
    if isinstance(error, ExceptionGroup):
        return explain(error.exceptions[0])
    if isinstance(error, OSError):
        return _surroundings(error), FAILED
    if isinstance(error, DBAPIError):
        return _database(error), FAILED
    get_logger().error("command_crashed", error=type(error).__name__, exc_info=True)
    return _("Something went wrong that should not have. Nothing is lost; please report the lines above."), FAILED


def _usage(error: click.UsageError) -> str:
    hint = f"\n{error.ctx.get_usage()}" if error.ctx else ""
    return f"{error.format_message()}{hint}"


def _surroundings(error: OSError) -> str:
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _("The disk is full. What was finished until now is kept; please make room and try again.")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return _("No permission to read or write here{where}. Please check who owns the folder.").format(where=where)
    if isinstance(error, ConnectionError):
        return _("The database cannot be reached. Please check ALLMENDE_DATABASE_URL and that the server runs.")
    return f"{error.strerror or type(error).__name__}{where}"


def _database(error: DBAPIError) -> str:
    cause = error.orig.__cause__ or error.orig
    text = str(cause).lower()
    if "disk is full" in text or "disk i/o error" in text:
        return _("The disk is full. What was finished until now is kept; please make room and try again.")
    if "readonly" in text or "unable to open" in text:
        return _("The database file cannot be opened or written. Please check who owns the data folder.")
    if "malformed" in text or "not a database" in text:
        return _("The database file is damaged. Please restore a backup: allmende restore FILE")
    if isinstance(cause, sqlite3.OperationalError) and "locked" in text:
        return _("Another command is writing for very long. Please try again in a moment.")
    get_logger().error("database_failed", error=type(cause).__name__)
    return _("The database cannot be used just now. Please check that it runs, and try again.")
