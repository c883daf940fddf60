"""The statements about what goes with trainings."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from knowledge.models.document import Document
from knowledge.models.organisation import Organisation
from knowledge.models.topic import Topic
from knowledge.models.training import Training, TrainingMaterial, TrainingState, TrainingTopic

# The day of a material and its id, which is where a list goes on after it.
Cursor = tuple[datetime, UUID]


class MaterialRepository:
    """Materials over one session; whoever opened it commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def training(self, training_id: UUID, *, locked: bool = False) -> Training | None:
        """Return a training, perhaps so that nobody else adds something to it meanwhile."""
        statement = select(Training).where(Training.id == training_id)
        return await self._session.scalar(statement.with_for_update() if locked else statement)

    async def add(self, row: TrainingMaterial) -> None:
        """Take in a material."""
        self._session.add(row)
        await self._session.flush()

    async def get(
        self, material_id: UUID, *, locked: bool = False, content: bool = False
    ) -> tuple[TrainingMaterial, Training] | None:
        """Return a material as the database has it now, with its training.

        Args:
            material_id: which one.
            locked: so that nobody else changes it meanwhile.
            content: with the file itself.
        """
        statement = (
            select(TrainingMaterial, Training)
            .join(Training, Training.id == TrainingMaterial.training_id)
            .where(TrainingMaterial.id == material_id)
            .execution_options(populate_existing=True)
        )
        if content:
            statement = statement.options(undefer(TrainingMaterial.content))
        if locked:
            statement = statement.with_for_update(of=TrainingMaterial)
        row = (await self._session.execute(statement)).first()
        return None if row is None else (row[0], row[1])

    async def of_training(self, training_id: UUID) -> Sequence[TrainingMaterial]:
        """Return the materials of a training, without the files, in the order in which they come."""
        statement = select(TrainingMaterial).where(TrainingMaterial.training_id == training_id)
        ordered = statement.order_by(TrainingMaterial.publish_at, TrainingMaterial.created_at, TrainingMaterial.id)
        return (await self._session.scalars(ordered)).all()

    async def size_of(self, training_id: UUID) -> tuple[int, int]:
        """Return how many materials a training has, and how much their files take that wait."""
        waiting = func.coalesce(func.sum(func.length(TrainingMaterial.content)), 0)
        statement = select(func.count(), waiting).where(TrainingMaterial.training_id == training_id)
        row = (await self._session.execute(statement)).one()
        return row[0], row[1]

    async def published(self, training_id: UUID) -> Sequence[tuple[TrainingMaterial, Document]]:
        """Return the materials of a training that are in the library, with their documents."""
        statement = (
            select(TrainingMaterial, Document)
            .join(Document, Document.id == TrainingMaterial.document_id)
            .where(TrainingMaterial.training_id == training_id, TrainingMaterial.published_at.is_not(None))
            .order_by(TrainingMaterial.publish_at, TrainingMaterial.created_at, TrainingMaterial.id)
        )
        return [(row[0], row[1]) for row in (await self._session.execute(statement)).all()]

    async def due(self, moment: datetime, limit: int, *, after: Cursor | None = None) -> Sequence[Cursor]:
        """Return the materials of published trainings whose day has come, the first ones first.

        Args:
            moment: now.
            limit: how many at most.
            after: the last one of those before; without it, the first ones.
        """
        statement = (
            select(TrainingMaterial.publish_at, TrainingMaterial.id)
            .join(Training, Training.id == TrainingMaterial.training_id)
            .where(
                TrainingMaterial.published_at.is_(None),
                TrainingMaterial.publish_at <= moment,
                TrainingMaterial.error.is_(None),
                Training.state == TrainingState.PUBLISHED,
            )
            .order_by(TrainingMaterial.publish_at, TrainingMaterial.id)
            .limit(limit)
        )
        if after is not None:
            day, key = after
            same = and_(TrainingMaterial.publish_at == day, TrainingMaterial.id > key)
            statement = statement.where(or_(TrainingMaterial.publish_at > day, same))
        return [(row[0], row[1]) for row in (await self._session.execute(statement)).all()]

    async def note_error(self, material_id: UUID, error: str) -> bool:
        """Keep why a file could not be read; ``False`` where it is in the library, or that is known."""
        waits = (TrainingMaterial.published_at.is_(None), TrainingMaterial.error.is_(None))
        statement = update(TrainingMaterial).where(TrainingMaterial.id == material_id, *waits).values(error=error)
        return (await self._session.execute(statement.returning(TrainingMaterial.id))).first() is not None

    async def change(self, material_id: UUID, **values: Any) -> None:
        """Change a material."""
        statement = update(TrainingMaterial).where(TrainingMaterial.id == material_id).values(**values)
        await self._session.execute(statement)

    async def delete(self, row: TrainingMaterial) -> None:
        """Take a material away."""
        await self._session.delete(row)
        await self._session.flush()

    async def document(self, document_id: UUID) -> Document | None:
        """Return a document of the library."""
        return await self._session.get(Document, document_id)

    async def publisher(self, training: Training) -> Organisation | None:
        """Return who offers a training."""
        key = training.organisation_id
        return await self._session.get(Organisation, key) if key is not None else None

    async def topic_names(self, training_id: UUID) -> Sequence[str]:
        """Return what the topics of a training are called in the language of the library."""
        statement = select(Topic.name_de).join(TrainingTopic, TrainingTopic.topic_id == Topic.id)
        return (await self._session.scalars(statement.where(TrainingTopic.training_id == training_id))).all()
