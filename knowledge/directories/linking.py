"""Members' accounts in directories: who came, who is linked to what, and who joins.

An account is known by the digest of issuer and subject. Mail addresses and names match nobody: a directory's word about
them may be anybody's.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.keys import AccessKey
from knowledge.audit.service import record
from knowledge.directories.errors import LinkTaken, NotForYou, ProviderUnknown, SignInStale
from knowledge.directories.factors import has_second_factor
from knowledge.directories.repository import DirectoryLinkRepository
from knowledge.directories.schemas import Linked, LinkEntry, Person, ProviderEntry, Recognised, Visit
from knowledge.kit.clock import HOME, now
from knowledge.kit.ids import new_id
from knowledge.kit.logs import get_logger
from knowledge.models.directory import DirectoryLink
from knowledge.models.member import Member, Role
from knowledge.notices.service import tell

# How long after signing in an account may be linked.
FRESH_LASTS = timedelta(minutes=30)


class Links:
    """Everything about accounts in directories, within the caller's transaction.

    Args:
        session: the transaction.
        key: makes the digests by which accounts are known again.
    """

    def __init__(self, session: AsyncSession, key: AccessKey) -> None:
        self._session = session
        self._repository = DirectoryLinkRepository(session)
        self._key = key

    def digest(self, issuer: str, subject: str) -> str:
        """Return by what an account is known again."""
        return self._key.digest(f"directory account {issuer} {subject}")

    async def of_member(self, member_id: UUID) -> Sequence[LinkEntry]:
        """Return a member's accounts."""
        return [
            LinkEntry(link.id, provider.id, provider.label, provider.issuer, link.linked_at, link.last_used)
            for link, provider in await self._repository.of_member(member_id)
        ]

    async def recognise(self, provider: ProviderEntry, person: Person, way: str) -> Recognised | None:
        """Return the member whose account it is; ``None`` where it is nobody's, or of somebody who has left.

        Raises ``NotForYou`` for somebody who is suspended, or who belongs elsewhere by now.
        """
        found = await self._repository.find(provider.id, self.digest(provider.issuer, person.subject))
        if found is None or not found[1].active:
            return None
        link, member = found
        check_belongs(member, provider)
        await self._repository.mark_used(link.id, now().astimezone(HOME).date())
        strong = counts(provider, person, member.role)
        return Recognised(member.id, strong, way, provider.id)

    async def link(self, provider: ProviderEntry, person: Person, visit: Visit) -> Linked:
        """Link an account to the member who set out for it. Raises ``NotForYou``, ``LinkTaken`` and ``SignInStale``."""
        if visit.member_id is None or visit.session_id is None:
            raise ProviderUnknown
        await self.check_fresh(visit.member_id, visit.session_id, now())
        member = await self._repository.member(visit.member_id)
        if member is None or not member.active:
            raise NotForYou("gone")
        check_belongs(member, provider)
        await self.add(provider, self.digest(provider.issuer, person.subject), member.id)
        return Linked(member.id)

    async def add(self, provider: ProviderEntry, digest: str, member_id: UUID) -> None:
        """Link an account, and tell the member: should it have been somebody else, they know. Raises ``LinkTaken``."""
        left = await self._repository.find(provider.id, digest)
        if left is not None and not left[1].active:
            await self._repository.remove(left[0].id, left[1].id)
        if await self._repository.is_taken(provider.id, digest, member_id):
            raise LinkTaken
        link = DirectoryLink(id=new_id(), provider_id=provider.id, digest=digest, member_id=member_id)
        await self._repository.add(link)
        thing = ("member", member_id)
        await record(self._session, "account:link_directory", thing, by=member_id, directory=str(provider.id))
        await tell(self._session, "account.directory_linked", member_id=member_id)

    async def unlink(self, member_id: UUID, link_id: UUID) -> None:
        """Forget an account of a member. Raises ``ProviderUnknown``."""
        if not await self._repository.remove(link_id, member_id):
            raise ProviderUnknown
        await record(self._session, "account:unlink_directory", ("member", member_id), by=member_id)

    async def check_fresh(self, member_id: UUID, session_id: UUID, moment: datetime) -> None:
        """See that a member signed in just now, with the second factor where they have one. Raises ``SignInStale``."""
        session = await self._repository.session_of(session_id, member_id)
        if session is None or not session.created_at <= moment < session.created_at + FRESH_LASTS:
            raise SignInStale
        if not session.second_factor and await self._repository.has_credential(member_id):
            raise SignInStale

    async def mark_used(self, provider_id: UUID, digest: str) -> None:
        """Note that an account was used today."""
        found = await self._repository.find(provider_id, digest)
        if found is not None:
            await self._repository.mark_used(found[0].id, now().astimezone(HOME).date())


def check_belongs(member: Member, provider: ProviderEntry) -> None:
    """See that a member may come in by a directory: not suspended, and of its organisation. Raises ``NotForYou``."""
    if member.suspended_at is not None or member.organisation_id != provider.organisation_id:
        reason = "suspended" if member.suspended_at is not None else "other_organisation"
        get_logger().info("directory_member_refused", member=str(member.id), reason=reason)
        raise NotForYou(reason)


def counts(provider: ProviderEntry, person: Person, role: Role) -> bool:
    """Whether a second factor was checked there and counts here.

    Never for those who run the network: no single organisation's directory decides who may do everything.
    """
    if not provider.counts_second_factor or role is Role.ADMINISTRATOR:
        return False
    return has_second_factor(person.claims, provider.acr_values)
