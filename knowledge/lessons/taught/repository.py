"""The statement on what trainings to come are about."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.models.training import Training, TrainingState, TrainingTopic


class TaughtRepository:
    """Topics of trainings over one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def topics_to_come(self, moment: datetime) -> set[UUID]:
        """Return the topics of published trainings that are not over."""
        statement = select(TrainingTopic.topic_id).join(Training, Training.id == TrainingTopic.training_id)
        comes = (Training.state == TrainingState.PUBLISHED, Training.ends_at > moment)
        return set(await self._session.scalars(statement.where(*comes)))
