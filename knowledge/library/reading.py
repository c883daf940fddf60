"""Reading one document: as much of it as its rights and whoever reads allow.

A text is shown as the passages that were made of it, which is all of it but its table of contents. So a citation leads
to exactly what was cited: a version, and a place in it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.visibility import Viewer
from knowledge.library.browsing.repository import BrowsingRepository
from knowledge.library.comparing import Comparison, compare_texts
from knowledge.library.editing import DocumentNotFound
from knowledge.library.files.blocks import ParsedFile
from knowledge.library.merging import where_it_went
from knowledge.library.overview import DocumentLine, line_of
from knowledge.library.repository import DocumentRepository
from knowledge.library.service import ERASED, unpack_blocks
from knowledge.library.text.duplicates import is_near_duplicate
from knowledge.library.text.locators import locator
from knowledge.library.text.passages import PassageDraft, split_passages
from knowledge.models.document import Document, DocumentVersion, Passage, Rights
from knowledge.models.organisation import Organisation

# Passages on one page of a long text: about twenty printed pages.
PER_PAGE = 100
# Neighbours that are shown of each sort.
MOST_NEAR = 5


@dataclass(frozen=True, slots=True)
class Place:
    """Which version is wanted, the place of a passage in it, or a page of the text (from 1 on).

    ``earlier`` is the document that became this one, where one of its versions is wanted.
    """

    version: int | None = None
    position: int | None = None
    page: int | None = None
    earlier: UUID | None = None


@dataclass(frozen=True, slots=True)
class ReadPassage:
    """A passage to read: the headings that are new here, and its lines."""

    position: int
    headings: Sequence[tuple[int, str]]
    text: str
    locator: str | None
    quotable: bool


@dataclass(frozen=True, slots=True)
class EarlierVersions:
    """A document that became this one, with those of its versions that may be read."""

    id: UUID
    title: str
    versions: Sequence[DocumentVersion]


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A document as one reader may read it.

    ``shown`` is the version that is read. ``passages`` are those of one page, none where the rights do not allow it;
    ``cited`` is the one that a citation leads to. ``gone_to`` is where a merged document went; then there is nothing
    else to read.
    """

    document: Document
    organisation: Organisation | None
    circle: str | None
    versions: Sequence[DocumentVersion]
    shown: DocumentVersion | None
    passages: Sequence[ReadPassage] = ()
    cited: ReadPassage | None = None
    page: int = 1
    pages: int = 1
    earlier: Sequence[EarlierVersions] = ()
    duplicates: Sequence[DocumentLine] = ()
    related: Sequence[DocumentLine] = ()
    gone_to: UUID | None = None


class Reading:
    """Documents for one viewer; all that this viewer may not find is as if it were not there."""

    def __init__(self, session: AsyncSession, viewer: Viewer) -> None:
        self._session = session
        self._viewer = viewer
        self._browsing = BrowsingRepository(session)
        self._documents = DocumentRepository(session)

    async def read(self, key: UUID, place: Place) -> ReadDocument:
        """Return a document, or where it went. Raises ``DocumentNotFound``."""
        row = await self._browsing.with_organisation(key)
        if row is None:
            raise DocumentNotFound
        document, organisation, circle = row
        if not self._viewer.may_find(document):
            return await self._merged(document)
        versions = await self._readable(document)
        source, shown = await self._shown(document, versions, place)
        read = ReadDocument(document, organisation, circle, versions, shown)
        read = await self._with_text(read, source, place)
        duplicates = await self._duplicates(document)
        known = {line.id for line in duplicates}
        related = [line for line in await self._related(document) if line.id not in known]
        return replace(read, earlier=await self._earlier(document), duplicates=duplicates, related=related)

    async def some(self, key: UUID, version: int | None, *, first: int, count: int) -> list[ReadPassage]:
        """Return passages of a text by their places in it; none where the rights do not allow showing it.

        Raises ``DocumentNotFound`` also for versions that may not be read.
        """
        document = await self.findable(key)
        source, shown = await self._shown(document, await self._readable(document), Place(version))
        if shown is None or document.rights is not Rights.FULL:
            return []
        text = await self._text_of(source, shown)
        return _with_headings(await text.some(first, count))

    async def compare(self, key: UUID, before: int, after: int) -> Comparison:
        """Return what is different between two versions that may be read, and shown.

        Raises ``DocumentNotFound``.
        """
        document = await self.findable(key)
        readable = {version.number for version in await self._readable(document)}
        if document.rights is not Rights.FULL or not {before, after} <= readable:
            raise DocumentNotFound
        texts = [await version_lines(self._browsing, key, number) for number in (before, after)]
        return await asyncio.to_thread(compare_texts, *texts)

    async def findable(self, key: UUID) -> Document:
        """Return a document that may be found now. Raises ``DocumentNotFound``."""
        document = await self._browsing.get(key)
        if document is None or not self._viewer.may_find(document):
            raise DocumentNotFound
        return document

    async def _merged(self, document: Document) -> ReadDocument:
        target = await where_it_went(self._session, document)
        if target is None or not self._viewer.may_find(target):
            raise DocumentNotFound
        return ReadDocument(document, None, None, (), None, gone_to=target.id)

    async def _readable(self, document: Document) -> list[DocumentVersion]:
        versions = await self._documents.versions(document.id)
        return [version for version in versions if _may_be_read(document, version)]

    async def _shown(
        self, document: Document, versions: Sequence[DocumentVersion], place: Place
    ) -> tuple[Document, DocumentVersion | None]:
        """Return the document and version that are read. Raises ``DocumentNotFound`` for what may not be read."""
        if place.earlier is not None:
            became = await self._became(document, place.earlier)
            versions, document = await self._readable(became), became
        wanted = place.version or document.version
        shown = next((version for version in versions if version.number == wanted), None)
        if shown is None and (place.version is not None or place.earlier is not None):
            raise DocumentNotFound
        return document, shown

    async def _became(self, document: Document, key: UUID) -> Document:
        merged = {other.id: other for other in await self._browsing.merged_into(document.id)}
        if key not in merged or merged[key].details.get(ERASED) or not self._may_look_back(merged[key]):
            raise DocumentNotFound
        return merged[key]

    def _may_look_back(self, document: Document) -> bool:
        """Whether a merged document was for this viewer, too: being merged makes nothing public."""
        return self._viewer.access is None or document.access in self._viewer.access

    async def _earlier(self, document: Document) -> list[EarlierVersions]:
        merged = [
            other
            for other in await self._browsing.merged_into(document.id)
            if self._may_look_back(other) and not other.details.get(ERASED)
        ]
        return [EarlierVersions(other.id, other.title, await self._readable(other)) for other in merged]

    async def _with_text(self, read: ReadDocument, source: Document, place: Place) -> ReadDocument:
        """Add what may be shown of a text: a page of it, or only what was cited, or nothing."""
        if read.shown is None or Rights.LINK in (read.document.rights, source.rights):
            return read
        text = await self._text_of(source, read.shown, is_own=source is read.document)
        cited = await text.one(place.position) if place.position is not None else None
        if Rights.QUOTE in (read.document.rights, source.rights):
            return replace(read, cited=cited if cited and cited.quotable else None)
        pages = max(1, -(-await text.count() // PER_PAGE))
        wanted = place.page or ((cited.position // PER_PAGE + 1) if cited else 1)
        page = min(max(1, wanted), pages)
        passages = _with_headings(await text.some((page - 1) * PER_PAGE, PER_PAGE))
        return replace(read, cited=cited, passages=passages, page=page, pages=pages)

    async def _text_of(self, source: Document, shown: DocumentVersion, *, is_own: bool = True) -> "_Stored | _Cut":
        is_current = is_own and shown.number == source.version
        return _Stored(self._browsing, self._documents, source.id) if is_current else await self._old(shown)

    async def _old(self, version: DocumentVersion) -> "_Cut":
        stored = await self._browsing.version(version.document_id, version.number)
        packed, media_type = (stored.blocks, stored.media_type) if stored else (b"", "")
        return _Cut(await asyncio.to_thread(_passages_of, packed, media_type))

    async def _duplicates(self, document: Document) -> list[DocumentLine]:
        sharing = await self._browsing.sharing_most(document.id, self._viewer, limit=4 * MOST_NEAR)
        if not sharing:
            return []
        marks = await self._documents.fingerprints([document.id, *(other.id for other in sharing)])
        own = marks.get(document.id, b"")
        alike = [other for other in sharing if is_near_duplicate(own, marks.get(other.id, b""))]
        return [line_of(other, None) for other in alike if self._viewer.may_find(other)][:MOST_NEAR]

    async def _related(self, document: Document) -> list[DocumentLine]:
        rows = await self._browsing.on_topics(document.topics, self._viewer, but=document.id, limit=MOST_NEAR)
        return [line_of(other, organisation) for other, organisation in rows if self._viewer.may_find(other)]


async def version_lines(browsing: BrowsingRepository, key: UUID, number: int) -> list[str]:
    """Return the lines of one version of a document, whoever reads. Raises ``DocumentNotFound``."""
    version = await browsing.version(key, number)
    if version is None:
        raise DocumentNotFound
    blocks = await asyncio.to_thread(unpack_blocks, version.blocks) if version.blocks else ()
    return [line for block in blocks for line in block.text.split("\n")]


def _may_be_read(document: Document, version: DocumentVersion) -> bool:
    """Whether a version is there to be read: not hidden, and not erased."""
    if version.number == document.version:
        return True
    return document.shown_from <= version.number < document.version and version.size > 0


class _Stored:
    """The passages of a current version, as they are searched."""

    def __init__(self, browsing: BrowsingRepository, documents: DocumentRepository, document: UUID) -> None:
        self._browsing = browsing
        self._documents = documents
        self._document = document

    async def count(self) -> int:
        return await self._documents.passage_count(self._document)

    async def some(self, first: int, count: int) -> list[tuple[Sequence[str], ReadPassage]]:
        rows = await self._browsing.passages(self._document, first=first, count=count)
        return [(row.headings, _read(row.position, row)) for row in rows]

    async def one(self, position: int) -> ReadPassage | None:
        return next((passage for _headings, passage in await self.some(position, 1)), None)


class _Cut:
    """The passages of an earlier version, made anew from what was read then."""

    def __init__(self, drafts: Sequence[PassageDraft]) -> None:
        self._drafts = drafts

    async def count(self) -> int:
        return len(self._drafts)

    async def some(self, first: int, count: int) -> list[tuple[Sequence[str], ReadPassage]]:
        chosen = list(enumerate(self._drafts))[first : first + count]
        return [(draft.headings, _read(position, draft)) for position, draft in chosen]

    async def one(self, position: int) -> ReadPassage | None:
        return next((passage for _headings, passage in await self.some(position, 1)), None)


def _passages_of(packed: bytes, media_type: str) -> list[PassageDraft]:
    return split_passages(ParsedFile(unpack_blocks(packed), None, {}, media_type)) if packed else []


def _read(position: int, row: Passage | PassageDraft) -> ReadPassage:
    headings = tuple(row.headings)
    where = locator(row.place, row.number, last_number=row.last_number, label=row.label, headings=headings)
    return ReadPassage(position, (), row.text, where, row.quotable)


def _with_headings(passages: Sequence[tuple[Sequence[str], ReadPassage]]) -> list[ReadPassage]:
    """Put the headings above the passages, each where it is new; with its level, from 1 on."""
    above: Sequence[str] = ()
    found = []
    for headings, passage in passages:
        known = 0
        while known < min(len(above), len(headings)) and above[known] == headings[known]:
            known += 1
        fresh = [(place + 1, text) for place, text in enumerate(headings) if place >= known]
        found.append(replace(passage, headings=fresh))
        above = headings
    return found
