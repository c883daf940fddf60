"""``allmende member``: people with their organisation and role."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from hub.cli.options import AsJson
from hub.cli.output import put_json, put_json_line
from hub.cli.surroundings import opened, put, run_async, say
from knowledge.access.links import AccessLinks
from knowledge.access.schemas import IssuedLink
from knowledge.audit.service import record
from knowledge.kit.clock import HOME
from knowledge.kit.language import _, date_text
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.members.directory.service import MemberDirectory
from knowledge.members.invitations import LONGEST_DAYS, InvitationService
from knowledge.members.schemas import IssuedCode, MemberEntry
from knowledge.members.service import MemberService, describe_member
from knowledge.models.member import Role
from knowledge.privacy.erasure_log import note_after_commit
from knowledge.privacy.service import PrivacyService


def register(group: typer.Typer) -> None:
    """Put the commands into their group."""
    group.command("add", help=_("Add a person."))(add)
    group.command("invite", help=_("Make a one-time code by which somebody joins in the chat."))(invite)
    group.command("change", help=_("Change a person's name, organisation or role."))(change)
    group.command(
        "leave",
        help=_(
            "Note that a person has left: their chat accounts find what is public. Their name and their words stay; "
            "“member erase” erases them."
        ),
    )(leave)
    group.command("erase", help=_("Erase a person for good, also one who has left, with all their accounts."))(erase)
    group.command("link", help=_("Make a one-time link into the hub, also for whoever lost password or app."))(link)
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


def invite(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    role: Annotated[Role, typer.Option(help=_("What they may do."))] = Role.MEMBER,
    organisation: Annotated[str | None, typer.Option(metavar="KEY", help=_("Whom they work for."))] = None,
    name: Annotated[str | None, typer.Option(help=_("Their name (default: the bot asks them)."))] = None,
    member: Annotated[
        str | None,
        typer.Option(metavar="MEMBER", help=_("Somebody who is a member already, for another chat account.")),
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=LONGEST_DAYS, help=_("How long the code works."))] = 14,
    as_json: AsJson = False,
) -> None:
    """Make a one-time code by which somebody joins in the chat."""
    if member is not None and (organisation is not None or name is not None or role is not Role.MEMBER):
        raise typer.BadParameter(_("With --member, role, organisation and name are known already."))

    async def work() -> IssuedCode:
        async with opened() as surroundings, unit_of_work(surroundings.database) as unit:
            invitations = InvitationService(unit.session)
            if member is not None:
                return await invitations.invite_known(member, days=days)
            return await invitations.invite(role, organisation_key=organisation, name=name, days=days)

    issued = run_async(work)
    put_code(issued, _("To be sent to the bot in a direct chat: /beitreten {code}"), as_json=as_json)


MemberArgument = Annotated[
    str, typer.Argument(metavar="MEMBER", help=_("The whole name, or the beginning of the identifier."))
]


def change(
    member: MemberArgument,
    name: Annotated[str | None, typer.Option(help=_("Their name, as others may read it."))] = None,
    organisation: Annotated[str | None, typer.Option(metavar="KEY", help=_("Whom they work for."))] = None,
    role: Annotated[Role | None, typer.Option(help=_("What they may do."))] = None,
) -> None:
    """Change a person's name, organisation or role."""

    async def work() -> MemberEntry:
        async with opened() as surroundings, unit_of_work(surroundings.database) as unit:
            service = MemberService(unit.session)
            return await service.change(member, name=name, organisation_key=organisation, role=role)

    changed = run_async(work)
    put(f"{changed.id.hex[:8]}  {changed.role.value:<14}{describe_member(changed)}")


def leave(member: MemberArgument) -> None:
    """Note that a person has left."""

    async def work() -> MemberEntry:
        async with opened() as surroundings, unit_of_work(surroundings.database) as unit:
            return await MemberService(unit.session).leave(member)

    left = describe_member(run_async(work))
    put(_("{member} has left. Their chat accounts find what is public now.").format(member=left))
    say(_("The name stays. “allmende member erase” erases everything about them."))


def erase(
    member: MemberArgument,
    is_sure: Annotated[bool, typer.Option("--yes", help=_("Really erase; this cannot be undone."))] = False,
) -> None:
    """Erase everything about a person."""

    async def work() -> None:
        async with opened() as surroundings, unit_of_work(surroundings.database) as unit:
            known = await MemberService(unit.session).get(member, inactive=True)
            if not is_sure:
                problem = _("This erases everything about {member}, also from backups. If you are sure, add --yes.")
                raise typer.BadParameter(problem.format(member=describe_member(known)))
            await MemberDirectory(unit.session).keep_an_administrator(known.id)
            erased = await PrivacyService(unit.session).erase_member(known.id)
            await record(unit.session, "members:erase", ("member", known.id), by=None)
            note_after_commit(unit, surroundings.settings.data_folder, erased.records)

    run_async(work)
    put(_("Everything about this person is erased."))
    say(_("What they sent or answered stays without them. A chat account that was not linked is erased in its chat."))


def link(member: MemberArgument, as_json: AsJson = False) -> None:
    """Make a one-time link that stands in for password and second factor."""

    async def work() -> tuple[str, IssuedLink]:
        async with opened() as surroundings, unit_of_work(surroundings.database) as unit:
            known = await MemberService(unit.session).get(member)
            await record(unit.session, "members:link", ("member", known.id), by=None)
            issued = await AccessLinks(unit.session).recovery_link(known.id)
            return surroundings.settings.hub.address, issued

    address, issued = run_async(work)
    put_link(address, issued, as_json=as_json)


def put_link(address: str, issued: IssuedLink, *, as_json: bool) -> None:
    """Write a one-time link with what to know about it."""
    if as_json:
        put_json({"link": address + issued.path, "expires_at": issued.expires_at})
        return
    put(address + issued.path)
    until = issued.expires_at.astimezone(HOME)
    hint = _(
        "It works once, until {time}, and lets its owner set password and second factor anew. Treat it like a key."
    )
    say(hint.format(time=f"{until:%H:%M}"))


def put_code(issued: IssuedCode, how: str, *, as_json: bool) -> None:
    """Write a one-time code with what to do with it; ``how`` has a place for the code."""
    if as_json:
        put_json({"code": issued.code, "expires_at": issued.expires_at})
        return
    put(issued.code)
    day = date_text(issued.expires_at.astimezone(HOME).date())
    say(how.format(code=issued.code))
    say(_("It works once, until {day}, and is not kept: nobody can look it up again.").format(day=day))


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
