"""Counting what waits."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.models.chat import Network
from knowledge.models.job import Job, JobState
from knowledge.models.message import IncomingEvent, OutgoingMessage, SendState

JobRow = tuple[str, JobState, int, datetime]
SentRow = tuple[Network, int, datetime]


class LoadRepository:
    """What waits, over one session; it only reads."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def jobs(self) -> Sequence[JobRow]:
        """Return how many jobs there are by kind and state, and when the oldest was asked for."""
        statement = select(Job.kind, Job.state, func.count(), func.min(Job.created_at)).group_by(Job.kind, Job.state)
        return [(row[0], row[1], row[2], row[3]) for row in (await self._session.execute(statement)).all()]

    async def outbox(self) -> Sequence[SentRow]:
        """Return how many messages wait to be sent, by network, and when the oldest was written."""
        statement = (
            select(OutgoingMessage.network, func.count(), func.min(OutgoingMessage.created_at))
            .where(OutgoingMessage.state == SendState.WAITING)
            .group_by(OutgoingMessage.network)
        )
        return [(row[0], row[1], row[2]) for row in (await self._session.execute(statement)).all()]

    async def unhandled(self) -> tuple[int, datetime | None]:
        """Return how many events of chats nobody has handled, and when the oldest came in."""
        statement = select(func.count(), func.min(IncomingEvent.received_at)).where(IncomingEvent.handled_at.is_(None))
        row = (await self._session.execute(statement)).one()
        return row[0], row[1]
