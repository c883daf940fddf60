"""Mail domains say whom somebody works for."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.mail import WrongAddress
from knowledge.members.domains import DomainTaken, DomainUnknown, MailDomainService
from knowledge.organisations.schemas import NewOrganisation
from knowledge.organisations.service import OrganisationService, OrganisationUnusable


@pytest.fixture
async def domains(session: AsyncSession) -> MailDomainService:
    for name in ("Lindenau", "Ahornau"):
        await OrganisationService(session).add(NewOrganisation(name=name))
    return MailDomainService(session)


class TestRegistering:
    async def test_twice_is_once(self, domains: MailDomainService) -> None:
        first = await domains.add("lindenau", "@Lindenau.DE")
        assert await domains.add("lindenau", "lindenau.de") == first

        assert [entry.domain for entry in await domains.list()] == ["lindenau.de"]

    async def test_a_domain_has_one_organisation(self, domains: MailDomainService) -> None:
        await domains.add("lindenau", "lindenau.de")
        with pytest.raises(DomainTaken, match="Lindenau"):
            await domains.add("ahornau", "lindenau.de")

        await domains.remove("LINDENAU.de")
        await domains.add("ahornau", "lindenau.de")
        assert (await domains.list())[0].organisation_name == "Ahornau"

    async def test_where_everybody_has_an_address_is_refused(self, domains: MailDomainService) -> None:
        with pytest.raises(DomainTaken):
            await domains.add("lindenau", "gmx.de")

    async def test_what_is_not_there_cannot_be_removed(self, domains: MailDomainService) -> None:
        with pytest.raises(DomainUnknown):
            await domains.remove("lindenau.de")


class TestChecking:
    async def test_an_address_leads_to_its_organisation(self, domains: MailDomainService) -> None:
        await domains.add("lindenau", "grünau.de")

        address, organisation = await domains.check("Anna@Grünau.de")

        assert (address, organisation.name) == ("Anna@xn--grnau-lva.de", "Lindenau")

    async def test_domains_below_or_beside_do_not_count(self, domains: MailDomainService) -> None:
        await domains.add("lindenau", "lindenau.de")

        for address in ("anna@mail.lindenau.de", "anna@lindenau.de.example.org", "anna@xlindenau.de"):
            with pytest.raises(DomainUnknown):
                await domains.check(address)
        with pytest.raises(WrongAddress):
            await domains.check("anna@evil.test@lindenau.de")

    async def test_a_dissolved_organisation_takes_nobody(
        self, domains: MailDomainService, session: AsyncSession
    ) -> None:
        await domains.add("lindenau", "lindenau.de")
        (await OrganisationService(session).get_by_key("lindenau")).unincorporated = True
        await session.flush()

        with pytest.raises(OrganisationUnusable):
            await domains.check("anna@lindenau.de")
