"""What administrators do before people come: organisations, codes, circles."""

from knowledge.circles.service import CircleService
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.members.domains import MailDomainService
from knowledge.members.invitations import InvitationService
from knowledge.models.member import Role
from knowledge.organisations.schemas import NewOrganisation
from knowledge.organisations.service import OrganisationService


async def found_lindenau(database: Database, *, domain: str | None = None) -> None:
    """Add the organisation „Lindenau" in Brandenburg, perhaps with a mail domain."""
    async with unit_of_work(database) as unit:
        await OrganisationService(unit.session).add(NewOrganisation(name="Lindenau", state="BB"))
        if domain:
            await MailDomainService(unit.session).add("lindenau", domain)


async def invite(
    database: Database, *, role: Role = Role.MEMBER, organisation: str | None = None, name: str | None = None
) -> str:
    """Make a code for a new member."""
    async with unit_of_work(database) as unit:
        issued = await InvitationService(unit.session).invite(role, organisation_key=organisation, name=name)
        return issued.code


async def circle_code(database: Database, name: str = "Klima") -> str:
    """Make a code that links a group to a circle, which is made if need be."""
    async with unit_of_work(database) as unit:
        circle = await CircleService(unit.session).get_or_add(name)
        return (await InvitationService(unit.session).circle_code(circle.id)).code
