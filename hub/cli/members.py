"""``allmende member``: people with their organisation and role."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from hub.cli.options import AsJson
from hub.cli.output import put_json, put_json_line
from hub.cli.surroundings import opened, put, run_async, say
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.members.schemas import MemberEntry
from knowledge.members.service import MemberService, describe_member
from knowledge.models.member import Role


def register(group: typer.Typer) -> None:
    """Put the commands into their group."""
    group.command("add", help=_("Add a person."))(add)
    group.command("list", help=_("List the people."))(list_members)


def add(
    name: Annotated[str, typer.Argument(help=_("Their name, as others may read it."))],
    organisation: Annotated[str | None, typer.Option(metavar="KEY", help=_("Whom they work for."))] = None,
    role: Annotated[Role, typer.Option(help=_("What they may do."))] = Role.MEMBER,
    as_json: AsJson = False,
) -> None:
    """Add a person."""

    async def work() -> MemberEntry:
        async with opened() as surroundings, unit_of_work(surroundings.database) as unit:
            return await MemberService(unit.session).add(name, organisation, role)

    member = run_async(work)
    if as_json:
        put_json(asdict(member))
    else:
        put(_("Added {member}.").format(member=describe_member(member)))


def list_members(
    everybody: Annotated[bool, typer.Option("--all", help=_("Also those who left."))] = False, as_json: AsJson = False
) -> None:
    """List the people."""

    async def work() -> Sequence[MemberEntry]:
        async with opened() as surroundings, unit_of_work(surroundings.database, writes=False) as unit:
            return await MemberService(unit.session).list(inactive=everybody)

    members = run_async(work)
    for member in members:
        if as_json:
            put_json_line(asdict(member))
        else:
            put(f"{member.id.hex[:8]}  {member.role.value:<14}{describe_member(member)}")
    if not members:
        say(_("There are no members yet. “allmende member add NAME” adds one."))
