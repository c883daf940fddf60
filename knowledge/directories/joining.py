"""Somebody came by a directory whom nobody knows yet: with a code, or because the directory may admit its people.

A directory makes members and nothing more. More than that is given by whoever invites, or changes a member here.
"""

from knowledge.access.keys import AccessKey
from knowledge.audit.service import record
from knowledge.directories.errors import JoinRefused
from knowledge.directories.linking import Links, check_belongs
from knowledge.directories.providers import Providers
from knowledge.directories.repository import DirectoryLinkRepository
from knowledge.directories.schemas import Arrival, Joined, ProviderEntry
from knowledge.directories.visits import use_up
from knowledge.kit.clock import now
from knowledge.kit.logs import get_logger
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.members.codes import code_digest
from knowledge.members.repository import InvitationRepository
from knowledge.members.schemas import MemberEntry
from knowledge.members.service import MemberService
from knowledge.models.invitation import Invitation, Purpose
from knowledge.models.member import Role


class Joining:
    """Taking people in, within the caller's transaction.

    Args:
        unit: the transaction.
        key: of the hub.
    """

    def __init__(self, unit: UnitOfWork, key: AccessKey) -> None:
        self._session = unit.session
        self._invitations = InvitationRepository(unit.session)
        self._members = MemberService(unit.session)
        self._providers = Providers(unit.session, key)
        self._links = Links(unit.session, key)
        self._people = DirectoryLinkRepository(unit.session)

    async def join(self, arrival: Arrival, *, name: str, code: str) -> Joined:
        """Make somebody a member, or find who they are by a code, and link the account.

        Args:
            arrival: who came.
            name: as others may read it.
            code: from whoever invited them; empty where the directory may admit its people.

        Raises ``ProviderUnknown``, ``JoinRefused``, ``VisitOver``, ``NotForYou``, ``LinkTaken``, ``InvalidInput`` and
        ``MemberExists`` for the name, ``OrganisationUnusable``.
        """
        provider = await self._providers.get(arrival.provider_id, enabled=True)
        await use_up(self._session, arrival.key)
        if code.strip():
            member = await self._by_code(provider, name, code)
        elif arrival.admitted and provider.admits:
            organisation = await self._members.organisations.get_usable(provider.organisation_key)
            member = await self._members.add_to(organisation.id, name, Role.MEMBER)
            await self._note_joined(provider, member)
        else:
            raise JoinRefused
        await self._links.add(provider, arrival.digest, member.id)
        await self._links.mark_used(provider.id, arrival.digest)
        is_strong = arrival.second_factor and member.role is not Role.ADMINISTRATOR
        return Joined(member, is_strong, arrival.way)

    async def _by_code(self, provider: ProviderEntry, name: str, code: str) -> MemberEntry:
        digest = code_digest(code)
        invitation = await self._invitations.usable(digest, now()) if digest else None
        if invitation is None or invitation.identity_id is not None:
            raise JoinRefused
        if invitation.purpose is Purpose.LINK:
            return await self._known(provider, invitation)
        if invitation.purpose is not Purpose.MEMBER or invitation.organisation_id != provider.organisation_id:
            raise JoinRefused
        member = await self._members.add_to(
            invitation.organisation_id, invitation.name or name, invitation.role or Role.MEMBER
        )
        await self._spend(invitation)
        await self._note_joined(provider, member)
        return member

    async def _known(self, provider: ProviderEntry, invitation: Invitation) -> MemberEntry:
        """Return the member for whom a moderator made a code."""
        row = await self._people.member(invitation.member_id) if invitation.member_id else None
        member = await self._members.find_by_id(row.id) if row is not None else None
        if row is None or member is None:
            raise JoinRefused
        check_belongs(row, provider)
        await self._spend(invitation)
        return member

    async def _spend(self, invitation: Invitation) -> None:
        if not await self._invitations.spend(invitation.id, now()):
            raise JoinRefused

    async def _note_joined(self, provider: ProviderEntry, member: MemberEntry) -> None:
        get_logger().info("member_joined", directory=str(provider.id), member=str(member.id))
        thing, details = ("member", member.id), {"directory": str(provider.id), "role": member.role.value}
        await record(self._session, "members:join_by_directory", thing, by=member.id, **details)
