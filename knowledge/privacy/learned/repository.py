"""The statements about what is kept of one person around trainings and lessons."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.models.certificate import Certificate
from knowledge.models.chat import Circle
from knowledge.models.lesson import (
    CirclePath,
    Lesson,
    LessonAnswer,
    LessonPath,
    LessonRun,
    LessonVersion,
    SelfCheck,
)
from knowledge.models.training import (
    CalendarFeed,
    Registration,
    Training,
    TrainingFeedback,
    TrainingInquiry,
    TrainingMaterial,
    TrainingQuestion,
    TrainingReminder,
)


class LearnedRepository:
    """What one person did around trainings and lessons, over one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def registrations(self, member_id: UUID) -> Sequence[tuple[Registration, str]]:
        """Return a member's registrations with the titles of the trainings."""
        statement = select(Registration, Training.title).join(Training, Training.id == Registration.training_id)
        mine = statement.where(Registration.member_id == member_id)
        rows = (await self._session.execute(mine.order_by(Registration.created_at, Registration.id))).all()
        return [(row[0], row[1]) for row in rows]

    async def questions(self, trainings: Collection[UUID]) -> dict[str, str]:
        """Return what was asked at registration, by the key under which the answers are kept."""
        statement = select(TrainingQuestion.id, TrainingQuestion.text)
        rows = await self._session.execute(statement.where(TrainingQuestion.training_id.in_(trainings)))
        return {str(key): text for key, text in rows}

    async def reminded(self, registrations: Collection[UUID]) -> Sequence[tuple[UUID, datetime]]:
        """Return when reminders were noted, by registration."""
        statement = select(TrainingReminder.registration_id, TrainingReminder.noted_at)
        theirs = statement.where(TrainingReminder.registration_id.in_(registrations))
        rows = (await self._session.execute(theirs.order_by(TrainingReminder.noted_at))).all()
        return [(row[0], row[1]) for row in rows]

    async def feedback(self, registrations: Collection[UUID]) -> dict[UUID | None, TrainingFeedback]:
        """Return what was said of trainings, by registration."""
        statement = select(TrainingFeedback).where(TrainingFeedback.registration_id.in_(registrations))
        return {row.registration_id: row for row in (await self._session.scalars(statement)).all()}

    async def inquiries(self, member_id: UUID) -> Sequence[tuple[TrainingInquiry, str]]:
        """Return what a member asked about trainings, with their titles."""
        statement = select(TrainingInquiry, Training.title).join(Training, Training.id == TrainingInquiry.training_id)
        mine = statement.where(TrainingInquiry.member_id == member_id).order_by(TrainingInquiry.created_at)
        return [(row[0], row[1]) for row in (await self._session.execute(mine)).all()]

    async def answered(self, member_id: UUID) -> Sequence[TrainingInquiry]:
        """Return the questions about trainings that a member answered."""
        statement = select(TrainingInquiry).where(TrainingInquiry.answered_by == member_id)
        return (await self._session.scalars(statement.order_by(TrainingInquiry.answered_at))).all()

    async def runs(
        self, identities: Collection[UUID], member_id: UUID | None
    ) -> Sequence[tuple[LessonRun, str, str | None]]:
        """Return how far somebody is in lessons, with the titles of these and of the paths that they took."""
        statement = (
            select(LessonRun, LessonVersion.title, LessonPath.title)
            .join(LessonVersion, LessonVersion.id == LessonRun.version_id)
            .outerjoin(LessonPath, LessonPath.id == LessonRun.path_id)
            .where(or_(LessonRun.identity_id.in_(identities), _is(LessonRun.member_id == member_id, member_id)))
            .order_by(LessonRun.started_at, LessonRun.id)
        )
        return [(row[0], row[1], row[2]) for row in (await self._session.execute(statement)).all()]

    async def answers(self, runs: Collection[UUID]) -> Sequence[LessonAnswer]:
        """Return what was chosen at the questions of lessons."""
        statement = select(LessonAnswer).where(LessonAnswer.run_id.in_(runs))
        return (await self._session.scalars(statement.order_by(LessonAnswer.run_id, LessonAnswer.step))).all()

    async def self_checks(self, identities: Collection[UUID], member_id: UUID | None) -> Sequence[SelfCheck]:
        """Return what somebody answered when they asked themselves how far they are."""
        theirs = or_(SelfCheck.identity_id.in_(identities), _is(SelfCheck.member_id == member_id, member_id))
        return (await self._session.scalars(select(SelfCheck).where(theirs).order_by(SelfCheck.created_at))).all()

    async def certificates(self, member_id: UUID) -> Sequence[Certificate]:
        """Return a member's certificates."""
        statement = select(Certificate).where(Certificate.member_id == member_id)
        return (await self._session.scalars(statement.order_by(Certificate.issued_at, Certificate.id))).all()

    async def feed(self, member_id: UUID) -> datetime | None:
        """Return since when a member has a calendar of their own."""
        return await self._session.scalar(select(CalendarFeed.created_at).where(CalendarFeed.member_id == member_id))

    async def made(self, member_id: UUID) -> Sequence[tuple[str, str, datetime]]:
        """Return what a member made for others: its kind, what it is called, and when."""
        statements = {
            "training": select(Training.title, Training.created_at).where(Training.created_by == member_id),
            "material": select(TrainingMaterial.title, TrainingMaterial.created_at).where(
                TrainingMaterial.added_by == member_id
            ),
            "lesson": select(Lesson.key, Lesson.created_at).where(Lesson.created_by == member_id),
            "lesson_version": select(LessonVersion.title, LessonVersion.created_at).where(
                LessonVersion.created_by == member_id
            ),
            "path": select(LessonPath.title, LessonPath.created_at).where(LessonPath.created_by == member_id),
            "circle_path": select(Circle.name, CirclePath.created_at)
            .join(CirclePath, CirclePath.circle_id == Circle.id)
            .where(CirclePath.started_by == member_id),
        }
        return [
            (kind, title, moment)
            for kind, statement in statements.items()
            for title, moment in (await self._session.execute(statement)).all()
        ]

    async def erase_comments(self, member_id: UUID) -> None:
        """Erase what a member wrote about trainings; whether they helped stays, without them."""
        mine = select(Registration.id).where(Registration.member_id == member_id).scalar_subquery()
        said = update(TrainingFeedback).where(TrainingFeedback.registration_id.in_(mine))
        await self._session.execute(said.values(comment="", registration_id=None))

    async def erase_names(self, member_id: UUID) -> None:
        """Take the name out of a member's certificates, which stay valid without it."""
        theirs = update(Certificate).where(Certificate.member_id == member_id)
        await self._session.execute(theirs.values(name="", member_id=None))


def _is(condition: ColumnElement[bool], member_id: UUID | None) -> ColumnElement[bool]:
    return condition if member_id is not None else false()
