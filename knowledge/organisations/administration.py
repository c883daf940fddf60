"""What the hub shows of organisations and changes about them: the register page by page, and one body's settings."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.rights import Right, Visitor
from knowledge.audit.service import record
from knowledge.kit.language import _
from knowledge.kit.mail import read_domain
from knowledge.members.domains import DomainUnknown, MailDomainService
from knowledge.models.organisation import Organisation
from knowledge.organisations.queries import read_key, read_name
from knowledge.organisations.repository import OrganisationRepository
from knowledge.organisations.schemas import (
    FoundOrganisation,
    Match,
    NewOrganisation,
    RegisterFilter,
    RegisterPage,
)
from knowledge.organisations.service import OrganisationService, found_row

PAGE_SIZE = 50
# No folded name holds it, so it finds nothing.
NO_NAME = "#"


@dataclass(frozen=True, slots=True)
class OrganisationDetails:
    """An organisation with what the network knows about it, as far as the visitor may know it.

    ``documents`` counts those of its published documents that the visitor may find, or looks after; ``releasers`` holds
    names only for whoever looks after the organisation's members.
    """

    organisation: Organisation
    found: FoundOrganisation
    domains: tuple[str, ...]
    releasers: tuple[str, ...]
    documents: int


def read_filter(text: str, wanted: RegisterFilter) -> RegisterFilter:
    """Return a filter with what somebody typed: a name, a key or the beginning of one."""
    digits = read_key(text)
    if digits is not None:
        return RegisterFilter(digits=digits, kind=wanted.kind, state_key=wanted.state_key, dissolved=wanted.dissolved)
    query = read_name(text)
    words = tuple(name for name in dict.fromkeys((query.full, query.bare)) if name)
    if text.strip() and not words:
        words = (NO_NAME,)
    return RegisterFilter(words=words, kind=wanted.kind, state_key=wanted.state_key, dissolved=wanted.dissolved)


class OrganisationAdministration:
    """Organisations in the hub, within the caller's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._repository = OrganisationRepository(session)
        self._service = OrganisationService(session)
        self._domains = MailDomainService(session)

    async def page(self, wanted: RegisterFilter, number: int) -> RegisterPage:
        """Return a part of the register, from 1 on; past its end, the last one."""
        count = await self._repository.count_listed(wanted)
        last = max(1, -(-count // PAGE_SIZE))
        number = min(max(number, 1), last)
        rows = await self._repository.listed(wanted, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
        return RegisterPage(tuple(found_row(row, Match.WORDS) for row in rows), number, last, count)

    async def listed(self, wanted: RegisterFilter, *, offset: int, limit: int) -> Sequence[FoundOrganisation]:
        """Return some of the organisations that are wanted, by name."""
        rows = await self._repository.listed(wanted, offset=offset, limit=limit)
        return [found_row(row, Match.WORDS) for row in rows]

    async def similar(self, text: str) -> Sequence[FoundOrganisation]:
        """Return what somebody may have meant where nothing fits."""
        return await self._service.find(text, limit=5) if text.strip() else []

    async def details(self, key: str, visitor: Visitor) -> OrganisationDetails:
        """Return an organisation as a visitor may know it. Raises OrganisationNotFound."""
        organisation = await self._service.get_by_key(key)
        looks_after = visitor.scope.covers(organisation.id, [])
        sees_people = looks_after and visitor.may(Right.MEMBERS_INVITE)
        sees_all = looks_after and visitor.may(Right.REVIEW_DECIDE)
        [row] = await self._repository.find_by_ids([organisation.id])
        domains = [entry.domain for entry in await self._domains.list() if entry.organisation_key == organisation.key]
        return OrganisationDetails(
            organisation,
            found_row(row, Match.KEY),
            tuple(domains),
            tuple(await self._repository.releasers(organisation.id)) if sees_people else (),
            await self._repository.published(organisation.id, None if sees_all else visitor.viewer.access),
        )

    async def add(self, body: NewOrganisation, *, by: Visitor) -> Organisation:
        """Add a body that is in no register. Raises InvalidInput, KeyTaken."""
        added = await self._service.add(body)
        await record(self._session, "organisations:add", ("organisation", added.key), by=by.member_id)
        return added

    async def add_domain(self, key: str, domain: str, *, by: Visitor) -> None:
        """Register a mail domain. Raises what MailDomainService.add raises."""
        entry = await self._domains.add(key, domain)
        thing = ("organisation", entry.organisation_key)
        await record(self._session, "organisations:add_domain", thing, by=by.member_id, domain=entry.domain)

    async def remove_domain(self, key: str, domain: str, *, by: Visitor) -> None:
        """Forget a mail domain of this organisation. Raises OrganisationNotFound, DomainUnknown, WrongDomain."""
        organisation, domain = await self._service.get_by_key(key), read_domain(domain)
        known = await self._domains.repository.get(domain)
        if known is None or known[1].id != organisation.id:
            raise DomainUnknown(_("The mail domain {domain} is not registered.").format(domain=domain))
        await self._domains.remove(domain)
        thing = ("organisation", organisation.key)
        await record(self._session, "organisations:remove_domain", thing, by=by.member_id, domain=domain)

    async def set_release_first(self, key: str, *, on: bool, by: Visitor) -> None:
        """Decide whether one of its own people releases what it contributes. Raises OrganisationNotFound."""
        organisation = await self._service.get_by_key(key)
        if organisation.release_first != on:
            organisation.release_first = on
            await self._session.flush()
            thing = ("organisation", organisation.key)
            await record(self._session, "organisations:release_first", thing, by=by.member_id, on=on)
