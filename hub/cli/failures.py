"""What a command did not foresee, in words: wrong usage, a full disk, no permission, a database that is away."""

import errno
import sqlite3
from typing import Any

import typer
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from knowledge.kit.language import _
from knowledge.kit.logs import get_logger

FAILED, WRONG_USAGE, INTERRUPTED = 1, 2, 130


def explain(error: Exception) -> tuple[str, int]:
    """Return what to tell the person and the exit code."""
    if isinstance(error, typer.Abort):
        return _("Interrupted. What was finished until now is kept."), INTERRUPTED
    if isinstance(error, typer.TyperException):
        return _usage(error), error.exit_code
    if isinstance(error, ExceptionGroup):
        return explain(error.exceptions[0])
    if isinstance(error, OSError | DBAPIError):
        return _surroundings(error) if isinstance(error, OSError) else _database(error), FAILED
    if isinstance(error, UnicodeEncodeError):
        return _("A name or value holds bytes that are no UTF-8 text. Please write it in UTF-8."), WRONG_USAGE
    get_logger().error("command_crashed", error=type(error).__name__, exc_info=True)
    return _("Something went wrong that should not have. Nothing is lost; please report the lines above."), FAILED


def _usage(error: typer.TyperException) -> str:
    """Say in our language what is wrong with a call; the parser itself knows English only."""
    context: typer.Context | None = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        return error.format_message()
    usage = f"\n{context.get_usage()}" if context else ""
    return _problem(error) + usage


def _problem(error: typer.TyperException) -> str:
    option = getattr(error, "option_name", None)
    parameter = getattr(error, "param", None)
    name = _name(parameter) if parameter is not None else ""
    match type(error).__name__:
        case "NoSuchOption":
            return _("There is no option {name}.").format(name=option)
        case "BadOptionUsage":
            return _("The option {name} is not complete.").format(name=option)
        case "MissingParameter":
            return _("{name} is missing.").format(name=name)
        case "BadParameter" if parameter is not None:
            return _("The value of {name} cannot be used. {hint}").format(name=name, hint=_hint(error))
    return _command_problem(error.message) or error.format_message()


def _command_problem(said: str) -> str | None:
    """Say what is wrong with the command itself, which the parser has no kinds of errors for."""
    if said == "Missing command.":
        return _("Please name a command; “allmende --help” shows all.")
    if said.startswith("No such command '"):
        return _("There is no command {name}; “allmende --help” shows all.").format(name=said.split("'")[1])
    return None


def _name(parameter: Any) -> str:
    name: str = parameter.opts[-1]
    return name if name.startswith("-") else name.upper()


def _hint(error: typer.TyperException) -> str:
    """Say what a value should be, from what the check found wrong."""
    if not isinstance(error.__cause__, ValidationError):
        return error.message
    first = error.__cause__.errors()[0]
    bounds = first.get("ctx", {})
    if "ge" in bounds:
        return _("It must be at least {bound}.").format(bound=bounds["ge"])
    if "le" in bounds:
        return _("It must be at most {bound}.").format(bound=bounds["le"])
    if first["type"].startswith("int"):
        return _("It must be a whole number.")
    before, found, choices = first["msg"].partition(" is not one of ")
    if found:
        return _("Possible are: {values}").format(values=choices)
    return before.removeprefix("Value error, ")


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
    cause = (error.orig and error.orig.__cause__) or error.orig
    text = str(cause).lower()
    if "disk is full" in text or "disk i/o error" in text:
        return _("The disk is full. What was finished until now is kept; please make room and try again.")
    if "readonly" in text or "unable to open" in text:
        return _(
            "The database file cannot be opened or written. Please check who owns the data folder, and that its path "
            "is not longer than 490 characters."
        )
    if "malformed" in text or "not a database" in text:
        return _("The database file is damaged. Please restore a backup: allmende restore FILE")
    if isinstance(cause, sqlite3.OperationalError) and "locked" in text:
        return _("Another command is writing for very long. Please try again in a moment.")
    get_logger().error("database_failed", error=type(cause).__name__)
    return _("The database cannot be used just now. Please check that it runs, and try again.")
