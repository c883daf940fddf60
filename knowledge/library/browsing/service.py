"""Lists of documents: what is new for a reader, and everything for those who look after the library."""

import math
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.visibility import Viewer
from knowledge.kit.clock import today
from knowledge.library.browsing.repository import BrowsingRepository, Row
from knowledge.library.browsing.schemas import (
    DUE_WITHIN,
    PER_PAGE,
    Caretaker,
    Concern,
    ListedDocument,
    Listing,
    Narrowing,
    Wanted,
)
from knowledge.library.listing import pairs_of_near_duplicates
from knowledge.library.overview import DocumentLine, line_of
from knowledge.models.document import Document, Status


async def newest_documents(
    session: AsyncSession, viewer: Viewer, *, limit: int, organisation_id: UUID | None = None
) -> list[DocumentLine]:
    """Return the newest documents that ``viewer`` may find, of one organisation where it is given."""
    rows = await BrowsingRepository(session).newest(viewer, limit=limit, organisation_id=organisation_id)
    return [line_of(document, organisation) for document, organisation in rows if viewer.may_find(document)]


async def findable_documents(
    session: AsyncSession, viewer: Viewer, wanted: Wanted, *, offset: int, limit: int
) -> list[Row]:
    """Return some of the documents that are wanted and that ``viewer`` may find, with organisation and circle."""
    rows = await BrowsingRepository(session).findable(wanted, viewer, offset=offset, limit=limit)
    return [row for row in rows if viewer.may_find(row[0])]


class Browsing:
    """The list of the library for one of those who look after it; nothing beyond their office is in it or counted."""

    def __init__(self, session: AsyncSession, caretaker: Caretaker) -> None:
        self._session = session
        self._caretaker = caretaker
        self._documents = BrowsingRepository(session)

    async def listing(self, wanted: Wanted) -> Listing:
        """Return a page of the documents that are wanted, and what the filters offer."""
        narrowing = await self._narrowing()
        among = await self._among(wanted.concern, narrowing)
        count = await self._documents.count(wanted, narrowing, among)
        pages = max(1, math.ceil(count / PER_PAGE))
        wanted = replace(wanted, page=min(max(wanted.page, 1), pages))
        rows = await self._documents.page(wanted, narrowing, among)
        shown = [row for row in rows if self._caretaker.covers(row[0])]
        return Listing(
            documents=await self._described(shown, (among or ()) if wanted.concern is Concern.DUPLICATES else ()),
            count=count,
            page=wanted.page,
            pages=pages,
            topics=sorted(await self._documents.spellings(narrowing), key=str.casefold),
            organisations=await self._documents.organisations(narrowing),
        )

    async def _narrowing(self) -> Narrowing:
        scope, access = self._caretaker.scope, self._caretaker.access
        if scope.is_everything:
            return Narrowing(access, None)
        spelled = await self._documents.spellings(Narrowing(access, None)) if scope.topics else []
        return Narrowing(access, scope.organisations, [topic for topic in spelled if topic.casefold() in scope.topics])

    async def _among(self, concern: Concern | None, narrowing: Narrowing) -> set[UUID] | None:
        """Return the documents that are looked at, where that takes more than a condition; ``None`` for all."""
        if concern is Concern.DUPLICATES:
            return await self._duplicates(narrowing)
        return await self._documents.all_not_helpful() if concern is Concern.NOT_HELPFUL else None

    async def _duplicates(self, narrowing: Narrowing) -> set[UUID]:
        """Return the documents with nearly the same text as another one, both in the same care."""
        pairs = await pairs_of_near_duplicates(self._session)
        both = {document for pair in pairs for document in pair}
        own = await self._documents.published_in_care(both, narrowing)
        return {document for pair in pairs if own.issuperset(pair) for document in pair}

    async def _described(self, rows: Sequence[Row], duplicates: Collection[UUID]) -> list[ListedDocument]:
        keys = [row[0].id for row in rows if row[0].status is Status.PUBLISHED]
        found = await self._documents.ever_found(keys)
        unhelpful = await self._documents.often_not_helpful(keys)
        noted = {
            Concern.NEVER_FOUND: {key for key in keys if key not in found},
            Concern.NOT_HELPFUL: unhelpful,
            Concern.DUPLICATES: duplicates,
        }
        return [
            _listed(row, _by_date(row[0]) | {concern for concern, keys in noted.items() if row[0].id in keys})
            for row in rows
        ]


def _by_date(document: Document) -> set[Concern]:
    if document.status is not Status.PUBLISHED:
        return set()
    concerns = set()
    if document.review_by and document.review_by <= today() + timedelta(days=DUE_WITHIN):
        concerns.add(Concern.DUE)
    if document.valid_until and document.valid_until < today():
        concerns.add(Concern.EXPIRED)
    return concerns


def _listed(row: Row, concerns: set[Concern]) -> ListedDocument:
    document, organisation, circle = row
    return ListedDocument(
        id=document.id,
        title=" ".join(document.title.split()),
        kind=document.kind,
        by=organisation.name if organisation else document.publisher,
        visibility=document.visibility,
        circle=circle,
        status=document.status,
        year=document.year,
        version=document.version,
        added_at=document.created_at,
        changed_at=document.updated_at,
        review_by=document.review_by,
        concerns=frozenset(concerns),
    )
