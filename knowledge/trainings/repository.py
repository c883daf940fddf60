"""The statements about trainings, their dates, topics and questions."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.visibility import Viewer
from knowledge.models.base import Base
from knowledge.models.chat import ChatIdentity
from knowledge.models.member import Member, Role
from knowledge.models.organisation import Organisation
from knowledge.models.training import (
    Registration,
    Training,
    TrainingDate,
    TrainingInquiry,
    TrainingQuestion,
    TrainingReminder,
    TrainingState,
    TrainingTopic,
)
from knowledge.trainings.checking import LONGEST_SERIES
from knowledge.trainings.schemas import LIVE, Publisher, Standing, TrainingWishes

Cursor = tuple[datetime, UUID]


@dataclass(frozen=True, slots=True)
class Parts:
    """What belongs to trainings, by training."""

    dates: dict[UUID, list[TrainingDate]]
    topics: dict[UUID, list[UUID]]
    questions: dict[UUID, list[TrainingQuestion]]


class TrainingRepository:
    """Trainings over one session; whoever opened it commits."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def add(self, *rows: Base) -> None:
        """Take in new rows."""
        self.session.add_all(rows)
        await self.session.flush()

    async def get(self, training: UUID) -> Training | None:
        """Return a training, as the database has it now."""
        statement = select(Training).where(Training.id == training).execution_options(populate_existing=True)
        return await self.session.scalar(statement)

    async def locked(self, training: UUID) -> Training | None:
        """Return a training whose places and dates nobody else changes until this transaction ends."""
        statement = select(Training).where(Training.id == training).with_for_update(key_share=True)
        return await self.session.scalar(statement.execution_options(populate_existing=True))

    async def delete(self, training: UUID) -> None:
        """Delete a training with all that belongs to it."""
        await self.session.execute(delete(Training).where(Training.id == training))

    async def organisation_names(self, organisations: Collection[UUID]) -> dict[UUID, str]:
        """Return the names of organisations."""
        statement = select(Organisation.id, Organisation.name).where(Organisation.id.in_(organisations))
        return dict((await self.session.execute(statement)).all())

    async def organisation_exists(self, organisation: UUID) -> bool:
        """Whether there is such an organisation."""
        return await self.session.scalar(select(Organisation.id).where(Organisation.id == organisation)) is not None

    async def parts(self, trainings: Collection[UUID]) -> Parts:
        """Return dates (in order, also those that were taken out), topics and questions."""
        parts = Parts(defaultdict(list), defaultdict(list), defaultdict(list))
        for date in await self._dates(trainings):
            parts.dates[date.training_id].append(date)
        topics = select(TrainingTopic.training_id, TrainingTopic.topic_id)
        for training, topic in await self.session.execute(topics.where(TrainingTopic.training_id.in_(trainings))):
            parts.topics[training].append(topic)
        for question in await self._questions(trainings):
            parts.questions[question.training_id].append(question)
        return parts

    async def _dates(self, trainings: Collection[UUID]) -> Sequence[TrainingDate]:
        statement = select(TrainingDate).where(TrainingDate.training_id.in_(trainings))
        return (await self.session.scalars(statement.order_by(TrainingDate.starts_at, TrainingDate.id))).all()

    async def _questions(self, trainings: Collection[UUID]) -> Sequence[TrainingQuestion]:
        statement = select(TrainingQuestion).where(TrainingQuestion.training_id.in_(trainings))
        return (await self.session.scalars(statement.order_by(TrainingQuestion.position, TrainingQuestion.id))).all()

    async def questions(self, training: UUID) -> Sequence[TrainingQuestion]:
        """Return what is asked at registration, in order."""
        return await self._questions([training])

    async def remove(self, *rows: Base) -> None:
        """Delete rows."""
        for row in rows:
            await self.session.delete(row)
        await self.session.flush()

    async def set_topics(self, training: UUID, topics: Collection[UUID]) -> None:
        """Let a training have these topics."""
        await self.session.execute(delete(TrainingTopic).where(TrainingTopic.training_id == training))
        self.session.add_all([TrainingTopic(training_id=training, topic_id=topic) for topic in topics])
        await self.session.flush()

    async def forget_reminders(self, dates: Collection[UUID]) -> None:
        """Let people be reminded anew of dates that were moved."""
        await self.session.execute(delete(TrainingReminder).where(TrainingReminder.date_id.in_(dates)))

    async def coming(
        self, viewer: Viewer, wishes: TrainingWishes, moment: datetime, *, part: slice, after: Cursor | None
    ) -> Sequence[Training]:
        """Return published trainings that are not over, in the order in which they begin.

        Args:
            viewer: who reads; what they may not find is left out.
            wishes: what they look for; topics must hold those below them, too.
            moment: now.
            part: which of them, counted from what begins first, or follows ``after``.
            after: when the last one of the page before begins, and its id.
        """
        conditions = [
            Training.state == TrainingState.PUBLISHED,
            Training.ends_at > moment,
            # Nothing that is not over began earlier; it keeps the look-up away from all that is past.
            Training.starts_at > moment - LONGEST_SERIES,
            *_may_find(viewer),
            *_wanted(wishes),
        ]
        if after is not None:
            starts_at, key = after
            same = and_(Training.starts_at == starts_at, Training.id > key)
            conditions.append(or_(Training.starts_at > starts_at, same))
        statement = select(Training).where(*conditions).order_by(Training.starts_at, Training.id)
        return (await self.session.scalars(statement.slice(part.start, part.stop))).all()

    async def managed(self, by: Publisher, *, limit: int, before: UUID | None) -> Sequence[Training]:
        """Return the trainings that somebody manages, the last made first; ``before``: the last of the page before."""
        statement = select(Training).where(*_managed_by(by))
        if before is not None:
            made = select(Training.created_at).where(Training.id == before).scalar_subquery()
            same = and_(Training.created_at == made, Training.id < before)
            statement = statement.where(or_(Training.created_at < made, same))
        statement = statement.order_by(Training.created_at.desc(), Training.id.desc()).limit(limit)
        return (await self.session.scalars(statement)).all()

    async def standing(
        self, by: Publisher, standing: Standing, moment: datetime, *, limit: int, offset: int
    ) -> Sequence[Training]:
        """Return a part of the trainings that somebody manages and that stand so: what is nearest in time first."""
        newest = Training.created_at.desc()
        order = {Standing.COMING: Training.starts_at, Standing.PAST: Training.ends_at.desc()}.get(standing, newest)
        statement = select(Training).where(*_managed_by(by), _standing(moment) == standing.value)
        return (await self.session.scalars(statement.order_by(order, Training.id).limit(limit).offset(offset))).all()

    async def standings(self, by: Publisher, moment: datetime) -> dict[str, int]:
        """Count the trainings that somebody manages, by how they stand."""
        each = select(_standing(moment).label("standing")).where(*_managed_by(by)).subquery()
        counted = select(each.c.standing, func.count()).group_by(each.c.standing)
        return dict((await self.session.execute(counted)).all())

    async def of_member(self, member: UUID) -> Sequence[Training]:
        """Return the trainings in which a member has or hopes for a place, in the order in which they begin."""
        mine = select(Registration.training_id).where(Registration.member_id == member, Registration.state.in_(LIVE))
        statement = select(Training).where(Training.id.in_(mine)).order_by(Training.starts_at, Training.id)
        return (await self.session.scalars(statement)).all()

    async def member(self, member: UUID) -> Member | None:
        """Return a member who takes part."""
        there = (Member.active.is_(True), Member.suspended_at.is_(None))
        return await self.session.scalar(select(Member).where(Member.id == member, *there))

    async def speaks_for(self, identity: UUID, member: UUID) -> bool:
        """Whether a chat identity is a member's still."""
        statement = select(ChatIdentity.id).where(ChatIdentity.id == identity, ChatIdentity.member_id == member)
        return await self.session.scalar(statement) is not None

    async def who_runs(self, training: Training, *, most: int) -> Sequence[UUID]:
        """Return who is asked about a training: who made it, else publishers of its house, else administrators."""
        there = (Member.active.is_(True), Member.suspended_at.is_(None))
        able = Member.role.in_((Role.PUBLISHER, Role.ADMINISTRATOR))
        ways: tuple[tuple[ColumnElement[bool], ...], ...] = (
            (Member.id == training.created_by, able),
            (Member.organisation_id == training.organisation_id, Member.organisation_id.is_not(None), able),
            (Member.role == Role.ADMINISTRATOR,),
        )
        for way in ways:
            statement = select(Member.id).where(*there, *way).order_by(Member.created_at, Member.id).limit(most)
            found = (await self.session.scalars(statement)).all()
            if found:
                return found
        return ()

    # What is due by itself

    async def to_follow_up(self, moment: datetime, limit: int) -> Sequence[UUID]:
        """Return published trainings that are over, and nobody was asked how it was."""
        # What was over long ago was seen to then.
        lately = (Training.ends_at <= moment, Training.ends_at > moment - LONGEST_SERIES)
        over = (Training.state == TrainingState.PUBLISHED, *lately)
        statement = select(Training.id).where(*over, Training.followed_up_at.is_(None))
        return (await self.session.scalars(statement.order_by(Training.ends_at).limit(limit))).all()

    async def mark_followed_up(self, training: UUID, moment: datetime) -> bool:
        """Note that people are asked in this transaction; ``False`` where they were before."""
        todo = (Training.id == training, Training.followed_up_at.is_(None))
        statement = update(Training).where(*todo).values(followed_up_at=moment).returning(Training.id)
        return (await self.session.execute(statement)).first() is not None

    async def to_clear(self, before: datetime, limit: int) -> Sequence[UUID]:
        """Return trainings that were over or cancelled before a moment, and still hold names."""
        shown = Training.state.in_((TrainingState.PUBLISHED, TrainingState.CANCELLED))
        done = or_(Training.ends_at <= before, Training.cancelled_at <= before)
        statement = select(Training.id).where(shown, done, Training.cleared_at.is_(None))
        return (await self.session.scalars(statement.order_by(Training.ends_at).limit(limit))).all()

    async def mark_cleared(self, training: UUID, moment: datetime) -> None:
        """Note that nobody is named any more."""
        await self.session.execute(update(Training).where(Training.id == training).values(cleared_at=moment))

    # Questions to whoever runs a training

    async def inquiry(self, inquiry: UUID) -> tuple[TrainingInquiry, Training, str] | None:
        """Return a question to whoever runs a training, with that and the name of who asked."""
        statement = (
            select(TrainingInquiry, Training, Member.name)
            .join(Training, Training.id == TrainingInquiry.training_id)
            .join(Member, Member.id == TrainingInquiry.member_id)
            .where(TrainingInquiry.id == inquiry)
        )
        row = (await self.session.execute(statement)).first()
        return None if row is None else (row[0], row[1], row[2])

    async def inquiries(
        self, training: UUID, limit: int, *, member: UUID | None = None
    ) -> Sequence[tuple[TrainingInquiry, str]]:
        """Return what was asked about a training, perhaps by one member, with who asked; what waits first."""
        asked = [TrainingInquiry.training_id == training]
        asked += [TrainingInquiry.member_id == member] if member is not None else []
        statement = (
            select(TrainingInquiry, Member.name)
            .join(Member, Member.id == TrainingInquiry.member_id)
            .where(*asked)
            .order_by(TrainingInquiry.answered_at.is_not(None), TrainingInquiry.created_at, TrainingInquiry.id)
            .limit(limit)
        )
        return [(row[0], row[1]) for row in (await self.session.execute(statement)).all()]

    async def one_at_a_time(self, member: UUID) -> None:
        """Let a member ask nothing else until this transaction ends."""
        await self.session.execute(select(Member.id).where(Member.id == member).with_for_update(key_share=True))

    async def same_inquiry(self, training: UUID, member: UUID, text: str, *, since: datetime) -> TrainingInquiry | None:
        """Return the same question by the same member that waits for its answer, or was asked since a moment."""
        mine = (TrainingInquiry.training_id == training, TrainingInquiry.member_id == member)
        fresh = or_(TrainingInquiry.answered_at.is_(None), TrainingInquiry.created_at > since)
        same = select(TrainingInquiry).where(*mine, TrainingInquiry.text == text, fresh)
        return await self.session.scalar(same.order_by(TrainingInquiry.created_at.desc()).limit(1))

    async def inquiries_since(self, member: UUID, since: datetime) -> Sequence[datetime]:
        """Return when a member asked something since a moment."""
        mine = (TrainingInquiry.member_id == member, TrainingInquiry.created_at > since)
        return (await self.session.scalars(select(TrainingInquiry.created_at).where(*mine))).all()

    async def answer_inquiry(self, inquiry: UUID, answer: str, by: UUID, moment: datetime) -> bool:
        """Answer a question in this transaction; ``False`` where somebody else did."""
        todo = (TrainingInquiry.id == inquiry, TrainingInquiry.answered_at.is_(None))
        change = update(TrainingInquiry).where(*todo).values(answer=answer, answered_by=by, answered_at=moment)
        return (await self.session.execute(change.returning(TrainingInquiry.id))).first() is not None

    async def delete_inquiries(self, training: UUID) -> None:
        """Delete what was asked about a training."""
        await self.session.execute(delete(TrainingInquiry).where(TrainingInquiry.training_id == training))


def _managed_by(by: Publisher) -> list[ColumnElement[bool]]:
    if by.administrator:
        return []
    mine, house = Training.created_by == by.member_id, Training.organisation_id == by.organisation_id
    return [mine if by.organisation_id is None else or_(mine, house)]


def _standing(moment: datetime) -> ColumnElement[str]:
    """Return how a training stands at a moment."""
    return case(
        (Training.state == TrainingState.DRAFT, Standing.DRAFT.value),
        (Training.state == TrainingState.CANCELLED, Standing.CANCELLED.value),
        (Training.ends_at <= moment, Standing.PAST.value),
        else_=Standing.COMING.value,
    )


def _may_find(viewer: Viewer) -> list[ColumnElement[bool]]:
    return [] if viewer.access is None else [Training.access.in_(sorted(viewer.access))]


def _wanted(wishes: TrainingWishes) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wishes.topics:
        of_training = TrainingTopic.training_id == Training.id
        conditions.append(exists().where(of_training, TrainingTopic.topic_id.in_(wishes.topics)))
    if wishes.state_key is not None:
        conditions.append(or_(Training.state_key == wishes.state_key, Training.online.is_(True)))
    if wishes.district_key is not None:
        conditions.append(or_(Training.district_key == wishes.district_key, Training.online.is_(True)))
    if wishes.online is not None:
        conditions.append(Training.online.is_(wishes.online))
    if wishes.since is not None:
        conditions.append(Training.ends_at > wishes.since)
    if wishes.until is not None:
        conditions.append(Training.starts_at < wishes.until)
    return conditions
