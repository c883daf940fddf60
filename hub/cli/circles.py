"""``allmende circle``: working circles and the codes that link groups to them."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from hub.cli.members import put_code
from hub.cli.options import AsJson
from hub.cli.output import put_json_line
from hub.cli.surroundings import opened, put, run_async, say
from knowledge.circles.administration import NoGroup
from knowledge.circles.schemas import CircleStatus
from knowledge.circles.service import CircleService
from knowledge.kit.language import _, ngettext
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.members.invitations import LONGEST_DAYS, InvitationService
from knowledge.members.schemas import IssuedCode

NameArgument = Annotated[str, typer.Argument(help=_("The circle's name."))]
Days = Annotated[int, typer.Option(min=1, max=LONGEST_DAYS, help=_("How long the code works."))]


def register(group: typer.Typer) -> None:
    """Put the commands into their group."""
    group.command("add", help=_("Add a circle, with a code that links a group to it."))(add)
    group.command("list", help=_("List the circles."))(list_circles)
    group.command("code", help=_("Make a new code for a circle; the last one stops working."))(code)
    group.command("vouch", help=_("Vouch that all of a circle's group belong to the network."))(vouch)


def add(name: NameArgument, days: Days = 14, as_json: AsJson = False) -> None:
    """Add a circle."""

    async def work() -> IssuedCode:
        async with opened() as surroundings, unit_of_work(surroundings.database) as unit:
            circle = await CircleService(unit.session).add(name)
            return await InvitationService(unit.session).circle_code(circle.id, days=days)

    _put_code(run_async(work), as_json=as_json)


def code(name: NameArgument, days: Days = 14, as_json: AsJson = False) -> None:
    """Make a new code for a circle."""

    async def work() -> IssuedCode:
        async with opened() as surroundings, unit_of_work(surroundings.database) as unit:
            circle = await CircleService(unit.session).get(name)
            return await InvitationService(unit.session).circle_code(circle.id, days=days)

    _put_code(run_async(work), as_json=as_json)


def _put_code(issued: IssuedCode, *, as_json: bool) -> None:
    put_code(issued, _("To be written in the group, where the bot is: /verbinden {code}"), as_json=as_json)


def list_circles(as_json: AsJson = False) -> None:
    """List the circles."""

    async def work() -> Sequence[CircleStatus]:
        async with opened() as surroundings, unit_of_work(surroundings.database, writes=False) as unit:
            return await CircleService(unit.session).list()

    circles = run_async(work)
    for circle in circles:
        if as_json:
            put_json_line(asdict(circle))
        else:
            put(_line(circle))
    if not circles:
        say(_("There are no circles yet. “allmende circle add NAME” adds one."))


def _line(circle: CircleStatus) -> str:
    notes = [circle.network.value if circle.network else _("no group")]
    if circle.vouched_at is not None:
        notes.append(_("vouched for"))
    if circle.paused:
        notes.append(_("paused"))
    if circle.documents:
        notes.append(ngettext("{count} document", "{count} documents", circle.documents).format(count=circle.documents))
    return f"{circle.name} ({', '.join(notes)})"


def vouch(
    name: NameArgument,
    withdraw: Annotated[bool, typer.Option("--withdraw", help=_("Nobody vouches any more."))] = False,
) -> None:
    """Vouch that all of a circle's group belong to the network."""

    async def work() -> CircleStatus:
        async with opened() as surroundings, unit_of_work(surroundings.database) as unit:
            circles = CircleService(unit.session)
            circle = await circles.get(name)
            if withdraw:
                await circles.withdraw_vouching(circle.id)
            elif not circle.linked:
                raise NoGroup
            else:
                await circles.vouch(circle.id, by=None)
            return circle

    circle = run_async(work)
    if withdraw:
        put(_("The group of “{name}” finds what is public and its own documents.").format(name=circle.name))
    else:
        put(_("The group of “{name}” now finds what is for the network, too.").format(name=circle.name))
