"""Statements on whole tables, whatever version they are of: their structure is asked of the database itself."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    ForeignKeyConstraint,
    MetaData,
    RowMapping,
    Table,
    bindparam,
    delete,
    func,
    insert,
    inspect,
    literal,
    select,
    text,
    update,
)
from sqlalchemy import table as named
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from knowledge.kit.clock import now
from knowledge.models.access import HubSession, SignInLink
from knowledge.models.answer import Answer, Question
from knowledge.models.base import Base
from knowledge.models.chat import Chat, ChatKind, Circle, Network
from knowledge.models.job import Job, JobState
from knowledge.models.member import Member
from knowledge.models.message import Cursor, IncomingEvent, OutgoingMessage, SendState
from knowledge.models.organisation import Organisation
from knowledge.models.synonym import SynonymGroup

# Alembic's own table; the version stands in the manifest of a backup.
VERSION_TABLE = "alembic_version"
# Filled with what comes with the program; a library in which more was done has rows in others, too.
BROUGHT = ("topics", "topic_words")
# Rows fetched or inserted at a time; a document's row may be some megabytes.
CHUNK = 100

COUNTED: Mapping[str, type[Base]] = {
    "organisations": Organisation,
    "members": Member,
    "synonyms": SynonymGroup,
    "questions": Question,
    "answers": Answer,
}


class TableRepository:
    """Whole tables over one connection; whoever opened it commits."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def tables(self) -> Sequence[Table]:
        """Return all tables as they are now, those first that others refer to."""
        metadata = await self._connection.run_sync(_read_tables)
        for table in metadata.tables.values():
            for column in table.columns:
                if isinstance(column.type, JSON):
                    column.type.none_as_null = True  # an empty cell comes back as one
        return [table for table in metadata.sorted_tables if table.name != VERSION_TABLE]

    async def names(self) -> set[str]:
        """Return the names of all tables."""
        return set(await self._connection.run_sync(lambda sync: inspect(sync).get_table_names()))

    async def version(self) -> str | None:
        """Return the version that the database says it has."""
        version = await self._connection.scalar(text("SELECT version_num FROM alembic_version"))
        return None if version is None else str(version)

    async def first_with_rows(self) -> str | None:
        """Return the name of a table that holds anything but what comes with the program, if there is one."""
        for name in sorted(await self.names() - {VERSION_TABLE, *BROUGHT}):
            row = select(literal(1)).select_from(named(name)).limit(1)
            if await self._connection.scalar(row) is not None:
                return name
        return None

    async def empty_brought(self) -> None:
        """Delete what came with the program."""
        for table in reversed(await self.tables()):
            if table.name in BROUGHT:
                await self._connection.execute(delete(table))

    async def count(self, table: Table) -> int:
        """Count the rows of a table."""
        return (await self._connection.scalar(select(func.count()).select_from(table))) or 0

    async def size(self) -> int:
        """Return how many bytes the database takes on its disk."""
        if self._connection.dialect.name == "postgresql":
            return int(await self._connection.scalar(select(func.pg_database_size(func.current_database()))) or 0)
        pages = await self._connection.scalar(text("PRAGMA page_count"))
        return int(pages or 0) * int(await self._connection.scalar(text("PRAGMA page_size")) or 0)

    async def rows(self, table: Table) -> AsyncIterator[Sequence[RowMapping]]:
        """Yield all rows of a table in the order of their keys, some at a time."""
        statement = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=CHUNK)
        async with self._connection.stream(statement) as result:
            async for part in result.mappings().partitions():
                yield part

    async def insert(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Put rows into a table as they are."""
        await self._connection.execute(insert(table), list(rows))

    def own_references(self, table: Table) -> Sequence[str]:
        """Return the columns by which rows of a table refer to others of the same table."""
        return [
            column.name
            for column in table.columns
            if any(key.column.table.name == table.name for key in column.foreign_keys)
        ]

    async def refer(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Let rows of a table refer to others of it, as they do in ``rows``."""
        key, own = table.primary_key.columns[0], self.own_references(table)
        statement = update(table).where(key == bindparam("_key")).values({name: bindparam(f"_{name}") for name in own})
        values = [{"_key": row[key.name]} | {f"_{name}": row[name] for name in own} for row in rows]
        for start in range(0, len(values), CHUNK):
            await self._connection.execute(statement, values[start : start + CHUNK])

    async def count_on(self, table: Table) -> None:
        """Let keys that PostgreSQL gives out go on behind those that were put in."""
        for column in table.primary_key.columns:
            if self._connection.dialect.name == "postgresql" and column.server_default is not None:
                sequence = select(func.pg_get_serial_sequence(table.name, column.name)).scalar_subquery()
                last = select(func.coalesce(func.max(column), 1)).scalar_subquery()
                filled = select(func.count(column) > 0).scalar_subquery()
                await self._connection.execute(select(func.setval(sequence, last, filled)))

    async def settle_jobs(self, forgotten: Sequence[str]) -> None:
        """Forget jobs of some kinds; let others that were running somewhere else be taken by whoever comes first."""
        await self._connection.execute(delete(Job).where(Job.kind.in_(forgotten)))
        await self._connection.execute(update(Job).where(Job.state == JobState.RUNNING).values(leased_until=now()))

    async def end_sessions(self) -> None:
        """Let everybody sign in anew: what was ended since would be open again otherwise."""
        await self._connection.execute(delete(HubSession))
        await self._connection.execute(delete(SignInLink))

    async def faults(self) -> Sequence[str]:
        """Return what SQLite finds wrong in its file: nothing, if all is well."""
        try:
            rows = (await self._connection.execute(text("PRAGMA quick_check(5)"))).scalars().all()
        except DBAPIError as error:
            return [str(error.orig)]
        return [str(row) for row in rows if row != "ok"]


def _read_tables(connection: Connection) -> MetaData:
    """Return all tables with columns, keys and references; the rest, which takes most of the time, is not needed."""
    inspector, metadata = inspect(connection), MetaData()
    keys, references = inspector.get_multi_pk_constraint(), inspector.get_multi_foreign_keys()
    for table, columns in inspector.get_multi_columns().items():
        primary = keys[table]["constrained_columns"]
        Table(
            table[1],
            metadata,
            *(_column(column, is_key=column["name"] in primary) for column in columns),
            *(
                ForeignKeyConstraint(
                    key["constrained_columns"], [f"{key['referred_table']}.{name}" for name in key["referred_columns"]]
                )
                for key in references[table]
            ),
        )
    return metadata


def _column(found: ReflectedColumn, *, is_key: bool) -> Column[Any]:
    default = found.get("default")
    server_default = None if default is None else text(default)
    return Column(found["name"], found["type"], primary_key=is_key, server_default=server_default)


class CountRepository:
    """Numbers and waiting work over one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def counts(self) -> dict[str, int]:
        """Count what there is beside documents."""
        return {
            name: (await self._session.scalar(select(func.count()).select_from(model))) or 0
            for name, model in COUNTED.items()
        }

    async def hasten(self, kinds: Sequence[str]) -> None:
        """Let jobs that wait for a later moment after a failure be tried at once."""
        waiting = (Job.kind.in_(kinds), Job.state == JobState.WAITING, Job.run_at > now())
        await self._session.execute(update(Job).where(*waiting).values(run_at=now()))

    async def forget_given_up(self, kinds: Sequence[str]) -> None:
        """Forget dead letters of kinds of work that is to be done anew in full."""
        await self._session.execute(delete(Job).where(Job.kind.in_(kinds), Job.state == JobState.DEAD))

    async def failed_jobs(self) -> int:
        """Count the jobs that failed before and are waiting to be tried again."""
        statement = select(func.count()).select_from(Job).where(Job.state == JobState.WAITING, Job.attempts > 0)
        return (await self._session.scalar(statement)) or 0


class TrafficRepository:
    """How messages go in and out, over one session; nothing about whose they are."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def oldest_unhandled(self) -> datetime | None:
        """Return when the oldest event came in that nobody has handled."""
        return await self._session.scalar(
            select(func.min(IncomingEvent.received_at)).where(IncomingEvent.handled_at.is_(None))
        )

    async def oldest_unsent(self) -> datetime | None:
        """Return when the oldest message was kept that should have been sent by now."""
        waiting = (OutgoingMessage.state == SendState.WAITING, OutgoingMessage.run_at <= now())
        return await self._session.scalar(select(func.min(OutgoingMessage.created_at)).where(*waiting))

    async def failures(self) -> dict[str, int]:
        """Count the messages that could never be sent, by the name of the error."""
        statement = (
            select(OutgoingMessage.error, func.count())
            .where(OutgoingMessage.state == SendState.FAILED)
            .group_by(OutgoingMessage.error)
        )
        return {error or "": count for error, count in (await self._session.execute(statement)).all()}

    async def is_connected(self, network: Network) -> bool:
        """Whether events of a network were ever taken."""
        statement = select(Cursor.account).where(Cursor.account.startswith(f"{network.value}:", autoescape=True))
        return (await self._session.scalar(statement.limit(1))) is not None

    async def groups(self) -> tuple[int, int]:
        """Count the groups that the bot is in, and the circles."""
        groups = await self._session.scalar(select(func.count()).where(Chat.kind == ChatKind.GROUP))
        circles = await self._session.scalar(select(func.count()).select_from(Circle))
        return groups or 0, circles or 0
