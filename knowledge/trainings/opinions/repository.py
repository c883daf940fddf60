"""The statements about feedback on trainings."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.models.training import Registration, Training, TrainingFeedback


class FeedbackRepository:
    """Feedback over one session; whoever opened it commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def registration(
        self, registration_id: UUID, *, locked: bool = False
    ) -> tuple[Registration, Training] | None:
        """Return a registration with its training; perhaps so that nobody else says something for it meanwhile."""
        statement = (
            select(Registration, Training)
            .join(Training, Training.id == Registration.training_id)
            .where(Registration.id == registration_id)
            .execution_options(populate_existing=True)
        )
        if locked:
            statement = statement.with_for_update(of=Registration)
        row = (await self._session.execute(statement)).first()
        return None if row is None else (row[0], row[1])

    async def of_registration(self, registration_id: UUID) -> TrainingFeedback | None:
        """Return what was said for a registration."""
        statement = select(TrainingFeedback).where(TrainingFeedback.registration_id == registration_id)
        return await self._session.scalar(statement)

    async def add(self, row: TrainingFeedback) -> None:
        """Take in what was said."""
        self._session.add(row)
        await self._session.flush()

    async def counts(self, training_id: UUID) -> tuple[int, int]:
        """Return how many said something of a training, and how many of them that it helped."""
        helped = func.coalesce(func.sum(case((TrainingFeedback.helped, 1), else_=0)), 0)
        statement = select(func.count(), helped).where(TrainingFeedback.training_id == training_id)
        row = (await self._session.execute(statement)).one()
        return row[0], row[1]

    async def comments(self, training_id: UUID) -> Sequence[tuple[UUID, str]]:
        """Return what people wrote about a training, by the key of what they said."""
        of_it = (TrainingFeedback.training_id == training_id, TrainingFeedback.comment != "")
        statement = select(TrainingFeedback.id, TrainingFeedback.comment).where(*of_it)
        return [(row[0], row[1]) for row in (await self._session.execute(statement)).all()]
