"""Counting what somebody may find."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.visibility import Viewer
from knowledge.models.document import Document, Kind, Status
from knowledge.models.organisation import Organisation


class SourceRepository:
    """Where the library's texts come from, over one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def by_kind(self, viewer: Viewer) -> Sequence[tuple[Kind, int]]:
        """Count the documents that ``viewer`` may find, by kind, most first."""
        count = func.count()
        statement = select(Document.kind, count).where(*_findable(viewer)).group_by(Document.kind)
        rows = (await self._session.execute(statement.order_by(count.desc(), Document.kind))).all()
        return [(row[0], row[1]) for row in rows]

    async def by_origin(self, viewer: Viewer, *, at_least: int, limit: int) -> Sequence[tuple[str, int]]:
        """Count the documents that ``viewer`` may find by organisation or publisher, most first."""
        origin = func.coalesce(Organisation.name, Document.publisher)
        count = func.count()
        statement = (
            select(origin, count)
            .select_from(Document)
            .outerjoin(Organisation, Organisation.id == Document.organisation_id)
            .where(*_findable(viewer), origin.is_not(None))
            .group_by(origin)
            .having(count >= at_least)
            .order_by(count.desc(), origin)
            .limit(limit)
        )
        return [(row[0], row[1]) for row in (await self._session.execute(statement)).all()]


def _findable(viewer: Viewer) -> list[ColumnElement[bool]]:
    """The condition of ``Viewer.may_find``, as the database checks it."""
    published = Document.status == Status.PUBLISHED
    return [published] if viewer.access is None else [published, Document.access.in_(viewer.access)]
