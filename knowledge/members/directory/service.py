"""The directory of members: who takes part, what they may do, and the few ways to change that.

Whatever changes what somebody may do is noted in the record of privileged acts. Nobody does it to themselves, and there
is always an administrator left.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.links import AccessLinks
from knowledge.access.rights import NotAllowed, Visitor
from knowledge.access.schemas import IssuedLink
from knowledge.access.sessions import Sessions
from knowledge.audit.service import record
from knowledge.circles.service import read_topics
from knowledge.kit.clock import now
from knowledge.kit.errors import Conflict
from knowledge.kit.language import _
from knowledge.kit.revisions import refuse_stale
from knowledge.members.directory.repository import DirectoryRepository, DirectoryRow
from knowledge.members.directory.schemas import (
    MemberChange,
    MemberDetails,
    MemberFilter,
    MemberLine,
    MemberPage,
    MemberState,
)
from knowledge.members.invitations import InvitationService
from knowledge.members.schemas import IssuedCode
from knowledge.members.service import MemberNotFound, MemberService
from knowledge.models.member import Role
from knowledge.organisations.service import OrganisationService
from knowledge.tokens.service import Tokens
from knowledge.trainings.leaving import leave_all

PAGE_SIZE = 50


class OwnAccount(Conflict):
    """Somebody tries to change what they themselves may do."""

    code = "members.own_account"

    def __init__(self) -> None:
        super().__init__(_("Nobody changes their own rights. Please ask another administrator."))


class LastAdministrator(Conflict):
    """Nobody would be left to look after members."""

    code = "members.last_administrator"

    def __init__(self) -> None:
        super().__init__(_("This is the last administrator who can sign in. Please make somebody else one first."))


class HasLeft(Conflict):
    """Somebody who left is to be changed."""

    code = "members.has_left"

    def __init__(self) -> None:
        super().__init__(_("This member has left, so there is nothing to change."))


class MemberDirectory:
    """Everything about members that the hub shows and does, within the caller's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._repository = DirectoryRepository(session)
        self._organisations = OrganisationService(session)
        self._administrators: list[UUID] = []

    async def page(self, wanted: MemberFilter, number: int) -> MemberPage:
        """Return a part of the list, from 1 on; past its end, the last one."""
        count = await self._repository.count(wanted)
        last = max(1, -(-count // PAGE_SIZE))
        number = min(max(number, 1), last)
        rows = await self._repository.listed(wanted, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
        return MemberPage(tuple(_line(row) for row in rows), number, last, count)

    async def listed(self, wanted: MemberFilter, *, offset: int, limit: int) -> Sequence[MemberLine]:
        """Return some of the members that are wanted, by name."""
        return [_line(row) for row in await self._repository.listed(wanted, offset=offset, limit=limit)]

    async def details(self, member_id: UUID, *, lock: bool = False) -> MemberDetails:
        """Return what is to be known of a member. Raises MemberNotFound."""
        row = await self._repository.get(member_id, lock=lock)
        if row is None:
            raise MemberNotFound(_("There is no such member."))
        scopes = await self._repository.scopes(member_id)
        return MemberDetails(
            _line(row),
            organisations=tuple(sorted(key for key, _topic in scopes if key)),
            topics=tuple(sorted(topic for _key, topic in scopes if topic)),
            networks=tuple(await self._repository.networks(member_id)),
        )

    async def invite(self, role: Role, *, organisation: str, name: str | None, days: int, by: Visitor) -> IssuedCode:
        """Make a code by which somebody joins.

        Moderators invite members only, and only into organisations that they look after. Raises NotAllowed, and what
        ``InvitationService.invite`` raises.
        """
        found = await self._organisations.get_usable(organisation) if organisation else None
        is_administrator = by.known.role is Role.ADMINISTRATOR
        if not is_administrator and (role is not Role.MEMBER or not by.scope.covers(found.id if found else None, [])):
            raise NotAllowed
        key = found.key if found else None
        issued = await InvitationService(self._session).invite(role, organisation_key=key, name=name, days=days)
        await record(self._session, "members:invite", ("invitation", issued.id), by=by.member_id, role=role.value)
        return issued

    async def change(self, member_id: UUID, change: MemberChange, *, by: Visitor, revision: str) -> None:
        """Change who a member is and what they may do.

        ``revision`` is what ``details`` said when the form was filled. Raises OwnAccount, Stale, LastAdministrator,
        HasLeft, and what MemberService.change raises.
        """
        before = await self._open(member_id, by)
        refuse_stale(revision, before.revision)
        if change.role is not Role.ADMINISTRATOR:
            self._keep_an_administrator(member_id)
        houses, topics = await self._scope(change)
        organisation = change.organisation.strip() or None
        row = await self._row(member_id)
        if organisation is None:
            row[0].organisation_id = None
        await MemberService(self._session).change(
            member_id.hex, name=change.name, organisation_key=organisation, role=change.role
        )
        row[0].releases = change.releases
        await self._repository.replace_scopes(member_id, [key for key, _name in houses], topics)
        details = {"role": change.role.value, "releases": change.releases, "everything": not houses and not topics}
        await self._record("members:change", member_id, by, **details)

    async def _scope(self, change: MemberChange) -> tuple[list[tuple[UUID, str]], Sequence[str]]:
        if change.role is not Role.MODERATOR:
            return [], []
        found = {row.id: row.key for row in [await self._organisations.get_usable(key) for key in change.organisations]}
        return list(found.items()), read_topics(",".join(change.topics))

    async def suspend(self, member_id: UUID, *, by: Visitor) -> None:
        """Keep a member from signing in and from whatever is not public, until it is lifted; ends their sessions.

        Raises OwnAccount, LastAdministrator, HasLeft, MemberNotFound.
        """
        before = await self._open(member_id, by)
        self._keep_an_administrator(member_id)
        if before.line.state is MemberState.SUSPENDED:
            return
        (await self._row(member_id))[0].suspended_at = now()
        await self._session.flush()
        await leave_all(self._session, member_id)
        await Sessions(self._session).end_all(member_id)
        await Tokens(self._session).end_all(member_id)
        await self._record("members:suspend", member_id, by)

    async def lift(self, member_id: UUID, *, by: Visitor) -> None:
        """Let a suspended member take part again. Raises OwnAccount, HasLeft, MemberNotFound."""
        before = await self._open(member_id, by)
        if before.line.state is MemberState.SUSPENDED:
            (await self._row(member_id))[0].suspended_at = None
            await self._session.flush()
            await self._record("members:lift", member_id, by)

    async def leave(self, member_id: UUID, *, by: Visitor) -> None:
        """Note that a member has left; ends their sessions. Raises OwnAccount, LastAdministrator, MemberNotFound."""
        await self._open(member_id, by)
        self._keep_an_administrator(member_id)
        await MemberService(self._session).leave(member_id.hex)
        await Sessions(self._session).end_all(member_id)
        await Tokens(self._session).end_all(member_id)
        await self._record("members:leave", member_id, by)

    async def keep_an_administrator(self, member_id: UUID) -> None:
        """See that somebody can look after members when this one is gone. Raises LastAdministrator."""
        self._administrators = list(await self._repository.administrators())
        self._keep_an_administrator(member_id)

    async def link_code(self, member_id: UUID, *, days: int, by: Visitor) -> IssuedCode:
        """Make a code that joins a chat account to a member. Raises OwnAccount, HasLeft, InvalidInput."""
        await self._open(member_id, by)
        issued = await InvitationService(self._session).invite_known(member_id.hex, days=days)
        await self._record("members:link", member_id, by)
        return issued

    async def recovery_link(self, member_id: UUID, *, by: Visitor) -> IssuedLink:
        """Make a one-time link by which somebody who lost password or second factor gets in again.

        Raises OwnAccount, HasLeft, MemberNotFound.
        """
        await self._open(member_id, by)
        issued = await AccessLinks(self._session).recovery_link(member_id)
        await self._record("members:recover", member_id, by)
        return issued

    async def _open(self, member_id: UUID, by: Visitor) -> MemberDetails:
        """Return a member whom ``by`` may change, kept from being changed by others meanwhile."""
        if by.member_id == member_id:
            raise OwnAccount
        # Always in this order, so that two administrators who change each other never wait for one another.
        self._administrators = list(await self._repository.administrators())
        details = await self.details(member_id, lock=True)
        if details.line.state is MemberState.LEFT:
            raise HasLeft
        return details

    async def _row(self, member_id: UUID) -> DirectoryRow:
        row = await self._repository.get(member_id)
        assert row is not None  # noqa: S101 - it is locked
        return row

    def _keep_an_administrator(self, member_id: UUID) -> None:
        if self._administrators == [member_id]:
            raise LastAdministrator

    async def _record(self, action: str, member_id: UUID, by: Visitor, **details: object) -> None:
        await record(self._session, action, ("member", member_id), by=by.member_id, **details)


def _line(row: DirectoryRow) -> MemberLine:
    member, key, organisation = row
    state = MemberState.ACTIVE if member.suspended_at is None else MemberState.SUSPENDED
    return MemberLine(
        id=member.id,
        name=member.name,
        role=member.role,
        organisation_id=member.organisation_id,
        organisation_key=key,
        organisation_name=organisation,
        state=state if member.active else MemberState.LEFT,
        releases=member.releases,
        created_at=member.created_at,
    )
