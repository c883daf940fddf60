"""Handing over: what somebody looks after goes to a colleague who says yes, or is marked „Nachfolge offen".

Contributions belong to the organisation, so nothing but the care for them changes hands. Documents that are anonymous
are never part of a handover, which would name their house.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.handover.errors import AskedTooOften, HandoverDecided, NoColleague, NoHouse, UnknownHandover
from knowledge.handover.repository import UNDECIDED, DutyRepository, HandoverRow
from knowledge.handover.schemas import Colleague, Duties, DutyDocument, HandoverEntry
from knowledge.kit.clock import now
from knowledge.kit.ids import new_id
from knowledge.kit.logs import get_logger
from knowledge.members.names import fold_person
from knowledge.models.document import Document
from knowledge.models.handover import Handover, HandoverReason, HandoverState
from knowledge.models.member import Findable, Member, Role
from knowledge.notices.service import tell

# So many colleagues hear at once that a succession is open; all others find it in the hub.
COLLEAGUES_TOLD = 5
COLLEAGUES_SHOWN = 8
# So much of handovers is told to one person within a day, whatever somebody who leaves begins; the hub shows all.
MOST_TOLD, DAY = 5, timedelta(days=1)


class HandoverService:
    """Duties and their handing over, within one transaction of the caller's."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self.repository = DutyRepository(session)

    async def looking_after(self, member_id: UUID) -> Duties:
        """Return what a member looks after."""
        member = await self.repository.member(member_id)
        documents = [_duty(document) for document in await self.repository.documents(member_id)]
        role = member.role if member else Role.MEMBER
        return Duties(tuple(documents), role, releases=bool(member and member.releases))

    async def colleagues(self, member_id: UUID, name: str = "") -> list[Colleague]:
        """Return colleagues of a member's house, perhaps only those with a part of a name; a handful at most."""
        member = await self.repository.member(member_id)
        if member is None or member.organisation_id is None:
            return []
        found = await self.repository.colleagues(
            member.organisation_id, but=member_id, limit=COLLEAGUES_SHOWN, name=fold_person(name)
        )
        return [Colleague(colleague.id, colleague.name) for colleague in found]

    async def begin(
        self, member_id: UUID, successor_id: UUID | None, *, reason: HandoverReason = HandoverReason.LEAVING
    ) -> HandoverEntry:
        """Hand over what a member looks after.

        A colleague is asked first, and the member goes on looking after it until that one says yes. Without a
        successor the house is told that the succession is open. What the member began to hand over before is replaced.

        Args:
            member_id: whose duties.
            successor_id: a colleague of the same house, or nobody yet.
            reason: why; those who are gone look after nothing meanwhile.

        Raises ``NoHouse``, ``NoColleague``, ``AskedTooOften``.
        """
        member = await self.repository.member(member_id)
        if member is None or member.organisation_id is None:
            raise NoHouse
        if successor_id is not None:
            await self._check_colleague(member, successor_id)
        shared = [document.id for document in (await self.looking_after(member_id)).shared]
        handover = Handover(
            id=new_id(),
            state=HandoverState.OFFERED if successor_id else HandoverState.OPEN,
            reason=reason,
            member_id=member_id,
            organisation_id=member.organisation_id,
            successor_id=successor_id,
        )
        await self.repository.put(handover, shared, member_id if reason is HandoverReason.LEAVING else None)
        await self.repository.forget_undecided(member_id, but=handover.id)
        await self._tell_of(handover, member, is_any=bool(shared))
        get_logger().info("handover_begun", handover=str(handover.id), reason=reason.value, documents=len(shared))
        return await self._entry(handover.id)

    async def _check_colleague(self, member: Member, successor_id: UUID) -> None:
        successor = await self.repository.member(successor_id)
        able = successor is not None and successor.active and successor.suspended_at is None
        if successor is None or not able or successor_id == member.id:
            raise NoColleague
        if successor.organisation_id != member.organisation_id:
            raise NoColleague
        if not await self._rested([successor_id]):
            raise AskedTooOften

    async def _rested(self, members: Collection[UUID]) -> list[UUID]:
        """Return those who were not told very much of handovers today."""
        often = await self.repository.told_often(members, since=now() - DAY, most=MOST_TOLD)
        return [member for member in members if member not in often]

    async def _tell_of(self, handover: Handover, member: Member, *, is_any: bool) -> None:
        data = {"handover": str(handover.id)}
        if handover.successor_id is not None:
            await tell(self._session, "handover.offered", member_id=handover.successor_id, data=data)
        elif is_any:
            await self._tell_house(handover)
        if member.releases or member.role is not Role.MEMBER:
            for administrator in await self._to_tell(handover, await self.repository.administrators()):
                if administrator != member.id:
                    await tell(self._session, "handover.office", member_id=administrator, data=data)

    async def _tell_house(self, handover: Handover) -> None:
        if handover.organisation_id is None:
            return
        colleagues = await self.repository.colleagues(
            handover.organisation_id, but=handover.member_id, limit=COLLEAGUES_TOLD
        )
        told = [colleague.id for colleague in colleagues] or list(await self.repository.administrators())
        for member in await self._to_tell(handover, told):
            await tell(self._session, "handover.open", member_id=member, data={"handover": str(handover.id)})

    async def _to_tell(self, handover: Handover, members: Collection[UUID]) -> Collection[UUID]:
        """Return who is told: all where somebody is gone, so that it is not overlooked."""
        return await self._rested(members) if handover.reason is HandoverReason.LEAVING else members

    async def get(self, handover_id: UUID, reader: UUID) -> HandoverEntry:
        """Return a handover of the reader's own house. Raises ``UnknownHandover``."""
        entry = await self._entry(handover_id)
        member = await self.repository.member(reader)
        if member is None or not member.active or entry.organisation_id != member.organisation_id:
            raise UnknownHandover
        return entry

    async def undecided(self, organisation_id: UUID | None) -> list[HandoverEntry]:
        """Return what is to be handed over in a house („Nachfolge offen"); in all of them without one."""
        return await self._entries(await self.repository.undecided(organisation_id))

    async def accept(self, handover_id: UUID, member_id: UUID) -> HandoverEntry:
        """Take over: whoever was asked, or, where the succession is open, a colleague. Twice is once.

        Raises ``UnknownHandover``, ``HandoverDecided``.
        """
        handover = await self._locked(handover_id, member_id)
        if handover.state is HandoverState.ACCEPTED and handover.successor_id == member_id:
            return await self._entry(handover.id)
        if handover.state not in UNDECIDED or not _may_take(handover, member_id):
            raise HandoverDecided
        handover.state, handover.successor_id, handover.decided_at = HandoverState.ACCEPTED, member_id, now()
        await self._session.flush()
        await self.repository.give(handover.id, member_id)
        if handover.reason is HandoverReason.LEAVING and handover.member_id is not None:
            data = {"handover": str(handover.id)}
            await tell(self._session, "handover.accepted", member_id=handover.member_id, data=data)
        get_logger().info("handover_accepted", handover=str(handover.id), member=str(member_id))
        return await self._entry(handover.id)

    async def decline(self, handover_id: UUID, member_id: UUID) -> HandoverEntry:
        """Do not take over: the succession is open then. Raises ``UnknownHandover``, ``HandoverDecided``."""
        handover = await self._locked(handover_id, member_id)
        if handover.state is not HandoverState.OFFERED or handover.successor_id != member_id:
            raise HandoverDecided
        await self._put_open(handover)
        return await self._entry(handover.id)

    async def _put_open(self, handover: Handover) -> None:
        """Note that whoever was asked does not take over, and tell the house that the succession is open."""
        handover.state, handover.successor_id = HandoverState.OPEN, None
        await self._session.flush()
        data = {"handover": str(handover.id)}
        if handover.member_id is not None:
            await tell(self._session, "handover.declined", member_id=handover.member_id, data=data)
        await self._tell_house(handover)

    async def let_go(self, member: Member, reason: HandoverReason) -> bool:
        """Hand over for somebody who is not there any more: nobody is brought to them, and they release nothing.

        Returns whether there was anything to hand over.
        """
        duties = await self.looking_after(member.id)
        wanted = member.organisation_id is not None and bool(duties.shared or duties.has_office)
        if wanted:
            await self.begin(member.id, None, reason=reason)
        for offered in await self.repository.offered_to(member.id):
            await self._put_open(offered)
        if member.findable is Findable.ON:
            member.findable = Findable.PAUSED
        member.releases = False
        await self._session.flush()
        return wanted

    async def _locked(self, handover_id: UUID, member_id: UUID) -> Handover:
        await self.get(handover_id, member_id)
        handover = await self.repository.locked(handover_id)
        if handover is None:
            raise UnknownHandover
        return handover

    async def _entry(self, handover_id: UUID) -> HandoverEntry:
        row = await self.repository.row(handover_id)
        if row is None:
            raise UnknownHandover
        return (await self._entries([row]))[0]

    async def _entries(self, rows: Sequence[HandoverRow]) -> list[HandoverEntry]:
        found: dict[UUID | None, list[DutyDocument]] = {}
        for document in await self.repository.handed_over([row[0].id for row in rows]):
            found.setdefault(document.handover_id, []).append(_duty(document))
        return [_entry(row, tuple(found.get(row[0].id, ()))) for row in rows]


def _may_take(handover: Handover, member_id: UUID) -> bool:
    if handover.state is HandoverState.OFFERED:
        return handover.successor_id == member_id
    return handover.member_id != member_id or handover.reason is not HandoverReason.LEAVING


def _duty(document: Document) -> DutyDocument:
    is_shared = document.organisation_id is not None
    return DutyDocument(document.id, document.title, document.review_by, is_shared, document.access)


def _entry(row: HandoverRow, documents: tuple[DutyDocument, ...]) -> HandoverEntry:
    handover, member_name, organisation_name, successor_name = row
    return HandoverEntry(
        id=handover.id,
        state=handover.state,
        reason=handover.reason,
        member_id=handover.member_id,
        member_name=member_name,
        organisation_id=handover.organisation_id,
        organisation_name=organisation_name,
        successor_id=handover.successor_id,
        successor_name=successor_name,
        documents=documents,
        created_at=handover.created_at,
    )
