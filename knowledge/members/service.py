"""Members: people with an organisation and a role."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.handover.service import HandoverService
from knowledge.kit.errors import Conflict, InvalidInput, NotFound
from knowledge.kit.language import _
from knowledge.members.names import fold_person
from knowledge.members.repository import IdentityRepository, MemberRepository, MemberRow
from knowledge.members.schemas import MemberEntry
from knowledge.models.handover import HandoverReason
from knowledge.models.member import Member, Role
from knowledge.organisations.service import OrganisationService
from knowledge.trainings.leaving import leave_all

LONGEST_NAME = 120
# A shorter beginning of an identifier would often be somebody's name.
SHORTEST_PREFIX = 4
HEX_DIGITS = 32
_HEX = re.compile(rf"[0-9a-f]{{{SHORTEST_PREFIX},{HEX_DIGITS}}}")


class MemberNotFound(NotFound):
    """No active member is meant."""

    code = "members.not_found"


class MemberAmbiguous(Conflict):
    """More than one member is meant; ``candidates`` holds them."""

    code = "members.ambiguous"

    def __init__(self, reference: str, candidates: Sequence[MemberEntry]) -> None:
        shown = "; ".join(describe_member(candidate) for candidate in candidates)
        problem = _("“{reference}” may be several members: {candidates}. Please use the beginning of the identifier.")
        super().__init__(problem.format(reference=reference, candidates=shown))
        self.candidates = tuple(candidates)


class MemberExists(Conflict):
    """The same organisation already has a member of this name."""

    code = "members.exists"


class MemberService:
    """Everything about members, within the caller's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self.repository = MemberRepository(session)
        self.organisations = OrganisationService(session)

    async def add(self, name: str, organisation_key: str | None = None, role: Role = Role.MEMBER) -> MemberEntry:
        """Add a member.

        Args:
            name: as others may read it.
            organisation_key: Regionalschlüssel, AGS or another organisation's key; None for nobody's staff.
            role: what the member may do.

        Raises InvalidInput, OrganisationNotFound, OrganisationUnusable, MemberExists.
        """
        name = check_name(name)
        organisation = await self.organisations.get_usable(organisation_key) if organisation_key else None
        return await self.add_to(organisation.id if organisation else None, name, role)

    async def add_to(self, organisation_id: UUID | None, name: str, role: Role) -> MemberEntry:
        """Add a member to the organisation with this identifier. Raises InvalidInput, MemberExists."""
        name = check_name(name)
        await self.refuse_taken(name, organisation_id)
        organisation = await self.organisations.repository.get(organisation_id) if organisation_id else None
        member = Member(name=name, search_name=fold_person(name), organisation_id=organisation_id, role=role)
        self.repository.add(member)
        await self.repository.session.flush()  # gives it its identifier and its time
        return _entry((member, organisation.key if organisation else None, organisation.name if organisation else None))

    async def change(
        self, reference: str, *, name: str | None = None, organisation_key: str | None = None, role: Role | None = None
    ) -> MemberEntry:
        """Change what is known of a member; what is ``None`` stays.

        Raises MemberNotFound, MemberAmbiguous, InvalidInput, OrganisationNotFound, OrganisationUnusable, MemberExists.
        """
        member = await self._row(reference)
        organisation_id, name = member.organisation_id, member.name if name is None else check_name(name)
        if organisation_key is not None:
            organisation_id = (await self.organisations.get_usable(organisation_key)).id
        if (name, organisation_id) != (member.name, member.organisation_id):
            await self.refuse_taken(name, organisation_id, but=member.id)
        member.name, member.search_name, member.organisation_id = name, fold_person(name), organisation_id
        member.role = role or member.role
        await self.repository.session.flush()
        return await self.get(member.id.hex)

    async def leave(self, reference: str) -> MemberEntry:
        """Note that a member has left: their chat accounts find what is public from now on.

        What they looked after is marked as open for their organisation.

        Raises MemberNotFound, MemberAmbiguous.
        """
        entry, member = await self.get(reference), await self._row(reference)
        await HandoverService(self.repository.session).let_go(member, HandoverReason.REMOVED)
        await leave_all(self.repository.session, member.id)
        member.active = False
        identities = IdentityRepository(self.repository.session)
        for identity in await identities.of_member(member.id):
            await identities.change(identity.id, member_id=None)
        await self.repository.session.flush()
        return replace(entry, active=False)

    async def _row(self, reference: str) -> Member:
        row = await self.repository.by_id((await self.get(reference)).id)
        if row is None:
            raise MemberNotFound(_("There is no such member any more."))
        return row[0]

    async def refuse_taken(self, name: str, organisation_id: UUID | None, *, but: UUID | None = None) -> None:
        """Raise MemberExists where the organisation has an active member of this name."""
        for row in await self.repository.named(fold_person(name)):
            if row[0].organisation_id == organisation_id and row[0].id != but:
                problem = _("There already is a member {member}. Please add something that tells the two apart.")
                raise MemberExists(problem.format(member=describe_member(_entry(row))))

    async def find_by_id(self, member_id: UUID) -> MemberEntry | None:
        """Return the active member with this identifier."""
        row = await self.repository.by_id(member_id)
        return _entry(row) if row else None

    async def list(self, *, inactive: bool = False) -> Sequence[MemberEntry]:
        """Return the members by name; those who left only if ``inactive``."""
        return [_entry(row) for row in await self.repository.all(inactive=inactive)]

    async def get(self, reference: str, *, inactive: bool = False) -> MemberEntry:
        """Return the active member whom ``reference`` means: a whole name, an identifier or the beginning of one.

        Capitals make no difference; ``inactive``: also those who left. Raises MemberNotFound, MemberAmbiguous.
        """
        wanted = reference.strip()
        rows = await self.repository.named(fold_person(wanted), inactive=inactive) if fold_person(wanted) else []
        bounds = _identifier_bounds(wanted)
        if not rows and bounds is not None:
            rows = await self.repository.between(*bounds, inactive=inactive)
        if not rows:
            problem = _("There is no member “{reference}”. Please give a whole name or the beginning of an identifier.")
            raise MemberNotFound(problem.format(reference=wanted[:LONGEST_NAME]))
        if len(rows) > 1:
            raise MemberAmbiguous(wanted, [_entry(row) for row in rows])
        return _entry(rows[0])


def describe_member(member: MemberEntry) -> str:
    """Return name, organisation and the beginning of the identifier, to tell members apart."""
    place = f", {member.organisation_name}" if member.organisation_name else ""
    return f"{member.name}{place} ({member.id.hex[:8]})"


def check_name(name: str) -> str:
    """Return a person's name without spare spaces. Raises InvalidInput for what is none."""
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidInput(_("Please give a name of 1 to {count} letters.").format(count=LONGEST_NAME))
    return name


def _identifier_bounds(text: str) -> tuple[UUID, UUID] | None:
    """Return the first and the last identifier that begin with ``text``; None if none can."""
    digits = text.lower().replace("-", "")
    if not _HEX.fullmatch(digits):
        return None
    return UUID(digits.ljust(HEX_DIGITS, "0")), UUID(digits.ljust(HEX_DIGITS, "f"))


def _entry(row: MemberRow) -> MemberEntry:
    member, key, organisation_name = row
    return MemberEntry(
        id=member.id,
        name=member.name,
        role=member.role,
        organisation_id=member.organisation_id,
        organisation_key=key,
        organisation_name=organisation_name,
        created_at=member.created_at,
        active=member.active,
    )
