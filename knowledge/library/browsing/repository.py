"""The statements behind lists of documents: for readers, and for those who look after the library."""

import json
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ColumnExpressionArgument,
    Select,
    Text,
    case,
    cast,
    delete,
    exists,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, undefer

from knowledge.access.visibility import Viewer
from knowledge.kit.clock import today
from knowledge.library.browsing.schemas import DUE_WITHIN, ENOUGH_VOTES, PER_PAGE, Concern, Narrowing, Sorting, Wanted
from knowledge.library.repository import CHUNK
from knowledge.models.answer import AnswerDocument
from knowledge.models.chat import Circle
from knowledge.models.conversation import Vote
from knowledge.models.document import Document, DocumentBand, DocumentVersion, Passage, Status
from knowledge.models.organisation import Organisation

# A document with its organisation, and the name of the circle that it is for.
Row = tuple[Document, Organisation | None, str | None]
# Parts of a fingerprint that near-duplicates share at least: half of their runs are the same, so about half of these.
SHARED_BANDS = 2


class BrowsingRepository:
    """Lists of documents over one session; whoever opened the session commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def newest(
        self, viewer: Viewer, *, limit: int, organisation_id: UUID | None = None
    ) -> Sequence[tuple[Document, Organisation | None]]:
        """Return the newest documents that a viewer may find, of one organisation where it is given."""
        statement = select(Document, Organisation).outerjoin(Organisation, Organisation.id == Document.organisation_id)
        statement = statement.where(*_findable(viewer)).order_by(Document.created_at.desc(), Document.title)
        if organisation_id is not None:
            statement = statement.where(Document.organisation_id == organisation_id)
        return [(row[0], row[1]) for row in (await self._session.execute(statement.limit(limit))).all()]

    async def get(self, key: UUID, *, lock: bool = False) -> Document | None:
        """Return a document, held until the end of the transaction where ``lock`` is set."""
        statement = select(Document).where(Document.id == key)
        # What the session holds may be older than what another transaction has just written.
        statement = statement.execution_options(populate_existing=True)
        return await self._session.scalar(statement.with_for_update() if lock else statement)

    async def with_organisation(self, key: UUID) -> Row | None:
        """Return a document with its organisation and the name of its circle."""
        row = (await self._session.execute(_rows().where(Document.id == key))).one_or_none()
        return (row[0], row[1], row[2]) if row else None

    async def merged_into(self, key: UUID) -> Sequence[Document]:
        """Return the documents that were merged into this one."""
        statement = select(Document).where(Document.merged_into_id == key).order_by(Document.title)
        return (await self._session.scalars(statement)).all()

    async def version(self, document: UUID, number: int) -> DocumentVersion | None:
        """Return one version of a document, with its blocks."""
        statement = select(DocumentVersion).where(
            DocumentVersion.document_id == document, DocumentVersion.number == number
        )
        return await self._session.scalar(statement.options(undefer(DocumentVersion.blocks)))

    async def passages(self, document: UUID, *, first: int, count: int) -> Sequence[Passage]:
        """Return passages of the current version by their places in it."""
        statement = select(Passage).where(
            Passage.document_id == document, Passage.position >= first, Passage.position < first + count
        )
        return (await self._session.scalars(statement.order_by(Passage.position))).all()

    async def sharing_most(self, document: UUID, viewer: Viewer, *, limit: int) -> Sequence[Document]:
        """Return documents that a viewer may find and that may have nearly the same text."""
        own = select(DocumentBand.band).where(DocumentBand.document_id == document)
        shared = (
            select(DocumentBand.document_id, func.count().label("count"))
            .where(DocumentBand.band.in_(own), DocumentBand.document_id != document)
            .group_by(DocumentBand.document_id)
            .having(func.count() >= SHARED_BANDS)
            .subquery()
        )
        statement = select(Document).join(shared, shared.c.document_id == Document.id).where(*_findable(viewer))
        return (await self._session.scalars(statement.order_by(shared.c.count.desc()).limit(limit))).all()

    async def on_topics(
        self, topics: Sequence[str], viewer: Viewer, *, but: UUID, limit: int
    ) -> Sequence[tuple[Document, Organisation | None]]:
        """Return the newest documents that a viewer may find and that have one of the topics."""
        if not topics:
            return []
        statement = (
            select(Document, Organisation)
            .outerjoin(Organisation, Organisation.id == Document.organisation_id)
            .where(*_findable(viewer), _has_topic(topics), Document.id != but)
            .order_by(Document.created_at.desc())
            .limit(limit)
        )
        return [(row[0], row[1]) for row in (await self._session.execute(statement)).all()]

    async def spellings(self, narrowing: Narrowing) -> list[str]:
        """Return the topics of the documents in somebody's care, as they are spelled, in no order."""
        is_sqlite = self._session.get_bind().dialect.name == "sqlite"
        parts = (func.json_each if is_sqlite else func.json_array_elements_text)(Document.topics)
        each = parts.table_valued("value").alias("topic")
        statement = select(each.c.value).select_from(Document).join(each, true()).where(*_cared_for(narrowing))
        return list((await self._session.scalars(statement.distinct())).all())

    async def organisations(self, narrowing: Narrowing) -> dict[UUID, str]:
        """Return the names of the organisations of the documents in somebody's care."""
        any_of_them = exists().where(Document.organisation_id == Organisation.id, *_cared_for(narrowing))
        statement = select(Organisation.id, Organisation.name).where(any_of_them)
        return dict((await self._session.execute(statement.order_by(Organisation.name))).all())

    async def count(self, wanted: Wanted, narrowing: Narrowing, among: Collection[UUID] | None) -> int:
        """Count the documents that are wanted; ``among`` narrows them to these."""
        statement = select(func.count()).select_from(Document).where(*_wanted(wanted, narrowing, among))
        return (await self._session.scalar(statement)) or 0

    async def page(self, wanted: Wanted, narrowing: Narrowing, among: Collection[UUID] | None) -> Sequence[Row]:
        """Return a page of the documents that are wanted."""
        wished = _wanted(wanted, narrowing, among)
        return await self._some(wanted.sorting, wished, offset=(wanted.page - 1) * PER_PAGE, limit=PER_PAGE)

    async def findable(self, wanted: Wanted, viewer: Viewer, *, offset: int, limit: int) -> Sequence[Row]:
        """Return some of the documents that are wanted and that a viewer may find."""
        conditions = [*_findable(viewer), *_wanted(wanted, Narrowing(None, None), None)]
        return await self._some(wanted.sorting, conditions, offset=offset, limit=limit)

    async def _some(
        self, sorting: Sorting, conditions: Sequence[ColumnElement[bool]], *, offset: int, limit: int
    ) -> Sequence[Row]:
        # Only keys are put in order, and whole rows read for some of them.
        keys = select(Document.id).where(*conditions).order_by(*_order(sorting)).limit(limit).offset(offset)
        statement = _rows().where(Document.id.in_(keys)).order_by(*_order(sorting))
        return [(row[0], row[1], row[2]) for row in (await self._session.execute(statement)).all()]

    async def published_in_care(self, documents: Collection[UUID], narrowing: Narrowing) -> set[UUID]:
        """Return those of the documents that are published and in somebody's care."""
        wanted, found = list(documents), set[UUID]()
        for start in range(0, len(wanted), CHUNK):
            chosen = Document.id.in_(wanted[start : start + CHUNK])
            statement = select(Document.id).where(chosen, Document.status == Status.PUBLISHED, *_cared_for(narrowing))
            found |= set((await self._session.scalars(statement)).all())
        return found

    async def ever_found(self, documents: Collection[UUID]) -> set[UUID]:
        """Return those of the documents that an answer cited."""
        statement = select(AnswerDocument.document_id).where(AnswerDocument.document_id.in_(documents)).distinct()
        return set((await self._session.scalars(statement)).all())

    async def often_not_helpful(self, documents: Collection[UUID]) -> set[UUID]:
        """Return those of the documents whose answers more often did not help than did."""
        votes, against = func.count(), func.sum(case((Vote.helpful, 0), else_=1))
        statement = (
            select(AnswerDocument.document_id)
            .join(Vote, Vote.answer_id == AnswerDocument.answer_id)
            .where(AnswerDocument.document_id.in_(documents))
            .group_by(AnswerDocument.document_id)
            .having(votes >= ENOUGH_VOTES, against * 2 > votes)
        )
        return set((await self._session.scalars(statement)).all())

    async def all_not_helpful(self) -> set[UUID]:
        """Return all documents whose answers more often did not help than did."""
        # Votes are added up first: of many answers, few have any.
        count, against = func.count().label("votes"), func.sum(case((Vote.helpful, 0), else_=1)).label("against")
        voted = select(Vote.answer_id, count, against).group_by(Vote.answer_id).subquery()
        votes, unhelpful = func.sum(voted.c.votes), func.sum(voted.c.against)
        statement = (
            select(AnswerDocument.document_id)
            .join(voted, voted.c.answer_id == AnswerDocument.answer_id)
            .group_by(AnswerDocument.document_id)
            .having(votes >= ENOUGH_VOTES, unhelpful * 2 > votes)
        )
        return set((await self._session.scalars(statement)).all())

    async def repoint(self, source: UUID, target: UUID) -> None:
        """Let everything that counts for one document count for another, and lead where it led there."""
        twice = aliased(AnswerDocument)
        both = select(twice.answer_id).where(twice.document_id == target)
        cited = AnswerDocument.document_id == source
        await self._session.execute(delete(AnswerDocument).where(cited, AnswerDocument.answer_id.in_(both)))
        await self._session.execute(update(AnswerDocument).where(cited).values(document_id=target))
        await self._session.execute(
            update(Document).where(Document.merged_into_id == source).values(merged_into_id=target)
        )


def _rows() -> Select[Document, Organisation, str]:
    return (
        select(Document, Organisation, Circle.name)
        .outerjoin(Organisation, Organisation.id == Document.organisation_id)
        .outerjoin(Circle, Circle.id == Document.circle_id)
    )


def _findable(viewer: Viewer) -> list[ColumnElement[bool]]:
    conditions = [Document.status == Status.PUBLISHED]
    if viewer.access is not None:
        conditions.append(Document.access.in_(viewer.access))
    return conditions


def _has_topic(topics: Sequence[str]) -> ColumnElement[bool]:
    """Whether a document has one of the topics, spelled like this.

    Topics are stored as a JSON list. Within a text of it, a quotation mark has a backslash before it; so one after a
    bracket or blank begins a topic.
    """
    stored = cast(Document.topics, Text)
    return or_(
        *(stored.contains(begin + json.dumps(topic), autoescape=True) for topic in topics for begin in ("[", ", "))
    )


def _cared_for(narrowing: Narrowing) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if narrowing.access is not None:
        conditions.append(Document.access.in_(narrowing.access))
    if narrowing.organisations is not None:
        own: list[ColumnElement[bool]] = [Document.organisation_id.in_(narrowing.organisations)]
        if narrowing.topics:
            own.append(_has_topic(narrowing.topics))
        conditions.append(or_(*own))
    return conditions


def _wanted(wanted: Wanted, narrowing: Narrowing, among: Collection[UUID] | None) -> list[ColumnElement[bool]]:
    conditions = _cared_for(narrowing)
    if wanted.text:
        columns = (Document.title, Document.source, Document.publisher)
        conditions.append(or_(*(column.icontains(wanted.text, autoescape=True) for column in columns)))
    if wanted.topic:
        conditions.append(_has_topic([wanted.topic]))
    same = {
        Document.kind: wanted.kind,
        Document.organisation_id: wanted.organisation_id,
        Document.visibility: wanted.visibility,
        Document.status: wanted.status,
    }
    conditions += [column == value for column, value in same.items() if value is not None]
    if among is not None:
        conditions.append(Document.id.in_(among))
    if wanted.concern is not None:
        conditions += _concerning(wanted.concern)
    return conditions


def _concerning(concern: Concern) -> list[ColumnElement[bool]]:
    day = today()
    published = Document.status == Status.PUBLISHED
    if concern is Concern.DUE:
        return [published, Document.review_by <= day + timedelta(days=DUE_WITHIN)]
    if concern is Concern.EXPIRED:
        return [published, Document.valid_until < day]
    if concern is Concern.NEVER_FOUND:
        return [published, ~exists().where(AnswerDocument.document_id == Document.id)]
    # The others are worked out before; see ``Browsing``.
    return [published]


def _order(sorting: Sorting) -> tuple[ColumnExpressionArgument[Any], ...]:
    orders: dict[Sorting, tuple[ColumnExpressionArgument[Any], ...]] = {
        Sorting.CHANGED: (Document.updated_at.desc(),),
        Sorting.ADDED: (Document.created_at.desc(),),
        Sorting.TITLE: (func.lower(Document.title),),
        Sorting.YEAR: (func.coalesce(Document.year, 0).desc(),),
        Sorting.REVIEW: (Document.review_by.is_(None), Document.review_by),
    }
    # The key last, so that no document is on two pages, or on none.
    return (*orders[sorting], Document.id)
