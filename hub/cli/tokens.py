"""``allmende token``: access for other systems to the API."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import typer

from hub.cli.options import AsJson
from hub.cli.output import put_json, put_json_line
from hub.cli.surroundings import opened, put, run_async, say
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.tokens.schemas import IssuedToken, TokenEntry
from knowledge.tokens.scopes import FOR_SERVICES, TokenScope
from knowledge.tokens.service import USUAL_DAYS, Tokens, TokenWish


def register(group: typer.Typer) -> None:
    """Put the commands into their group."""
    group.command("add", help=_("Make an access for another system and print it, this once."))(add)
    group.command("list", help=_("List the accesses of other systems."))(list_tokens)
    group.command("revoke", help=_("End an access at once, also one of a member's own."))(revoke)


def add(
    name: Annotated[str, typer.Argument(help=_("What it is called, such as the system that uses it."))],
    organisation: Annotated[
        str, typer.Option(metavar="KEY", help=_("It finds what this organisation's people find; else what is public."))
    ] = "",
    scope: Annotated[
        list[TokenScope] | None, typer.Option(help=_("What for; without it, all that it may have."))
    ] = None,
    days: Annotated[int, typer.Option(help=_("For how many days, at most 365."))] = USUAL_DAYS,
    as_json: AsJson = False,
) -> None:
    """Make an access for another system and print it."""
    wish = TokenWish(name=name, scopes=scope or sorted(FOR_SERVICES), days=days, organisation=organisation)

    async def work() -> IssuedToken:
        async with opened() as surroundings, unit_of_work(surroundings.database) as unit:
            return await Tokens(unit.session).make_for_service(wish, by=None)

    issued = run_async(work)
    if as_json:
        put_json({**_values(issued.entry), "token": issued.secret})
        return
    say(_("Please keep this now: nobody can show it again."))
    put(issued.secret)


def list_tokens(as_json: AsJson = False) -> None:
    """List the accesses of other systems."""

    async def work() -> Sequence[TokenEntry]:
        async with opened() as surroundings, unit_of_work(surroundings.database, writes=False) as unit:
            return await Tokens(unit.session).of_services()

    entries = run_async(work)
    for entry in entries:
        if as_json:
            put_json_line(_values(entry))
        else:
            whose = entry.organisation_name or _("what is public")
            put(f"{entry.id}  {entry.hint}…  {entry.name} ({whose}), {entry.expires_at:%Y-%m-%d}")
    if not entries:
        say(_("There is no access yet."))


def revoke(
    token: Annotated[str, typer.Argument(metavar="ID", help=_("As “allmende token list” shows it."))],
) -> None:
    """End an access at once."""

    async def work() -> None:
        async with opened() as surroundings, unit_of_work(surroundings.database) as unit:
            await Tokens(unit.session).revoke(_read(token), by=None)

    run_async(work)
    say(_("It is ended. No program can use it any more."))


def _read(token: str) -> UUID:
    """Return the identifier that was typed; one that nothing has for anything else."""
    try:
        return UUID(token)
    except ValueError:
        return UUID(int=0)


def _values(entry: TokenEntry) -> dict[str, object]:
    return {
        "id": entry.id,
        "name": entry.name,
        "hint": entry.hint,
        "organisation": entry.organisation_name,
        "scopes": sorted(entry.scopes),
        "expires_at": entry.expires_at,
        "used_on": entry.used_on,
    }
