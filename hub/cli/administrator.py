"""``allmende administrator``: the first person who may do everything, and their way in."""

from typing import Annotated

import typer

from hub.cli.members import put_link
from hub.cli.options import AsJson
from hub.cli.surroundings import Surroundings, opened, run_async, say
from knowledge.access.links import AccessLinks
from knowledge.access.schemas import IssuedLink
from knowledge.audit.service import record
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.members.schemas import MemberEntry
from knowledge.members.service import MemberNotFound, MemberService, describe_member
from knowledge.models.member import Role


def administrator(
    name: Annotated[str, typer.Argument(help=_("Their name, as others may read it."))],
    organisation: Annotated[str | None, typer.Option(metavar="KEY", help=_("Whom they work for."))] = None,
    as_json: AsJson = False,
) -> None:
    """Make somebody an administrator, whether they are a member already or not, and print their one-time link."""

    async def work() -> tuple[str, MemberEntry, IssuedLink]:
        async with opened() as surroundings:
            return await _make(surroundings, name, organisation)

    address, member, issued = run_async(work)
    say(_("{member} is an administrator.").format(member=describe_member(member)))
    put_link(address, issued, as_json=as_json)


async def _make(surroundings: Surroundings, name: str, organisation: str | None) -> tuple[str, MemberEntry, IssuedLink]:
    async with unit_of_work(surroundings.database) as unit:
        members = MemberService(unit.session)
        try:
            known = await members.get(name)
            member = await members.change(known.id.hex, organisation_key=organisation, role=Role.ADMINISTRATOR)
        except MemberNotFound:
            member = await members.add(name, organisation, Role.ADMINISTRATOR)
        await record(unit.session, "members:administrator", ("member", member.id), by=None)
        issued = await AccessLinks(unit.session).recovery_link(member.id)
    return surroundings.settings.hub.address, member, issued
