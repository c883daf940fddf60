"""Organisations as the hub shows them, on both databases."""

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.rights import RIGHTS, Visitor
from knowledge.access.visibility import network_member
from knowledge.kit.ids import new_id
from knowledge.members.service import MemberService
from knowledge.models.member import Role
from knowledge.models.organisation import OrganisationKind
from knowledge.organisations.administration import OrganisationAdministration, read_filter
from knowledge.organisations.schemas import NewOrganisation, RegisterFilter


@pytest_asyncio.fixture
async def boss(session: AsyncSession) -> Visitor:
    """An administrator, beside some bodies."""
    service = OrganisationAdministration(session)
    member = await MemberService(session).add("Ada", role=Role.ADMINISTRATOR)
    viewer = network_member()
    visitor = Visitor(RIGHTS[Role.ADMINISTRATOR], viewer, member=member, session_id=new_id(), second_factor=True)
    for name, state in (("Ährenfeld", "BB"), ("Aalen", "BW"), ("Zossen", "BB")):
        await service.add(NewOrganisation(name=name, state=state), by=visitor)
    return visitor


@pytest.mark.usefixtures("boss")
class TestPages:
    @pytest.mark.parametrize(
        ("text", "wanted", "found"),
        [
            ("", RegisterFilter(), ["Aalen", "Ährenfeld", "Zossen"]),
            ("aehren", RegisterFilter(), ["Ährenfeld"]),
            ("", RegisterFilter(state_key="12"), ["Ährenfeld", "Zossen"]),
            ("", RegisterFilter(kind=OrganisationKind.DISTRICT), []),
            ("120", RegisterFilter(), []),
            ("_", RegisterFilter(), []),
        ],
    )
    async def test_by_name_and_land(
        self, text: str, wanted: RegisterFilter, found: list[str], session: AsyncSession
    ) -> None:
        page = await OrganisationAdministration(session).page(read_filter(text, wanted), 1)
        assert [line.name for line in page.lines] == found
        assert page.count == len(found)


class TestSettings:
    async def test_what_is_set_is_shown(self, session: AsyncSession, boss: Visitor) -> None:
        service = OrganisationAdministration(session)
        await service.add_domain("zossen", "zossen.example", by=boss)
        await service.set_release_first("zossen", on=True, by=boss)
        details = await service.details("zossen", boss)
        assert (details.domains, details.organisation.release_first) == (("zossen.example",), True)
        await service.remove_domain("zossen", "ZOSSEN.example", by=boss)
        assert (await service.details("zossen", boss)).domains == ()
