"""The statements about directories and links, over one session; whoever opened it commits."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.models.access import Credential, HubSession
from knowledge.models.directory import DirectoryLink, DirectoryProvider
from knowledge.models.invitation import MailDomain
from knowledge.models.member import Member
from knowledge.models.organisation import Organisation

ProviderRow = tuple[DirectoryProvider, Organisation, int]


class ProviderRepository:
    """Directories that administrators entered."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def all(self, *, enabled: bool = False) -> Sequence[ProviderRow]:
        """Return all directories by name, with their organisations and how many accounts are linked."""
        wanted = [DirectoryProvider.enabled.is_(True)] if enabled else []
        return await self._rows(*wanted)

    async def get(self, provider_id: UUID) -> ProviderRow | None:
        """Return one directory."""
        return next(iter(await self._rows(DirectoryProvider.id == provider_id)), None)

    async def with_mail_domain(self, domain: str) -> Sequence[ProviderRow]:
        """Return the directories in use of the organisation whose people receive mail in a domain."""
        theirs = select(MailDomain.organisation_id).where(MailDomain.domain == domain).scalar_subquery()
        return await self._rows(DirectoryProvider.enabled.is_(True), DirectoryProvider.organisation_id == theirs)

    async def add(self, provider: DirectoryProvider) -> None:
        """Take in a directory."""
        self._session.add(provider)
        await self._session.flush()

    async def change(self, provider_id: UUID, **values: Any) -> None:
        """Set columns of a directory."""
        await self._session.execute(
            update(DirectoryProvider).where(DirectoryProvider.id == provider_id).values(**values)
        )

    async def remove(self, provider_id: UUID) -> None:
        """Delete a directory with its links."""
        await self._session.execute(delete(DirectoryLink).where(DirectoryLink.provider_id == provider_id))
        await self._session.execute(delete(DirectoryProvider).where(DirectoryProvider.id == provider_id))

    async def _rows(self, *conditions: Any) -> Sequence[ProviderRow]:
        links = select(func.count()).where(DirectoryLink.provider_id == DirectoryProvider.id).scalar_subquery()
        statement = (
            select(DirectoryProvider, Organisation, links)
            .join(Organisation, Organisation.id == DirectoryProvider.organisation_id)
            .where(*conditions)
            .order_by(func.lower(DirectoryProvider.label), DirectoryProvider.id)
            .execution_options(populate_existing=True)
        )
        return [(row[0], row[1], row[2]) for row in await self._session.execute(statement)]


class DirectoryLinkRepository:
    """Members' accounts in directories."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find(self, provider_id: UUID, digest: str) -> tuple[DirectoryLink, Member] | None:
        """Return the link of an account, with its member."""
        statement = (
            select(DirectoryLink, Member)
            .join(Member, Member.id == DirectoryLink.member_id)
            .where(DirectoryLink.provider_id == provider_id, DirectoryLink.digest == digest)
        )
        row = (await self._session.execute(statement)).first()
        return (row[0], row[1]) if row else None

    async def member(self, member_id: UUID) -> Member | None:
        """Return a member, also one who has left."""
        return await self._session.get(Member, member_id)

    async def of_member(self, member_id: UUID) -> Sequence[tuple[DirectoryLink, DirectoryProvider]]:
        """Return a member's accounts."""
        statement = (
            select(DirectoryLink, DirectoryProvider)
            .join(DirectoryProvider, DirectoryProvider.id == DirectoryLink.provider_id)
            .where(DirectoryLink.member_id == member_id)
            .order_by(DirectoryLink.linked_at, DirectoryLink.id)
        )
        return [(row[0], row[1]) for row in await self._session.execute(statement)]

    async def is_taken(self, provider_id: UUID, digest: str, member_id: UUID) -> bool:
        """Whether the account, or the member, has a link with this directory already."""
        either = or_(DirectoryLink.digest == digest, DirectoryLink.member_id == member_id)
        statement = select(DirectoryLink.id).where(DirectoryLink.provider_id == provider_id, either)
        return (await self._session.execute(statement.limit(1))).first() is not None

    async def add(self, link: DirectoryLink) -> None:
        """Take in a link."""
        self._session.add(link)
        await self._session.flush()

    async def mark_used(self, link_id: UUID, day: date) -> None:
        """Note on which day a link was used."""
        await self._session.execute(update(DirectoryLink).where(DirectoryLink.id == link_id).values(last_used=day))

    async def remove(self, link_id: UUID, member_id: UUID) -> bool:
        """Delete a member's link; returns whether there was one."""
        mine = DirectoryLink.id == link_id, DirectoryLink.member_id == member_id
        removed = await self._session.execute(delete(DirectoryLink).where(*mine).returning(DirectoryLink.id))
        return removed.first() is not None

    async def session_of(self, session_id: UUID, member_id: UUID) -> HubSession | None:
        """Return a session of a member."""
        mine = HubSession.id == session_id, HubSession.member_id == member_id
        return await self._session.scalar(select(HubSession).where(*mine))

    async def has_credential(self, member_id: UUID) -> bool:
        """Whether a member has set a password and second factor."""
        return (
            await self._session.scalar(select(Credential.member_id).where(Credential.member_id == member_id))
            is not None
        )
