"""Queries on members."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

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
        conditions: list[ColumnElement[bool]] = [] if inactive else [Member.active.is_(True)]
        return await self._rows(*conditions, limit=None)

    async def named(self, search_name: str) -> Sequence[MemberRow]:
        """Return the active members of this name, folded."""
        return await self._rows(Member.search_name == search_name, Member.active.is_(True))

    async def between(self, first: UUID, last: UUID) -> Sequence[MemberRow]:
        """Return the active members whose identifiers lie between two."""
        return await self._rows(Member.id >= first, Member.id <= last, Member.active.is_(True))

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
