"""What is in the library for somebody: how much of what, about what, from whom, and what is new."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.visibility import Viewer
from knowledge.kit.clock import HOME
from knowledge.library.repository import DocumentFilter, DocumentRepository
from knowledge.models.document import Document, Kind
from knowledge.models.organisation import Organisation


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A document in a list: what it is called, whose it is, and where it can be read."""

    id: UUID
    title: str
    by: str | None
    year: int | None
    kind: Kind
    url: str | None
    topics: tuple[str, ...]
    added_on: date


@dataclass(frozen=True, slots=True)
class Overview:
    """The library as somebody may find it; the most frequent come first, and the newest."""

    documents: Sequence[DocumentLine]
    kinds: Sequence[tuple[Kind, int]]
    topics: Sequence[tuple[str, int]]
    bodies: Sequence[tuple[str, int]]

    @property
    def newest_on(self) -> date | None:
        """The day on which the newest document came in."""
        return self.documents[0].added_on if self.documents else None

    def filed_under(self, topic: str) -> list[DocumentLine]:
        """Return the documents that have this topic, or have it in their title."""
        wanted = topic.casefold().strip()
        return [
            line
            for line in self.documents
            if wanted and (wanted in line.title.casefold() or wanted in map(str.casefold, line.topics))
        ]


async def library_overview(session: AsyncSession, viewer: Viewer) -> Overview:
    """Return what ``viewer`` may find."""
    rows = await DocumentRepository(session).listed(DocumentFilter(viewer=viewer))
    found = [(document, organisation) for document, organisation in rows if viewer.may_find(document)]
    found.sort(key=lambda row: (row[0].created_at, row[0].title), reverse=True)
    lines = [line_of(document, organisation) for document, organisation in found]
    return Overview(
        documents=lines,
        kinds=Counter(line.kind for line in lines).most_common(),
        topics=Counter(topic for line in lines for topic in line.topics).most_common(),
        bodies=Counter(line.by for line in lines if line.by).most_common(),
    )


def line_of(document: Document, organisation: Organisation | None) -> DocumentLine:
    """Return what a list says of a document."""
    return DocumentLine(
        id=document.id,
        title=" ".join(document.title.split()),
        by=organisation.name if organisation else document.publisher,
        year=document.year,
        kind=document.kind,
        url=document.url,
        topics=tuple(document.topics),
        added_on=document.created_at.astimezone(HOME).date(),
    )
