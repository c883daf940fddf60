"""What the indexes need from the database."""

from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Text,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    text,
    true,
    tuple_,
    update,
)
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from knowledge.kit.clock import now
from knowledge.library.indexes.schemas import Change, IndexedPassage, Position
from knowledge.models.document import Document, Passage, Status
from knowledge.models.index_change import IndexChange

# Rows fetched at a time; keeps memory flat for documents with very many passages.
CHUNK = 2000
# Rows written, or forgotten, in one statement.
WRITTEN_TOGETHER, FORGOTTEN_TOGETHER = 500, 5000


class IndexRepository:
    """Reads published passages as the indexes take them."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def passages(self, documents: Collection[UUID]) -> AsyncIterator[list[IndexedPassage]]:
        """Yield the passages of those of the documents that may be found, in chunks, by document."""
        document = (Document.id, Document.access, Document.title, Document.topics)
        columns = (Passage.id, *document, Passage.text, Passage.headings)
        statement = (
            select(*columns)
            .join(Document, Document.id == Passage.document_id)
            .where(Document.id.in_(documents), Document.status == Status.PUBLISHED)
            .order_by(Document.id, Passage.position)
            .execution_options(yield_per=CHUNK)
        )
        result = await self._session.stream(statement)
        async for rows in result.partitions():
            yield [
                IndexedPassage(key, document.hex, access, text, " ".join((title, *topics)), tuple(headings))
                for key, document, access, title, topics, text, headings in rows
            ]

    async def passage_count(self, documents: Collection[UUID] | None = None) -> int:
        """Count the passages that may be found, of all documents or of these."""
        statement = select(func.count()).select_from(Passage).join(Document).where(Document.status == Status.PUBLISHED)
        if documents is None:
            return (await self._session.scalar(statement)) or 0
        wanted, counted = list(documents), 0
        for start in range(0, len(wanted), CHUNK):
            part = statement.where(Document.id.in_(wanted[start : start + CHUNK]))
            counted += (await self._session.scalar(part)) or 0
        return counted

    async def published(self) -> Sequence[UUID]:
        """Return the keys of all documents that may be found."""
        return (await self._session.scalars(select(Document.id).where(Document.status == Status.PUBLISHED))).all()

    async def published_after(self, document: UUID | None, limit: int) -> Sequence[UUID]:
        """Return the keys of documents that may be found, in their order, from the one after ``document`` on."""
        statement = select(Document.id).where(Document.status == Status.PUBLISHED).order_by(Document.id).limit(limit)
        if document is not None:
            statement = statement.where(Document.id > document)
        return (await self._session.scalars(statement)).all()

    async def published_from(self, document: UUID | None) -> int:
        """Count the documents that may be found and come after ``document``."""
        statement = select(func.count()).where(Document.status == Status.PUBLISHED)
        if document is not None:
            statement = statement.where(Document.id > document)
        return (await self._session.scalar(statement)) or 0


class ChangeRepository:
    """The change log over one session; whoever opened the session commits.

    Numbers become visible out of order on PostgreSQL: a slow transaction commits a lower number after a quick one has
    committed a higher one. So a row carries the number of the transaction that wrote it, and readers go by that: below
    ``pg_snapshot_xmin``, the lowest transaction that is still running, no row can appear any more
    (https://www.postgresql.org/docs/current/functions-info.html, "Transaction ID and Snapshot Information
    Functions"). Rows above it are handed out, too, but are not *settled*: one before them may still come. SQLite has
    one writer at a time, whose numbers become visible in their order.
    """

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._is_postgresql = session.get_bind().dialect.name == "postgresql"

    async def note(self, documents: Sequence[UUID]) -> None:
        """Note, in the transaction of the change, that these documents changed."""
        own: Any = _number(func.pg_current_xact_id()) if self._is_postgresql else 0
        moment = now()
        for start in range(0, len(documents), WRITTEN_TOGETHER):
            part = documents[start : start + WRITTEN_TOGETHER]
            rows = [{"document": document, "transaction_id": own, "moment": moment} for document in part]
            await self._session.execute(insert(IndexChange).values(rows))

    async def after(self, position: Position, limit: int | None = None) -> list[Change]:
        """Return what comes after a place, in order; one statement, so that rows and what is settled fit."""
        statement = (
            select(IndexChange.transaction_id, IndexChange.number, IndexChange.document, self._settled())
            .where(_place() > tuple_(literal(position.transaction), literal(position.number)))
            .order_by(IndexChange.transaction_id, IndexChange.number)
            .limit(limit)
        )
        rows = (await self._session.execute(statement)).all()
        return [Change(Position(writer, number), document, settled) for writer, number, document, settled in rows]

    async def last_settled(self) -> Change | None:
        """Return the last row before which none can appear any more."""
        statement = (
            select(IndexChange.transaction_id, IndexChange.number, IndexChange.document)
            .where(self._settled())
            .order_by(IndexChange.transaction_id.desc(), IndexChange.number.desc())
            .limit(1)
        )
        row = (await self._session.execute(statement)).first()
        return None if row is None else Change(Position(row[0], row[1]), row[2], settled=True)

    async def knows(self, position: Position, document: UUID | None) -> bool:
        """Whether a place that was read lies in this log: its row is there, or a later one of the same document."""
        if document is None:
            return position == Position()
        here = tuple_(literal(position.transaction), literal(position.number))
        statement = select(IndexChange.number).where(IndexChange.document == document, _place() >= here).limit(1)
        return (await self._session.scalar(statement)) is not None

    async def source(self) -> str:
        """Name the server and database that transactions are numbered by; empty where that says nothing."""
        if not self._is_postgresql:
            return ""
        statement = text(
            "SELECT system_identifier || '/' || (SELECT oid FROM pg_database WHERE datname = current_database()) "
            "FROM pg_control_system()"
        )
        try:
            async with self._session.begin_nested():
                return str(await self._session.scalar(statement))
        except ProgrammingError:
            return ""  # not every operator of a server lets everybody ask

    async def adopt(self) -> None:
        """Put rows to the beginning that came from another server, whose transactions had other numbers.

        Of what can be seen, nothing was written by a transaction that has not begun yet. Nothing else may have been
        written in this transaction.
        """
        if not self._is_postgresql:
            return
        next_one = _number(func.pg_snapshot_xmax(func.pg_current_snapshot()))
        foreign = exists(select(IndexChange.number).where(IndexChange.transaction_id >= next_one))
        await self._session.execute(update(IndexChange).where(foreign).values(transaction_id=0))

    async def shorten(self) -> int:
        """Forget rows after which a later one names the same document, some at a time; returns how many."""
        later = aliased(IndexChange)
        is_later = tuple_(later.transaction_id, later.number) > _place()
        repeated = exists(select(later.number).where(later.document == IndexChange.document, is_later))
        # Two hosts that do this at once must not wait for each other's rows.
        statement = select(IndexChange.number).where(repeated).limit(FORGOTTEN_TOGETHER)
        numbers = (await self._session.scalars(statement.with_for_update(skip_locked=True))).all()
        for start in range(0, len(numbers), WRITTEN_TOGETHER):
            part = numbers[start : start + WRITTEN_TOGETHER]
            await self._session.execute(delete(IndexChange).where(IndexChange.number.in_(part)))
        return len(numbers)

    async def forget_all(self) -> None:
        """Empty the log: whoever follows it begins anew from the documents."""
        await self._session.execute(delete(IndexChange))

    def _settled(self) -> ColumnElement[bool]:
        if not self._is_postgresql:
            return true()
        return IndexChange.transaction_id < _number(func.pg_snapshot_xmin(func.pg_current_snapshot()))


def _place() -> ColumnElement[Any]:
    return tuple_(IndexChange.transaction_id, IndexChange.number)


def _number(transaction: ColumnElement[Any]) -> ColumnElement[int]:
    """Turn PostgreSQL's own type for transactions into a number; there is no direct way."""
    return cast(cast(transaction, Text), BigInteger)
