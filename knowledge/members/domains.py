"""Verification by mail: whoever receives mail in a registered domain works for its organisation."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.errors import Conflict, NotFound
from knowledge.kit.language import _
from knowledge.kit.mail import read_address, read_domain
from knowledge.members.repository import MailDomainRepository
from knowledge.members.schemas import DomainEntry
from knowledge.models.invitation import MailDomain
from knowledge.models.organisation import Organisation
from knowledge.organisations.service import OrganisationService

# Everybody can have an address there, so it says nothing about whom somebody works for.
FREE_MAIL = frozenset(
    {
        "aol.com",
        "freenet.de",
        "gmail.com",
        "gmx.de",
        "gmx.net",
        "googlemail.com",
        "hotmail.com",
        "hotmail.de",
        "icloud.com",
        "live.de",
        "mail.de",
        "mailbox.org",
        "outlook.com",
        "outlook.de",
        "posteo.de",
        "proton.me",
        "protonmail.com",
        "t-online.de",
        "web.de",
        "yahoo.com",
        "yahoo.de",
    }
)


class DomainTaken(Conflict):
    """Another organisation has this mail domain, or everybody may have an address in it."""

    code = "domains.taken"


class DomainUnknown(NotFound):
    """Nobody registered this mail domain."""

    code = "domains.unknown"


class MailDomainService:
    """Everything about mail domains, within the caller's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self.repository = MailDomainRepository(session)
        self.organisations = OrganisationService(session)

    async def add(self, key: str, domain: str) -> DomainEntry:
        """Register a mail domain for an organisation; doing it again changes nothing.

        Raises WrongDomain, DomainTaken, OrganisationNotFound, OrganisationUnusable.
        """
        organisation, domain = await self.organisations.get_usable(key), read_domain(domain)
        if domain in FREE_MAIL:
            problem = _("Everybody can have an address in {domain}, so it says nothing about whom somebody works for.")
            raise DomainTaken(problem.format(domain=domain))
        known = await self.repository.get(domain)
        if known is None:
            await self.repository.add(MailDomain(domain=domain, organisation_id=organisation.id))
        elif known[1].id != organisation.id:
            problem = _("The mail domain {domain} belongs to “{name}”. Please remove it there first.")
            raise DomainTaken(problem.format(domain=domain, name=known[1].name))
        return DomainEntry(domain, organisation.key, organisation.name)

    async def list(self) -> Sequence[DomainEntry]:
        """Return all registered mail domains by organisation."""
        rows = await self.repository.all()
        return [DomainEntry(domain.domain, organisation.key, organisation.name) for domain, organisation in rows]

    async def remove(self, domain: str) -> None:
        """Forget a mail domain; members whom it verified stay. Raises WrongDomain, DomainUnknown."""
        domain = read_domain(domain)
        if not await self.repository.remove([domain]):
            raise DomainUnknown(_("The mail domain {domain} is not registered.").format(domain=domain))

    async def is_used(self) -> bool:
        """Whether any mail domain is registered."""
        return bool(await self.repository.all())

    async def check(self, text: str) -> tuple[str, Organisation]:
        """Return a mail address as it is written to, and the organisation whose domain it is in.

        Only the domain itself counts: one below it may belong to anybody. Raises WrongAddress, DomainUnknown,
        OrganisationUnusable.
        """
        address, domain = read_address(text)
        known = await self.repository.get(domain)
        if known is None:
            raise DomainUnknown(_("The mail domain {domain} is not registered yet.").format(domain=domain))
        return address, await self.organisations.get_usable(known[1].key)
