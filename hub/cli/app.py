"""All commands in one place."""

import gettext
import os
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated

import typer

from hub.cli.spoken import Commands
from knowledge.kit.language import CATALOGUES, _


def translate_usage(language: str) -> None:
    """Let the parser of the command line speak our language, too; it asks gettext for its own sentences."""
    os.environ["LANGUAGE"] = language
    gettext.bindtextdomain("allmende", str(CATALOGUES))
    gettext.textdomain("allmende")


def parser_texts() -> tuple[str, ...]:
    """Return the parser's own words that our catalogue translates, so that they are found for it."""
    return _("Arguments"), _("Options"), _("Commands"), _("required"), _("default: {default}")


def _commands() -> dict[str, tuple[str, str]]:
    """Return the commands with the module that holds each and what it does; its function has the same name."""
    return {
        "add": ("adding", _("Import files and folders.")),
        "ask": ("asking", _("Answer a question with its sources, or say that nothing was found.")),
        "search": ("asking", _("Find passages; one query per line on standard input.")),
        "chat": ("asking", _("Talk in the terminal.")),
        "trace": ("asking", _("Show everything behind one answer.")),
        "demo": ("demo", _("Load the sample library into a folder of its own and show what Allmende does.")),
        "serve": ("serving", _("Run the hub, the chat bots that are configured, and all work in the background.")),
        "hub": ("serving", _("Run the pages alone; any number of such processes may share a database.")),
        "bot": ("serving", _("Run the bot on one network: matrix, telegram or mail.")),
        "administrator": ("administrator", _("Make somebody an administrator and print their link into the hub.")),
        "migrate": ("upkeep", _("Bring the database to the version that this program needs.")),
        "worker": ("working", _("Do all work in the background: the indexes, jobs, and what comes by the clock.")),
        "reindex": ("upkeep", _("Build both indexes anew from the database.")),
        "doctor": ("upkeep", _("Check that everything is in order.")),
        "backup": ("backing_up", _("Write a backup into one file, also while others work, or check one.")),
        "backup-key": ("backing_up", _("Make a pair of keys for encrypted backups.")),
        "restore": ("backing_up", _("Put a backup into an empty data folder.")),
    }


def _groups() -> dict[str, tuple[str, str]]:
    """Return the groups of commands with the module that registers each and what it is about."""
    return {
        "documents": ("documents", _("The library: list, show, withdraw, restore, export, import.")),
        "organisations": ("organisations", _("Municipalities and other bodies.")),
        "circle": ("circles", _("Working circles and the codes that link groups to them.")),
        "member": ("members", _("People with their organisation and role.")),
        "lessons": ("lessons", _("Micro-lessons: bring them in from a folder, list them.")),
        "synonyms": ("synonyms", _("Other words for the same thing.")),
        "mail": ("mail", _("E-mail that comes back.")),
        "token": ("tokens", _("Access for other systems to the API.")),
    }


def create_app(arguments: Sequence[str] = ()) -> typer.Typer:
    """Put the command line together.

    Args:
        arguments: what was called. Where they begin with the name of a command, that one alone is loaded, because
            each brings libraries of its own; help, and whatever is not known, take all.
    """
    app = Commands(_("Allmende: what municipalities have learned together. Ask, and get an answer with its sources."))
    app.callback()(_begin)
    commands, groups = _commands(), _groups()
    called = arguments[0] if arguments else ""
    wanted = {called} if called in {*commands, *groups} else {*commands, *groups}
    for name, (module, text) in commands.items():
        if name in wanted:
            app.command(name, help=text)(getattr(import_module(f"hub.cli.{module}"), name.replace("-", "_")))
    for name, (module, text) in groups.items():
        if name in wanted:
            group = Commands(text)
            import_module(f"hub.cli.{module}").register(group)
            app.add_typer(group, name=name)
    return app


def _show_version(wanted: bool) -> None:
    if wanted:
        from knowledge.operations.program import program_version

        typer.echo(program_version())
        raise typer.Exit


def _begin(
    _version: Annotated[
        bool, typer.Option("--version", help=_("Show the version."), callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Take what stands before the command."""
