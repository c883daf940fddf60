"""Queries on members, their chat identities, one-time codes and mail domains."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.models.chat import ChatIdentity
from knowledge.models.invitation import Invitation, MailDomain, Purpose
from knowledge.models.member import Member
from knowledge.models.organisation import Organisation

# Enough to show a person what a reference may mean.
MOST_CANDIDATES = 10

# A member with the organisation's key and name.
MemberRow = tuple[Member, str | None, str | None]


class MemberRepository:
    """All statements on the table of members."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    def add(self, member: Member) -> None:
        """Keep a new member."""
        self.session.add(member)

    async def all(self, *, inactive: bool) -> Sequence[MemberRow]:
        """Return the active members, or all of them, by name."""
        return await self._rows(*_active(inactive=inactive), limit=None)

    async def named(self, search_name: str, *, inactive: bool = False) -> Sequence[MemberRow]:
        """Return the active members of this name, folded, or all of them."""
        return await self._rows(Member.search_name == search_name, *_active(inactive=inactive))

    async def between(self, first: UUID, last: UUID, *, inactive: bool = False) -> Sequence[MemberRow]:
        """Return the active members whose identifiers lie between two, or all of them."""
        return await self._rows(Member.id >= first, Member.id <= last, *_active(inactive=inactive))

    async def by_id(self, member: UUID) -> MemberRow | None:
        """Return the active member with this identifier."""
        rows = await self._rows(Member.id == member, Member.active.is_(True))
        return rows[0] if rows else None

    async def _rows(self, *conditions: Any, limit: int | None = MOST_CANDIDATES) -> Sequence[MemberRow]:
        statement = (
            select(Member, Organisation.key, Organisation.name)
            .outerjoin(Organisation, Organisation.id == Member.organisation_id)
            .where(*conditions)
            .order_by(Member.search_name, Member.created_at, Member.id)
            .limit(limit)
        )
        result = await self.session.execute(statement)
        return [(member, key, name) for member, key, name in result]


def _active(*, inactive: bool) -> list[ColumnElement[bool]]:
    return [] if inactive else [Member.active.is_(True)]


class IdentityRepository:
    """What belonging needs of chat identities."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, identity: UUID) -> ChatIdentity | None:
        """Return an identity as the database has it now."""
        statement = select(ChatIdentity).where(ChatIdentity.id == identity)
        return await self._session.scalar(statement.execution_options(populate_existing=True))

    async def of_member(self, member: UUID) -> Sequence[ChatIdentity]:
        """Return the identities of a member, oldest first."""
        statement = select(ChatIdentity).where(ChatIdentity.member_id == member)
        return (await self._session.scalars(statement.order_by(ChatIdentity.created_at, ChatIdentity.id))).all()

    async def change(self, identity: UUID, **values: Any) -> None:
        """Set columns of an identity."""
        await self._session.execute(update(ChatIdentity).where(ChatIdentity.id == identity).values(**values))

    async def is_suspended(self, identity: UUID) -> bool:
        """Whether an identity is a suspended member's."""
        statement = select(Member.suspended_at).join(ChatIdentity, ChatIdentity.member_id == Member.id)
        return await self._session.scalar(statement.where(ChatIdentity.id == identity)) is not None

    async def mark_once(self, identity: UUID, column: str, moment: datetime) -> bool:
        """Set a moment that is set only once; returns whether it was this time."""
        field = getattr(ChatIdentity, column)
        statement = update(ChatIdentity).where(ChatIdentity.id == identity, field.is_(None)).values({column: moment})
        return await _changed(self._session, statement) == 1


class InvitationRepository:
    """All statements on one-time codes."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    def add(self, invitation: Invitation) -> None:
        """Keep a new code's digest."""
        self.session.add(invitation)

    async def usable(self, digest: str, moment: datetime) -> Invitation | None:
        """Return what a code is for, if it is neither used nor expired."""
        statement = select(Invitation).where(Invitation.digest == digest, *_open(moment))
        return await self.session.scalar(statement.execution_options(populate_existing=True))

    async def by_id(self, invitation: UUID, moment: datetime) -> Invitation | None:
        """Return a code that is neither used nor expired."""
        statement = select(Invitation).where(Invitation.id == invitation, *_open(moment))
        return await self.session.scalar(statement.execution_options(populate_existing=True))

    async def reserve(self, invitation: UUID, identity: UUID, *, until: datetime) -> bool:
        """Keep a code for one identity; returns whether nobody else had it."""
        free = or_(Invitation.identity_id.is_(None), Invitation.identity_id == identity)
        statement = update(Invitation).where(Invitation.id == invitation, Invitation.used_at.is_(None), free)
        return await _changed(self.session, statement.values(identity_id=identity, expires_at=until)) == 1

    async def spend(self, invitation: UUID, moment: datetime, *, identity: UUID | None = None) -> bool:
        """Mark a code as used, by an identity where it is known; returns whether it still was to be had."""
        conditions = [Invitation.id == invitation, *_open(moment)]
        values: dict[str, Any] = {"used_at": moment}
        if identity is not None:
            conditions.append(or_(Invitation.identity_id.is_(None), Invitation.identity_id == identity))
            values["identity_id"] = identity
        return await _changed(self.session, update(Invitation).where(*conditions).values(values)) == 1

    async def withdraw(self, purpose: Purpose, **target: UUID) -> None:
        """Forget the unused codes of a purpose for a member, a circle or an identity."""
        conditions = [getattr(Invitation, name) == value for name, value in target.items()]
        unused = delete(Invitation).where(Invitation.purpose == purpose, Invitation.used_at.is_(None), *conditions)
        await self.session.execute(unused)

    async def count(self, purpose: Purpose, *, identity: UUID, since: datetime) -> int:
        """Count the codes of a purpose that were made for an identity."""
        statement = select(func.count()).where(
            Invitation.purpose == purpose, Invitation.identity_id == identity, Invitation.created_at > since
        )
        return await self.session.scalar(statement) or 0

    async def last_user(self, purpose: Purpose, *, circle: UUID) -> UUID | None:
        """Return the identity that used the newest code of a circle."""
        statement = (
            select(Invitation.identity_id)
            .where(Invitation.purpose == purpose, Invitation.circle_id == circle, Invitation.used_at.is_not(None))
            .order_by(Invitation.used_at.desc())
            .limit(1)
        )
        return await self.session.scalar(statement)


class MailDomainRepository:
    """All statements on the mail domains of organisations."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, domain: MailDomain) -> None:
        """Keep a domain."""
        self._session.add(domain)
        await self._session.flush()

    async def get(self, domain: str) -> tuple[MailDomain, Organisation] | None:
        """Return a domain with its organisation."""
        rows = await self._rows(MailDomain.domain == domain)
        return rows[0] if rows else None

    async def all(self) -> Sequence[tuple[MailDomain, Organisation]]:
        """Return all domains with their organisations, by organisation."""
        return await self._rows()

    async def remove(self, domains: Collection[str]) -> int:
        """Forget domains; returns how many there were."""
        return await _changed(self._session, delete(MailDomain).where(MailDomain.domain.in_(domains)))

    async def _rows(self, *conditions: ColumnElement[bool]) -> Sequence[tuple[MailDomain, Organisation]]:
        statement = (
            select(MailDomain, Organisation)
            .join(Organisation, Organisation.id == MailDomain.organisation_id)
            .where(*conditions)
            .order_by(Organisation.key, MailDomain.domain)
        )
        return [(domain, organisation) for domain, organisation in await self._session.execute(statement)]


def _open(moment: datetime) -> list[ColumnElement[bool]]:
    return [Invitation.used_at.is_(None), Invitation.expires_at > moment]


async def _changed(session: AsyncSession, statement: Any) -> int:
    result = cast("CursorResult[Any]", await session.execute(statement))
    return result.rowcount
