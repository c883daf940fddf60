"""The statements about registrations: places exact under a rush, the waiting list in order, names that go.

Whatever changes places takes the training's row first, so that everybody waits for each other in the same order.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Executable, Table, and_, bindparam, delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from knowledge.models.chat import ChatIdentity
from knowledge.models.member import Member
from knowledge.models.organisation import Organisation
from knowledge.models.training import (
    Registration,
    RegistrationState,
    Training,
    TrainingDate,
    TrainingFeedback,
    TrainingReminder,
    TrainingState,
)
from knowledge.trainings.checking import LONGEST_SERIES
from knowledge.trainings.schemas import LIVE

# A registration with who is to be told of it: the identity that they registered with, if it is still theirs.
ToTell = tuple[UUID, UUID, UUID | None]
ParticipantRow = tuple[Registration, str | None, str | None]
CAME_TO_NOTHING = (RegistrationState.CANCELLED, RegistrationState.LAPSED)
_COLUMNS = tuple(column.key for column in Registration.__table__.columns)
# What stays of a registration that is taken up again.
_KEPT = frozenset({"id", "training_id", "member_id"})


class RegistrationRepository:
    """Registrations over one session; whoever opened it commits."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    # Places

    async def take_place(self, training: UUID, moment: datetime) -> int | None:
        """Take a free place, if there is one and it is not too late; returns the number of the registration.

        The row is locked from here to the end of the transaction: who comes meanwhile waits and sees what is left.
        """
        free = or_(Training.capacity.is_(None), Training.taken < Training.capacity)
        numbers = {"taken": Training.taken + 1, "last_number": Training.last_number + 1}
        taking = update(Training).where(*_open(training, moment), free).values(**numbers)
        return await self.session.scalar(taking.returning(Training.last_number), execution_options=_UNSYNCHRONISED)

    async def take_number(self, training: UUID, moment: datetime) -> int | None:
        """Take the next number on the waiting list, if there is a list, no place is free, and it is not too late."""
        wanted = (*_open(training, moment), Training.waiting_list.is_(True), Training.taken >= Training.capacity)
        taking = update(Training).where(*wanted).values(last_number=Training.last_number + 1)
        return await self.session.scalar(taking.returning(Training.last_number), execution_options=_UNSYNCHRONISED)

    async def give_back_number(self, training: UUID, *, places: int) -> None:
        """Undo in the same transaction what was taken for somebody who is registered already."""
        values = {"taken": Training.taken - places, "last_number": Training.last_number - 1}
        change = update(Training).where(Training.id == training).values(**values)
        await self.session.execute(change, execution_options=_UNSYNCHRONISED)

    async def change_taken(self, training: UUID, by: int) -> None:
        """Count places that are taken, or (below zero) given back."""
        change = update(Training).where(Training.id == training).values(taken=Training.taken + by)
        await self.session.execute(change, execution_options=_UNSYNCHRONISED)

    # Registrations

    async def put(self, row: Registration) -> tuple[UUID, int] | None:
        """Take in a registration, or take up one that came to nothing; returns its id, and how many wait before it.

        ``None`` where the member has a live one. The row itself stays outside of the session.
        """
        statement = _putting(self.session.get_bind().dialect.name)
        values = {name: getattr(row, name) for name in _COLUMNS}
        own = {"own_training": row.training_id, "own_number": row.number}
        kept = (await self.session.execute(statement, values | own)).first()
        return None if kept is None else (kept[0], kept[1])

    async def get(self, registration: UUID) -> Registration | None:
        """Return a registration as the database has it now."""
        statement = select(Registration).where(Registration.id == registration)
        return await self.session.scalar(statement.execution_options(populate_existing=True))

    async def of_member_in(self, training: UUID, member: UUID) -> Registration | None:
        """Return a member's registration for a training."""
        mine = (Registration.training_id == training, Registration.member_id == member)
        return await self.session.scalar(select(Registration).where(*mine).execution_options(populate_existing=True))

    async def of_member(self, member: UUID, trainings: Collection[UUID]) -> dict[UUID, Registration]:
        """Return a member's registrations by training."""
        mine = (Registration.member_id == member, Registration.training_id.in_(trainings))
        statement = select(Registration).where(*mine).execution_options(populate_existing=True)
        return {row.training_id: row for row in (await self.session.scalars(statement)).all()}

    async def move(
        self, registrations: Collection[UUID], come_from: Collection[RegistrationState], **values: Any
    ) -> Sequence[UUID]:
        """Change registrations that are in one of some states; returns those that were."""
        if not registrations:
            return ()
        wanted = (Registration.id.in_(registrations), Registration.state.in_(come_from))
        change = update(Registration).where(*wanted).values(**values).returning(Registration.id)
        return (await self.session.scalars(change, execution_options=_UNSYNCHRONISED)).all()

    async def first_waiting(self, training: UUID, limit: int) -> Sequence[UUID]:
        """Return who waits for a place, in the order in which they came."""
        waits = (Registration.training_id == training, Registration.state == RegistrationState.WAITING)
        statement = select(Registration.id).where(*waits).order_by(Registration.number).limit(limit)
        return (await self.session.scalars(statement)).all()

    async def position(self, registration: Registration) -> int:
        """Return where somebody is on the waiting list, from 1."""
        before = (
            Registration.training_id == registration.training_id,
            Registration.state == RegistrationState.WAITING,
            Registration.number < registration.number,
        )
        counted = await self.session.scalar(select(func.count()).select_from(Registration).where(*before))
        return (counted or 0) + 1

    async def sums(self, trainings: Collection[UUID]) -> dict[UUID, dict[RegistrationState, int]]:
        """Count registrations by training and state."""
        statement = select(Registration.training_id, Registration.state, func.count())
        grouped = statement.where(Registration.training_id.in_(trainings)).group_by(
            Registration.training_id, Registration.state
        )
        found: dict[UUID, dict[RegistrationState, int]] = {training: {} for training in trainings}
        for training, state, count in await self.session.execute(grouped):
            found[training][state] = count
        return found

    async def attended(self, trainings: Collection[UUID]) -> dict[UUID, int]:
        """Count those who were there, by training."""
        was_there = (Registration.training_id.in_(trainings), Registration.attended.is_(True))
        statement = select(Registration.training_id, func.count()).where(*was_there)
        return dict((await self.session.execute(statement.group_by(Registration.training_id))).all())

    async def participants(self, training: UUID) -> Sequence[ParticipantRow]:
        """Return all registrations of a training with names, in the order in which people came."""
        statement = (
            select(Registration, Member.name, Organisation.name)
            .outerjoin(Member, Member.id == Registration.member_id)
            .outerjoin(Organisation, Organisation.id == Member.organisation_id)
            .where(Registration.training_id == training)
            .order_by(Registration.number, Registration.id)
            .execution_options(populate_existing=True)
        )
        return [(row[0], row[1], row[2]) for row in (await self.session.execute(statement)).all()]

    async def live(self, training: UUID, states: Collection[RegistrationState] = LIVE) -> Sequence[UUID]:
        """Return the registrations of a training that are in some states."""
        wanted = (Registration.training_id == training, Registration.state.in_(states))
        return (await self.session.scalars(select(Registration.id).where(*wanted).order_by(Registration.number))).all()

    async def took_part(self, training: UUID) -> Sequence[UUID]:
        """Return those who had a place, without those who were noted as absent."""
        place = (Registration.training_id == training, Registration.state == RegistrationState.REGISTERED)
        there = or_(Registration.attended.is_(None), Registration.attended.is_(True))
        return (await self.session.scalars(select(Registration.id).where(*place, there))).all()

    async def to_tell(self, registrations: Collection[UUID]) -> Sequence[ToTell]:
        """Return who is to be told of registrations, in their order; who is not known any more is left out."""
        theirs = and_(ChatIdentity.id == Registration.identity_id, ChatIdentity.member_id == Registration.member_id)
        statement = (
            select(Registration.id, Registration.member_id, ChatIdentity.id)
            .outerjoin(ChatIdentity, theirs)
            .where(Registration.id.in_(registrations), Registration.member_id.is_not(None))
            .order_by(Registration.number)
        )
        rows = (await self.session.execute(statement)).all()
        return [(registration, member, identity) for registration, member, identity in rows if member is not None]

    async def note_attended(self, training: UUID, registrations: Collection[UUID], *, attended: bool | None) -> None:
        """Note who of those with a place was there."""
        wanted = (
            Registration.training_id == training,
            Registration.id.in_(registrations),
            Registration.state == RegistrationState.REGISTERED,
        )
        change = update(Registration).where(*wanted).values(attended=attended)
        await self.session.execute(change, execution_options=_UNSYNCHRONISED)

    async def cap_offers(self, training: UUID, latest: datetime) -> None:
        """Let offers end earlier, because the training begins earlier now."""
        late = (
            Registration.training_id == training,
            Registration.state == RegistrationState.OFFERED,
            Registration.offered_until > latest,
        )
        change = update(Registration).where(*late).values(offered_until=latest)
        await self.session.execute(change, execution_options=_UNSYNCHRONISED)

    # Leaving altogether

    async def live_of_member(self, member: UUID, moment: datetime) -> Sequence[tuple[UUID, UUID]]:
        """Return trainings that are not over with a member's registration for them, in a fixed order."""
        statement = (
            select(Registration.training_id, Registration.id)
            .join(Training, Training.id == Registration.training_id)
            .where(Registration.member_id == member, Registration.state.in_(LIVE), Training.ends_at > moment)
            .order_by(Registration.training_id)
        )
        return [(row[0], row[1]) for row in (await self.session.execute(statement)).all()]

    # What is due by itself

    async def with_lapsed_offers(self, moment: datetime, limit: int) -> Sequence[UUID]:
        """Return trainings in which an offer was not accepted in time."""
        lapsed = (Registration.state == RegistrationState.OFFERED, Registration.offered_until <= moment)
        statement = select(Registration.training_id).join(Training, Training.id == Registration.training_id)
        found = statement.where(*lapsed, Training.state == TrainingState.PUBLISHED).distinct().limit(limit)
        return (await self.session.scalars(found)).all()

    async def lapsed_offers(self, training: UUID, moment: datetime) -> Sequence[UUID]:
        """Return the offers of a training that were not accepted in time."""
        of_training = (Registration.training_id == training, Registration.state == RegistrationState.OFFERED)
        statement = select(Registration.id).where(*of_training, Registration.offered_until <= moment)
        return (await self.session.scalars(statement)).all()

    async def with_room(self, moment: datetime, limit: int) -> Sequence[UUID]:
        """Return trainings that begin after a moment, have a free place, and somebody who waits for it."""
        free = or_(Training.capacity.is_(None), Training.taken < Training.capacity)
        waits = exists().where(Registration.training_id == Training.id, Registration.state == RegistrationState.WAITING)
        wanted = (Training.state == TrainingState.PUBLISHED, Training.starts_at > moment, free, waits)
        return (await self.session.scalars(select(Training.id).where(*wanted).limit(limit))).all()

    async def with_list_at_start(self, moment: datetime, limit: int) -> Sequence[UUID]:
        """Return trainings that began, and somebody still waits for a place, or has an offer."""
        hopes = (RegistrationState.WAITING, RegistrationState.OFFERED)
        still = exists().where(Registration.training_id == Training.id, Registration.state.in_(hopes))
        # What began long ago was seen to then.
        lately = (Training.starts_at <= moment, Training.starts_at > moment - LONGEST_SERIES)
        wanted = (Training.state == TrainingState.PUBLISHED, *lately, still)
        return (await self.session.scalars(select(Training.id).where(*wanted).limit(limit))).all()

    async def clear(self, training: UUID) -> None:
        """Let nobody be named any more in a training; how many were there stays."""
        mine = Registration.training_id == training
        ids = select(Registration.id).where(mine).scalar_subquery()
        unlink = update(TrainingFeedback).where(TrainingFeedback.training_id == training).values(registration_id=None)
        await self.session.execute(unlink, execution_options=_UNSYNCHRONISED)
        await self.session.execute(delete(TrainingReminder).where(TrainingReminder.registration_id.in_(ids)))
        nobody: dict[str, Any] = {"member_id": None, "identity_id": None, "answers": {}}
        await self.session.execute(update(Registration).where(mine).values(**nobody), execution_options=_UNSYNCHRONISED)

    async def clear_member(self, member: UUID) -> None:
        """Let a member be named in no registration any more."""
        mine = Registration.member_id == member
        ids = select(Registration.id).where(mine).scalar_subquery()
        theirs = TrainingFeedback.registration_id.in_(ids)
        unlink = update(TrainingFeedback).where(theirs).values(registration_id=None)
        await self.session.execute(unlink, execution_options=_UNSYNCHRONISED)
        await self.session.execute(delete(TrainingReminder).where(TrainingReminder.registration_id.in_(ids)))
        nobody: dict[str, Any] = {"member_id": None, "identity_id": None, "answers": {}}
        await self.session.execute(update(Registration).where(mine).values(**nobody), execution_options=_UNSYNCHRONISED)

    async def has_dates_to_come(self, training: UUID, moment: datetime) -> bool:
        """Whether a date of a training has not begun yet."""
        ahead = (TrainingDate.training_id == training, TrainingDate.cancelled_at.is_(None))
        statement = select(TrainingDate.id).where(*ahead, TrainingDate.starts_at > moment).limit(1)
        return await self.session.scalar(statement) is not None


@cache
def _putting(dialect: str) -> Executable:
    """Return the statement of ``put``: made once, because others wait for the training while it is."""
    table, before = cast(Table, Registration.__table__), aliased(Registration)
    waits = (before.state == RegistrationState.WAITING, before.number < bindparam("own_number"))
    counted = select(func.count()).where(before.training_id == bindparam("own_training"), *waits)
    statement = (postgresql_insert if dialect == "postgresql" else sqlite_insert)(table)
    again = statement.on_conflict_do_update(
        index_elements=["training_id", "member_id"],
        set_={name: statement.excluded[name] for name in _COLUMNS if name not in _KEPT},
        where=table.c.state.in_(CAME_TO_NOTHING),
    )
    return again.returning(table.c.id, counted.scalar_subquery())


# What is in memory is read anew where it is needed; comparing it in Python costs time while others wait.
_UNSYNCHRONISED = {"synchronize_session": False}


def _open(training: UUID, moment: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions under which one may register for a training."""
    in_time = or_(Training.deadline.is_(None), Training.deadline > moment)
    return (Training.id == training, Training.state == TrainingState.PUBLISHED, Training.starts_at > moment, in_time)
