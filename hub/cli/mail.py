"""``allmende mail``: what a mail server hands over."""

import sys
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from hub.cli.surroundings import opened, run_async, say
from knowledge.access.keys import load_key
from knowledge.kit.errors import Unavailable
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.mailing.bounces import LARGEST, NoMail, note_report, read_report
from knowledge.mailing.tokens import MailTokens

# Tells a mail server to hand it over again later (sysexits.h).
TRY_LATER = 75


def register(group: typer.Typer) -> None:
    """Put the commands into their group."""
    group.command("bounce", help=_("Read a mail that came back from standard input, as from a pipe of a mail server."))(
        bounce
    )


def bounce(
    recipient: Annotated[
        str, typer.Option(metavar="ADDRESS", help=_("Where it came back to, where the mail server says so."))
    ] = "",
) -> None:
    """Count a mail that came back, so that nothing more is sent to an address that is not there any more.

    Whatever is no report about a mail of ours is passed over, so that the mail server answers nobody.
    """
    try:
        report = read_report(sys.stdin.buffer.read(LARGEST + 1), recipient)
    except NoMail as error:
        say(error.message)
        return

    async def work() -> bool:
        async with opened() as surroundings, unit_of_work(surroundings.database) as unit:
            tokens = MailTokens(load_key(surroundings.settings.hub_key_path))
            return await note_report(unit, report, tokens) is not None

    try:
        counted = run_async(work)
    except (SQLAlchemyError, Unavailable, OSError) as error:
        say(_("This cannot be noted at the moment; please try again later."))
        raise typer.Exit(TRY_LATER) from error
    say(_("Counted: a mail came back.") if counted else _("Passed over: this says nothing about a mail of ours."))
