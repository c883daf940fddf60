"""The statements about reminders of trainings."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.inserting import insert_into
from knowledge.models.chat import ChatIdentity
from knowledge.models.member import Member
from knowledge.models.training import (
    Registration,
    RegistrationState,
    ReminderKind,
    Training,
    TrainingDate,
    TrainingReminder,
    TrainingState,
)

# A date that is coming, as (id, starts_at, changed_at), and somebody to be reminded, as (registration, since when,
# member, the identity that they registered from, where it is theirs still).
Coming = tuple[UUID, datetime, datetime]
Waiting = tuple[UUID, datetime, UUID, UUID | None]


class ReminderRepository:
    """Reminders over one session; whoever opened it commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def dates(self, since: datetime, until: datetime) -> Sequence[Coming]:
        """Return the dates that take place and begin between two moments, in order."""
        statement = (
            select(TrainingDate.id, TrainingDate.starts_at, TrainingDate.changed_at)
            .join(Training, Training.id == TrainingDate.training_id)
            .where(
                Training.state == TrainingState.PUBLISHED,
                TrainingDate.cancelled_at.is_(None),
                TrainingDate.starts_at > since,
                TrainingDate.starts_at <= until,
            )
            .order_by(TrainingDate.starts_at, TrainingDate.id)
        )
        return [(row[0], row[1], row[2]) for row in (await self._session.execute(statement)).all()]

    async def waiting(self, date: Coming, kind: ReminderKind, due: datetime, limit: int) -> Sequence[Waiting]:
        """Return registered people of whom nothing is noted for a date; notes before ``due`` were for another time.

        In the order in which they registered.
        """
        noted = and_(
            TrainingReminder.registration_id == Registration.id,
            TrainingReminder.date_id == date[0],
            TrainingReminder.kind == kind,
            TrainingReminder.noted_at >= due,
        )
        statement = (
            select(Registration.id, Registration.changed_at, Registration.member_id, ChatIdentity.id)
            .join(TrainingDate, TrainingDate.training_id == Registration.training_id)
            .outerjoin(TrainingReminder, noted)
            .outerjoin(ChatIdentity, _speaks_still())
            .where(TrainingDate.id == date[0], *_is_registered(), TrainingReminder.registration_id.is_(None))
            .order_by(Registration.number, Registration.id)
            .limit(limit)
        )
        rows = (await self._session.execute(statement)).all()
        return [(row[0], row[1], row[2], row[3]) for row in rows if row[2] is not None]

    async def note(
        self, registrations: Sequence[UUID], date: Coming, kind: ReminderKind, *, due: datetime, moment: datetime
    ) -> set[UUID]:
        """Note in this transaction that people were reminded; returns whom nobody else had noted meanwhile."""
        rows = [{"registration_id": key, "date_id": date[0], "kind": kind, "noted_at": moment} for key in registrations]
        statement = insert_into(self._session, TrainingReminder).values(rows)
        noted = statement.on_conflict_do_update(
            index_elements=["registration_id", "date_id", "kind"],
            set_={"noted_at": moment},
            where=TrainingReminder.noted_at < due,
        )
        result = await self._session.execute(noted.returning(TrainingReminder.registration_id))
        return set(result.scalars())

    async def reminded(self, registration: UUID, date: UUID) -> tuple[Registration, TrainingDate, Training] | None:
        """Return what a reminder is about, where it is to take place and somebody is registered for it still."""
        statement = (
            select(Registration, TrainingDate, Training)
            .join(Training, Training.id == Registration.training_id)
            .join(TrainingDate, TrainingDate.training_id == Training.id)
            .join(Member, Member.id == Registration.member_id)
            .where(
                Registration.id == registration,
                TrainingDate.id == date,
                TrainingDate.cancelled_at.is_(None),
                Training.state == TrainingState.PUBLISHED,
                *_is_registered(),
                Member.active.is_(True),
                Member.suspended_at.is_(None),
            )
        )
        row = (await self._session.execute(statement)).first()
        return None if row is None else (row[0], row[1], row[2])


def _is_registered() -> Collection[ColumnElement[bool]]:
    return (Registration.state == RegistrationState.REGISTERED, Registration.member_id.is_not(None))


def _speaks_still() -> ColumnElement[bool]:
    return and_(ChatIdentity.id == Registration.identity_id, ChatIdentity.member_id == Registration.member_id)
