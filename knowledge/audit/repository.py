"""The statements of the record of privileged acts: adding and reading."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.audit.schemas import AuditFilter, AuditLine
from knowledge.kit.clock import HOME
from knowledge.models.audit import AuditEntry
from knowledge.models.member import Member

# Members of whom one may be meant.
MOST_ACTORS = 500
HEX_DIGITS, SHORTEST_PREFIX = 32, 4


class AuditRepository:
    """The record over one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, entry: AuditEntry) -> None:
        """Take in a new entry."""
        self._session.add(entry)
        await self._session.flush()

    async def older(self, wanted: AuditFilter, *, before: int | None, limit: int) -> list[AuditLine]:
        """Return acts, the newest first, from before a number."""
        statement = _rows(await self._conditions(wanted))
        if before is not None:
            statement = statement.where(AuditEntry.id < before)
        return await self._read(statement.order_by(AuditEntry.id.desc()).limit(limit))

    async def newer(self, wanted: AuditFilter, *, after: int, limit: int) -> list[AuditLine]:
        """Return acts, the oldest first, from after a number."""
        statement = _rows(await self._conditions(wanted)).where(AuditEntry.id > after)
        return await self._read(statement.order_by(AuditEntry.id).limit(limit))

    async def _read(self, statement: Select[Any]) -> list[AuditLine]:
        return [AuditLine(*row) for row in await self._session.execute(statement)]

    async def _conditions(self, wanted: AuditFilter) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = []
        if wanted.action:
            conditions.append(AuditEntry.action == wanted.action)
        if wanted.object_kind:
            conditions.append(AuditEntry.object_kind == wanted.object_kind)
        if wanted.object_id:
            conditions.append(AuditEntry.object_id.startswith(wanted.object_id, autoescape=True))
        if wanted.first_day is not None:
            conditions.append(AuditEntry.at >= datetime.combine(wanted.first_day, time(), HOME))
        if wanted.last_day is not None:
            conditions.append(AuditEntry.at < datetime.combine(wanted.last_day + timedelta(days=1), time(), HOME))
        if wanted.actor:
            conditions.append(await self._is_actor(wanted.actor))
        return conditions

    async def _is_actor(self, text: str) -> ColumnElement[bool]:
        named = select(Member.id).where(Member.search_name.contains(text.casefold(), autoescape=True))
        members = (await self._session.scalars(named.limit(MOST_ACTORS))).all()
        # For one alone, the index also gives the order.
        meant: ColumnElement[bool] = AuditEntry.actor_id.in_(members)
        if len(members) == 1:
            meant = AuditEntry.actor_id == members[0]
        digits = text.lower().replace("-", "")
        if SHORTEST_PREFIX <= len(digits) <= HEX_DIGITS and set(digits) <= set("0123456789abcdef"):
            first, last = UUID(digits.ljust(HEX_DIGITS, "0")), UUID(digits.ljust(HEX_DIGITS, "f"))
            meant = or_(meant, AuditEntry.actor_id.between(first, last))
        return meant


def _rows(conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
    # Columns instead of whole entries: for a file, very many are read.
    entry = AuditEntry
    columns = (entry.id, entry.at, entry.actor_id, Member.name, entry.action, entry.object_kind, entry.object_id)
    statement = select(*columns, entry.details).outerjoin(Member, Member.id == entry.actor_id)
    return statement.where(*conditions)
