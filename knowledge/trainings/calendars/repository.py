"""The statements about calendars of trainings, and the secret addresses of members' own ones."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.visibility import PUBLIC
from knowledge.models.member import Member
from knowledge.models.organisation import Organisation
from knowledge.models.training import (
    CalendarFeed,
    Registration,
    RegistrationState,
    Training,
    TrainingDate,
    TrainingState,
)

# A training with the name of its publisher.
Published = tuple[Training, str | None]
# In which states somebody has a place, or hopes for one.
_HOPING = (RegistrationState.REGISTERED, RegistrationState.OFFERED, RegistrationState.WAITING)


class CalendarRepository:
    """Calendars over one session; whoever opened it commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def feed_of(self, member_id: UUID) -> CalendarFeed | None:
        """Return the address of a member's calendar."""
        return await self._session.scalar(select(CalendarFeed).where(CalendarFeed.member_id == member_id))

    async def add_feed(self, row: CalendarFeed) -> None:
        """Take in an address."""
        self._session.add(row)
        await self._session.flush()

    async def close_feed(self, member_id: UUID) -> bool:
        """Forget the address of a member's calendar; returns whether there was one."""
        statement = delete(CalendarFeed).where(CalendarFeed.member_id == member_id).returning(CalendarFeed.id)
        return (await self._session.execute(statement)).first() is not None

    async def reader_by_digest(self, digest: str) -> Member | None:
        """Return whose calendar it is, as long as they take part in the network."""
        statement = select(Member).join(CalendarFeed, CalendarFeed.member_id == Member.id)
        able = (Member.active.is_(True), Member.suspended_at.is_(None))
        return await self._session.scalar(statement.where(CalendarFeed.token_digest == digest, *able))

    async def training(self, training_id: UUID) -> Published | None:
        """Return a training that was published, also one that was cancelled afterwards."""
        found = await self._trainings(Training.id == training_id, limit=1)
        return found[0] if found else None

    async def public(self, since: datetime, limit: int) -> Sequence[Published]:
        """Return public trainings that are not over for longer than ``since``, the next ones first."""
        return await self._trainings(Training.access == PUBLIC, _shown(since), limit=limit)

    async def of_member(self, member_id: UUID, since: datetime, limit: int) -> Sequence[tuple[Training, str | None]]:
        """Return trainings that a member has a place in or hopes for one, not over for longer than ``since``."""
        theirs = exists().where(
            Registration.training_id == Training.id,
            Registration.member_id == member_id,
            Registration.state.in_(_HOPING),
        )
        return await self._trainings(theirs, _shown(since), limit=limit)

    async def _trainings(self, *conditions: ColumnElement[bool], limit: int) -> Sequence[Published]:
        statement = (
            select(Training, Organisation.name)
            .outerjoin(Organisation, Organisation.id == Training.organisation_id)
            .where(*conditions, Training.state != TrainingState.DRAFT, Training.published_at.is_not(None))
            .order_by(Training.starts_at, Training.id)
            .limit(limit)
        )
        return [(row[0], row[1]) for row in (await self._session.execute(statement)).all()]

    async def dates(self, trainings: Sequence[UUID]) -> Sequence[TrainingDate]:
        """Return all dates of trainings, also those that were taken out, in order."""
        statement = select(TrainingDate).where(TrainingDate.training_id.in_(trainings))
        ordered = statement.order_by(TrainingDate.starts_at, TrainingDate.id)
        return (await self._session.scalars(ordered)).all()

    async def registrations(self, trainings: Sequence[UUID], member_id: UUID) -> Sequence[Registration]:
        """Return a member's registrations for trainings, in whatever state."""
        theirs = (Registration.training_id.in_(trainings), Registration.member_id == member_id)
        return (await self._session.scalars(select(Registration).where(*theirs))).all()


def _shown(since: datetime) -> ColumnElement[bool]:
    return or_(Training.ends_at > since, Training.cancelled_at > since)
