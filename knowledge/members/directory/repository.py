"""The statements of the directory of members."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.members.directory.schemas import MemberFilter, MemberState
from knowledge.models.access import ModeratorScope
from knowledge.models.chat import ChatIdentity, Network
from knowledge.models.member import Member, Role
from knowledge.models.organisation import Organisation
from knowledge.organisations.names import fold_name

# A member with the organisation's key and name.
DirectoryRow = tuple[Member, str | None, str | None]
HOUSE = Organisation.id == Member.organisation_id


class DirectoryRepository:
    """Members of whatever state over one session."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def count(self, wanted: MemberFilter) -> int:
        """Count the members that are wanted."""
        statement = select(func.count(Member.id)).outerjoin(Organisation, HOUSE).where(*_conditions(wanted))
        return await self.session.scalar(statement) or 0

    async def listed(self, wanted: MemberFilter, *, offset: int, limit: int) -> Sequence[DirectoryRow]:
        """Return some of the members that are wanted, by name."""
        statement = _rows().where(*_conditions(wanted)).order_by(Member.search_name, Member.id)
        result = await self.session.execute(statement.offset(offset).limit(limit))
        return [(member, key, name) for member, key, name in result]

    async def get(self, member_id: UUID, *, lock: bool = False) -> DirectoryRow | None:
        """Return a member; with ``lock``, nobody else changes them in the meantime."""
        statement = _rows().where(Member.id == member_id).execution_options(populate_existing=True)
        if lock:
            statement = statement.with_for_update(of=Member)
        row = (await self.session.execute(statement)).one_or_none()
        return (row[0], row[1], row[2]) if row else None

    async def administrators(self) -> Sequence[UUID]:
        """Return the administrators who can act, and keep them from being changed by others."""
        able = Member.role == Role.ADMINISTRATOR, Member.active.is_(True), Member.suspended_at.is_(None)
        return (await self.session.scalars(select(Member.id).where(*able).order_by(Member.id).with_for_update())).all()

    async def networks(self, member_id: UUID) -> Sequence[Network]:
        """Return where a member chats."""
        statement = select(ChatIdentity.network).where(ChatIdentity.member_id == member_id).distinct()
        return sorted((await self.session.scalars(statement)).all())

    async def scopes(self, member_id: UUID) -> Sequence[tuple[str | None, str | None]]:
        """Return what a moderator looks after: keys of organisations, and topics."""
        statement = (
            select(Organisation.key, ModeratorScope.topic)
            .select_from(ModeratorScope)
            .outerjoin(Organisation, Organisation.id == ModeratorScope.organisation_id)
            .where(ModeratorScope.member_id == member_id)
        )
        return [(row[0], row[1]) for row in await self.session.execute(statement)]

    async def replace_scopes(self, member_id: UUID, organisations: Sequence[UUID], topics: Sequence[str]) -> None:
        """Set what a moderator looks after."""
        await self.session.execute(delete(ModeratorScope).where(ModeratorScope.member_id == member_id))
        self.session.add_all(ModeratorScope(member_id=member_id, organisation_id=key) for key in organisations)
        self.session.add_all(ModeratorScope(member_id=member_id, topic=topic) for topic in topics)
        await self.session.flush()


def _rows() -> Select[Member, str | None, str | None]:
    return select(Member, Organisation.key, Organisation.name).outerjoin(Organisation, HOUSE)


def _conditions(wanted: MemberFilter) -> list[ColumnElement[bool]]:
    conditions = list(_in_state(wanted.state))
    if wanted.text:
        conditions.append(Member.search_name.contains(wanted.text, autoescape=True))
    if wanted.organisation:
        named = Organisation.search_name.contains(
            fold_name(wanted.organisation) or wanted.organisation, autoescape=True
        )
        conditions.append(or_(Organisation.key == wanted.organisation.lower(), named))
    if wanted.role is not None:
        conditions.append(Member.role == wanted.role)
    if wanted.houses is not None:
        conditions.append(Member.organisation_id.in_(wanted.houses))
    return conditions


def _in_state(state: MemberState | None) -> tuple[ColumnElement[bool], ...]:
    if state is MemberState.LEFT:
        return (Member.active.is_(False),)
    if state is MemberState.SUSPENDED:
        return Member.active.is_(True), Member.suspended_at.is_not(None)
    if state is MemberState.ACTIVE:
        return Member.active.is_(True), Member.suspended_at.is_(None)
    return (Member.active.is_(True),)
