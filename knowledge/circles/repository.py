"""Queries on circles."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.models.chat import Chat, Circle
from knowledge.models.contribution import Audience, AudienceCircle
from knowledge.models.document import Document, Status

# A circle, its chat, and how many documents are for it, alone or with other circles.
CircleRow = tuple[Circle, Chat | None, int]


class CircleRepository:
    """All statements on the table of circles."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def add(self, circle: Circle) -> None:
        """Keep a new circle."""
        self.session.add(circle)
        await self.session.flush()

    async def all(self) -> Sequence[CircleRow]:
        """Return all circles by name."""
        return await self._rows()

    async def named(self, search_name: str) -> CircleRow | None:
        """Return the circle of this name, folded."""
        rows = await self._rows(Circle.search_name == search_name)
        return rows[0] if rows else None

    async def by_id(self, circle: UUID) -> CircleRow | None:
        """Return the circle with this identifier."""
        rows = await self._rows(Circle.id == circle)
        return rows[0] if rows else None

    async def of_chat(self, chat: UUID) -> CircleRow | None:
        """Return the circle that a chat is linked to."""
        rows = await self._rows(Circle.chat_id == chat)
        return rows[0] if rows else None

    async def change(self, circle: UUID, **values: Any) -> None:
        """Set columns of a circle."""
        await self.session.execute(update(Circle).where(Circle.id == circle).values(**values))

    async def names(self) -> dict[UUID, str]:
        """Return the names of all circles."""
        return dict((await self.session.execute(select(Circle.id, Circle.name))).all())

    async def documents(self, circle: UUID, limit: int) -> Sequence[Document]:
        """Return the published documents that are for a circle, alone or with others, by title."""
        shared = select(AudienceCircle.audience_id).where(AudienceCircle.circle_id == circle)
        own = or_(Document.circle_id == circle, Document.audience_id.in_(shared))
        statement = select(Document).where(own, Document.status == Status.PUBLISHED)
        return (await self.session.scalars(statement.order_by(Document.title, Document.id).limit(limit))).all()

    async def _rows(self, *conditions: ColumnElement[bool]) -> Sequence[CircleRow]:
        shared = select(AudienceCircle.audience_id).where(AudienceCircle.circle_id == Circle.id).correlate(Circle)
        own = or_(Document.circle_id == Circle.id, Document.audience_id.in_(shared))
        documents = select(func.count()).where(own).select_from(Document).correlate(Circle).scalar_subquery()
        statement = (
            select(Circle, Chat, documents)
            .outerjoin(Chat, Chat.id == Circle.chat_id)
            .where(*conditions)
            .order_by(Circle.search_name)
        )
        # Changes went past the session's objects.
        result = await self.session.execute(statement.execution_options(populate_existing=True))
        return [(row[0], row[1], row[2]) for row in result]


class GroupRepository:
    """What circles need of chats."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def claim_introduction(self, chat: UUID, moment: datetime) -> bool:
        """Note that the bot introduces itself; returns whether it had not done so."""
        return await self._claim(Chat.id == chat, Chat.introduced_at.is_(None), introduced_at=moment)

    async def claim_newcomers(self, chat: UUID, day: date) -> bool:
        """Note that newcomers are told on a day; returns whether nobody was told on it yet."""
        untold = Chat.newcomers_told_on.is_(None) | (Chat.newcomers_told_on < day)
        return await self._claim(Chat.id == chat, untold, newcomers_told_on=day)

    async def _claim(self, *conditions: ColumnElement[bool], **values: Any) -> bool:
        claimed = update(Chat).where(*conditions).values(**values).returning(Chat.id)
        return (await self._session.execute(claimed)).one_or_none() is not None


class AudienceRepository:
    """Sets of circles that documents are for, over one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def with_circle(self, circle: UUID) -> Sequence[UUID]:
        """Return the audiences that a circle belongs to."""
        statement = select(AudienceCircle.audience_id).where(AudienceCircle.circle_id == circle)
        return (await self._session.scalars(statement.order_by(AudienceCircle.audience_id))).all()

    async def circles(self, audience: UUID) -> set[UUID]:
        """Return the circles of an audience."""
        statement = select(AudienceCircle.circle_id).where(AudienceCircle.audience_id == audience)
        return set((await self._session.scalars(statement)).all())

    async def of_exactly(self, circles: Collection[UUID]) -> UUID | None:
        """Return the audience of just these circles, the first where there are several."""
        inside = func.count().filter(AudienceCircle.circle_id.in_(circles))
        statement = (
            select(AudienceCircle.audience_id)
            .group_by(AudienceCircle.audience_id)
            .having(func.count() == len(circles), inside == len(circles))
            .order_by(AudienceCircle.audience_id)
            .limit(1)
        )
        return await self._session.scalar(statement)

    async def add(self, audience: UUID, circles: Collection[UUID]) -> None:
        """Make an audience."""
        self._session.add(Audience(id=audience))
        await self._session.flush()
        self._session.add_all(AudienceCircle(audience_id=audience, circle_id=circle) for circle in circles)
        await self._session.flush()
