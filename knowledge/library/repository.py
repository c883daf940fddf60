"""The statements of the library."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from knowledge.access.visibility import Viewer
from knowledge.models.contribution import Report
from knowledge.models.document import Document, DocumentBand, DocumentVersion, Kind, Passage, Status
from knowledge.models.organisation import Organisation
from knowledge.models.synonym import Abbreviation

# Values of one statement; SQLite allows 32,766 in all.
CHUNK = 500


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """Which documents are wanted; ``text`` looks into title, source and publisher."""

    viewer: Viewer | None = None
    kind: Kind | None = None
    status: Status | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A passage with its document and that document's organisation."""

    passage: Passage
    document: Document
    organisation: Organisation | None


class DocumentRepository:
    """Documents, versions and passages over one session; whoever opened the session commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, row: Document | DocumentVersion | Report) -> None:
        """Take in a new row."""
        self._session.add(row)

    async def flush(self) -> None:
        """Write what was added so far, so that rows can refer to it."""
        await self._session.flush()

    async def by_source(self, source: str) -> Document | None:
        """Return the document with this source."""
        return await self._session.scalar(select(Document).where(Document.source == source))

    async def by_reference(self, reference: str) -> Sequence[Document]:
        """Return the documents that a person may mean: by key, beginning of a key, or source."""
        wanted = reference.strip().lower().replace("-", "")
        exact = select(Document).where(Document.source == reference.strip())
        if found := (await self._session.scalars(exact)).all():
            return found
        if len(wanted) < 4 or not set(wanted) <= set("0123456789abcdef"):
            return []
        keys = (await self._session.scalars(select(Document.id))).all()
        matching = [key for key in keys if key.hex.startswith(wanted)][:10]
        return (await self._session.scalars(select(Document).where(Document.id.in_(matching)))).all()

    async def listed(self, wanted: DocumentFilter) -> Sequence[tuple[Document, Organisation | None]]:
        """Return the documents that match, by source."""
        statement = select(Document, Organisation).outerjoin(Organisation, Organisation.id == Document.organisation_id)
        result = await self._session.execute(statement.where(*_conditions(wanted)).order_by(Document.source))
        return [(row[0], row[1]) for row in result.all()]

    async def passage_counts(self) -> dict[UUID, int]:
        """Count the passages of every document."""
        statement = select(Passage.document_id, func.count()).group_by(Passage.document_id)
        return dict((await self._session.execute(statement)).all())

    async def versions(self, document: UUID, *, with_content: bool = False) -> Sequence[DocumentVersion]:
        """Return the versions of a document, oldest first."""
        statement = select(DocumentVersion).where(DocumentVersion.document_id == document)
        if with_content:
            statement = statement.options(undefer(DocumentVersion.blocks), undefer(DocumentVersion.fingerprint))
        return (await self._session.scalars(statement.order_by(DocumentVersion.number))).all()

    async def current_version(self, document: Document) -> DocumentVersion | None:
        """Return what a document says now."""
        statement = select(DocumentVersion).where(
            DocumentVersion.document_id == document.id, DocumentVersion.number == document.version
        )
        return await self._session.scalar(statement)

    async def replace_passages(self, document: UUID, rows: Sequence[dict[str, Any]]) -> None:
        """Put the passages of a new version in the place of the old ones."""
        await self._session.execute(delete(Passage).where(Passage.document_id == document))
        for start in range(0, len(rows), CHUNK):
            await self._session.execute(insert(Passage), list(rows[start : start + CHUNK]))

    async def passages_of(self, document: UUID) -> Sequence[Passage]:
        """Return the passages of a document in their order."""
        statement = select(Passage).where(Passage.document_id == document).order_by(Passage.position)
        return (await self._session.scalars(statement)).all()

    async def found(self, ids: Collection[int], viewer: Viewer) -> dict[int, FoundPassage]:
        """Return those of the passages that ``viewer`` may find at this moment, by key."""
        rows = (await self._session.execute(_found(), {"ids": list(ids)})).all()
        return {row[0].id: FoundPassage(row[0], row[1], row[2]) for row in rows if viewer.may_find(row[1])}

    async def readable(self, documents: Collection[UUID], viewer: Viewer) -> set[UUID]:
        """Return those of the documents that ``viewer`` may find at this moment."""
        rows = (await self._session.scalars(select(Document).where(Document.id.in_(documents)))).all()
        return {row.id for row in rows if viewer.may_find(row)}

    async def replace_bands(self, document: UUID, bands: Collection[int]) -> None:
        """Note the parts of a document's fingerprint."""
        await self._session.execute(delete(DocumentBand).where(DocumentBand.document_id == document))
        if bands:
            rows = [{"document_id": document, "band": band} for band in sorted(set(bands))]
            await self._session.execute(insert(DocumentBand), rows)

    async def sharing_bands(self, bands: Collection[int], *, but: UUID) -> Sequence[tuple[Document, bytes]]:
        """Return documents whose fingerprint has a part in common, with their fingerprints."""
        sharing = select(DocumentBand.document_id).where(DocumentBand.band.in_(bands), DocumentBand.document_id != but)
        statement = (
            select(Document, DocumentVersion.fingerprint)
            .join(DocumentVersion, DocumentVersion.document_id == Document.id)
            .where(Document.id.in_(sharing), DocumentVersion.number == Document.version)
            .order_by(Document.source)
        )
        return [(document, fingerprint) for document, fingerprint in (await self._session.execute(statement)).all()]

    async def fingerprints(self, documents: Collection[UUID]) -> dict[UUID, bytes]:
        """Return the fingerprints of the current versions of documents."""
        statement = (
            select(Document.id, DocumentVersion.fingerprint)
            .join(DocumentVersion, DocumentVersion.document_id == Document.id)
            .where(Document.id.in_(documents), DocumentVersion.number == Document.version)
        )
        return dict((await self._session.execute(statement)).all())

    async def keys(self) -> AsyncIterator[UUID]:
        """Yield the keys of all documents by source."""
        for key in (await self._session.scalars(select(Document.id).order_by(Document.source))).all():
            yield key

    async def get(self, key: UUID) -> Document | None:
        """Return a document by its key."""
        return await self._session.get(Document, key)

    async def statistics(self) -> dict[str, int]:
        """Count documents by status, and passages and abbreviations."""
        by_status = await self._session.execute(select(Document.status, func.count()).group_by(Document.status))
        counts = {status.value: count for status, count in by_status.all()}
        counts["passages"] = (await self._session.scalar(select(func.count()).select_from(Passage))) or 0
        counts["abbreviations"] = (await self._session.scalar(select(func.count()).select_from(Abbreviation))) or 0
        return counts

    async def passage_count(self, document: UUID) -> int:
        """Count the passages of one document."""
        statement = select(func.count()).select_from(Passage).where(Passage.document_id == document)
        return (await self._session.scalar(statement)) or 0

    async def sharing_a_band(self) -> Sequence[set[UUID]]:
        """Return the groups of documents whose fingerprints have a part in common: candidates for near-duplicates."""
        shared = select(DocumentBand.band).group_by(DocumentBand.band).having(func.count() > 1)
        statement = select(DocumentBand.band, DocumentBand.document_id).where(DocumentBand.band.in_(shared))
        groups: dict[int, set[UUID]] = {}
        for band, document in (await self._session.execute(statement)).all():
            groups.setdefault(band, set()).add(document)
        return list(groups.values())

    async def fingerprints_of(self, documents: Collection[UUID]) -> dict[UUID, bytes]:
        """Return the fingerprints of the current versions of any number of documents."""
        wanted, found = list(documents), dict[UUID, bytes]()
        for start in range(0, len(wanted), CHUNK):
            found |= await self.fingerprints(wanted[start : start + CHUNK])
        return found


@cache
def _found() -> Select[Passage, Document, Organisation]:
    """Return what every search asks; made once, as making a statement takes longer than answering it."""
    return (
        select(Passage, Document, Organisation)
        .join(Document, Document.id == Passage.document_id)
        .outerjoin(Organisation, Organisation.id == Document.organisation_id)
        .where(Passage.id.in_(bindparam("ids", expanding=True)))
    )


def _conditions(wanted: DocumentFilter) -> list[ColumnElement[bool]]:
    conditions = []
    if wanted.viewer is not None:
        conditions.append(Document.status == Status.PUBLISHED)
        if wanted.viewer.access is not None:
            conditions.append(Document.access.in_(wanted.viewer.access))
    if wanted.kind is not None:
        conditions.append(Document.kind == wanted.kind)
    if wanted.status is not None:
        conditions.append(Document.status == wanted.status)
    if wanted.text:
        columns = (Document.title, Document.source, Document.publisher)
        conditions.append(or_(*(column.icontains(wanted.text, autoescape=True) for column in columns)))
    return conditions
