"""How people come to belong: one-time codes that make somebody a member, or join two chat identities.

Whatever is wrong with a code (used, expired, somebody else's, invented), whoever tries it reads the same.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.chats.schemas import IdentityEntry
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.errors import Conflict, InvalidInput
from knowledge.kit.language import _
from knowledge.kit.logs import get_logger
from knowledge.lessons.adopting import adopt_learned
from knowledge.members.codes import code_digest, make_code
from knowledge.members.limits import MAILS, MAILS_WITHIN, limits_of
from knowledge.members.repository import IdentityRepository, InvitationRepository
from knowledge.members.schemas import IssuedCode, MemberEntry, Redeemed
from knowledge.members.service import MemberExists, MemberService, check_name
from knowledge.models.invitation import Invitation, Purpose
from knowledge.models.member import Role

LONGEST_DAYS = 365
LINK_LASTS = timedelta(minutes=15)
MAIL_LASTS = timedelta(minutes=30)
# How long a code waits for the name of whoever used it.
NAME_WAITS = timedelta(days=1)


class CodeRefused(InvalidInput):
    """A code does not work, for whatever reason."""

    code = "invitations.refused"

    def __init__(self) -> None:
        super().__init__(_("This code does not work (any more). Please ask whoever gave it to you for a new one."))


class TooManyCodes(InvalidInput):
    """Somebody tried too many wrong codes."""

    code = "invitations.too_many"

    def __init__(self) -> None:
        super().__init__(_("These were too many codes that did not work. Please try again in an hour."))


class AlreadyMember(Conflict):
    """Somebody who belongs already tries a code for new members."""

    code = "invitations.already_member"

    def __init__(self) -> None:
        super().__init__(
            _("You belong to the network already, so the code was not used. It still works for whom it is meant.")
        )


class CodeForGroup(InvalidInput):
    """The code of a circle was used where there is no group."""

    code = "invitations.for_group"

    def __init__(self) -> None:
        super().__init__(_("This code links a group. Please write it in that group: /verbinden CODE"))


class InvitationService:
    """Everything about one-time codes, within the caller's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self.repository = InvitationRepository(session)
        self.identities = IdentityRepository(session)
        self.members = MemberService(session)

    async def invite(
        self, role: Role, *, organisation_key: str | None = None, name: str | None = None, days: int = 14
    ) -> IssuedCode:
        """Make a code for a new member.

        Args:
            role: what the member will be allowed to do.
            organisation_key: whom the member works for.
            name: as others may read it; without one, the member is asked.
            days: how long the code works.

        Raises InvalidInput, OrganisationNotFound, OrganisationUnusable, MemberExists.
        """
        organisation = await self.members.organisations.get_usable(organisation_key) if organisation_key else None
        organisation_id = organisation.id if organisation else None
        name = check_name(name) if name is not None else None
        if name is not None:
            await self.members.refuse_taken(name, organisation_id)
        invitation = Invitation(purpose=Purpose.MEMBER, role=role, name=name, organisation_id=organisation_id)
        return await self._issue(invitation, _days(days))

    async def invite_known(self, reference: str, *, days: int = 14) -> IssuedCode:
        """Make a code that links a chat identity to a member who is there already.

        Raises InvalidInput, MemberNotFound, MemberAmbiguous.
        """
        member = await self.members.get(reference)
        return await self._issue(Invitation(purpose=Purpose.LINK, member_id=member.id), _days(days))

    async def link_code(self, member_id: UUID) -> IssuedCode:
        """Make a code by which a member links another chat identity; codes made for that before stop working."""
        await self.repository.withdraw(Purpose.LINK, member_id=member_id)
        return await self._issue(Invitation(purpose=Purpose.LINK, member_id=member_id), LINK_LASTS)

    async def mail_code(self, identity_id: UUID, organisation_id: UUID) -> IssuedCode:
        """Make the code that goes to a mail address and works for this identity alone."""
        invitation = Invitation(
            purpose=Purpose.MAIL, role=Role.MEMBER, organisation_id=organisation_id, identity_id=identity_id
        )
        return await self._issue(invitation, MAIL_LASTS)

    async def may_mail(self, identity_id: UUID) -> bool:
        """Whether an identity may have one more code mailed today."""
        since = now() - MAILS_WITHIN
        return await self.repository.count(Purpose.MAIL, identity=identity_id, since=since) < MAILS

    async def circle_code(self, circle_id: UUID, *, days: int = 14) -> IssuedCode:
        """Make a code that links a group to a circle; codes made for that before stop working. Raises InvalidInput."""
        await self.repository.withdraw(Purpose.CIRCLE, circle_id=circle_id)
        return await self._issue(Invitation(purpose=Purpose.CIRCLE, circle_id=circle_id), _days(days))

    async def _issue(self, invitation: Invitation, lasts: timedelta) -> IssuedCode:
        code = make_code()
        digest = code_digest(code)
        assert digest is not None  # noqa: S101 - a code that we made is one
        invitation.digest, invitation.expires_at = digest, now() + lasts
        self.repository.add(invitation)
        await self.repository.session.flush()
        return IssuedCode(invitation.id, code, invitation.expires_at)

    async def find(self, text: str, identity: IdentityEntry, database: Database) -> Invitation:
        """Return what a code is for, without using it.

        Wrong codes are counted for the identity. Raises CodeRefused, TooManyCodes.
        """
        wrong_codes = limits_of(database).wrong_codes
        if not wrong_codes.is_left(identity.id):
            raise TooManyCodes
        digest = code_digest(text)
        found = await self.repository.usable(digest, now()) if digest else None
        suspended = await self.identities.is_suspended(identity.id)
        if found is None or suspended or found.identity_id not in (None, identity.id):
            wrong_codes.take(identity.id)
            get_logger().warning("wrong_code", identity=str(identity.id))
            raise CodeRefused
        return found

    async def redeem(self, text: str, identity: IdentityEntry, database: Database) -> Redeemed:
        """Use a code that somebody wrote alone with the bot.

        Raises CodeRefused, TooManyCodes, AlreadyMember, CodeForGroup.
        """
        invitation = await self.find(text, identity, database)
        if invitation.purpose is Purpose.CIRCLE:
            raise CodeForGroup
        if identity.verified:
            raise AlreadyMember
        if invitation.purpose is Purpose.LINK:
            return await self._link(invitation, identity)
        return await self._become(invitation, identity)

    async def _link(self, invitation: Invitation, identity: IdentityEntry) -> Redeemed:
        row = await self.members.find_by_id(invitation.member_id) if invitation.member_id else None
        if row is None or not await self.repository.spend(invitation.id, now(), identity=identity.id):
            raise CodeRefused
        await self.identities.change(identity.id, member_id=row.id, organisation_id=None)
        await adopt_learned(self.members.repository.session, identity.id, row.id)
        get_logger().info("identity_linked", identity=str(identity.id), member=str(row.id))
        return Redeemed(invitation.id, row, linked=True)

    async def _become(self, invitation: Invitation, identity: IdentityEntry) -> Redeemed:
        organisation_name = await self._organisation_name(invitation)
        taken = False
        if invitation.name is not None:
            try:
                member = await self.complete(invitation.id, identity, invitation.name)
                return Redeemed(invitation.id, member, organisation_name=organisation_name)
            except MemberExists:
                taken = True
        if not await self.repository.reserve(invitation.id, identity.id, until=now() + NAME_WAITS):
            raise CodeRefused
        return Redeemed(invitation.id, name_taken=taken, organisation_name=organisation_name)

    async def _organisation_name(self, invitation: Invitation) -> str | None:
        if invitation.organisation_id is None:
            return None
        organisation = await self.members.organisations.repository.get(invitation.organisation_id)
        return organisation.name if organisation else None

    async def complete(self, invitation_id: UUID, identity: IdentityEntry, name: str) -> MemberEntry:
        """Make the member that a code is for, with this name, and verify the identity.

        Raises InvalidInput or MemberExists for the name, CodeRefused where the code is no longer to be had.
        """
        invitation = await self.repository.by_id(invitation_id, now())
        if invitation is None or invitation.role is None:
            raise CodeRefused
        await self.members.refuse_taken(check_name(name), invitation.organisation_id)
        if not await self.repository.spend(invitation_id, now(), identity=identity.id):
            raise CodeRefused
        member = await self.members.add_to(invitation.organisation_id, name, invitation.role)
        await self.identities.change(identity.id, member_id=member.id, organisation_id=None)
        await adopt_learned(self.members.repository.session, identity.id, member.id)
        get_logger().info("member_joined", identity=str(identity.id), member=str(member.id))
        return member

    async def burn(self, text: str) -> Purpose | None:
        """Make a code useless that others have read, but for a circle's; returns what it was for, if anything."""
        digest = code_digest(text)
        found = await self.repository.usable(digest, now()) if digest else None
        if found is None:
            return None
        if found.purpose is not Purpose.CIRCLE:
            await self.repository.spend(found.id, now())
        return found.purpose


def _days(days: int) -> timedelta:
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInput(_("A code can work for 1 to {longest} days.").format(longest=LONGEST_DAYS))
    return timedelta(days=days)
