"""What the indexes need from the database."""

from collections.abc import AsyncIterator, Collection, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.library.indexes.schemas import IndexedPassage
from knowledge.models.document import Document, Passage, Status

# Rows fetched at a time; keeps memory flat for documents with very many passages.
CHUNK = 2000


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
