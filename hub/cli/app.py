"""All commands in one place."""

import gettext
import os
from typing import Annotated

import typer

from hub.cli import adding, asking, demo, documents, members, organisations, synonyms, upkeep
from knowledge.kit.language import CATALOGUES, _


def translate_usage(language: str) -> None:
    """Let the parser of the command line speak our language, too; it asks gettext for its own sentences."""
    os.environ["LANGUAGE"] = language
    gettext.bindtextdomain("allmende", str(CATALOGUES))
    gettext.textdomain("allmende")


def parser_texts() -> tuple[str, ...]:
    """Return the parser's own words that our catalogue translates, so that they are found for it."""
    return _("Arguments"), _("Options"), _("Commands"), _("required"), _("default: {default}"), _("Missing command.")


def _group(text: str) -> typer.Typer:
    return typer.Typer(help=text, no_args_is_help=True, add_completion=False, rich_markup_mode=None)


def create_app() -> typer.Typer:
    """Put the command line together."""
    app = _group(_("Allmende: what municipalities have learned together. Ask, and get an answer with its sources."))
    app.callback()(_begin)
    app.command("add", help=_("Import files and folders."))(adding.add)
    app.command("ask", help=_("Answer a question with its sources, or say that nothing was found."))(asking.ask)
    app.command("search", help=_("Find passages; one query per line on standard input."))(asking.search)
    app.command("chat", help=_("Talk in the terminal."))(asking.chat)
    app.command("trace", help=_("Show everything behind one answer."))(asking.trace)
    app.command("demo", help=_("Load the sample library into a folder of its own and show what Allmende does."))(
        demo.demo
    )
    app.command("migrate", help=_("Bring the database to the version that this program needs."))(upkeep.migrate)
    app.command("worker", help=_("Hold the indexes and keep them in step with the database."))(upkeep.worker)
    app.command("reindex", help=_("Build both indexes anew from the database."))(upkeep.reindex)
    app.command("doctor", help=_("Check that everything is in order."))(upkeep.doctor)
    app.command("backup", help=_("Write a backup into one file, also while others work."))(upkeep.backup)
    app.command("restore", help=_("Put a backup into an empty data folder."))(upkeep.restore)
    for name, text, module in (
        ("documents", _("The library: list, show, withdraw, restore, export, import."), documents),
        ("organisations", _("Municipalities and other bodies."), organisations),
        ("member", _("People with their organisation and role."), members),
        ("synonyms", _("Other words for the same thing."), synonyms),
    ):
        group = _group(text)
        module.register(group)
        app.add_typer(group, name=name)
    return app


def _begin(
    version: Annotated[bool, typer.Option("--version", help=_("Show the version."), is_eager=True)] = False,
) -> None:
    if version:
        from importlib.metadata import PackageNotFoundError
        from importlib.metadata import version as version_of

        try:
            typer.echo(version_of("allmende"))
        except PackageNotFoundError:
            typer.echo("0.1.0")
        raise typer.Exit
