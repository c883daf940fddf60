"""One row in each table that nobody has filled by hand, made from what the table itself says about its columns."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Enum,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    Uuid,
    insert,
    select,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import TypeEngine

from knowledge.kit.ids import new_id
from knowledge.models import Base

MOMENT = datetime(2026, 11, 21, 9, 30, 15, 123456, tzinfo=UTC)
# Beside what is written by hand: the values that are easiest to lose on the way.
VALUES: Mapping[type[TypeEngine[Any]], Callable[[Any], Any]] = {
    Enum: lambda kind: (list(kind.enum_class) if kind.enum_class else kind.enums)[0],
    String: lambda kind: "„ö“ 🛣\n\t“"[: kind.length],
    Boolean: lambda _kind: True,
    Integer: lambda _kind: 7,
    Float: lambda _kind: 0.1,
    DateTime: lambda _kind: MOMENT,
    Date: lambda _kind: date(2026, 2, 28),
    LargeBinary: lambda _kind: bytes(range(256)),
    JSON: lambda _kind: {"ö": [1, 2.5, None]},
    Uuid: lambda _kind: new_id(),
}


async def fill_rest(session: AsyncSession) -> list[str]:
    """Put a row into each empty table, in the order of references; returns the names of those tables."""
    filled = []
    for table in Base.metadata.sorted_tables:
        if (await session.execute(select(*table.primary_key.columns).limit(1))).first() is None:
            await _fill(session, table)
            filled.append(table.name)
    return filled


async def _fill(session: AsyncSession, table: Table) -> None:
    """With everything in it or, where one thing excludes another, with what has to be there."""
    columns = [column for column in table.columns if not _is_counted(table, column)]
    try:
        async with session.begin_nested():
            await session.execute(insert(table).values(await _row(session, columns)))
    except IntegrityError:
        needed = [column for column in columns if not column.nullable]
        await session.execute(insert(table).values(await _row(session, needed)))


def _is_counted(table: Table, column: Column[Any]) -> bool:
    return column is table.autoincrement_column


async def _row(session: AsyncSession, columns: list[Column[Any]]) -> dict[str, Any]:
    return {column.name: await _value(session, column) for column in columns}


async def _value(session: AsyncSession, column: Column[Any]) -> Any:
    for reference in column.foreign_keys:
        if reference.column.table is not column.table:
            return await session.scalar(select(reference.column).limit(1))
        return None
    kind = getattr(column.type, "impl", column.type)
    return next(make(kind) for known, make in VALUES.items() if isinstance(kind, known))
